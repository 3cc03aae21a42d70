"""Finds the requests whose None is expected: the code looks for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_ASKING = ("gradient", "jacobian", "batch_jacobian", "gradients")
_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


def handled_lines(tree: ast.Module) -> set[int]:
    """The lines of calls whose result is compared with None, as in `[g for g in grads if g is not None]`, and of
    those that say what unconnected sources are to get."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, _Scope):
            lines |= _in_scope(node)
        elif isinstance(node, ast.Call) and any(k.arg == "unconnected_gradients" for k in node.keywords):
            lines.add(node.lineno)
    return lines


def _in_scope(scope: _Scope) -> set[int]:
    nodes = list(_own_nodes(scope))
    compared = {
        name.id
        for node in nodes
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Is, ast.IsNot)) and _is_none(node)
        for name in ast.walk(node.left)
        if isinstance(name, ast.Name)
    }
    if not compared:
        return set()
    lines: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Assign):
            names = {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            if compared & _spread(names, nodes):
                lines |= {n.lineno for n in ast.walk(node) if isinstance(n, ast.Call) and _asks(n)}
        iterated = _loop(node)
        if iterated and compared & _bound(iterated[0]):
            lines |= {n.lineno for n in ast.walk(iterated[1]) if isinstance(n, ast.Call) and _asks(n)}
    return lines


def _own_nodes(scope: _Scope) -> Iterator[ast.AST]:
    """What a scope holds, without the functions and classes in it."""
    queue: list[ast.AST] = list(ast.iter_child_nodes(scope))
    while queue:
        node = queue.pop()
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node
            queue += ast.iter_child_nodes(node)


def _spread(names: set[str], nodes: list[ast.AST]) -> set[str]:
    """`names`, and the loop variables that take their elements."""
    spread = set(names)
    for node in nodes:
        iterated = _loop(node)
        if iterated and names & {n.id for n in ast.walk(iterated[1]) if isinstance(n, ast.Name)}:
            spread |= _bound(iterated[0])
    return spread


def _loop(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """Target and iterable of a loop or of a comprehension's clause."""
    return (node.target, node.iter) if isinstance(node, (ast.For, ast.comprehension)) else None


def _bound(target: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}


def _is_none(node: ast.Compare) -> bool:
    return isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value is None


def _asks(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKING
