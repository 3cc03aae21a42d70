"""Finds the requests whose None is expected: the code looks for it."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from gradfix.scan.names import statements
from gradfix.scan.walk import children, walk

_ASKING = ("gradient", "jacobian", "batch_jacobian", "gradients")
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Scope = ast.Module | _Function


def handled_lines(tree: ast.Module, asking: Sequence[int] | None = None, *, unconnected: bool = True) -> set[int]:
    """The lines of calls whose result is compared with None, as in `[g for g in grads if g is not None]`, and of
    those that say what unconnected sources are to get.

    Where it is known on which lines something is asked (`asking`, sorted), scopes without one are passed over; where
    the text has no word of `unconnected` gradients, nobody looks for them.
    """
    functions = [node for node in statements(tree.body, asking) if isinstance(node, _Function)]
    scopes: list[_Scope] = [f for f in functions if asking is None or _is_near(f, asking)]
    if asking is None or any(not any(_is_near(f, [line]) for f in functions) for line in asking):
        scopes.append(tree)
    lines = {line for scope in scopes for line in _in_scope(scope)}
    if unconnected:
        calls = (n for n in walk(tree) if isinstance(n, ast.Call))
        lines |= {n.lineno for n in calls if any(k.arg == "unconnected_gradients" for k in n.keywords)}
    return lines


def _is_near(function: _Function, asking: Sequence[int]) -> bool:
    """Whether one of the lines is in a function."""
    at = bisect_left(asking, function.lineno)
    return at < len(asking) and asking[at] <= (function.end_lineno or function.lineno)


def _in_scope(scope: _Scope) -> set[int]:
    nodes = list(_own_nodes(scope))
    demanded = {id(compare) for node in nodes for compare in _demanded(node)}
    compared = {
        name.id
        for node in nodes
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Is, ast.IsNot)) and _is_none(node)
        if id(node) not in demanded
        for name in walk(node.left)
        if isinstance(name, ast.Name)
    }
    if not compared:
        return set()
    lines: set[int] = set()
    loops = [loop for node in nodes if (loop := _loop(node))]
    for node in nodes:
        if isinstance(node, ast.Assign) and (asked := _asked_in(node)):
            names = {n.id for t in node.targets for n in walk(t) if isinstance(n, ast.Name)}
            lines |= asked if compared & _spread(names, loops) else set()
    for target, iterable in loops:
        if compared & _bound(target):
            lines |= _asked_in(iterable)
    return lines


def _demanded(node: ast.AST) -> list[ast.Compare]:
    """What is compared only to stop at a None: there the gradient is wanted, and no None expected."""
    if isinstance(node, ast.Assert):
        wanted: type[ast.cmpop] = ast.IsNot
    elif isinstance(node, ast.If) and isinstance(node.body[-1], ast.Raise):
        wanted = ast.Is
    else:
        return []
    return [n for n in walk(node.test) if isinstance(n, ast.Compare) and isinstance(n.ops[0], wanted)]


def _own_nodes(scope: _Scope) -> Iterator[ast.AST]:
    """What a scope holds, without the functions and classes in it."""
    queue = children(scope)
    while queue:
        node = queue.pop()
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node
            queue += children(node)


def _spread(names: set[str], loops: list[tuple[ast.expr, ast.expr]]) -> set[str]:
    """`names`, and the loop variables that take their elements."""
    spread = set(names)
    for target, iterable in loops:
        if names & {n.id for n in walk(iterable) if isinstance(n, ast.Name)}:
            spread |= _bound(target)
    return spread


def _loop(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """Target and iterable of a loop or of a comprehension's clause."""
    return (node.target, node.iter) if isinstance(node, (ast.For, ast.comprehension)) else None


def _bound(target: ast.expr) -> set[str]:
    return {n.id for n in walk(target) if isinstance(n, ast.Name)}


def _is_none(node: ast.Compare) -> bool:
    return isinstance(node.comparators[0], ast.Constant) and node.comparators[0].value is None


def _asked_in(node: ast.AST) -> set[int]:
    """The lines of the calls below a node that ask for gradients."""
    return {n.lineno for n in walk(node) if isinstance(n, ast.Call) and _asks(n)}


def _asks(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKING
