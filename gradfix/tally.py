"""Counts the files of one call as they are done, so that their reports need not be kept."""

from __future__ import annotations

from collections import Counter, defaultdict

from gradfix.survey.one import Surveyed
from gradfix.values import FileReport, Statistics, Totals, Verdict


class Tally:
    """What one call has come to so far."""

    def __init__(self) -> None:
        self.verdicts: Counter[Verdict] = Counter()
        self.read = self.parsed = self.run = self.cached = self.runs = 0
        self.phases, self.rules = defaultdict[str, float](float), defaultdict[str, float](float)

    def add(self, surveyed: Surveyed, report: FileReport) -> None:
        """Counts a file that is done."""
        self.verdicts[report.verdict] += 1
        self.read += surveyed.read
        self.parsed += surveyed.parsed
        self.cached += report.cached
        if report.cached:
            return
        spent = report.spent
        if not spent.phases and not spent.runs:  # as nearly all
            return
        self.run += spent.runs > 0
        self.runs += spent.runs
        for sums, more in ((self.phases, spent.phases), (self.rules, spent.rules)):
            for name, taken in more.items():
                sums[name] += taken

    def totals(self) -> Totals:
        """How many files have each verdict."""
        return Totals(dict(self.verdicts), self.cached)

    def statistics(self, finding: float, seconds: float) -> Statistics:
        """What it all took: `finding` are the seconds that were waited for files to be found, read and looked at."""
        phases = {"finding files": finding, **self.phases}
        repaired = self.verdicts[Verdict.FIXED]
        return Statistics(
            self.read, self.parsed, self.run, repaired, self.cached, self.runs, seconds, phases, dict(self.rules)
        )
