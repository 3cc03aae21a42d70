"""Several processes that look at files: each gets parts of the list, and the answers are put into order again.

They are forks, which share all that is imported; they end when they are no longer asked, whatever becomes of this one.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from gradfix.settings.options import BadSettings
from gradfix.sources import Unreadable
from gradfix.survey.one import Surveyed, Surveyor, silent, unreadable

PART = 24
"""Paths that are handed over at a time."""
LONGEST = 8192
"""Characters of paths in a part. What waits for one process must fit its socket: nobody may wait for room there."""
AHEAD = 3
"""Parts that a process has before the first of them is answered."""

Part = list[str | Unreadable]
Answers = list[Surveyed | None]
"""For each path of a part; None for a file that was read and holds no step, as nearly all do."""


@dataclass(frozen=True)
class Helper:
    """A process that looks at files."""

    pid: int
    requests: BinaryIO
    answers: BinaryIO

    def ask(self, part: Part) -> None:
        """Hands over a part. One that has died shows where its answer is waited for."""
        try:
            pickle.dump(part, self.requests, pickle.HIGHEST_PROTOCOL)
            self.requests.flush()
        except OSError:
            return

    def answer(self) -> Answers | BadSettings | None:
        """The answer to the oldest part that has none; None where the process has died."""
        try:
            found: Answers | BadSettings = pickle.load(self.answers)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None
        return found

    def end(self) -> None:
        """Ends the process, whatever it is doing."""
        for stream in (self.requests, self.answers):
            try:
                stream.close()
            except OSError:  # what it was not told any more
                continue
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def survey_in_processes(paths: Iterable[str | Unreadable], surveyor: Surveyor, count: int) -> Iterator[Surveyed]:
    """What each path comes to, in order. Raises BadSettings."""
    helpers: list[Helper] = []
    try:
        for _ in range(count):
            helpers.append(_fork(surveyor, helpers))
        begun: deque[tuple[Helper, Part]] = deque()
        for number, part in enumerate(_parts(paths)):
            helper = helpers[number % count]
            helper.ask(part)
            begun.append((helper, part))
            if len(begun) >= AHEAD * count:
                yield from _answered(*begun.popleft(), surveyor)
        while begun:
            yield from _answered(*begun.popleft(), surveyor)
    finally:
        for helper in helpers:
            helper.end()


def _parts(paths: Iterable[str | Unreadable]) -> Iterator[Part]:
    part: Part = []
    length = 0
    for path in paths:
        part.append(path)
        length += len(path) if isinstance(path, str) else len(path.path) + len(path.message)
        if len(part) >= PART or length >= LONGEST:
            yield part
            part, length = [], 0
    if part:
        yield part


def _answered(helper: Helper, part: Part, surveyor: Surveyor) -> Iterator[Surveyed]:
    """What a part came to. What a process did not live to say is found out here."""
    answers = helper.answer()
    if isinstance(answers, BadSettings):
        raise answers
    for path, found in zip(part, answers or _looked(part, surveyor), strict=True):
        yield found or silent(str(path))


def _looked(part: Part, surveyor: Surveyor) -> list[Surveyed]:
    return [unreadable(path) if isinstance(path, Unreadable) else surveyor.look(path) for path in part]


def _fork(surveyor: Surveyor, others: list[Helper]) -> Helper:
    """Starts a process. Raises OSError."""
    here, there = socket.socketpair()
    gc.freeze()  # what is there by now is never looked at again by the collector, and so never copied
    pid = os.fork()
    if pid:
        gc.unfreeze()
        there.close()
        helper = Helper(pid, here.makefile("wb"), here.makefile("rb"))
        here.close()
        return helper
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # of Ctrl-C the first process hears, and ends this one
        here.close()
        for other in others:
            other.requests.close()
            other.answers.close()
        _serve(there, surveyor)
        code = 0
    finally:
        os._exit(code)


def _serve(connection: socket.socket, surveyor: Surveyor) -> None:
    """Answers parts until there are no more."""
    gc.disable()  # syntax trees hold no cycles: what the collector could free here is next to nothing
    requests, answers = connection.makefile("rb"), connection.makefile("wb")
    while True:
        try:
            part: Part = pickle.load(requests)
        except EOFError:
            return
        found: Answers | BadSettings
        try:
            found = [None if each.silent else each for each in _looked(part, surveyor)]
        except BadSettings as e:
            found = e
        pickle.dump(found, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()
