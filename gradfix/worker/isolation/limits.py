"""What one run may use, and who says in plain words that it was too much.

The kernel bounds the size of a file; the rest is counted by the keeper (keeper.py), since RLIMIT_AS would break
TensorFlow, RLIMIT_CPU counts each process for itself, and RLIMIT_NPROC does not bind root.
"""

from __future__ import annotations

import contextlib
import os
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .processes import Process, shared_fairly

GIB = 1 << 30
CPU_PER_SECOND = 4.0
"""Seconds of processor time that a run may use for each second of its time limit."""
MOST_PROCESSES, MOST_THREADS = 256, 4096
FILE = GIB
FILES = GIB
MOST_FILES = 200_000
OUTPUT = 8 << 20
"""Bytes of what a run prints that are kept."""


@dataclass(frozen=True)
class Bounds:
    """The limits of one run: seconds of wall and processor time, bytes, numbers of processes and of their threads."""

    wall: float
    cpu: float
    memory: int
    processes: int = MOST_PROCESSES
    threads: int = MOST_THREADS
    file: int = FILE
    files: int = FILES


def bounds_of(request: Mapping[str, Any]) -> Bounds:
    """The limits that a request asks for: its `timeout`, and its `memory` in bytes, else half of the machine's.

    `bounds` sets single ones: processor time for a first look, all in tests.
    """
    wall = float(request["timeout"])
    memory = int(request.get("memory") or 0) or installed_memory() // 2
    bounds = Bounds(wall, max(wall * CPU_PER_SECOND, 5.0), memory, files=min(FILES, memory))
    return replace(bounds, **request.get("bounds", {}))


def installed_memory() -> int:
    """Bytes of memory that there are, of the machine or of the container."""
    most = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError), open(path) as f:
            most = min(most, int(f.read()))
    return most


def limit_self(bounds: Bounds) -> None:
    """In the run: what the kernel itself bounds. Core dumps are off (1 is what pipes to a crash handler obey too)."""
    for kind, most in ((resource.RLIMIT_FSIZE, bounds.file), (resource.RLIMIT_CORE, 1)):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def in_words(size: int) -> str:
    """A number of bytes for people."""
    return f"{size / GIB:.3g} GB" if size >= GIB else f"{size / (1 << 20):.3g} MB"


class Watch:
    """Looks, from time to time, at what the processes of a run use.

    `processes` lists them, `proc` is the folder in which they are found; `earlier` gives the processor time of those
    that have ended and that nobody else counts.
    """

    def __init__(
        self, bounds: Bounds, processes: Callable[[], list[Process]], proc: str, earlier: Callable[[], float]
    ) -> None:
        self.bounds, self.processes, self.proc, self.earlier = bounds, processes, proc, earlier
        self.pause_until = 0.0
        self.started = time.monotonic()

    def exceeded(self) -> str:
        """Which limit the run is beyond, in words; "" where it is within all of them."""
        bounds = self.bounds
        found = self.processes()
        if len(found) > bounds.processes:
            return f"it had more than {bounds.processes} processes"
        if sum(p.threads for p in found) > bounds.threads:
            return f"it had more than {bounds.threads} threads"
        if sum(p.seconds for p in found) + self.earlier() > bounds.cpu:
            return f"it used more than {bounds.cpu:g} s of processor time"
        if sum(p.memory for p in found) > bounds.memory and time.monotonic() > self.pause_until:
            before = time.monotonic()  # the fair count costs the kernel time, and only matters here
            used = shared_fairly((p.pid for p in found), self.proc)
            self.pause_until = time.monotonic() + 4 * (time.monotonic() - before)
            if used > bounds.memory:
                return f"it used more than {in_words(bounds.memory)} of memory (--memory)"
        return ""


def too_many_files(folder: str, bounds: Bounds) -> str:
    """Which limit the files below a folder are beyond, in words; "" where they are not."""
    size = count = 0
    waiting = [folder]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                count += 1
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
        if size > bounds.files:
            return f"it wrote more than {in_words(bounds.files)}"
        if count > MOST_FILES:
            return f"it made more than {MOST_FILES} files"
    return ""


def told(message: str, bounds: Bounds) -> str:
    """The message of an error, with a limit of gradfix's named where that is what the system's words come from."""
    if "File too large" in message:
        return f"{message} (a run may write files of up to {in_words(bounds.file)})"
    if "No space left on device" in message:
        return f"{message} (a run may write up to {in_words(bounds.files)} in all)"
    return message
