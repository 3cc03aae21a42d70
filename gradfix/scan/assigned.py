"""Finds where a value is put into variables that are read again before a tape is asked."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_METHODS = ("assign", "assign_add", "assign_sub", "set_weights")


def assigned_on_the_way(tree: ast.Module, line: int) -> ast.Call | None:
    """The last call such as `fast.assign(new)` before a line whose receiver is read between the two; None for none.

    What is written must be worked out, not a constant. Both must stand in the function, or at module level, that the
    line belongs to.
    """
    nodes = [n for n in _own(_scope(tree, line)) if getattr(n, "lineno", line + 1) <= line]
    found = None
    for call in (n for n in nodes if isinstance(n, ast.Call) and _assigns(n)):
        assert isinstance(call.func, ast.Attribute)
        receiver = ast.unparse(call.func.value)
        after = (call.end_lineno or call.lineno) + 1
        read = any(
            isinstance(n, (ast.Name, ast.Attribute)) and n.lineno >= after and ast.unparse(n) == receiver for n in nodes
        )
        if read and (found is None or call.lineno > found.lineno):
            found = call
    return found


def _assigns(call: ast.Call) -> bool:
    method = isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS
    return method and len(call.args) == 1 and any(isinstance(n, ast.Name) for n in ast.walk(call.args[0]))


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope, without those of the functions in it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield child
            yield from _own(child)


def _scope(tree: ast.Module, line: int) -> ast.AST:
    """The innermost function around a line, or the module."""
    functions = [
        n
        for n in ast.walk(tree)
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.lineno <= line <= (n.end_lineno or n.lineno)
    ]
    return max(functions, key=lambda n: n.lineno, default=tree)
