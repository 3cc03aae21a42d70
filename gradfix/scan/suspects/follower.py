"""Follows a text that is typed on: what stands before the statement that was touched is not followed again.

What is known in front of that statement is kept, as a pickle: following changes its values in place, and nothing copies
them as fast. Statements of the module count as the same where they are the same nodes, as `reparsed` leaves them.
"""

from __future__ import annotations

import ast
import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import is_

from gradfix.scan.steps import Step, parsed, steps_of
from gradfix.scan.suspects import Suspect, adds_losses, suspects_in
from gradfix.scan.suspects.kinds import Kind
from gradfix.scan.suspects.requests import Machine
from gradfix.scan.suspects.roots import finish, start
from gradfix.scan.suspects.state import TooMuch
from gradfix.scan.suspects.values import ALL_TAPES, Scope

Following = tuple[Machine, Scope]


class Follower:
    """Gives the suspects of one text after the other, each sooner where it is much like the last one."""

    def __init__(self) -> None:
        self._text = ""
        self._suspects: tuple[Suspect, ...] = ()
        self._body: list[ast.stmt] = []
        self._given: object = None
        self._kept: Kept | None = None

    def find(self, text: str) -> tuple[Suspect, ...]:
        """What `find_suspects` gives. Raises SyntaxError."""
        if text != self._text:
            steps = steps_of(text)
            self._suspects = suspects_in(self._follow(parsed(text).body, steps, adds_losses(text)), text)
            self._text = text
        return self._suspects

    def _follow(self, body: list[ast.stmt], steps: tuple[Step, ...], losses: bool) -> list[tuple[ast.AST, Kind]]:
        following: Following | None = None
        try:
            if not steps:
                return []
            fresh = start(steps, losses)
            given = (fresh[0].asked, fresh[0].handled, losses)
            same = sum(takewhile(bool, map(is_, self._body, body))) if given == self._given else 0
            kept = self._kept if self._kept is not None and self._kept.at <= same else None
            self._body, self._given, self._kept = body, given, None
            following, at = (kept.following(), kept.at) if kept is not None else (fresh, 0)
            machine, scope = following
            if at < same:
                if machine.execute(body[at:same], scope):  # it ends before the statement that was touched
                    return finish(following, [], steps)
                kept = Kept.of(following, same)
            self._kept = kept
            return finish(following, body[same:], steps)
        except (TooMuch, RecursionError):
            return []
        finally:
            if following is not None:
                following[0].forget()


@dataclass(frozen=True)
class Kept:
    """What is known in front of the statement with the number `at`. `shared` are what the pickle only names: nodes, and
    what is compared by identity."""

    at: int
    pickle: bytes
    shared: Sequence[object]

    @classmethod
    def of(cls, following: Following, at: int) -> Kept | None:
        """None where values lie too deep in each other."""
        buffer = io.BytesIO()
        pickler = _Pickler(buffer)
        try:
            pickler.dump(following)
        except RecursionError:
            return None
        return cls(at, buffer.getvalue(), pickler.shared)

    def following(self) -> Following:
        """The same once more, to go on from."""
        unpickler = _Unpickler(io.BytesIO(self.pickle))
        unpickler.shared = self.shared
        made: Following = unpickler.load()
        return made


class _Pickler(pickle.Pickler):
    def __init__(self, buffer: io.BytesIO) -> None:
        super().__init__(buffer, pickle.HIGHEST_PROTOCOL)
        self.shared: list[object] = []
        self._numbers: dict[int, int] = {}

    def persistent_id(self, value: object) -> int | None:
        if not (isinstance(value, (ast.AST, Kind)) or value is ALL_TAPES):
            return None
        number = self._numbers.setdefault(id(value), len(self.shared))
        if number == len(self.shared):
            self.shared.append(value)
        return number


class _Unpickler(pickle.Unpickler):
    shared: Sequence[object] = ()

    def persistent_load(self, number: int) -> object:
        return self.shared[number]
