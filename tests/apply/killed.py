"""Run by test_killed.py: applies one patch again and again, in forked processes that are killed on the way.

`killed.py FOLDER at-random COUNT` kills from outside after a random time; with `at-each-line` the process kills itself
before each line of gradfix/apply in turn; with `taking-back` before every third line while a patch is taken back.
Prints as JSON how often the files were found in which state, right after the kill and after the next start.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import gradfix.apply
from gradfix.apply.patch import Unwritten, apply_patch, take_back
from gradfix.values import Rewritten

OWN = os.path.dirname(gradfix.apply.__file__)
ROOT = Path(os.path.realpath(sys.argv[1]))
NAMES = ("train.py", "lib/layers.py", "lib/losses.py", "other/deep/data.py")
FILES = [
    Rewritten(str(ROOT / name), f"old {name}\n".encode() * 400, f"new {name}\n".encode() * 900, "") for name in NAMES
]
FOLDERS = sorted({os.path.dirname(f.path) for f in FILES})


def reset() -> None:
    """Puts the old files there."""
    for file in FILES:
        path = Path(file.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.before)
        path.chmod(0o640)


def state() -> str:
    """A letter for each file: o for the old one, n for the new one, ? for anything else."""
    letters = ""
    for file in FILES:
        data = Path(file.path).read_bytes()
        mode = os.stat(file.path).st_mode & 0o7777
        letters += {file.before: "o", file.after: "n"}.get(data, "?") if mode == 0o640 else "?"
    return letters


def process(work: Callable[[], object]) -> int:
    """Starts a process that does some work, and waits until it begins; returns its id."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write, b"x")
        work()
        os._exit(0)
    os.close(write)
    os.read(read, 1)
    os.close(read)
    return pid


def finished(work: Callable[[], object]) -> int:
    """How a process that does some work ends: 0, or minus the number of the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(process(work), 0)[1])


def apply() -> None:
    """What is to be killed."""
    assert apply_patch(FILES) is None


def settle() -> None:
    """What the next start of gradfix does with the paths that it is given: one of the patch, whichever, is enough."""
    assert not isinstance(take_back(random.choice(FOLDERS)), Unwritten)


def settle_rest() -> None:
    """What later starts do with the other paths."""
    assert not any(isinstance(take_back(folder), Unwritten) for folder in FOLDERS)


def up_to_line(number: int, work: Callable[[], object]) -> Callable[[], object]:
    """The work, killed before it gets to its n-th line in gradfix/apply."""

    def run() -> None:
        seen = 0

        def trace(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal seen
            if not frame.f_code.co_filename.startswith(OWN):
                return None
            if event == "line":
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        work()
        sys.settrace(None)

    return run


def record(counts: dict[str, Counter[str]]) -> None:
    """Counts what is there after a kill, and what the next start makes of it."""
    counts["killed"][state()] += 1
    settle()
    settled = state()
    settle_rest()
    left = [p.name for p in ROOT.rglob("*") if p.is_file() and p.suffix != ".py"]
    counts["settled"][" ".join([settled, state(), *left])] += 1


def at_random(count: int, counts: dict[str, Counter[str]]) -> None:
    times = []
    for _ in range(5):
        reset()
        started = time.perf_counter()
        assert finished(apply) == 0
        times.append(time.perf_counter() - started)
    for _ in range(count):
        reset()
        pid = process(apply)
        time.sleep(random.uniform(0, sorted(times)[2]))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        record(counts)


def at_each_line(counts: dict[str, Counter[str]]) -> None:
    number, ended = 0, -1
    while ended:
        number += 1
        reset()
        ended = finished(up_to_line(number, apply))
        record(counts)


def taking_back(counts: dict[str, Counter[str]]) -> None:
    line = 0
    while state() != "nnno":
        line += 6  # the lines between two files are more
        reset()
        finished(up_to_line(line, apply))
        if state() != "nnno":
            settle()
    number, ended = 0, -1
    while ended:
        number += 3
        reset()
        finished(up_to_line(line, apply))
        ended = finished(up_to_line(number, settle))
        record(counts)


if __name__ == "__main__":
    random.seed(sys.argv[2])
    reset()
    found: dict[str, Counter[str]] = {"killed": Counter(), "settled": Counter()}
    if sys.argv[2] == "at-random":
        at_random(int(sys.argv[3]), found)
    else:
        {"at-each-line": at_each_line, "taking-back": taking_back}[sys.argv[2]](found)
    print(json.dumps(found))
