"""What a call of gradfix took: how many files and runs, and the seconds of each phase and rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradfix.values import Statistics


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
