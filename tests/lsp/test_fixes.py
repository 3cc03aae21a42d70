"""Fixes that the server has proved on TensorFlow."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

from lsprotocol import types

from tests.lsp.conftest import Editor, Editors
from tests.lsp.texts import BROKEN

FIXTURE = Path(__file__).parent.parent.parent / "fixtures" / "loss_after_the_block"
BEFORE, AFTER = ((FIXTURE / name).read_bytes() for name in ("before.py", "after.py"))


async def _resolved(e: Editor, uri: str, word: str) -> types.WorkspaceEdit:
    edit = (await e.client.code_action_resolve_async(await e.action(uri, word))).edit
    assert edit is not None, e.client.said
    return edit


def _workers(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] + [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        if task.name != str(pid)
        for child in (task / "children").read_text().split()
    ]


def _ended(pid: int) -> bool:
    """Whether a process is gone, or waits only for who started it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def test_a_quick_fix_leaves_the_bytes_of_the_proof_also_after_the_worker_died(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BEFORE.decode())
            assert e.with_edit(await _resolved(e, uri, "Move"))[uri].encode() == AFTER
            assert any(p["kind"] == "begin" for p in e.client.progress)
            (found,) = await e.published(uri, lambda f: [d.severity for d in f] == [types.DiagnosticSeverity.Error])
            assert found.range.start.line + 1 == 24
            titles = [a.title for a in await e.actions(uri, ["quickfix"])]
            assert titles[0].startswith("Compute `error` inside the block of `tape`")
            # a comment above moves what the run has shown along, a change there ends it
            e.change(uri, "# tides\n" + BEFORE.decode())
            (found,) = await e.published(uri, lambda f: [d.range.start.line for d in f] == [24])
            assert found.severity is types.DiagnosticSeverity.Error
            for pid in _workers(e.client.process.pid):
                os.kill(pid, signal.SIGKILL)
                await e.until(lambda pid=pid: _ended(pid))
            assert e.with_edit(await _resolved(e, uri, "Fix all"))[uri].encode() == b"# tides\n" + AFTER
            e.change(uri, "# tides\n" + AFTER.decode())
            await e.published(uri, lambda found: not found)
            await e.command("gradfix.checkNow", uri)
            await e.until(lambda: "gradfix: train.py: no gradient is missing" in e.client.said)

    asyncio.run(story())


def test_what_runs_is_the_unsaved_text_of_all_open_documents(editor: Editors) -> None:
    whole = "import tensorflow as tf\n\n\ndef error(y):\n    return tf.square(y)\n"
    main = BROKEN.replace("loss = tf.square(y)", "    loss = helper.error(y)").replace(
        "import", "import helper\nimport", 1
    )

    async def story() -> None:
        async with editor() as e:
            helper = e.open("helper.py", whole)
            uri = e.open("train.py", main)
            e.change(helper, whole.replace("tf.square(y)", "tf.square(y.numpy())"))
            await e.command("gradfix.checkNow", uri)
            await e.until(lambda: len(e.client.said) == 1)
            assert "a fix is proved" in e.client.said[0]
            (found,) = await e.published(uri, bool)
            assert found.message.endswith("(helper.py:5)")

    asyncio.run(story())
