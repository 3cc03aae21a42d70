"""Patterns of paths as `.gitignore` has them: a name fits at any depth, one with a slash counts from its folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@dataclass(frozen=True)
class Patterns:
    """Patterns from one place, which count from the folder `base` (absolute)."""

    base: str
    patterns: tuple[str, ...]

    def cover(self, path: str, *, folder: bool = False) -> bool:
        """Whether a path, or a folder that it lies in, fits one. A path outside of `base` fits by names alone."""
        if not self.patterns:
            return False
        path = os.path.abspath(path)
        base = os.path.realpath(self.base) if not _within(path, self.base) else self.base
        name = os.path.relpath(path, base) if _within(path, base) else path.lstrip(os.sep)
        patterns = self.patterns if _within(path, base) else tuple(p for p in self.patterns if "/" not in p.rstrip("/"))
        absolute = tuple(p for p in self.patterns if p.startswith("/") and os.path.dirname(p) != "/")
        name = name.replace(os.sep, "/") + ("/" if folder else "")
        inside = bool(patterns) and _spec(patterns).match_file(name)
        return inside or (bool(absolute) and _spec(absolute).match_file(path.lstrip(os.sep)))


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


@cache
def _spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    """Raises ValueError for a pattern that git does not read."""
    from pathspec import GitIgnoreSpec  # where there are patterns only: it takes as long as all of the command line

    return GitIgnoreSpec.from_lines(patterns)


def unreadable(pattern: str) -> bool:
    """Whether git would not read a pattern."""
    try:
        _spec((pattern,))
    except ValueError:
        return True
    return False
