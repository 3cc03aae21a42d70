"""What a call of gradfix took: how many files and runs, and the seconds of each phase and rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from gradfix.scan.prefilter import may_hold_a_step
from gradfix.sources import Source
from gradfix.values import FileReport, Statistics, Verdict


def statistics_of(files: Iterable[tuple[Source | None, FileReport]], reading: float, seconds: float) -> Statistics:
    """Sums up the files with their reports. `reading` are the seconds in which they were found and read."""
    read = parsed = run = repaired = cached = runs = 0
    phases, rules = defaultdict[str, float](float), defaultdict[str, float](float)
    phases["finding files"] = reading
    for source, report in files:
        read += source is not None
        parsed += source is not None and may_hold_a_step(source.text)
        run += report.spent.runs > 0 and not report.cached
        repaired += report.verdict is Verdict.FIXED
        cached += report.cached
        if not report.cached:
            runs += report.spent.runs
            for sums, more in ((phases, report.spent.phases), (rules, report.spent.rules)):
                for name, taken in more.items():
                    sums[name] += taken
    return Statistics(read, parsed, run, repaired, cached, runs, seconds, dict(phases), dict(rules))


def lines(statistics: Statistics) -> Iterator[str]:
    """For people: the counts in one line, then a table of phases and one of rules, the longest first."""
    s = statistics
    yield (
        f"{s.read} read, {s.parsed} parsed, {s.run} run ({s.runs} runs), {s.cached} from the cache, "
        f"{s.repaired} repaired, in {s.seconds:.2f} s"
    )
    for title, table in (("phase", s.phases), ("rule", s.rules)):
        if table:
            width = max(map(len, (title, *table)))
            yield f"{title:{width}}  seconds"
            for name, seconds in _longest_first(table):
                yield f"{name:{width}}  {seconds:7.2f}"
    yield ""


def as_data(statistics: Statistics) -> dict[str, Any]:
    """For the JSON report."""
    s = statistics
    return {
        "files": {"read": s.read, "parsed": s.parsed, "run": s.run, "cached": s.cached, "repaired": s.repaired},
        "runs": s.runs,
        "seconds": round(s.seconds, 3),
        "phases": {name: round(seconds, 3) for name, seconds in _longest_first(s.phases)},
        "rules": {name: round(seconds, 3) for name, seconds in _longest_first(s.rules)},
    }


def _longest_first(table: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(table.items(), key=lambda item: (-item[1], item[0]))
