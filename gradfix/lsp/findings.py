"""The findings of a document: what its text alone tells, and what a run of it has shown for as long as that holds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gradfix.choose.silence import Listener
from gradfix.choose.suppressions import skips_file
from gradfix.config import Settings
from gradfix.scan.suspects import find_suspects
from gradfix.sources import Source
from gradfix.survey.text import Finds, of_suspects, suspects_of
from gradfix.values import FileReport, Finding, Place, StepReport, Verdict

Texts = Callable[[str], str | None]


def of_text(source: Source, settings: Settings, find: Finds = find_suspects) -> tuple[Finding, ...]:
    """The suspects of a text as `find` gives them, but for what the user wants no word of. Runs nothing."""
    if skips_file(source.text) or settings.excluded.covers(source.path):
        return ()
    listener = Listener({source.path: source.text}, settings)
    found = of_suspects(source, suspects_of(source, settings, find))
    return tuple(f for f in found if not listener.silences(f))


@dataclass(frozen=True)
class Shown:
    """A finding as a document shows it: at its own place, or at the step that asks where it lies in another file.

    `main` is the file whose run has shown it where that is another one than the document, else "".
    """

    finding: Finding
    place: Place
    main: str = ""

    @property
    def own(self) -> bool:
        """Whether the finding lies where it shows."""
        return self.finding.place == self.place


@dataclass(frozen=True)
class Ran:
    """A run of a text, and what it showed. `others` are the texts of other files that this lies in, by real path.

    `where` says on what it was run. Of the run that has proved a fix `patch` are the files that the fix changes, and
    `after` is that run, of one that has found what to fix.
    """

    text: str
    report: FileReport
    others: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    patch: tuple[str, ...] = ()
    after: Ran | None = None

    @property
    def told(self) -> bool:
        """Whether a run came to the steps, so that its findings stand in the place of suspects."""
        return self.report.verdict in (Verdict.CLEAN, Verdict.FIXED, Verdict.ADVICE)

    def files(self) -> Iterator[str]:
        """The files that its findings and their steps lie in, by real path."""
        places = [f.place.path for f in self.report.findings] + [s.path for s in self._asked]
        yield from dict.fromkeys(os.path.realpath(p) for p in (self.report.path, *places, *self.patch))

    def kept(self, now: Texts) -> Iterator[Finding]:
        """The findings that hold for the texts as they are now, moved along with their lines.

        A finding holds as long as nothing has changed between it and the steps that ask, in whatever files they lie.
        """
        moved = {path: Moved(self.then(path), now(path)) for path in self.files()}
        for finding in self.report.findings:
            place = finding.place
            lines = {os.path.realpath(place.path): [place.line, place.end_line or place.line]}
            for step in self._asked:
                lines.setdefault(os.path.realpath(step.path), []).append(step.line)
            if all(moved[path].together(each) for path, each in lines.items()):
                yield replace(finding, place=moved[os.path.realpath(place.path)].place(place))

    def asked(self, now: Texts) -> Place | None:
        """The first step in the file itself that got no gradient, as it stands now."""
        path = os.path.realpath(self.report.path)
        moved = Moved(self.then(path), now(path))
        lines = [s.line for s in self._asked if os.path.realpath(s.path) == path]
        return moved.place(Place(self.report.path, lines[0])) if lines and moved.together(lines[:1]) else None

    def as_it_was(self, now: Texts) -> bool:
        """Whether no file has changed that the findings lie in."""
        return all(self.then(path) == now(path) for path in self.files())

    def then(self, path: str) -> str | None:
        """The text that a file had, by its real path; None for a file of which the run has shown nothing."""
        return self.text if path == os.path.realpath(self.report.path) else self.others.get(path)

    @property
    def _asked(self) -> list[StepReport]:
        return [s for s in self.report.steps if s.missing_before]


class Moved:
    """Where the lines of a text have gone: what stands above all changes, or below them, is as it was."""

    def __init__(self, old: str | None, new: str | None) -> None:
        if old is None or new is None:
            self._above, self._below, self._by, self.same = 0, sys.maxsize, 0, False
            return
        self.same = old == new
        then, now = old.split("\n"), new.split("\n")
        least = min(len(then), len(now))
        self._above = next((i for i in range(least) if then[i] != now[i]), least)
        rest = least - self._above
        self._below = len(then) - next((i for i in range(rest) if then[-1 - i] != now[-1 - i]), rest)
        self._by = len(now) - len(then)

    def together(self, lines: Sequence[int]) -> bool:
        """Whether some lines, from 1, are what they were, and so is all between them."""
        return max(lines) <= self._above or min(lines) > self._below

    def back(self, line: int) -> int:
        """Where a line of the new text was, as far as it is an old one."""
        return line if line <= self._above else line - self._by

    def place(self, place: Place) -> Place:
        """Where a place is now, whose lines are what they were."""
        by = 0 if place.line <= self._above else self._by
        return replace(place, line=place.line + by, end_line=place.end_line + by if place.end_line else 0)


def shown_in(path: str, suspects: tuple[Finding, ...], runs: Iterable[Ran], now: Texts) -> tuple[Shown, ...]:
    """What a file shows: what runs have seen there, of itself or of files that use it, else its suspects.

    `now` gives the text of a file as it is now by its real path, None where it has none.
    """
    real, found, settled = os.path.realpath(path), list[Shown](), False
    for ran in sorted(runs, key=lambda r: os.path.realpath(r.report.path) != real):  # its own run comes first
        main = os.path.realpath(ran.report.path)
        if not ran.told or real not in ran.files():
            continue
        settled = settled or (main == real and ran.as_it_was(now))
        for finding in ran.kept(now):
            place = replace(finding.place, path=os.path.realpath(finding.place.path))
            if place.path == real:
                finding = replace(finding, place=replace(place, path=path))
                found.append(Shown(finding, finding.place, "" if main == real else ran.report.path))
            elif main == real and (at := ran.asked(now)) is not None:
                where = f"{os.path.relpath(place.path)}:{place.line}"
                found.append(Shown(replace(finding, message=f"{finding.message} ({where})"), at))
    found = list({(s.finding.rule, s.place): s for s in reversed(found)}.values())[::-1]
    known = {(s.finding.rule, s.place.line) for s in found if s.own}
    if settled:
        return tuple(found)
    return (*found, *(Shown(s, s.place) for s in suspects if (s.rule, s.place.line) not in known))
