"""Which results of a model a step leaves unread: what its target was probably meant to be made of."""

from __future__ import annotations

import ast
import re

from gradfix.scan.functions import scope_around

_LISTS = re.compile(r"([A-Za-z_][\w.]*)\.(?:trainable_)?(?:variables|weights)\b")


def unread_results(tree: ast.Module, line: int, sources: str) -> tuple[tuple[str, int], ...]:
    """The names, each with its line, that got what the models of `sources` gave, and that nothing reads.

    Takes the module, the line of the step and the text of its sources. Only the function that holds the line is looked
    at. A name that begins with `_` is left on purpose.
    """
    models = set(_LISTS.findall(sources))
    scope = scope_around(tree, line)
    names = [n for n in ast.walk(scope) if isinstance(n, ast.Name)]
    loops = [n for n in ast.walk(scope) if isinstance(n, (ast.For, ast.While))]
    found = []
    for node in ast.walk(scope):
        if not isinstance(node, ast.Assign) or not _calls(node.value, models):
            continue
        targets = [n for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        again = {n for loop in loops if loop.lineno <= node.lineno <= (loop.end_lineno or 0) for n in ast.walk(loop)}
        if not any(_read(name.id, node, names, again) for name in targets):
            found += [(name.id, node.lineno) for name in targets if not name.id.startswith("_")]
    return tuple(found)


def _calls(value: ast.expr, models: set[str]) -> bool:
    return any(isinstance(n, ast.Call) and ast.unparse(n.func) in models for n in ast.walk(value))


def _read(name: str, node: ast.Assign, names: list[ast.Name], again: set[ast.AST]) -> bool:
    """Whether a name is read before it gets its next value, as the text runs, or in the loops around it: `again`."""
    if any(n.id == name and isinstance(n.ctx, ast.Load) and n in again for n in names):
        return True
    end_of_it = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    later = [n for n in names if n.id == name and (n.lineno, n.col_offset) >= end_of_it]
    stores = [n.lineno for n in later if isinstance(n.ctx, ast.Store)]
    end = min(stores, default=0)
    return any(isinstance(n.ctx, ast.Load) and (not end or n.lineno <= end) for n in later)
