"""The warm parent: imports TensorFlow once, then forks one throw-away child for each run.

It never runs an operation itself: a process forked after one can hang (TensorFlow's thread pools do not survive a
fork). Where fork is unsafe the process serves one run and ends; the host then starts another.
"""

from __future__ import annotations

import json
import os
import selectors
import sys
import tempfile
import time
from typing import IO, Any

from . import child, guest
from .channel import Channel, events_in
from .home import as_it_was
from .isolation import choose, enter, kernel, limits, processes
from .isolation.folder import Folder
from .shared import Shared

CAN_FORK = sys.platform == "linux"
TICK = 0.05
IDLE = 10.0
"""Seconds after a run for which a child is kept ready: then nobody seems to want one, and it holds memory."""
MOST_STASHES = 96
"""Three for each file that is looked at at a time."""


def serve(inbox: int, outbox: int, wish: str) -> None:
    """Answers requests (a JSON object a line) until `inbox` ends, then kills what still runs.

    `wish` is what the user wants of the sandbox: see isolation/choose.py.
    """
    kernel.die_with_parent()
    choice = choose.choose(wish)
    try:
        with as_it_was():
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
    """The loop: requests come in, children are started, watched, killed and reported.

    `ready` is a child for the next request, made ahead within the limits that are `usual`; `wanted` is when a run was
    last under way.
    """

    def __init__(self, inbox: int, outbox: int, choice: choose.Choice) -> None:
        self.inbox, self.outbox, self.choice = inbox, outbox, choice
        self.pending = bytearray()
        self.children: dict[int, child.Child] = {}  # by the ids of their processes
        self.ready: child.Child | None = None
        self.usual: limits.Bounds | None = None
        self.wanted = 0.0
        self.select = selectors.DefaultSelector()
        self.stashes: dict[tuple[str, str], IO[bytes]] = {}
        self.folder = Folder()

    def loop(self) -> None:
        """Serves until the host closes its end."""
        if not CAN_FORK:  # one request, one process; and Windows cannot wait for a pipe
            while self.take():
                pass
            return
        kernel.adopt_orphans()
        self.select.register(self.inbox, selectors.EVENT_READ)
        open_ = True
        while open_:
            for key, _ in self.select.select(TICK if self.children or self.ready else None):
                if key.fd == self.inbox:
                    open_ = self.take()
                elif key.data.line.fileno() == key.fd:
                    self.finish(key.data)
                elif key.data.pid in self.children and not key.data.closed:
                    self.read(key.data)
            for run in self.children.values():
                run.look_after()
            if open_:
                self.keep_one_ready()
        self.give_up()
        for run in self.children.values():
            run.stop()
        for run in self.children.values():
            run.finish()
        self.folder.close()

    def take(self) -> bool:
        """Reads requests; False when the host has closed its end."""
        data = os.read(self.inbox, 65536)
        self.pending += data
        while b"\n" in self.pending:
            line, _, rest = bytes(self.pending).partition(b"\n")
            self.pending = bytearray(rest)
            message = json.loads(line)
            if "cancel" in message:
                for run in self.children.values():
                    if run.ident == message["cancel"]:
                        run.deadline = time.monotonic()
            elif "tell" in message:
                for run in self.children.values():
                    if run.ident == message["tell"]:
                        run.tell(message["rest"])
            elif not self.choice.runs:  # the host does not ask then; should it do so, nothing is run all the same
                ending = {"reason": f"it was not run: the sandbox is {self.choice.level}"}
                _send(self.outbox, {"id": message["id"], "events": [], "ending": ending})
            elif CAN_FORK:
                self.start(message)
            else:
                self.run_here(message)
        return bool(data)

    def start(self, request: dict[str, Any]) -> None:
        """Starts one run, in the child that is ready if it fits."""
        begun = time.monotonic()
        bounds = limits.bounds_of(request)
        if self.ready is not None and not self.ready.fits(bounds):
            self.give_up()
        run, self.ready, self.usual = self.ready or self.prepared(bounds), None, bounds
        run.give(request, bounds, self.shared(request), begun)
        self.watch(run)

    def watch(self, run: child.Child) -> None:
        """Listens to a run and its keeper from now on."""
        self.children[run.pid] = run
        self.select.register(run.pipe, selectors.EVENT_READ, run)
        self.select.register(run.line, selectors.EVENT_READ, run)

    def prepared(self, bounds: limits.Bounds) -> child.Child:
        """A new child, which waits for its request."""
        return child.prepare(self.choice.level, self.folder, bounds, self.leave_behind)

    def keep_one_ready(self) -> None:
        """Makes a child for the next run ahead, with the limits that the last one had; it is not kept for long."""
        if any(run.ident is not None for run in self.children.values()):
            self.wanted = time.monotonic()
        if time.monotonic() > self.wanted + IDLE:
            self.give_up()
        elif self.ready is None and self.usual is not None:
            self.ready = self.prepared(self.usual)

    def give_up(self) -> None:
        """Ends the child that is ready."""
        if self.ready is not None:
            self.ready.deadline = time.monotonic()
            self.watch(self.ready)
        self.ready = self.usual = None

    def shared(self, request: dict[str, Any]) -> Shared:
        """The files that the runs of one file of the user's share (perturb.py, draining.py)."""
        stash = (request.get("perturb") or {}).get("stash", "")
        return Shared(self.stash(request["path"], f"stash {stash}"), self.stash(request["path"], "marks"))

    def stash(self, path: str, name: str) -> int:
        """The file that the runs of one file of the user's share under one name."""
        key = (path, name)
        file = self.stashes.pop(key, None) or tempfile.TemporaryFile()  # noqa: SIM115 - other runs go on with it
        self.stashes[key] = file  # the latest used is the last
        if len(self.stashes) > MOST_STASHES:
            self.stashes.pop(next(iter(self.stashes))).close()
        return file.fileno()

    def leave_behind(self) -> None:
        """In a child: closes what is the server's own. A line to another run's keeper must have no other holders."""
        stashes = (file.fileno() for file in self.stashes.values())
        for fd in (self.inbox, self.outbox, *stashes, *(fd for run in self.children.values() for fd in run.fds())):
            os.close(fd)
        self.select.close()

    def run_here(self, request: dict[str, Any]) -> None:
        """Without fork: serves one run in this process, answers and ends; the host keeps the time."""
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile("a+b") as output:
            channel = Channel(os.dup(said.fileno()), "here", time.monotonic())
            request, channel.written_as = enter.go_in(self.choice.level, request, self.folder.place())
            guest.run(request, channel, output.fileno(), self.shared(request))
            said.seek(0)
            events, setup = events_in(said.read(), "here")
        self.folder.close()
        ending = {"timed_out": False, "exit": 0, "signal": None, "limit": "", "sandbox_seconds": setup, "output": ""}
        _send(self.outbox, {"id": request["id"], "events": events, "ending": ending})
        os._exit(0)

    def read(self, run: child.Child) -> None:
        """Takes what a run has sent."""
        pipe = run.pipe
        run.read()
        if run.closed:
            self.select.unregister(pipe)

    def finish(self, run: child.Child) -> None:
        """Sends what one run said and how it ended, and forgets it. One that was asked for nothing has no answer."""
        self.select.unregister(run.line)
        if not run.closed:
            self.select.unregister(run.pipe)
        del self.children[run.pid]
        answer = run.finish()
        if "reason" in answer["ending"]:  # nobody has cleaned up behind it
            ready = () if self.ready is None else (self.ready.pid,)
            processes.kill_below(os.getpid(), spare=frozenset((*self.children, *ready)))
        if run.ident is not None:
            _send(self.outbox, answer)
