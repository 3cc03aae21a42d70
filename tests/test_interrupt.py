"""Ctrl-C on a terminal, while user code runs."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.conftest import within

BROKEN = """\
import tensorflow as tf

w = tf.Variable([1.0, 2.0], name="w")
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""


def endless(name: str) -> str:
    """A script that carries a mark as its process's name and never gets to its step."""
    return f'import select\nopen("/proc/self/comm", "w").write({name!r})\nselect.select([], [], [], 90)\n{BROKEN}'


def read_all(terminal: int, shown: list[bytes]) -> None:
    """Reads a terminal until nobody has its other end any more: one that nobody reads stops who writes to it."""
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # how Linux says so
            return
        if not data:
            return
        shown.append(data)


def test_ctrl_c_on_a_terminal_ends_at_once_and_shows_what_was_done(tmp_path: Path, mark: Any) -> None:
    (tmp_path / "a.py").write_text(BROKEN)
    (tmp_path / "b.py").write_text(endless(mark.name))
    child, terminal = pty.fork()
    if not child:
        os.chdir(tmp_path)
        words = [sys.executable, "-m", "gradfix", "--jobs", "1", "a.py", "b.py"]
        os.execve(sys.executable, words, os.environ | {"TERM": "xterm-256color", "COLUMNS": "120"})
    pieces: list[bytes] = []
    reader = threading.Thread(target=read_all, args=(terminal, pieces))
    reader.start()
    assert mark.comes(90)
    assert within(60, lambda: b"[2/2] b.py: running" in b"".join(pieces))
    os.write(terminal, b"\x03")
    pressed = time.monotonic()
    _, status = os.waitpid(child, 0)
    reader.join(60)
    shown = b"".join(pieces).decode()
    assert time.monotonic() - pressed < 40
    assert os.waitstatus_to_exitcode(status) == 130
    assert "[2/2] b.py: running" in shown, shown[-1500:]  # progress
    assert "missing gradient is back; loss 9 before and after" in shown
    assert "interrupted: the others were not looked at" in shown.splitlines()[-1]
    assert "Traceback" not in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # the cursor is there again
    assert mark.goes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.py", "b.py"]


def test_an_interrupted_report_is_whole_json(tmp_path: Path, mark: Any) -> None:
    (tmp_path / "a.py").write_text(BROKEN)
    (tmp_path / "b.py").write_text(endless(mark.name))
    words = [sys.executable, "-m", "gradfix", "--jobs", "1", "--output-format", "json", "--apply", "a.py", "b.py"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert mark.comes(90)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, b"")
    assert [(f["path"], f["verdict"]) for f in json.loads(out)["files"]] == [("a.py", "fixed")]
    assert (tmp_path / "a.py").read_text() == BROKEN.replace("\nloss", "\n    loss")
    assert mark.goes()
