"""Finds where a value is put into variables that are read again before a tape is asked."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from gradfix.scan.functions import scope_around

_METHODS = ("assign", "assign_add", "assign_sub", "set_weights")


def assigned_on_the_way(tree: ast.Module, line: int) -> ast.Call | None:
    """The last call such as `fast.assign(new)` before a line whose receiver is read between the two; None for none.

    What is written must be worked out, not a constant. Both must stand in the function, or at module level, that the
    line belongs to.
    """
    return _last([n for n in _own(scope_around(tree, line)) if getattr(n, "lineno", line + 1) <= line])


def assigned_elsewhere(tree: ast.Module, names: Collection[str]) -> ast.Call | None:
    """The last such call of a function, where its receiver has one of these names: `state` for `self.state`."""
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            call = _last(list(_own(function)))
            if call is not None and _name(call) in names:
                return call
    return None


def named_at(tree: ast.Module, line: int, column: int) -> str:
    """The last name that what is made at a place is given: `state` in `self.state = tf.Variable(...)`; "" for none."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or len(node.targets) > 1:
            continue
        value = node.value
        end = (value.end_lineno or value.lineno, value.end_col_offset or value.col_offset)
        if (value.lineno, value.col_offset) <= (line, column) < end:
            return ast.unparse(node.targets[0]).rpartition(".")[2]
    return ""


def _name(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return ast.unparse(call.func.value).rpartition(".")[2]


def _last(nodes: list[ast.AST]) -> ast.Call | None:
    """The last call among nodes that writes into what one of them reads further down."""
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
