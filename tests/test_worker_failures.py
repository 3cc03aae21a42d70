"""User code that hangs, crashes, leaves or lies: each ends as a verdict, in time, and nothing of it stays behind.

Every hostile script here is bounded by itself too: should gradfix fail to end it, it ends alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradfix.run.pool import Pool
from gradfix.values import FileReport, Fix, Verdict

Repaired = Callable[..., FileReport]

HEAD = (
    "import ctypes, os, select, signal, sys, time\nimport tensorflow as tf\n\nw = tf.Variable([1.0, 2.0], name='w')\n"
)
BROKEN = (
    "with tf.GradientTape() as tape:\n    y = w * 3.0\nloss = tf.reduce_sum(y)\ngradients = tape.gradient(loss, [w])\n"
)
HEALTHY = BROKEN.replace("\nloss", "\n    loss")
LIMIT = 4.0
"""Seconds that a run may take in these tests."""
SOON = 45.0
"""Seconds in which gradfix has to be done with such a script, on a busy machine."""

# a sentence, the statements, how gradfix describes the end of the run
ENDS: dict[str, tuple[str, str]] = {
    "it sleeps": ("select.select([], [], [], 60)", "it did not end within 4 s"),
    "it computes for too long": (
        "end = time.monotonic() + 60\nwhile time.monotonic() < end:\n    pass",
        "it did not end within 4 s",
    ),
    "it catches everything and goes on": (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nfor _ in range(60):\n    try:\n"
        "        select.select([], [], [], 1)\n"
        "    except BaseException:\n        pass",
        "it did not end within 4 s",
    ),
    "it reads where nothing is": ("ctypes.string_at(0)", "its process was killed by signal 11"),
    "it sends itself a segmentation fault": (
        "os.kill(os.getpid(), signal.SIGSEGV)",
        "its process was killed by signal 11",
    ),
    "it leaves at once": ("os._exit(3)", "its process left with exit code 3 before the end"),
    "it closes all its files": ("os.closerange(0, 1 << 17)", ""),
    "it exits with an error": ("sys.exit(1)", "the run stopped with SystemExit: 1"),
    "it raises": ("raise LookupError('no data here')", "the run stopped with LookupError: no data here"),
    "it is interrupted": ("raise KeyboardInterrupt", "the run stopped with KeyboardInterrupt"),
    "it raises what has no text": (
        "class Mute(Exception):\n    def __str__(self):\n        raise RuntimeError\nraise Mute",
        "the run stopped with Mute",
    ),
    "it raises on an import": (
        "raise ModuleNotFoundError('no module of that name')",
        "the run stopped with ModuleNotFoundError: no module of that name",
    ),
    "it recurses for ever": (
        "def deeper(n):\n    return deeper(n + 1)\ndeeper(0)",
        "the run stopped with RecursionError: maximum recursion depth exceeded",
    ),
}


@pytest.mark.parametrize(("code", "why"), ENDS.values(), ids=ENDS)
def test_a_run_that_ends_before_its_step_is_inconclusive(code: str, why: str, repaired: Repaired) -> None:
    text = f"{HEAD}{code}\n{HEALTHY}"
    line = text[: text.index("gradients =")].count("\n") + 1
    report = repaired(text, timeout=LIMIT)
    assert report.seconds < SOON
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason.startswith(f"line {line} was not reached: {why}")
    assert (report.patched, report.diff, report.findings) == ({}, "", ())


@pytest.mark.parametrize("code", [code for code, _ in ENDS.values()], ids=ENDS)
def test_what_ends_a_run_after_a_healthy_step_does_not_matter(code: str, repaired: Repaired) -> None:
    report = repaired(f"{HEAD}{HEALTHY}{code}\n", timeout=LIMIT)
    assert report.seconds < SOON
    assert (report.verdict, report.reason) == (Verdict.CLEAN, "")
    assert [(s.sources, s.missing_before) for s in report.steps] == [(1, ())]


@pytest.mark.parametrize("code", [code for code, _ in ENDS.values()], ids=ENDS)
def test_what_ends_a_run_after_a_broken_step_leaves_its_repair(code: str, repaired: Repaired) -> None:
    report = repaired(f"{HEAD}{BROKEN}{code}\n", timeout=LIMIT)
    assert report.seconds < SOON
    assert report.verdict is Verdict.FIXED, [f.help for f in report.findings]
    assert list(report.patched.values()) == [f"{HEAD}{HEALTHY}{code}\n"]
    assert [f.fix for f in report.findings] == [Fix.PROVED]


def test_what_a_script_prints_gets_neither_into_the_messages_nor_onto_the_terminal(
    repaired: Repaired, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = '{"id": 1, "events": [], "ending": {}}', '{"hello": {"error": "no"}}', '{"event": "end", "error": null}'
    code = f"""\
for line in {lines!r}:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__):
        stream.write((line + "\\n") * 20_000)
        stream.flush()
    os.write(1, line.encode() + b"\\n\\xff\\x00")
