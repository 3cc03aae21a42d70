"""Looks at syntax trees, and puts them in shape for two copies of a body; without recursion, for any depth."""

from __future__ import annotations

import ast


def hoist_declarations(tree: ast.Module) -> None:
    """Puts each `global` and `nonlocal` at the head of its function or class: two copies of a body may not both
    declare a name, the second after the first has bound it. At module level `global` says nothing."""
    for scope in list(ast.walk(tree)):
        if isinstance(scope, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found = _declarations(scope)
            if found and not isinstance(scope, ast.Module):
                first = len(head(scope.body))
                scope.body[first:first] = found


def _declarations(scope: ast.AST) -> list[ast.stmt]:
    """Takes the declarations out of a scope, without the scopes in it; a `pass` stays where each was."""
    found: list[ast.stmt] = []
    stack = [scope]
    while stack:
        node = stack.pop()
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            block = getattr(node, name, None)
            if not isinstance(block, list):  # a lambda has a body too
                continue
            for i, child in enumerate(block):
                if isinstance(child, (ast.Global, ast.Nonlocal)):
                    found.append(child)
                    block[i] = ast.copy_location(ast.Pass(), child)
                elif not isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                    stack.append(child)
    return found


def twins(tree: ast.Module) -> dict[ast.AST, ast.AST]:
    """A copy of each node, made of the copies of its children; without recursion, so for any depth."""
    twins = {node: type(node)() for node in ast.walk(tree)}
    for node, twin in twins.items():
        for name, value in node.__dict__.items():
            if isinstance(value, list):
                value = [twins.get(item, item) if isinstance(item, ast.AST) else item for item in value]
            setattr(twin, name, twins[value] if isinstance(value, ast.AST) else value)
    return twins


def locate(tree: ast.Module) -> None:
    """Gives what was put in the place of what it was put into; without recursion."""
    stack: list[tuple[ast.AST, tuple[int, int, int, int]]] = [(tree, (1, 0, 1, 0))]
    done: set[ast.AST] = set()
    while stack:
        node, place = stack.pop()
        if node in done:
            continue
        done.add(node)
        if "lineno" in node._attributes:
            if "lineno" not in node.__dict__:
                node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = place  # type: ignore[attr-defined]
            place = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        stack += [(child, place) for child in ast.iter_child_nodes(node)]


def imported(tree: ast.Module) -> set[str]:
    """Names that stand for modules or library functions: reading them tells nothing."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(n.asname or n.name).split(".")[0] for n in node.names}
    return names


def head(body: list[ast.stmt]) -> list[ast.stmt]:
    """Docstring, `from __future__` imports and scope declarations, which must stay first."""
    first: list[ast.stmt] = []
    for i, statement in enumerate(body):
        is_docstring = i == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not (is_docstring or is_future or isinstance(statement, (ast.Global, ast.Nonlocal))):
            break
        first.append(statement)
    return first


def depth(node: ast.AST) -> int:
    """How deeply expressions nest below a node, without recursion; nested statements do not count."""
    deepest, stack = 0, [(node, 0)]
    while stack:
        current, depth = stack.pop()
        deepest = max(deepest, depth)
        stack += [(child, depth + 1) for child in ast.iter_child_nodes(current) if not isinstance(child, ast.stmt)]
    return deepest
