"""Which processes belong to a run, what they use, and how all of them are killed. Linux's `/proc`."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    """One line of `/proc/PID/stat`: seconds of processor time (also of children that ended), bytes of memory."""

    pid: int
    parent: int
    state: str
    seconds: float
    threads: int
    memory: int


def read(pid: int, proc: str = "/proc") -> Process | None:
    """A process by its id; None where it has ended."""
    try:
        with open(f"{proc}/{pid}/stat", "rb") as f:
            fields = f.read().rpartition(b")")[2].split()  # the name in front of it may hold anything
    except OSError:
        return None
    seconds = sum(map(int, fields[11:15])) / TICKS
    return Process(pid, int(fields[1]), fields[0].decode(), seconds, int(fields[17]), int(fields[21]) * PAGE)


def everything(proc: str = "/proc") -> list[Process]:
    """All processes that a `/proc` shows."""
    with contextlib.suppress(OSError):
        found = (read(int(name), proc) for name in os.listdir(proc) if name.isdigit())
        return [p for p in found if p is not None]
    return []


def below(ancestor: int) -> list[Process]:
    """The processes that descend from one, without itself."""
    children: dict[int, list[Process]] = {}
    for process in everything():
        children.setdefault(process.parent, []).append(process)
    found, waiting = [], [ancestor]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            found.append(child)
            waiting.append(child.pid)
    return found


def shared_fairly(pids: Iterable[int], proc: str) -> int:
    """Bytes of memory (PSS): a page that several processes share counts in parts."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, ValueError), open(f"{proc}/{pid}/smaps_rollup") as f:
            total += next(int(line.split()[1]) for line in f if line.startswith("Pss:")) * 1024
    return total


def kill_below(ancestor: int, seconds: float = 10.0, spare: frozenset[int] = frozenset()) -> bool:
    """Kills all that descends from the caller, which adopts orphans; whether all were gone in time.

    `spare` are children that are left alone. Whole groups first: the kernel does that in one go, so that a process
    that forks without end does not outrun it.
    """
    end = time.monotonic() + seconds
    dead: set[int] = set()
    while True:
        found = _strangers(ancestor, spare) if spare else below(ancestor)
        living = [p.pid for p in found if p.state not in "ZX"]
        dead.update(p.pid for p in found)  # also what something else had killed: nobody but the caller can reap it
        for pid in living:  # a stopped process does not fork while the others are looked for
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGSTOP)
        for pid in living:
            for kill in (os.killpg, os.kill):  # as a group, where it leads one
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    kill(pid, signal.SIGKILL)
        _reap(dead if spare else None)
        if not living:
            return True
        if time.monotonic() > end:
            return False


def _strangers(ancestor: int, spare: frozenset[int]) -> list[Process]:
    """What descends from a process, but not by its known children."""
    found = below(ancestor)  # first: what a child forks meanwhile is not among them
    known = {p.pid for child in spare for p in below(child)} | spare
    return [p for p in found if p.pid not in known]


def _reap(which: set[int] | None) -> None:
    """Takes the status of children that have ended: of those alone, or of all."""
    for pid in which or ():
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    with contextlib.suppress(ChildProcessError):
        while which is None:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
