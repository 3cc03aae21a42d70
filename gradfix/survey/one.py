"""Looks at one file of many: reads it, and lets its text decide."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass, field, replace

from gradfix.account import READING
from gradfix.config import Settings
from gradfix.scan.bystanders import without_bystanders
from gradfix.scan.prefilter import is_without_a_step, may_hold_a_step
from gradfix.scan.steps import parsed
from gradfix.scan.valid import is_valid
from gradfix.settings.resolve import Resolver
from gradfix.sources import NOTEBOOK, Source, Unreadable, decode_source, parse_source, read_bytes
from gradfix.survey.text import by_text, clean, error
from gradfix.values import FileReport, Spent, Verdict

_TAPES = (b"GradientTape", b"minimize", b".gradients", b"jacobian")
"""What asks for gradients of what need not be a model that is fitted."""


@dataclass(frozen=True)
class Surveyed:
    """What the text of a file came to: its report, or none where it is to be run.

    `source` is the file where something of it is to be shown or run: None for one that cannot be read, and for one that
    nothing is said of. `parsed` says that the text was more than searched for words.
    """

    path: str
    report: FileReport | None
    source: Source | None = None
    read: bool = True
    parsed: bool = False

    @property
    def silent(self) -> bool:
        """Whether it is what `silent` gives for the path."""
        return self.read and not self.parsed


@dataclass(frozen=True)
class Surveyor:
    """How files are looked at: with the settings of each, but for what holds for the `whole` call.

    `named` are the files that the user named.
    """

    resolver: Resolver
    whole: Settings
    named: frozenset[str] = frozenset()
    completed: dict[int, Settings] = field(default_factory=dict)
    """Settings with what holds for the whole call, by the identity of those that the resolver gave."""

    def look(self, path: str) -> Surveyed:
        """What a file comes to. Raises BadSettings."""
        named = path in self.named
        data = read_bytes(path)
        if isinstance(data, Unreadable):
            return unreadable(data)
        if not named and not path.endswith(NOTEBOOK):
            if is_without_a_step(data):  # as nearly all files
                return silent(path)
            if not any(word in data for word in _TAPES) and (found := self._by_a_part(path, data)):
                return found
        return self.looked(parse_source(path, data, named=named))

    def _by_a_part(self, path: str, data: bytes) -> Surveyed | None:
        """A file of a folder that fits models and has no tape, where a part of it shows that nothing is to be said."""
        began = time.monotonic()
        source = decode_source(path, data, named=False)
        if isinstance(source, Unreadable) or "gradfix" in source.text or not may_hold_a_step(source.text):
            return None
        part = without_bystanders(source.text)
        if part is None or not is_valid(part):
            return None
        found = self._told(replace(source, text=part), began)
        return found if found.report is not None and found.report.verdict is Verdict.CLEAN else None

    def looked(self, source: Source | Unreadable) -> Surveyed:
        """What a file comes to that was read. Raises BadSettings."""
        if isinstance(source, Unreadable):
            return unreadable(source)
        if not may_hold_a_step(source.text):
            return silent(source.path)
        return self._told(source, time.monotonic())

    def _told(self, source: Source, began: float) -> Surveyed:
        report = by_text(source, self.settings(source.path))
        if report is None:
            return Surveyed(source.path, None, source, parsed=True)
        seconds = time.monotonic() - began
        report = replace(report, seconds=round(seconds, 3), spent=Spent(phases={READING: seconds}))
        return Surveyed(source.path, report, source if report.findings else None, parsed=True)

    def settings(self, path: str) -> Settings:
        """The settings of a file. Raises BadSettings."""
        found = self.resolver.for_file(path)  # which it keeps: so its identity tells it
        if id(found) not in self.completed:
            self.completed[id(found)] = replace(found, known=self.whole.known, silent=self.whole.silent)
        return self.completed[id(found)]


def look_at(path: str | Unreadable, surveyor: Surveyor) -> Surveyed:
    """What one of very many paths comes to. Raises BadSettings."""
    if isinstance(path, Unreadable):
        return unreadable(path)
    # The collector would go through each syntax tree several times. Trees hold no cycles, and what is made of them
    # is taken apart where it is done with: they are gone when it is back.
    usual = gc.isenabled()
    gc.disable()
    try:
        found = surveyor.look(path)
        if found.parsed:
            parsed.cache_clear()
    finally:
        if usual:
            gc.enable()
    return found


def silent(path: str) -> Surveyed:
    """A file that was read and cannot hold a step, as nearly all are."""
    return Surveyed(path, clean(path))


def unreadable(problem: Unreadable) -> Surveyed:
    """A path that gives no source."""
    return Surveyed(problem.path, error(problem.path, problem.message), read=False)
