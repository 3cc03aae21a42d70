"""Finds the functions of a module that call one of its functions."""

from __future__ import annotations

import ast


def callers_of(tree: ast.Module, qualname: str) -> tuple[str, ...]:
    """Qualified names of functions and methods that call `qualname` by its own name, in the order of the text."""
    name = qualname.rpartition(".")[2]
    found: list[str] = []
    _walk(tree, "", name, found)
    return tuple(f for f in dict.fromkeys(found) if f != qualname)


def _walk(node: ast.AST, prefix: str, name: str, found: list[str]) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if any(_calls(inner, name) for inner in ast.walk(child)):
                found.append(prefix + child.name)
        elif isinstance(child, ast.ClassDef):
            _walk(child, f"{prefix}{child.name}.", name, found)


def _calls(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    return (isinstance(function, ast.Name) and function.id == name) or (
        isinstance(function, ast.Attribute) and function.attr == name
    )
