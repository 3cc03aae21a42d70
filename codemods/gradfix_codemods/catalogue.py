"""Finds the codemods that are installed, by the entry-point group `gradfix.codemods`: the built-in ones too."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from gradfix_codemods.base import CannotLoad, Codemod

GROUP = "gradfix.codemods"


@cache
def codemods() -> tuple[Codemod, ...]:
    """One of each codemod, in the order of their codes. Importing them imports LibCST. Raises CannotLoad."""
    return tuple(sorted(map(_made, entry_points(group=GROUP)), key=lambda c: c.code))


def _made(point: EntryPoint) -> Codemod:
    try:
        made = point.load()()
    except Exception as e:  # whatever a stranger's module raises
        raise CannotLoad(f"{_named(point)} cannot be loaded: {type(e).__name__}: {e}".splitlines()[0]) from e
    if not isinstance(made, Codemod):
        raise CannotLoad(f"{_named(point)} is no gradfix_codemods.base.Codemod")
    return made


def _named(point: EntryPoint) -> str:
    return f"the codemod {point.name}" + (f" of the package {point.dist.name}" if point.dist else "")


def answering(kind: str) -> tuple[Codemod, ...]:
    """The codemods that can mend a kind of break."""
    return tuple(c for c in codemods() if kind in c.answers)
