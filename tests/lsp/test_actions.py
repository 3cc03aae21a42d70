"""Code actions and how runs end. The interpreter of these runs is a script that never has a TensorFlow."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from lsprotocol import types

from tests.conftest import Mark
from tests.lsp.conftest import Editor, Editors
from tests.lsp.texts import BROKEN, ROUNDED

FIX = "Move the loss into the tape (gradfix loss-outside-tape)"
IGNORE = "Ignore loss-outside-tape on this line (gradfix)"
FIX_ALL = "Fix all missing gradients (gradfix)"


def _sleeper(folder: Path, mark: Mark) -> dict[str, object]:
    """Options with an interpreter that is started and never answers."""
    program = folder / "sleeper"
    program.write_text(f"#!/bin/bash\nexec -a {mark.name} sleep 600\n")
    program.chmod(0o755)
    return {"settings": {"python": str(program)}}


def test_titles_kinds_and_the_comment(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            actions = await e.actions(uri)
            assert [(a.title, a.kind) for a in actions] == [
                (FIX, types.CodeActionKind.QuickFix),
                (IGNORE, types.CodeActionKind.QuickFix),
                (FIX_ALL, "source.fixAll.gradfix"),
            ]
            assert all(a.edit is None for a in actions if a.title != IGNORE)
            assert [a.title for a in await e.actions(uri, ["source.fixAll.gradfix"])] == [FIX_ALL]
            assert [a.title for a in await e.actions(uri, ["source.fixAll"])] == [FIX_ALL]
            assert await e.actions(uri, ["refactor"]) == []
            first = types.Position(line=0, character=0)
            at_top = await e.actions(uri, ["quickfix"], types.Range(start=first, end=first))
            assert at_top == []
            edit = (await e.action(uri, "Ignore")).edit
            assert edit is not None
            commented = "loss = tf.square(y)  # gradfix: ignore[loss-outside-tape]"
            assert e.with_edit(edit)[uri] == BROKEN.replace("loss = tf.square(y)", commented)

    asyncio.run(story())


def test_a_cursor_elsewhere_on_the_line_is_offered_the_fix(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN.replace("tf.square(y)", "tf.sqrt(y * y)"))
            (found,) = await e.published(uri, bool)
            assert found.range.start.character > 0
            for character in (0, 200):
                cursor = types.Position(line=found.range.start.line, character=character)
                actions = await e.actions(uri, ["quickfix"], types.Range(start=cursor, end=cursor))
                assert [a.title for a in actions] == [FIX, IGNORE]

    asyncio.run(story())


def test_what_no_rewrite_mends_can_only_be_ignored(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", ROUNDED)
            assert [a.title for a in await e.actions(uri)] == ["Ignore rounded-value on this line (gradfix)"]

    asyncio.run(story())


@pytest.mark.parametrize("options", [{"trusted": False}, {"settings": {"run": "never"}}])
def test_nothing_runs_where_it_must_not(
    editor: Editors, tmp_path: Path, mark: Mark, options: dict[str, object]
) -> None:
    async def story() -> None:
        sleeper = _sleeper(tmp_path, mark)["settings"]
        assert isinstance(sleeper, dict)
        given = options.get("settings")
        settings = {**sleeper, **(given if isinstance(given, dict) else {})}
        async with editor({**options, "settings": settings}) as e:
            uri = e.open("train.py", BROKEN)
            assert [a.title for a in await e.actions(uri)] == [IGNORE]
            await e.command("gradfix.checkNow", uri)
            await e.until(lambda: len(e.client.said) == 1)
            assert not mark.alive()

    asyncio.run(story())


def test_cancelling_the_request_ends_the_run(editor: Editors, tmp_path: Path, mark: Mark) -> None:
    async def story() -> None:
        async with editor(_sleeper(tmp_path, mark)) as e:
            uri = e.open("train.py", BROKEN)
            action = await e.action(uri, "Move")
            asked = e.client.protocol.send_request("codeAction/resolve", action, msg_id="mine")
            await e.until(lambda: bool(mark.alive()) and bool(e.client.progress))
            e.client.cancel_request(types.CancelParams(id="mine"))
            await e.until(lambda: not mark.alive())
            await e.until(asked.done)
            assert asked.exception(0) is not None
            await e.until(lambda: any(p["kind"] == "end" for p in e.client.progress))

    asyncio.run(story())


def test_the_button_of_the_progress_ends_the_run(editor: Editors, tmp_path: Path, mark: Mark) -> None:
    async def story() -> None:
        async with editor(_sleeper(tmp_path, mark)) as e:
            uri = e.open("train.py", BROKEN)
            await e.command("gradfix.checkNow", uri)
            await e.until(lambda: bool(mark.alive()) and bool(e.client.progress))
            begin = e.client.progress[0]
            assert (begin["kind"], begin["title"], begin["cancellable"]) == ("begin", "gradfix train.py", True)
            e.client.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token=e.client.tokens[0]))
            await e.until(lambda: not mark.alive())
            assert e.client.said == []

    asyncio.run(story())


def test_a_text_that_changed_meanwhile_is_not_rewritten(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            action = await e.action(uri, "Move")
            e.change(uri, BROKEN + "\n")
            resolved = await e.client.code_action_resolve_async(action)
            assert resolved.edit is None
            assert e.client.said == ["gradfix: the text has changed since the fix was offered"]

    asyncio.run(story())


def test_a_refused_fix_is_not_asked_for_without_end_by_eglot(editor: Editors) -> None:
    """From 1.17 on it resolves what it gets by resolving, until there is an edit, a command or no `data`."""

    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            action = await e.action(uri, "Move")
            e.change(uri, BROKEN + "\n")
            for _ in range(3):
                if action.edit is None and action.command is None and action.data is not None:
                    action = await e.client.code_action_resolve_async(action)
            assert len(e.client.said) == 1

    asyncio.run(story())


def test_without_tensorflow_a_refusal_says_so(editor: Editors, tmp_path: Path) -> None:
    async def story() -> None:
        async with editor({"settings": {"python": str(tmp_path / "none")}}) as e:
            uri = e.open("train.py", BROKEN)
            resolved = await e.client.code_action_resolve_async(await e.action(uri, "Move"))
            assert resolved.edit is None
            (said,) = e.client.said
            assert said.startswith("gradfix: not run: cannot start ")
            assert [d.code for d in e.client.diagnostics[uri]] == ["GF101"]

    asyncio.run(story())


async def _running(e: Editor, mark: Mark) -> None:
    uri = e.open("train.py", BROKEN)
    await e.command("gradfix.checkNow", uri)
    await e.until(lambda: bool(mark.alive()))


def test_a_client_that_vanishes_leaves_no_process(editor: Editors, tmp_path: Path, mark: Mark) -> None:
    async def story() -> None:
        async with editor(_sleeper(tmp_path, mark)) as e:
            await _running(e, mark)
            transport = e.client.process.stdin
            assert transport is not None
            transport.close()
            assert await asyncio.wait_for(e.client.process.wait(), 20) == 1
            assert mark.goes()

    asyncio.run(story())


def test_a_server_that_is_killed_leaves_no_process(editor: Editors, tmp_path: Path, mark: Mark) -> None:
    async def story() -> None:
        async with editor(_sleeper(tmp_path, mark)) as e:
            await _running(e, mark)
            os.kill(e.client.process.pid, signal.SIGKILL)
            await e.client.process.wait()

    asyncio.run(story())


def test_the_end_comes_in_order_while_a_file_is_run(editor: Editors, tmp_path: Path, mark: Mark) -> None:
    async def story() -> None:
        async with editor(_sleeper(tmp_path, mark)) as e:
            await _running(e, mark)
            asked = e.client.code_action_resolve_async(await e.action(e.uri("train.py"), "Move"))
            await e.client.shutdown_async(None)
            late = e.client.text_document_code_action_async(
                types.CodeActionParams(
                    text_document=types.TextDocumentIdentifier(uri=e.uri("train.py")),
                    range=types.Range(
                        start=types.Position(line=0, character=0), end=types.Position(line=9, character=0)
                    ),
                    context=types.CodeActionContext(diagnostics=[]),
                )
            )
            for request in (asked, late):
                with pytest.raises(Exception, match=r"cancel|shutting down"):
                    await asyncio.wait_for(request, 10)
            e.client.exit(None)
            assert await asyncio.wait_for(e.client.process.wait(), 20) == 0
            assert mark.goes()

    asyncio.run(story())
