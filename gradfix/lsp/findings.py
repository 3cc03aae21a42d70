"""The findings of a document: what its text alone tells, and what a run of it has shown for as long as that holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gradfix import verdicts
from gradfix.choose.silence import Listener
from gradfix.choose.suppressions import skips_file
from gradfix.config import Settings
from gradfix.repair import suspects_of
from gradfix.sources import Source
from gradfix.values import FileReport, Finding, Verdict


def of_text(source: Source, settings: Settings) -> tuple[Finding, ...]:
    """The suspects of a text, but for what the user wants no word of. Runs nothing."""
    if skips_file(source.text) or settings.excluded.covers(source.path):
        return ()
    listener = Listener({source.path: source.text}, settings)
    found = verdicts.of_suspects(source, suspects_of(source, settings))
    return tuple(f for f in found if not listener.silences(f))


@dataclass(frozen=True)
class Ran:
    """A run of a text, and what it showed."""

    text: str
    report: FileReport

    @property
    def told(self) -> bool:
        """Whether a run came to the steps, so that its findings stand in the place of suspects."""
        return self.report.verdict in (Verdict.CLEAN, Verdict.FIXED, Verdict.ADVICE)

    def findings(self, text: str, suspects: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The findings of a text: of the run, as far as nothing has changed between break and step; else suspects."""
        if not self.told:
            return suspects
        if text == self.text:
            return tuple(self._own())
        kept = tuple(self._unchanged(text))
        lines = {(f.rule, f.place.line) for f in kept}
        return (*kept, *(s for s in suspects if (s.rule, s.place.line) not in lines))

    def _own(self) -> Iterator[Finding]:
        """The findings in this file; of one that lies in another file, the step that asks is where it shows here."""
        for finding in self.report.findings:
            if _same(finding.place.path, self.report.path):
                yield finding
                continue
            asked = self._asked()
            if asked:
                other = f"{os.path.relpath(finding.place.path)}:{finding.place.line}"
                place = replace(finding.place, path=self.report.path, line=asked[0], column=1, end_line=0)
                yield replace(finding, place=place, message=f"{finding.message} ({other})")

    def _asked(self) -> list[int]:
        steps = self.report.steps
        return [s.line for s in steps if s.missing_before and _same(s.path, self.report.path)]

    def _unchanged(self, text: str) -> Iterator[Finding]:
        """What is kept, moved along with its lines."""
        old, new = self.text.split("\n"), text.split("\n")
        least = min(len(old), len(new))
        above = next((i for i in range(least) if old[i] != new[i]), least)
        below = next((i for i in range(least - above) if old[-1 - i] != new[-1 - i]), least - above)
        moved = len(new) - len(old)
        for finding in self._own():
            place = finding.place
            lines = [place.line, place.end_line or place.line, *self._asked()]
            if max(lines) <= above:
                yield finding
            elif min(lines) > len(old) - below:
                end = place.end_line + moved if place.end_line else 0
                yield replace(finding, place=replace(place, line=place.line + moved, end_line=end))


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