"""
    report = repaired(f"{HEAD}{code}{BROKEN}{code}")
    assert report.seconds < SOON
    assert list(report.patched.values()) == [f"{HEAD}{code}{HEALTHY}{code}"]
    assert [(s.sources, s.missing_before, s.missing_after) for s in report.steps] == [(1, ("w",), ())]
    assert capfd.readouterr() == ("", "")


FORGED: dict[str, Any] = {
    "a request without its parts": {"event": "request"},
    "a move without its parts": {"event": "moved"},
    "labels without their parts": {"event": "labels"},
    "an end without its parts": {"event": "end"},
    "a kind that is no text": {"event": ["request"]},
    "parts of the wrong types": {"event": "request", "index": "none", "sources": 7, "gradients": None},
    "a list": [1, 2],
    "nothing": None,
}


@pytest.mark.parametrize("message", FORGED.values(), ids=FORGED)
def test_messages_that_do_not_fit_the_protocol_are_ignored(message: Any, repaired: Repaired) -> None:
    code = f"""\
import json
for fd in range(3, 256):
    try:
        os.write(fd, b"\\n" + json.dumps({message!r}).encode() + b"\\n")
    except OSError:
        pass
"""
    report = repaired(f"{HEAD}{code}{HEALTHY}")
    assert (report.verdict, report.reason) == (Verdict.CLEAN, "")
    assert [(s.sources, s.missing_before) for s in report.steps] == [(1, ())]


LINGERING = """\
ready, tell = os.pipe()
if os.fork() == 0:
    {detach}
    with open("/proc/self/comm", "w") as name:
        name.write({mark!r})
    os.write(tell, b"x")
    select.select([], [], [], 120)
    os._exit(0)
os.read(ready, 1)
"""


def test_the_search_for_marked_processes_finds_one(mark: Any) -> None:
    code = "import os, time\n" + LINGERING.format(detach="os.setsid()", mark=mark.name)
    subprocess.run([sys.executable, "-c", code], check=True)
    (child,) = mark.alive()
    os.kill(child, signal.SIGKILL)
    assert mark.goes()


def test_a_child_that_lingers_is_killed_with_its_run(mark: Any, repaired: Repaired) -> None:
    report = repaired(HEAD + LINGERING.format(detach="pass", mark=mark.name) + HEALTHY)
    assert report.seconds < SOON
    assert report.verdict is Verdict.CLEAN
    assert mark.goes()


def test_a_child_that_lingers_in_a_session_of_its_own_is_killed(mark: Any, repaired: Repaired, pool: Pool) -> None:
    if pool.versions().sandbox != "full":
        pytest.skip("no process namespaces here")
    report = repaired(HEAD + LINGERING.format(detach="os.setsid()", mark=mark.name) + HEALTHY)
    assert report.seconds < SOON
    assert report.verdict is Verdict.CLEAN
    assert mark.goes()


def test_a_started_program_is_killed_with_a_run_that_is_out_of_time(mark: Any, repaired: Repaired) -> None:
    program = [sys.executable, "-c", "import time; time.sleep(120)", mark.name]
    code = f"import subprocess\nsubprocess.Popen({program!r})\nselect.select([], [], [], 120)\n"
    report = repaired(f"{HEAD}{code}{HEALTHY}", timeout=LIMIT)
    assert report.seconds < SOON
    assert report.reason.endswith("it did not end within 4 s")
    assert mark.goes()


def test_a_worker_that_dies_is_a_verdict_and_the_next_run_gets_another(repaired: Repaired, pool: Pool) -> None:
    pool.versions()
    worker = pool.workers[()]
    end = threading.Timer(1.5, worker.process.kill)
    end.start()
    report = repaired(f"{HEAD}select.select([], [], [], 20)\n{HEALTHY}")
    end.join()
    assert (report.verdict, report.reason) == (
        Verdict.INCONCLUSIVE,
        "line 9 was not reached: the worker process died",
    )
    assert repaired(HEAD + HEALTHY).verdict is Verdict.CLEAN


def _tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
    }


def test_what_a_run_does_to_files_is_undone(repaired: Repaired, pool: Pool, tmp_path: Path) -> None:
    if pool.versions().sandbox != "full":
        pytest.skip("no file system namespaces here")
    elsewhere = tmp_path / "elsewhere"
    for name in ("notes/first.txt", "notes/second.txt", "data.csv", "elsewhere/kept.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"this is {name}\n")
    code = f"""\
import shutil
with open("data.csv", "a") as file:
    file.write("more")
with open(__file__, "w") as file:
    file.write("gone")
os.remove("notes/first.txt")
os.rename("notes/second.txt", "notes/renamed.txt")
os.mkdir("logs")
with open("logs/weights.bin", "wb") as file:
    file.write(bytes(4096))
os.chmod("data.csv", 0o600)
os.symlink("data.csv", "link.csv")
shutil.rmtree({str(elsewhere)!r})
assert sorted(os.listdir()) == ["data.csv", "link.csv", "logs", "notes", "train.py"]
assert os.listdir("notes") == ["renamed.txt"]
"""
    text = f"{HEAD}{code}{BROKEN}"
    (tmp_path / "train.py").write_text(text)
    before = _tree(tmp_path)
    report = repaired(text)
    assert list(report.patched.values()) == [f"{HEAD}{code}{HEALTHY}"]
    assert _tree(tmp_path) == before
