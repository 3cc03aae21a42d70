"""What each benchmark prints: figures with their goals, as a table that can be compared with that of a run before."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path

WORSE = 1.15
"""By how much a figure may be worse than a saved one before it counts: two runs on one machine differ by so much."""


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, what it is held against, their ratio and what is to be reached.

    `cpu` is the same ratio of processor time, which says more on a machine that is busy. What is held against nothing
    has a `unit` in the place of a baseline.
    """

    name: str
    measured: str
    baseline: str
    value: float
    goal: float
    at_least: bool = False
    cpu: float | None = None
    unit: str = ""

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def worse(self, before: float) -> bool:
        """Whether the ratio is worse than it was, by more than runs differ anyway."""
        return self.value * WORSE < before if self.at_least else self.value > before * WORSE

    def line(self, before: float | None = None) -> str:
        """The line as it is printed; `before` is the ratio of a saved run."""
        goal = f"{'>=' if self.at_least else '<='} {self.goal:g}{self.unit}"
        cpu = "" if self.cpu is None else f"{self.cpu:.2f}"
        value = f"{self.value:.{3 if self.value < 0.1 else 2}f}{self.unit}"
        then = "" if before is None else f"{before:10.2f}{'  WORSE' if self.worse(before) else ''}"
        return (
            f"{self.name:60}{self.measured:>10}{self.baseline:>10}{value:>10}{goal:>10}{cpu:>8}"
            f"  {'yes' if self.reached else 'NO':7}{then}".rstrip()
        )


HEAD = f"{'':60}{'gradfix':>10}{'against':>10}{'ratio':>10}{'goal':>10}{'CPU':>8}  reached"


def seconds(value: float) -> str:
    """Seconds to read."""
    if value >= 1:
        return f"{value:.2f} s"
    return f"{1000 * value:.0f} ms" if value >= 0.01 else f"{1000 * value:.2f} ms"


@dataclass
class Table:
    """Prints figures as they come. `save` is the file that their ratios go to, `before` what a saved run had."""

    save: Path | None = None
    before: dict[str, float] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)

    def head(self) -> None:
        """Prints the first line."""
        print(HEAD + ("    before" if self.before else ""), flush=True)

    def add(self, figure: Figure) -> None:
        """Prints a line."""
        self.figures.append(figure)
        print(figure.line(self.before.get(figure.name)), flush=True)

    def close(self) -> int:
        """Saves what is to be saved; 1 where a goal is not reached or a figure is worse than before, else 0."""
        if self.save:
            self.save.write_text(json.dumps({f.name: round(f.value, 4) for f in self.figures}, indent=2) + "\n")
        worse = any(f.name in self.before and f.worse(self.before[f.name]) for f in self.figures)
        return int(worse or not all(f.reached for f in self.figures))


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that all benchmarks have."""
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the ratios into this file")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with the ratios that --save has written")


def table_of(options: argparse.Namespace) -> Table:
    """The table that these options ask for, its first line printed. Raises OSError, ValueError."""
    before = json.loads(options.against.read_text()) if options.against else {}
    table = Table(options.save, {str(name): float(value) for name, value in before.items()})
    table.head()
    return table
