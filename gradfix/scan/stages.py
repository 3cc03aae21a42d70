"""Tells a file that trains in stages: what its loop does depends on how far it has come."""

from __future__ import annotations

import ast

SHOWING = frozenset({"print", "info", "log", "save", "save_weights", "write", "debug"})
"""What is done every so often, and changes no loss."""


def in_stages(tree: ast.Module) -> bool:
    """Whether a branch that does more than to show something compares the counter of a loop: `if epoch < WARM_UP`."""
    counters = {name for node in ast.walk(tree) for name in _counters(node)}
    return any(
        isinstance(node, (ast.If, ast.IfExp)) and _compares(node.test, counters) and not _only_shows(node)
        for node in ast.walk(tree)
    )


def _counters(node: ast.AST) -> set[str]:
    """Names that count: targets of loops over `range` and `enumerate`, and what is raised by a number."""
    if isinstance(node, ast.For) and isinstance(node.iter, ast.Call):
        called = node.iter.func
        if getattr(called, "id", getattr(called, "attr", "")) in ("range", "trange", "enumerate", "tqdm"):
            target = node.target.elts[0] if isinstance(node.target, ast.Tuple) else node.target
            return {target.id} if isinstance(target, ast.Name) else set()
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and isinstance(node.value, ast.Constant):
        name = getattr(node.target, "id", getattr(node.target, "attr", ""))
        return {name} if name else set()
    return set()


def _compares(test: ast.expr, counters: set[str]) -> bool:
    """Whether a condition compares a counter itself; every n-th round (`step % 100`) is no stage."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            if any(getattr(side, "id", getattr(side, "attr", None)) in counters for side in sides):
                return True
    return False


def _only_shows(node: ast.If | ast.IfExp) -> bool:
    if isinstance(node, ast.IfExp):
        return False
    return all(_shows(statement) for statement in (*node.body, *node.orelse))


def _shows(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Break, ast.Continue, ast.Pass, ast.Return)):
        return True
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    return getattr(call.func, "id", getattr(call.func, "attr", "")) in SHOWING
