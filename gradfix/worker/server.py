"""The warm parent: imports TensorFlow once, then forks one throw-away child for each run.

It never runs an operation itself: a process forked after one can hang (TensorFlow's thread pools do not survive a
fork). Where fork is unsafe the process serves one run and ends; the host then starts another.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from typing import IO, Any

from . import guest
from .isolation import choose, namespaces
from .overlay import write_down

CAN_FORK = sys.platform == "linux"
GRACE = 1.0
"""Seconds that a child which has closed its pipe may take to exit."""
TICK = 0.05
MOST_STASHES = 64
"""Two for each file that is looked at at a time."""
MOST_OUTPUT = 64 * 1024 * 1024
"""Bytes of messages that one run may send."""


@dataclass
class Child:
    """One run under way."""

    ident: int
    pid: int
    pipe: int
    deadline: float
    scratch: str
    output: IO[bytes]
    handle: int
    data: bytearray = field(default_factory=bytearray)
    closed: bool = False
    timed_out: bool = False


def serve(inbox: int, outbox: int, wish: str) -> None:
    """Answers requests (a JSON object a line) until `inbox` ends, then kills what still runs.

    `wish` is what the user wants of the sandbox: see isolation/choose.py.
    """
    namespaces.die_with_parent()
    choice = choose.choose(wish)
    try:
        versions = guest.import_tensorflow()
    except BaseException as e:  # whatever an import raises, the host must hear of it
        _send(outbox, {"hello": {"error": f"{type(e).__name__}: {e}".splitlines()[0][:300]}})
        return
    os.write(outbox, b"\n")  # whatever the interpreter printed at its start ends here
    hello = {**versions, "sandbox": choice.level, "why": choice.why, "runs": choice.runs, "fork": CAN_FORK}
    _send(outbox, {"hello": hello})
    Server(inbox, outbox, choice).loop()


def _send(fd: int, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(fd, data) :]


class Server:
    """The loop: requests come in, children are started, watched, killed and reported."""

    def __init__(self, inbox: int, outbox: int, choice: choose.Choice) -> None:
        self.inbox, self.outbox, self.choice = inbox, outbox, choice
        self.pending = bytearray()
        self.children: dict[int, Child] = {}
        self.select = selectors.DefaultSelector()
        self.stashes: dict[tuple[str, str], IO[bytes]] = {}

    def loop(self) -> None:
        """Serves until the host closes its end."""
        if not CAN_FORK:  # one request, one process; and Windows cannot wait for a pipe
            while self.take():
                pass
            return
        self.select.register(self.inbox, selectors.EVENT_READ)
        open_ = True
        while open_:
            for key, _ in self.select.select(TICK if self.children else None):
                if key.fd == self.inbox:
                    open_ = self.take()
                elif key.fd in self.children:
                    self.read(self.children[key.fd])
            for child in list(self.children.values()):
                self.look_after(child)
        for child in list(self.children.values()):
            self.kill(child)
            os.waitpid(child.pid, 0)
            shutil.rmtree(child.scratch, ignore_errors=True)

    def take(self) -> bool:
        """Reads requests; False when the host has closed its end."""
        data = os.read(self.inbox, 65536)
        self.pending += data
        while b"\n" in self.pending:
            line, _, rest = bytes(self.pending).partition(b"\n")
            self.pending = bytearray(rest)
            message = json.loads(line)
            if "cancel" in message:
                for child in self.children.values():
                    if child.ident == message["cancel"]:
                        child.deadline = 0.0
            elif self.choice.runs:
                self.start(message)
            else:  # the host does not ask then; should it do so, nothing is run all the same
                ending = {"reason": f"it was not run: the sandbox is {self.choice.level}"}
                _send(self.outbox, {"id": message["id"], "events": [], "ending": ending})
        return bool(data)

    def start(self, request: dict[str, Any]) -> None:
        """Starts one run."""
        scratch = tempfile.mkdtemp(prefix="gradfix-")
        output = tempfile.TemporaryFile()  # noqa: SIM115 - its child's end closes it
        stash = self.stash(request)
        if not CAN_FORK:
            self.run_here(request, scratch, output, stash)
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            self.become_guest(request, write, scratch, output, stash)
        os.close(write)
        os.set_blocking(read, False)
        handle = os.pidfd_open(pid)  # ready to read once the child has ended: no time is lost until the next tick
        child = Child(request["id"], pid, read, time.monotonic() + request["timeout"], scratch, output, handle)
        self.children[read] = child
        self.select.register(read, selectors.EVENT_READ)
        self.select.register(handle, selectors.EVENT_READ)

    def stash(self, request: dict[str, Any]) -> int:
        """The file that the runs of one file of the user's share under one name (perturb.py)."""
        key = (request["path"], (request.get("perturb") or {}).get("stash", ""))
        file = self.stashes.pop(key, None) or tempfile.TemporaryFile()  # noqa: SIM115 - other runs go on with it
        self.stashes[key] = file  # the latest used is the last
        if len(self.stashes) > MOST_STASHES:
            self.stashes.pop(next(iter(self.stashes))).close()
        return file.fileno()

    def run_here(self, request: dict[str, Any], scratch: str, output: IO[bytes], stash: int) -> None:
        """Without fork: serves one run in this process, answers and ends; the host keeps the time."""
        with tempfile.TemporaryFile() as said:
            guest.run(request, said.fileno(), output.fileno(), stash)
            said.seek(0)
            events = _events(said.read())
        shutil.rmtree(scratch, ignore_errors=True)
        ending = {"timed_out": False, "exit": 0, "signal": None, "output": ""}
        _send(self.outbox, {"id": request["id"], "events": events, "ending": ending})
        os._exit(0)

    def become_guest(self, request: dict[str, Any], write: int, scratch: str, output: IO[bytes], stash: int) -> None:
        """In the child: leaves the server's things behind, runs, never returns."""
        code = 70
        try:
            os.setsid()
            namespaces.die_with_parent()
            for fd in (self.inbox, self.outbox, *self.children, *(c.handle for c in self.children.values())):
                os.close(fd)
            if self.choice.level == choose.FULL:
                namespaces.enter(scratch, lambda: write_down(request["overlay"]))
            guest.run(request, write, output.fileno(), stash)
            code = 0
        except BaseException:  # gradfix's own fault: its traceback is the only trace of it
            os.dup2(output.fileno(), 2)
            traceback.print_exc()
        finally:
            os._exit(code)

    def read(self, child: Child) -> None:
        """Takes what a child has written."""
        try:
            data = os.read(child.pipe, 1 << 20)
        except BlockingIOError:
            return
        child.data += data
        if len(child.data) > MOST_OUTPUT:
            child.deadline = 0.0
        if not data and not child.closed:
            child.closed = True
            self.select.unregister(child.pipe)
            child.deadline = min(child.deadline, time.monotonic() + GRACE)

    def look_after(self, child: Child) -> None:
        """Ends a child that is out of time, and reports one that has ended."""
        # WNOWAIT: while it is not reaped its process group cannot be anybody else's, and can be killed safely
        if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if time.monotonic() > child.deadline:
                child.timed_out = child.timed_out or not child.closed  # a killed one has closed its pipe
                self.kill(child)
            return
        self.kill(child)  # its grandchildren
        _, status = os.waitpid(child.pid, 0)
        while not child.closed and len(child.data) <= MOST_OUTPUT:  # what it wrote last
            before = len(child.data)
            self.read(child)
            if len(child.data) == before:
                break
        self.report(child, status)

    def kill(self, child: Child) -> None:
        """Kills a run with all of its session (in a namespace the kernel kills the rest)."""
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(child.pid, signal.SIGKILL)

    def report(self, child: Child, status: int) -> None:
        """Sends what one run said and how it ended, and forgets it."""
        if not child.closed:
            self.select.unregister(child.pipe)
        self.select.unregister(child.handle)
        os.close(child.handle)
        os.close(child.pipe)
        del self.children[child.pipe]
        shutil.rmtree(child.scratch, ignore_errors=True)
        code = os.waitstatus_to_exitcode(status)
        ending = {
            "timed_out": child.timed_out,
            "exit": code if code >= 0 else None,
            "signal": -code if code < 0 else None,
            "output": _tail(child.output),
        }
        _send(self.outbox, {"id": child.ident, "events": _events(bytes(child.data)), "ending": ending})


def _events(data: bytes) -> list[dict[str, Any]]:
    """The JSON objects in what a run has sent; a line that is none (cut off by death, or forged) is left out."""
    events = []
    for line in data.split(b"\n"):
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict):
                events.append(event)
    return events


def _tail(output: IO[bytes]) -> str:
    """The last lines that a run has printed."""
    with output:
        output.seek(max(output.seek(0, os.SEEK_END) - 2000, 0))
        return output.read().decode("utf-8", "replace")
