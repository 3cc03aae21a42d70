"""Keeps account of one file: what it is busy with, the seconds of each phase and rule, and what its runs told."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from gradfix.run.messages import Run
from gradfix.values import Spent

READING = "reading"
"""The phase that every file begins with: its text alone is looked at."""

Told = Callable[[str, str], None]
"""Hears the path of a file and what is being done with it; "" where it is done."""


def nobody(path: str, doing: str) -> None:
    """Hears nothing."""


class Account:
    """Used by the one thread that looks at the file."""

    def __init__(self, path: str = "", told: Told = nobody) -> None:
        self.path, self.told = path, told
        self.phases: dict[str, float] = {}
        self.rules: dict[str, float] = {}
        self.runs = 0
        self.deaths: list[str] = []
        self.files: dict[str, None] = {}
        self.opened: dict[str, None] = {}
        self.began = time.time_ns()
        self._stack: list[str] = []
        self._since = time.monotonic()

    @contextlib.contextmanager
    def during(self, phase: str, rule: str = "") -> Iterator[None]:
        """While it lasts the time counts for a phase (for the innermost one) and for a rule."""
        began = self._charge()
        self._stack.append(phase)
        self.told(self.path, f"{phase} {rule}".rstrip())
        try:
            yield
        finally:
            now = self._charge()
            self._stack.pop()
            if rule:
                self.rules[rule] = self.rules.get(rule, 0.0) + now - began

    def ran(self, run: Run) -> Run:
        """Notes what a run came to, and gives it back."""
        self.runs += 1
        if run.death or run.exhausted:
            self.deaths.append(run.death)
        self.files.update(dict.fromkeys(run.files))
        self.opened.update(dict.fromkeys(run.opened))
        return run

    def spent(self) -> Spent:
        """What was spent so far."""
        return Spent(self.runs, dict(self.phases), dict(self.rules))

    def _charge(self) -> float:
        """Charges the time since the last call to the innermost phase; gives the time."""
        now = time.monotonic()
        if self._stack:
            self.phases[self._stack[-1]] = self.phases.get(self._stack[-1], 0.0) + now - self._since
        self._since = now
        return now
