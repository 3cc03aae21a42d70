"""The process between the warm parent and one run: starts it, watches what it uses, and leaves nothing of it behind.

It outlives the warm parent: where that ends, in whatever way, the keeper sees the end of their line, kills the run and
cleans up. It runs no user code.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from . import kernel, processes
from .limits import OUTPUT, Bounds, Watch, too_many_files
from .namespaces import Room

TICK = 0.05
COUNT = 1.0
"""Seconds between two counts of the files of a run, where they are on the disk."""
STOPPED, TIME = "stopped", "time"
"""Why a run was killed, where it was not for another limit: that is said in words."""


@dataclass(frozen=True)
class Task:
    """One run: its body, which never comes back; its limits; its folder; where it prints and where it tells.

    The body is given the function that brings it into its room. `room` is whether that is one of namespaces; else the
    folder `scratch` is removed behind it.
    """

    body: Callable[[Callable[[], None]], None]
    bounds: Bounds
    scratch: str
    output: int
    pipe: int
    room: bool
    gpu: bool


def keep(task: Task, line: socket.socket) -> NoReturn:
    """Does a task and says on `line` how it ended; ends at once where the other end of `line` says so or is gone.

    All is made at once; the run begins when the other end says how many seconds of wall and processor time it has.
    """
    os.setsid()
    kernel.adopt_orphans()
    room = Room(task.scratch, task.bounds.files, task.gpu) if task.room else None
    if room is not None:
        first, read = room.fork(task.body, task.bounds.processes + task.bounds.threads)
        watch = Watch(task.bounds, lambda: _all_but_first(room.proc), room.proc, lambda: _reaped(room.proc))
    else:
        first, read = _fork(task.body), -1
        me = os.getpid()
        watch = Watch(task.bounds, lambda: processes.below(me), "/proc", _reaped_here)
    os.close(task.pipe)  # its end is when the run's processes have closed it
    for ignored in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGQUIT):
        signal.signal(ignored, signal.SIG_IGN)
    status: int | None = None
    why = STOPPED
    if said := line.recv(100):
        wall, cpu = json.loads(said)
        watch.bounds = replace(task.bounds, wall=wall, cpu=cpu)
        status, why = _wait(replace(task, bounds=watch.bounds), watch, first, line)
    if room is not None:
        with contextlib.suppress(OSError):
            os.kill(first, signal.SIGKILL)
        if status is None:
            os.waitpid(first, 0)  # comes back when all in the namespace are dead
        status = int.from_bytes(os.read(read, 8) or bytes([signal.SIGKILL]), "little")
        room.leave()
    else:
        processes.kill_below(os.getpid())
        remove(task.scratch)
    code = os.waitstatus_to_exitcode(signal.SIGKILL if status is None else status)
    ending = {"exit": code if code >= 0 else None, "signal": -code if code < 0 else None, "limit": why}
    with contextlib.suppress(OSError):
        line.sendall(json.dumps(ending).encode())
    os._exit(0)


def _fork(body: Callable[[Callable[[], None]], None]) -> int:
    """Forks the process that runs user code."""
    keeper = kernel.watch_self()
    pid = os.fork()
    if pid == 0:
        kernel.die_with_parent(keeper)
        body(os.setsid)
        os._exit(70)
    if keeper is not None:
        os.close(keeper)
    return pid


def _wait(task: Task, watch: Watch, first: int, line: socket.socket) -> tuple[int | None, str]:
    """The wait status of a child and "", or None and why it has to be killed."""
    wake, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    now = time.monotonic()
    deadline, look_at, count_at = now + task.bounds.wall, now + TICK, now + COUNT
    while True:
        status = _ended(first)
        if status is not None:
            return status, ""
        heard: list[Any] = [line, wake]
        ready, _, _ = select.select(heard, [], [], max(min(look_at, deadline) - time.monotonic(), 0))
        if line in ready:
            return None, STOPPED
        if wake in ready:
            os.read(wake, 65536)
        now = time.monotonic()
        if now >= deadline:
            return None, TIME
        if now < look_at:
            continue
        if why := watch.exceeded():
            return None, why
        if os.fstat(task.output).st_size > OUTPUT:
            os.ftruncate(task.output, 0)  # it is written to its end, wherever that is
        if not task.room and now > count_at:
            if why := too_many_files(task.scratch, task.bounds):
                return None, why
            count_at = time.monotonic() + max(COUNT, 20 * (time.monotonic() - now))
        look_at = time.monotonic() + max(TICK, 20 * (time.monotonic() - now))  # a twentieth of a processor at most


def _ended(first: int) -> int | None:
    """The wait status of one child, if it has ended; orphans that have ended are reaped."""
    for _ in range(1000):  # a flood of them must not keep the keeper from its watch
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid in (0, first):
            return status if pid else None
    return None


def _all_but_first(proc: str) -> list[processes.Process]:
    return [p for p in processes.everything(proc) if p.pid != 1]


def _reaped(proc: str) -> float:
    """Processor time of what the namespace's first process has reaped."""
    first = processes.read(1, proc)
    return first.seconds if first else 0.0


def _reaped_here() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def remove(folder: str) -> None:
    """Removes a folder, whatever user code has made of it: too deep for Python, or closed to its owner."""
    shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        for command in (["chmod", "-R", "u+rwx", folder], ["rm", "-rf", folder]):
            with contextlib.suppress(OSError):
                subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
