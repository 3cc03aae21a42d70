"""One run under way, as the warm parent sees it: its keeper's process, and the two ends at which it is heard of."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any, NoReturn

from . import guest
from .channel import Channel, events_in
from .isolation import enter as isolation
from .isolation import keeper, limits
from .isolation.folder import Folder
from .isolation.keeper import STOPPED, TIME

GRACE = 1.0
"""Seconds that a run which has closed its pipe may take to exit."""
LATE = 20.0
"""Seconds beyond its time after which a keeper counts as hung."""
MOST_EVENTS = 64 * 1024 * 1024
"""Bytes of messages that one run may send."""
FAULT = 70


@dataclass
class Child:
    """One run. `pipe` brings its events, each marked with `token`; `line` what its keeper says of its end."""

    ident: int
    pid: int
    pipe: int
    line: socket.socket
    output: IO[bytes]
    token: str
    deadline: float
    data: bytearray = field(default_factory=bytearray)
    closed: bool = False

    def fds(self) -> tuple[int, ...]:
        """Its descriptors here."""
        return (self.line.fileno(), self.output.fileno(), *(() if self.closed else (self.pipe,)))

    def read(self) -> None:
        """Takes what the run has sent."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.pipe, 1 << 20)
            self.data += data
            if len(self.data) > MOST_EVENTS:
                self.stop()
            if not data:
                self.closed = True
                os.close(self.pipe)
                self.deadline = min(self.deadline, time.monotonic() + GRACE)

    def stop(self) -> None:
        """Has the keeper end the run."""
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_WR)

    def look_after(self) -> None:
        """Ends what is late: the run first, then its keeper, which has hung."""
        late = time.monotonic() - self.deadline
        if late > 0:
            self.stop()
        if late > LATE:
            os.kill(self.pid, signal.SIGKILL)

    def finish(self) -> dict[str, Any]:
        """The answer to the run's request, once its keeper has said how it ended or has died."""
        said = b""
        with contextlib.suppress(OSError):
            while data := self.line.recv(65536):
                said += data
        self.line.close()
        os.waitpid(self.pid, 0)
        while not self.closed and len(self.data) <= MOST_EVENTS:  # what it wrote last
            before = len(self.data)
            self.read()
            if len(self.data) == before:
                break
        if not self.closed:
            os.close(self.pipe)
        ending = json.loads(said) if said else {"exit": None, "signal": None, "limit": "", "reason": "its keeper died"}
        why = ending["limit"]
        ending |= {"timed_out": why == TIME, "limit": "" if why in (TIME, STOPPED) else why}
        events, setup = events_in(bytes(self.data), self.token)
        return {
            "id": self.ident,
            "events": events,
            "ending": {**ending, "sandbox_seconds": setup, "output": tail(self.output)},
        }


def start(
    request: dict[str, Any], level: str, folder: Folder, shared: guest.Shared, leave_behind: Callable[[], None]
) -> Child:
    """Starts one run at a level of the sandbox. In its processes `leave_behind` closes what is the parent's own."""
    output = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - the end of the run closes it
    bounds = limits.bounds_of(request)
    read, write = os.pipe()
    line, far = socket.socketpair()
    token = secrets.token_hex(16)
    scratch = folder.place()
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        begun = time.monotonic()  # the fork itself is no part of what the sandbox costs
        try:
            leave_behind()
            line.close()
            os.close(read)

            def body(enter: Callable[[], None]) -> NoReturn:
                far.close()
                folder.let_go()
                _be_guest(request, level, scratch, bounds, enter, Channel(write, token, begun), output, shared)

            room = level == isolation.FULL
            keeper.keep(keeper.Task(body, bounds, scratch, output.fileno(), write, room, isolation.shows_gpus()), far)
        except BaseException:
            _fault(output)
    far.close()
    os.close(write)
    os.set_blocking(read, False)
    return Child(request["id"], pid, read, line, output, token, begun + bounds.wall + GRACE)


def _be_guest(
    request: dict[str, Any],
    level: str,
    scratch: str,
    bounds: limits.Bounds,
    enter: Callable[[], None],
    channel: Channel,
    output: IO[bytes],
    shared: guest.Shared,
) -> NoReturn:
    """In the run's own process: goes into the sandbox and runs the file."""
    try:
        enter()
        request, channel.written_as = isolation.go_in(level, request, scratch)
        limits.limit_self(bounds)
        channel.bounds = bounds
        guest.run(request, channel, output.fileno(), shared)
    except BaseException:
        _fault(output)
    os._exit(0)


def _fault(output: IO[bytes]) -> NoReturn:
    """gradfix's own fault: its traceback is the only trace of it."""
    os.dup2(output.fileno(), 2)
    traceback.print_exc()
    os._exit(FAULT)


def tail(output: IO[bytes]) -> str:
    """The last lines that a run has printed."""
    with output:
        output.seek(max(output.seek(0, os.SEEK_END) - 2000, 0))
        return output.read().decode("utf-8", "replace")
