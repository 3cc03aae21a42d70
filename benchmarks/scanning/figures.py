"""Figures with their goals, the table of them, and runs that were saved to be compared with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

WORSE = 1.15
"""By how much a figure may be worse than a saved one before it counts: two runs on one machine differ by so much."""


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, what it is held against, their ratio and what is to be reached.

    `cpu` is the same ratio of processor time, which says more on a machine that is busy.
    """

    name: str
    measured: str
    baseline: str
    value: float
    goal: float
    at_least: bool = False
    cpu: float | None = None

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def line(self, before: float | None = None) -> str:
        """The line as it is printed; `before` is the ratio of a saved run."""
        goal = f"{'>=' if self.at_least else '<='} {self.goal:g}"
        cpu = "" if self.cpu is None else f"{self.cpu:.2f}"
        then = "" if before is None else f"{before:10.2f}{'  WORSE' if self.worse(before) else ''}"
        return (
            f"{self.name:58}{self.measured:>10}{self.baseline:>10}{self.value:>9.2f}{goal:>9}{cpu:>8}"
            f"  {'yes' if self.reached else 'NO':7}{then}"
        )

    def worse(self, before: float) -> bool:
        """Whether the ratio is worse than it was, by more than runs differ anyway."""
        return self.value * WORSE < before if self.at_least else self.value > before * WORSE


HEAD = f"{'':58}{'gradfix':>10}{'against':>10}{'ratio':>9}{'goal':>9}{'CPU':>8}  reached"


def save(figures: Iterable[Figure], path: Path) -> None:
    """Writes the ratios of a run."""
    path.write_text(json.dumps({f.name: round(f.value, 4) for f in figures}, indent=2) + "\n")


def saved(path: Path) -> dict[str, float]:
    """The ratios of a run that was saved, by the names of the figures."""
    return {str(name): float(value) for name, value in json.loads(path.read_text()).items()}
