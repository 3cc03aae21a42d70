"""How conversations and runs come to their end, and that nothing but messages is written."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Mark
from tests.lsp.texts import BROKEN
from tests.lsp.wire import Refusal, after, wire

ROOT = Path(__file__).parent.parent.parent
WAITS = {
    "workspace": {"applyEdit": True},
    "textDocument": {"codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}},
    "window": {"workDoneProgress": True},
}
NOISE = """\
import os
print("stray")
os.write(1, b"stray\\n")
os.system("echo stray")
"""


@pytest.fixture
def noisy_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A codemod of a third party whose import prints; gives the file that tells that it was imported."""
    folder, told = tmp_path / "plugins", tmp_path / "imported"
    about = folder / "noisy-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: noisy\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[gradfix.codemods]\nnoisy = noisy_codemod:Noisy\n")
    (folder / "noisy_codemod.py").write_text(
        f'"""XX900: nothing is wrong.\n\nBad: none.\n"""\n{NOISE}open({str(told)!r}, "w").close()\n'
        "from gradfix_codemods.base import Codemod\n\n\n"
        "class Noisy(Codemod):\n"
        "    name, code, answers, mistake = 'noisy', 'XX900', frozenset(), 'nothing'\n\n"
        "    def rewrites(self, text, cut):\n        return iter(())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return told


def _workers(pid: int) -> list[int]:
    """The processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def test_runs_that_are_cancelled_or_killed_end_and_the_next_fix_works(
    tmp_path: Path, mark: Mark, noisy_plugin: Path
) -> None:
    endless = (
        f"{NOISE}import subprocess\nsubprocess.run(['bash', '-c', 'exec -a {mark.name} sleep 600'])\n{NOISE}{BROKEN}"
    )
    with wire(tmp_path, WAITS) as e:
        uri = e.open("train.py", endless)
        action = e.action(uri, "(gradfix loss-outside-tape)")
        asked = e.ask("codeAction/resolve", action)
        e.until(lambda: bool(mark.alive()))
        e.tell("$/cancelRequest", {"id": asked})
        with pytest.raises(Refusal) as cancelled:
            e.answer(asked)
        assert cancelled.value.code == -32800
        assert mark.goes()
        assert e.said() == []

        asked = e.ask("codeAction/resolve", action)
        e.until(lambda: bool(mark.alive()))
        for pid in _workers(e.process.pid):
            os.kill(pid, signal.SIGKILL)
        assert "edit" not in e.answer(asked)
        e.until_said("the worker process died")
        assert mark.goes()

        e.change(uri, NOISE + BROKEN)
        edit = e.request("codeAction/resolve", e.action(uri, "Fix all"))["edit"]
        assert after(edit, e.texts) == {uri: NOISE + BROKEN.replace("loss =", "    loss =")}
        assert noisy_plugin.exists()
        kinds = [p["value"]["kind"] for p in e.of("$/progress")]
        assert kinds.count("begin") == kinds.count("end") == 3
    assert e.stray == b""


def test_the_end_comes_while_the_client_owes_an_answer(tmp_path: Path) -> None:
    old = {"workspace": {"applyEdit": True}, "textDocument": {"codeAction": {}}}
    with wire(tmp_path, old) as e:
        e.silent.add("workspace/applyEdit")
        uri = e.open("train.py", BROKEN)
        e.run(e.action(uri, "Ignore"))
        e.until(lambda: bool(e.of("workspace/applyEdit")))
        assert e.end() == 0


def test_what_nobody_can_understand_does_no_harm(tmp_path: Path) -> None:
    with wire(tmp_path, WAITS) as e:
        uri = e.open("train.py", BROKEN)
        for method, params, code in [
            ("textDocument/codeAction", None, -32602),
            ("textDocument/codeAction", {"textDocument": {"uri": uri}, "range": 7}, -32602),
            ("gradfix/noSuchThing", {}, -32601),
            ("workspace/executeCommand", {"command": "gradfix.noSuchThing"}, -32602),
        ]:
            with pytest.raises(Refusal) as refused:
                e.request(method, params)
            assert refused.value.code == code, method
        for foreign in (
            {"title": "of another server"},
            {"title": "ours?", "data": ["x"]},
            {"title": "", "data": {"uri": 7}},
        ):
            assert "edit" not in e.request("codeAction/resolve", foreign)
        e.tell("gradfix/noSuchThing", {})
        e.tell("textDocument/didChange", {"textDocument": None})
        e.tell("$/setTrace", {"value": "verbose"})
        assert len(e.actions(uri)) == 3


def _ended(pid: int) -> bool:
    """Whether a process has ended, though nobody may have taken notice of it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


CLIENT = """
import os, subprocess, sys, time
from pathlib import Path
from tests.lsp.texts import BROKEN
from tests.lsp.wire import Wire

folder = Path(sys.argv[1])
client = Wire(folder)
holder = subprocess.Popen(["sleep", "600"], pass_fds=[client.process.stdin.fileno()], stdout=subprocess.DEVNULL)
client.start({}, {"settings": {"python": str(folder / "sleeper")}}, os.getpid())
uri = client.open("train.py", BROKEN)
client.run({"command": "gradfix.checkNow", "arguments": [uri]})
print(client.process.pid, holder.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells of the end of any process")
def test_a_client_that_is_killed_leaves_no_process_though_another_one_holds_stdin_open(
    tmp_path: Path, mark: Mark
) -> None:
    sleeper = tmp_path / "sleeper"
    sleeper.write_text(f"#!/bin/bash\nexec -a {mark.name} sleep 600\n")
    sleeper.chmod(0o755)
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert client.stdout is not None
    with client.stdout:
        server, holder = map(int, client.stdout.readline().split())
    try:
        assert mark.comes(60)
        assert not _ended(server)
        client.kill()
        end = time.monotonic() + 30
        while not _ended(server) and time.monotonic() < end:
            time.sleep(0.05)
        assert _ended(server)
        assert mark.goes()
    finally:
        client.kill()
        client.wait()
        for pid in (holder, server):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
