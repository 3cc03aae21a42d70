"""Walks the functions of a module, each with its name as Python qualifies it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef

LOCALS = "<locals>"


def functions_of(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Every function with its qualified name, in the order of the text: `Trainer.step`, `outer.<locals>.inner`."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, Function):
            yield prefix + child.name, child
            yield from functions_of(child, f"{prefix}{child.name}.{LOCALS}.")
        elif isinstance(child, ast.ClassDef):
            yield from functions_of(child, f"{prefix}{child.name}.")
        elif not isinstance(child, ast.expr):
            yield from functions_of(child, prefix)


def scope_around(tree: ast.Module, line: int) -> ast.AST:
    """The innermost function around a line, or the module."""
    around = [n for n in ast.walk(tree) if isinstance(n, Function) and n.lineno <= line <= (n.end_lineno or n.lineno)]
    return max(around, key=lambda n: n.lineno, default=tree)
