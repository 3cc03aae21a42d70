"""What an editor is told of a text while it is written. Nothing runs here, and TensorFlow is not needed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.conftest import Editors
from tests.lsp.texts import BROKEN
from tests.lsp.wire import wire


def _spans(found: list[types.Diagnostic]) -> list[tuple[int, int, int, int]]:
    return [(d.range.start.line, d.range.start.character, d.range.end.line, d.range.end.character) for d in found]


def test_a_suspect_has_its_range_rule_and_page(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            (found,) = await e.published(uri, bool)
            assert _spans([found]) == [(5, 7, 5, 19)]
            assert found.code == "GF101"
            assert found.source == "gradfix"
            assert found.severity is types.DiagnosticSeverity.Warning
            assert found.code_description is not None
            assert found.code_description.href.endswith("/rules/loss-outside-tape/")
            assert found.message == "`tf.square(y)` runs while the tape does not record"

    asyncio.run(story())


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_positions_are_counted_as_was_agreed(editor: Editors, encoding: str, units: int) -> None:
    text = BROKEN.replace("loss = tf.square(y)", "'𝛑'; loss = tf.square(y)")

    async def story() -> None:
        async with editor(encodings=[encoding]) as e:
            assert e.capabilities is not None
            assert e.capabilities.position_encoding == encoding
            uri = e.open("train.py", text)
            (found,) = await e.published(uri, bool)
            first = len("''; loss = ") + units
            assert _spans([found]) == [(5, first, 5, first + len("tf.square(y)"))]

    asyncio.run(story())


def test_only_line_feeds_end_lines(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", "")
            for strange in ("\f\n", "# a\x85b\n", "# a\u2028b\n", "# \x1c\n"):
                for end in ("\n", "\r\n"):
                    e.change(uri, "")
                    await e.published(uri, lambda found: not found)
                    e.change(uri, (strange + BROKEN).replace("\n", end))
                    assert _spans(await e.published(uri, bool)) == [(6, 7, 6, 19)]

    asyncio.run(story())


def test_half_typed_text_keeps_what_was_shown(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            shown = await e.published(uri, bool)
            e.change(uri, BROKEN + "def f(:\n")
            other = e.open("other.py", BROKEN)
            await e.published(other, bool)
            await asyncio.sleep(0.5)
            assert list(e.client.diagnostics[uri]) == shown
            assert await e.actions(uri) == []
            e.change(uri, BROKEN.replace("loss =", "    loss ="))
            await e.published(uri, lambda found: not found)

    asyncio.run(story())


STRANGE = [
    "\0",
    "\ud83d" + BROKEN,
    "(" * 3000,
    "x" + ".y" * 20_000,
    "x = '",
    "a\rb",
    "# coding: nonsense\n",
    "\ufeffx = 1\n",
]


def test_what_no_file_could_hold_does_no_harm(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            for number, text in enumerate(STRANGE):
                broken = e.open(f"strange_{number}.py", text, saved=False)
                e.change(uri, "#\n" * number + BROKEN)
                await e.published(uri, lambda found, n=number: [d.range.start.line for d in found] == [5 + n])  # type: ignore[misc]
                assert await e.actions(broken) == []
                assert not e.client.diagnostics.get(broken)

    asyncio.run(story())


def test_rapid_edits_end_in_the_findings_of_the_last_text(tmp_path: Path) -> None:
    with wire(tmp_path, {}) as e:
        uri = e.open("train.py", "")
        for lines in range(60):
            e.change(uri, "#\n" * lines + BROKEN)
            e.ask("textDocument/codeAction", e.whole(uri))
        e.until(lambda: bool(e.shown(uri)))
        e.until(lambda: e.published()[-1]["version"] == e.versions[uri] == 61)
        assert [d["range"]["start"]["line"] for d in e.shown(uri) or ()] == [64]
        versions = [p["version"] for p in e.published()]
        assert versions == sorted(set(versions))  # nothing that is out of date, and nothing twice


def test_settings_and_comments_are_heeded(editor: Editors, tmp_path: Path) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            await e.published(uri, bool)
            e.change(uri, BROKEN.replace("tf.square(y)", "tf.square(y)  # gradfix: ignore[GF101]"))
            await e.published(uri, lambda found: not found)
            e.change(uri, BROKEN)
            await e.published(uri, bool)
            (tmp_path / "gradfix.toml").write_text('ignore = ["loss-outside-tape"]\n')  # read without a new start
            e.change(uri, BROKEN + "\n")
            await e.published(uri, lambda found: not found)
        async with editor({"settings": {"select": ["GF101"]}}) as e:
            uri = e.open("train.py", BROKEN)
            await e.published(uri, bool)

    asyncio.run(story())


def test_options_that_cannot_be_followed_are_told_and_nothing_is_run(editor: Editors) -> None:
    async def story() -> None:
        async with editor({"settings": {"pyhton": "python"}}) as e:
            uri = e.open("train.py", BROKEN)
            await e.published(uri, bool)
            assert [m for m in e.client.said if "did you mean python?" in m]
            assert [a.title for a in await e.actions(uri)] == ["Ignore loss-outside-tape on this line (gradfix)"]

    asyncio.run(story())


def test_the_python_of_a_notebook_under_its_name_is_read_as_python(editor: Editors, tmp_path: Path) -> None:
    """JupyterLab sends the cells as one text with the notebook's address; on the disk lies JSON."""
    notebook = tmp_path / "train.ipynb"
    notebook.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')

    async def story() -> None:
        async with editor() as e:
            uri = e.open(notebook.name, BROKEN, saved=False)
            (found,) = await e.published(uri, bool)
            assert (found.code, found.range.start.line) == ("GF101", 5)
            e.change(uri, "# %%\n" + BROKEN)
            (found,) = await e.published(uri, lambda f: [d.range.start.line for d in f] == [6])

    asyncio.run(story())


def test_the_current_folder_may_vanish(editor: Editors, tmp_path: Path) -> None:
    """JupyterLab empties the folder that it names at the start, and makes it anew."""
    folder = tmp_path / "virtual"
    folder.mkdir()

    async def story() -> None:
        async with editor(folders=("virtual",)) as e:
            for again in (True, False):
                folder.rmdir()
                if again:
                    folder.mkdir()
                uri = e.open(f"virtual/{again}.ipynb", BROKEN, saved=False)
                (found,) = await e.published(uri, bool)
                assert found.code == "GF101"
                e.change(uri, f"# anew\n{BROKEN}")
                await e.published(uri, lambda f: [d.range.start.line for d in f] == [6])

    asyncio.run(story())


def test_closing_takes_the_diagnostics_away(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            await e.published(uri, bool)
            e.client.text_document_did_close(
                types.DidCloseTextDocumentParams(text_document=types.TextDocumentIdentifier(uri=uri))
            )
            await e.published(uri, lambda found: not found)

    asyncio.run(story())


def test_many_documents(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uris = [e.open(f"train_{n}.py", f"# {n}\n{BROKEN}") for n in range(200)]
            for uri in uris:
                await e.published(uri, bool)

    asyncio.run(story())
