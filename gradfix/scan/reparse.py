"""The syntax tree of a text that was typed on: only the statements that were touched are parsed anew."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from itertools import compress, count
from operator import ne

MOST = 0.5
"""The share of the lines beyond which the whole text is as well parsed."""


def reparsed(tree: ast.Module, before: str, text: str) -> ast.Module | None:
    """The tree of `text`, given that of the text before; None where it has to be parsed as a whole.

    What Python makes of a statement at the left margin does not depend on those around it, as long as each begins in
    a line of its own and all lines between two of them parse by themselves. The two trees share nodes.
    """
    old, new = before.split("\n"), text.split("\n")
    if len(old) != len(new):  # all below would have to be moved
        return None
    changed = list(compress(count(1), map(ne, old, new)))
    if not changed:
        return tree
    body = tree.body
    first = bisect_left(body, changed[0], key=_last_line)
    after = bisect_right(body, changed[-1], key=_first_line)
    start = _last_line(body[first - 1]) + 1 if first else 1
    end = _first_line(body[after]) - 1 if after < len(body) else len(new)
    alone = all(_first_line(s) >= start and _last_line(s) <= end for s in body[first:after])
    part = "\n".join(new[start - 1 : end]) + ("\n" if end < len(new) else "")
    if not alone or end - start > MOST * len(new) or "\r" in part.replace("\r\n", ""):
        return None
    try:
        made = ast.parse("\n" * (start - 1) + part).body  # empty lines cost less than nodes to be moved
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return ast.Module([*body[:first], *made, *body[after:]], [])


def _first_line(statement: ast.stmt) -> int:
    """Where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return decorators[0].lineno if decorators else statement.lineno


def _last_line(statement: ast.stmt) -> int:
    return statement.end_lineno or statement.lineno
