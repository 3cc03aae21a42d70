"""Several processes that look at files: this one and its forks share the parts of the list among them.

Forks get parts as they are done with others, and this process takes the next one itself whenever all of them have
enough; the answers are put into order again. Forks share all that is imported, and end when they are no longer asked,
whatever becomes of this process.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from gradfix.settings.options import BadSettings
from gradfix.sources import Unreadable
from gradfix.survey.one import Surveyed, Surveyor, look_at, silent

PART = 16
"""Paths that are handed over at a time."""
LONGEST = 8192
"""Characters of paths in a part. What waits for one process must fit its socket: nobody may wait for room there."""
AHEAD = 3
"""Parts that a fork has before the first of them is answered."""
MOST = 16
"""Parts for each process that may be done while the first in order is still looked at: what memory holds."""

Paths = list[str | Unreadable]
Answers = list[Surveyed | None]
"""For each path of a part; None for a file that was read and holds no step, as nearly all do."""


@dataclass(eq=False)
class Part:
    """Some paths, and what they came to once that is known."""

    paths: Paths
    answers: Answers | BadSettings | None = None


@dataclass(eq=False)
class Helper:
    """A process that looks at files, and the parts that it has not answered."""

    pid: int
    requests: BinaryIO
    socket: socket.socket
    parts: deque[Part] = field(default_factory=deque)
    ended: bool = False

    def fileno(self) -> int:
        """What is readable when an answer is there, or the process has died."""
        return self.socket.fileno()

    def ask(self, part: Part) -> None:
        """Hands over a part. One that has died shows where its answer is read."""
        self.parts.append(part)
        try:
            pickle.dump(part.paths, self.requests, pickle.HIGHEST_PROTOCOL)
            self.requests.flush()
        except OSError:
            return

    def answer(self) -> bool:
        """Reads the answer to the oldest part that has none; False where the process has died."""
        try:
            self.parts[0].answers = pickle.loads(self._read(int.from_bytes(self._read(8), "big")))
        except (EOFError, OSError, pickle.UnpicklingError):
            self.ended = True
            return False
        self.parts.popleft()
        return True

    def _read(self, size: int) -> bytes:
        """So many bytes, and none of the next answer. Raises EOFError, OSError."""
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def end(self) -> None:
        """Ends the process, whatever it is doing."""
        for stream in (self.requests, self.socket):
            try:
                stream.close()
            except OSError:  # what it was not told any more
                continue
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def survey_in_processes(paths: Iterable[str | Unreadable], surveyor: Surveyor, count: int) -> Iterator[Surveyed]:
    """What each path comes to, in order, from `count` processes with this one. Raises BadSettings."""
    helpers: list[Helper] = []
    try:
        for _ in range(count - 1):
            helpers.append(_fork(surveyor, helpers))
        yield from _Survey(_parts(paths), surveyor, helpers).results()
    finally:
        for helper in helpers:
            helper.end()


class _Survey:
    """Deals parts, looks at some itself, and has the answers in order."""

    def __init__(self, parts: Iterator[Part], surveyor: Surveyor, helpers: list[Helper]) -> None:
        self.parts, self.surveyor, self.helpers = parts, surveyor, helpers
        self.begun: deque[Part] = deque()
        self.most = MOST * (len(helpers) + 1)

    def results(self) -> Iterator[Surveyed]:
        """What each path comes to. Raises BadSettings."""
        while True:
            part = self._next()
            if part is not None:
                self._look(part)
            elif self.begun:
                while self.begun[0].answers is None:
                    self._deal(wait=True)
            else:
                return
            while self.begun and self.begun[0].answers is not None:
                yield from _told(self.begun.popleft())

    def _next(self) -> Part | None:
        """The next part, where there is one and not too many wait for the first."""
        part = next(self.parts, None) if len(self.begun) < self.most else None
        if part is not None:
            self.begun.append(part)
        return part

    def _look(self, part: Part) -> None:
        """Looks at a part, while the others go on."""
        self._deal()
        part.answers = _looked(part.paths, self.surveyor, self._deal)

    def _deal(self, *, wait: bool = False) -> None:
        """Takes in the answers that are there, or waits for one; then hands out parts to those who have few."""
        asked = [helper for helper in self.helpers if helper.parts]
        for helper in select.select(asked, [], [], None if wait else 0)[0] if asked else ():
            if not helper.answer():
                for left in helper.parts:  # what it did not live to say is found out here
                    left.answers = _looked(left.paths, self.surveyor)
                helper.parts.clear()
        for helper in self.helpers:
            while not helper.ended and len(helper.parts) < AHEAD and (part := self._next()) is not None:
                helper.ask(part)


def _told(part: Part) -> Iterator[Surveyed]:
    if isinstance(part.answers, BadSettings):
        raise part.answers
    for path, found in zip(part.paths, part.answers or (), strict=True):
        yield found or silent(str(path))


def _looked(paths: Paths, surveyor: Surveyor, meanwhile: Callable[[], None] = lambda: None) -> Answers | BadSettings:
    """What paths come to. `meanwhile` is called after each file that takes as long as a hundred others."""
    answers: Answers = []
    try:
        for path in paths:
            found = look_at(path, surveyor)
            answers.append(found)
            if found.parsed:
                meanwhile()
    except BadSettings as problem:
        return problem
    return answers


def _parts(paths: Iterable[str | Unreadable]) -> Iterator[Part]:
    part: Paths = []
    length = 0
    for path in paths:
        part.append(path)
        length += len(path) if isinstance(path, str) else len(path.path) + len(path.message)
        if len(part) >= PART or length >= LONGEST:
            yield Part(part)
            part, length = [], 0
    if part:
        yield Part(part)


def _fork(surveyor: Surveyor, others: list[Helper]) -> Helper:
    """Starts a process. Raises OSError."""
    here, there = socket.socketpair()
    gc.freeze()  # what is there by now is never looked at again by the collector, and so never copied
    pid = os.fork()
    if pid:
        gc.unfreeze()
        there.close()
        return Helper(pid, here.makefile("wb"), here)
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # of Ctrl-C the first process hears, and ends this one
        here.close()
        for other in others:
            other.requests.close()
            other.socket.close()
        _serve(there, surveyor)
        code = 0
    finally:
        os._exit(code)


def _serve(connection: socket.socket, surveyor: Surveyor) -> None:
    """Answers parts until there are no more."""
    gc.disable()  # syntax trees hold no cycles: what the collector could free here is next to nothing
    requests = connection.makefile("rb")
    while True:
        try:
            paths: Paths = pickle.load(requests)
        except EOFError:
            return
        found = _looked(paths, surveyor)
        if not isinstance(found, BadSettings):
            found = [None if each is None or each.silent else each for each in found]
        data = pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
        connection.sendall(len(data).to_bytes(8, "big") + data)
