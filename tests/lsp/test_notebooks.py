"""Notebooks: one program whose findings and edits lie in the cells' own documents."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.conftest import Editor, Editors
from tests.lsp.notebooks import IMPORTS, STEP, TAPE, Notebook
from tests.lsp.texts import BROKEN

CELLS = [IMPORTS, None, TAPE, STEP]
FIX = "Move the loss into the tape (gradfix loss-outside-tape)"
IGNORE = "Ignore loss-outside-tape on this line (gradfix)"


async def _at(e: Editor, uri: str, *span: int) -> types.Diagnostic:
    """The one finding of a cell, as soon as it stands there."""

    def holds(found: list[types.Diagnostic]) -> bool:
        return [(d.range.start.line, d.range.start.character, d.range.end.character) for d in found] == [span]

    return (await e.published(uri, holds))[0]


async def _none(e: Editor, *uris: str) -> None:
    for uri in uris:
        await e.published(uri, lambda found: not found)


def test_suspects_follow_the_cells(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            book = Notebook(e, "train.ipynb", CELLS)
            first, _, tape, step = book.order
            found = await _at(e, step, 0, 7, 19)
            assert (found.code, found.severity) == ("GF101", types.DiagnosticSeverity.Warning)
            await _none(e, first, tape)
            book.type(step, 0, 0, "'\U0001f600'; ")  # two units of UTF-16
            await _at(e, step, 0, 13, 25)
            book.splice(1, 1, ["!pip install x\n%time print(1)", None, "print(2)"])  # cells above, with magics
            book.type(step, 0, 0, "'\u2028\f'; ")  # which end no line
            await _at(e, step, 0, 19, 31)
            (again,) = book.splice(book.order.index(step), 1, [STEP])
            await _none(e, step)
            await _at(e, again, 0, 7, 19)
            book.move(book.order.index(again), 0)  # now the loss stands in front of the tape
            await _none(e, again)
            book.move(0, len(book.order) - 1)
            await _at(e, again, 0, 7, 19)
            book.type(tape, 2, len("    y = w * 3.0"), "\n    def f(:")  # half typed: what was shown stays
            book.executed()
            await asyncio.sleep(0.5)
            assert e.client.diagnostics[again]
            book.close()
            await _none(e, *(uri for uri in book.order if uri in e.texts))

    asyncio.run(story())


def test_what_can_be_done_is_offered_in_the_cell_of_the_finding(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            book = Notebook(e, "train.ipynb", CELLS)
            first, _, tape, step = book.order
            await _at(e, step, 0, 7, 19)
            every = "notebook.source.fixAll.gradfix"
            assert [(a.title, a.kind) for a in await e.actions(step, ["quickfix"])] == [
                (FIX, types.CodeActionKind.QuickFix),
                (IGNORE, types.CodeActionKind.QuickFix),
            ]
            assert await e.actions(tape, ["quickfix"]) == []
            # VS Code asks the first cell alone for what is meant for the notebook
            for only in ("notebook.source.fixAll", every, "notebook"):
                assert [a.kind for a in await e.actions(first, [only])] == [every]
            # and all cells at a time for the rest: one answers, or the edits would be made twice
            only = ["source.fixAll.gradfix"]
            assert [[a.kind for a in await e.actions(uri, only)] for uri in (first, tape, step)] == [[], [], only]
            edit = (await e.action(step, "Ignore")).edit
            assert edit is not None
            commented = "loss = tf.square(y)  # gradfix: ignore[loss-outside-tape]\n"
            assert e.with_edit(edit) == {step: STEP.replace("loss = tf.square(y)\n", commented)}
            book.type(step, 0, len("loss = tf.square(y)"), "  # gradfix: ignore")
            await _none(e, step)

    asyncio.run(story())


def test_a_magic_has_no_room_for_a_comment(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            step = "%time loss = tf.square(y)\ngrads = tape.gradient(loss, [w])"
            book = Notebook(e, "train.ipynb", [IMPORTS, TAPE, step, "%%bash\nloss = ("])
            await _at(e, book.order[2], 0, 13, 25)
            assert [a.title for a in await e.actions(book.order[2], ["quickfix"])] == [FIX]

    asyncio.run(story())


def test_python_under_the_name_of_a_notebook_is_python(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.ipynb", BROKEN)  # as JupyterLab sends it
            await e.published(uri, bool)
            assert [a.title for a in await e.actions(uri, ["quickfix"])] == [FIX, IGNORE]
            await e.command("gradfix.checkNow", uri)
            await e.until(lambda: bool(e.client.said))
            assert e.client.said == ["gradfix: only Python files and notebooks are run: save this text as one first"]

    asyncio.run(story())


@pytest.mark.parametrize("name", ["", "Untitled-1.ipynb"])
def test_a_notebook_that_is_no_file_has_suspects_and_is_not_run(editor: Editors, name: str) -> None:
    async def story() -> None:
        async with editor() as e:
            e.uri = lambda _: f"untitled:{name}"  # type: ignore[method-assign]
            book = Notebook(e, name, CELLS)
            await e.published(book.order[3], bool)
            await e.command("gradfix.checkNow", book.order[3])
            await e.until(lambda: bool(e.client.said))
            assert "save this text as one first" in e.client.said[0]

    asyncio.run(story())


def test_a_fix_spans_the_cells_that_it_was_proved_in(editor: Editors, tmp_path: Path) -> None:
    """What runs is what is in the editor: nothing is on the disk, and the worker finds the unsaved helper."""
    (tmp_path / "helper.py").write_text("raise RuntimeError('old')\n")

    async def story() -> None:
        async with editor() as e:
            helper = e.open("helper.py", "SCALE = 3.0\n", saved=False)
            book = Notebook(e, "train.ipynb", [IMPORTS, None, "import helper\n" + TAPE, STEP])
            first, _, tape, step = book.order
            await _at(e, step, 0, 7, 19)
            book.type(tape, 3, len("    y = w * "), "helper.SCALE * ")
            action = await e.action(step, "Move")
            book.executed()  # no text has changed: the fix that was offered holds
            edit = (await e.client.code_action_resolve_async(action)).edit
            assert edit is not None, e.client.said
            moved = e.texts[tape] + "\n    loss = tf.square(y)"
            assert e.with_edit(edit) == {tape: moved, step: "grads = tape.gradient(loss, [w])"}
            found = await e.published(step, lambda f: [d.severity for d in f] == [types.DiagnosticSeverity.Error])
            assert (found[0].range.start.line, found[0].code) == (0, "GF101")
            titles = [a.title for a in await e.actions(step, ["quickfix"])]
            assert titles[0].startswith("Compute `loss` inside the block of `tape`")
            # what the run has shown moves along with its cell, and ends where the cell changes
            book.splice(0, 0, ["%load_ext tensorboard\n# a cell above"])
            book.type(step, 1, 0, "\n")
            (found,) = await e.published(step, lambda f: [d.severity for d in f] == [types.DiagnosticSeverity.Warning])
            (everything,) = await e.actions(first, ["notebook.source.fixAll.gradfix"])
            edit = (await e.client.code_action_resolve_async(everything)).edit
            assert edit is not None, e.client.said
            assert e.with_edit(edit) == {tape: moved, step: "\ngrads = tape.gradient(loss, [w])"}
            assert not e.client.diagnostics[helper]
            book.write(e.with_edit(edit))
            await e.until(lambda: e.client.seen[step]["by"] == "proof")
            assert e.client.seen[tape]["version"] == e.versions[tape]
            told, _ = await e.hover(step, 1)
            assert told[0] == "gradfix, proof of the fix: the source has a gradient"
            await _none(e, tape, step)

    asyncio.run(story())
