"""Suspects: breaks guessed from the text alone, before anything runs.

The file is followed with what its names can hold: which values come from which variables, which tapes recorded the way,
and where it ends. A question to a tape is suspicious when no way from its target back to a source is left, and the
place where the last one ends is known. What is not known counts as a way: on healthy code this is silent.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable

from gradfix.scan.steps import parsed, steps_of
from gradfix.scan.suspects.kinds import Kind, Suspect
from gradfix.scan.suspects.roots import follow

__all__ = ["Suspect", "adds_losses", "find_suspects", "suspects_in"]


@functools.lru_cache(64)
def find_suspects(text: str) -> tuple[Suspect, ...]:
    """The suspects of a module, in the order of their lines. Raises SyntaxError."""
    steps = steps_of(text)
    if not steps:
        return ()
    return suspects_in(follow(parsed(text), steps, adds_losses(text)), text)


def adds_losses(text: str) -> bool:
    """Whether layers may add to a loss on their own."""
    return "add_loss" in text or "regularizer" in text


def suspects_in(found: Iterable[tuple[ast.AST, Kind]], text: str) -> tuple[Suspect, ...]:
    """What was found in a text, in the order of its lines."""
    lines = text.split("\n")
    suspects = {_suspect(kind, node, lines) for node, kind in found}
    return tuple(sorted(suspects, key=lambda s: (s.line, s.column, s.code)))


def _suspect(kind: Kind, node: ast.AST, lines: list[str]) -> Suspect:
    line: int = getattr(node, "lineno", 1)
    end_line: int = getattr(node, "end_lineno", None) or line
    column = _characters(lines, line, getattr(node, "col_offset", 0))
    end_column = _characters(lines, end_line, getattr(node, "end_col_offset", 0))
    segment = " ".join(ast.unparse(node).split())
    shown = f"`{segment}`" if len(segment) <= 60 else f"`{segment[:57]}...`"
    return Suspect(kind.code, kind.rule, line, column, end_line, end_column, f"{shown} {kind.words}")


def _characters(lines: list[str], line: int, column: int) -> int:
    data = lines[line - 1].encode("utf-8", "surrogateescape")[:column]
    return len(data.decode("utf-8", "replace")) + 1
