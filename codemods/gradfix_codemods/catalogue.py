"""Finds the codemods that are installed, by the entry-point group `gradfix.codemods`: the built-in ones too."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from gradfix_codemods.base import Codemod

GROUP = "gradfix.codemods"


@cache
def codemods() -> tuple[Codemod, ...]:
    """One of each codemod, in the order of their codes. Importing them imports LibCST."""
    found = [point.load()() for point in entry_points(group=GROUP)]
    return tuple(sorted(found, key=lambda c: c.code))


def answering(kind: str) -> tuple[Codemod, ...]:
    """The codemods that can mend a kind of break."""
    return tuple(c for c in codemods() if kind in c.answers)
