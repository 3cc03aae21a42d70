"""One run, as the warm parent sees it: its keeper's process, and the ends at which it is heard of.

A child is made before it is asked for: `prepare` forks it and has its room built, `Child.give` hands it the request. So
that a run need not wait for the former, the warm parent keeps one ready (server.py).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
import signal
import socket
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import IO, Any, NoReturn

from . import guest
from .channel import Channel, events_in
from .isolation import enter as isolation
from .isolation import keeper, limits, view
from .isolation.folder import Folder
from .isolation.keeper import STOPPED, TIME
from .shared import Shared

GRACE = 1.0
"""Seconds that a run which has closed its pipe may take to exit."""
LATE = 20.0
"""Seconds beyond its time after which a keeper counts as hung."""
MOST_EVENTS = 64 * 1024 * 1024
"""Bytes of messages that one run may send."""
FAULT = 70
GO = b"!"
"""What comes with the request, since open files do not come alone."""


@dataclass
class Child:
    """One run. `pipe` brings its events, each marked with `token`; `line` what its keeper says of its end.

    `door` is where it waits for its request, at `level` and within `bounds`, and where it was begun ahead for the rest
    of that (holding.py); `ident` is that request's, None before.
    `plan` is what its view was built from.
    """

    pid: int
    pipe: int
    line: socket.socket
    door: socket.socket
    output: IO[bytes]
    token: str
    level: str
    bounds: limits.Bounds
    scratch: str
    plan: view.Plan
    ident: int | None = None
    deadline: float = math.inf
    data: bytearray = field(default_factory=bytearray)
    closed: bool = False

    def fds(self) -> tuple[int, ...]:
        """Its descriptors here."""
        ends = (self.line.fileno(), self.output.fileno(), self.door.fileno(), -1 if self.closed else self.pipe)
        return tuple(fd for fd in ends if fd >= 0)

    def fits(self, bounds: limits.Bounds) -> bool:
        """Whether a run within these limits is the same here as in a child that is made now."""
        alike = replace(self.bounds, wall=bounds.wall, cpu=bounds.cpu) == bounds
        return alike and os.path.isdir(self.scratch) and self.plan == _plan(self.level)

    def give(self, request: dict[str, Any], bounds: limits.Bounds, shared: Shared, begun: float) -> None:
        """Hands it a request that was heard of at `begun`, and the files that its run shares with others."""
        self.bounds = bounds
        self.ident, self.deadline = request["id"], begun + self.bounds.wall + GRACE
        with tempfile.TemporaryFile() as text:
            text.write(json.dumps([request, begun]).encode())
            text.flush()
            with contextlib.suppress(OSError):  # it has died: its keeper tells how
                self.line.send(json.dumps([bounds.wall, bounds.cpu]).encode())
                socket.send_fds(self.door, [GO], [text.fileno(), *shared])
        if not request.get("held"):
            self.door.close()

    def tell(self, rest: dict[str, Any]) -> None:
        """Hands a run that was begun ahead the rest of its request."""
        with contextlib.suppress(OSError):  # it has died, or was not begun ahead
            self.door.sendall(json.dumps(rest).encode() + b"\n")
        self.door.close()

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
        self.door.close()
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


def prepare(level: str, folder: Folder, bounds: limits.Bounds, leave_behind: Callable[[], None]) -> Child:
    """Forks a child at a level of the sandbox. In its processes `leave_behind` closes what is the parent's own."""
    output = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - the end of the run closes it
    read, write = os.pipe()
    line, far = socket.socketpair()
    door, inside = socket.socketpair()
    token = secrets.token_hex(16)
    scratch, plan = folder.place(), _plan(level)
    pid = os.fork()
    if pid == 0:
        try:
            leave_behind()
            line.close()
            door.close()
            os.close(read)

            def body(enter: Callable[[], None]) -> NoReturn:
                far.close()
                folder.let_go()
                _be_guest(inside, level, scratch, bounds, enter, Channel(write, token), output)

            room = level == isolation.FULL
            keeper.keep(keeper.Task(body, bounds, scratch, output.fileno(), write, room, isolation.shows_gpus()), far)
        except BaseException:
            _fault(output)
    far.close()
    inside.close()
    os.close(write)
    os.set_blocking(read, False)
    return Child(pid, read, line, door, output, token, level, bounds, scratch, plan)


def _plan(level: str) -> view.Plan:
    return view.plan() if level == isolation.FULL else ()


def _be_guest(
    door: socket.socket,
    level: str,
    scratch: str,
    bounds: limits.Bounds,
    enter: Callable[[], None],
    channel: Channel,
    output: IO[bytes],
) -> NoReturn:
    """In the run's own process: waits for its request, then goes into the sandbox and runs the file.

    Nothing is looked up in the view before that: what the kernel remembers of an overlay may be older than the files.
    """
    try:
        request, shared, channel.begun = _asked(door)
        if not request.get("held"):
            door.close()
        enter()
        request, channel.written_as = isolation.go_in(level, request, scratch)
        limits.limit_self(bounds)
        channel.bounds = bounds
        guest.run(request, channel, output.fileno(), shared, door)
    except BaseException:
        _fault(output)
    os._exit(0)


def _asked(door: socket.socket) -> tuple[dict[str, Any], Shared, float]:
    """Waits for what `Child.give` sends. Ends the process where nobody will send anything."""
    _, fds, _, _ = socket.recv_fds(door, len(GO), 1 + len(Shared._fields))
    if not fds:
        os._exit(0)
    with open(fds[0], "rb") as text:
        text.seek(0)
        request, begun = json.load(text)
    return request, Shared(*fds[1:]), begun


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
