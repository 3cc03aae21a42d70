"""Names, functions and classes in the syntax tree of a file."""

from __future__ import annotations

import ast
from collections.abc import Sequence

Function = ast.FunctionDef | ast.AsyncFunctionDef


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of names, `C()` of a call at its root; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{base}.{node.attr}" if (base := dotted(node.value)) else ""
    if isinstance(node, ast.Call):
        return f"{base}()" if (base := dotted(node.func)) else ""
    return ""


def find(tree: ast.AST, qualname: str) -> Sequence[Function | ast.ClassDef]:
    """The nested definitions that a qualified name goes through, outermost first; empty if there is no such thing."""
    chain: list[Function | ast.ClassDef] = []
    scope = tree
    for name in (part for part in qualname.split(".") if part != "<locals>"):
        for node in ast.walk(scope):
            if isinstance(node, (Function, ast.ClassDef)) and node.name == name and node is not scope:
                chain.append(node)
                scope = node
                break
        else:
            return []
    return chain


def is_static(function: Function) -> bool:
    return any(dotted(mark) == "staticmethod" for mark in function.decorator_list)


def methods(tree: ast.Module, owner: ast.ClassDef) -> dict[str, Function]:
    """The methods of a class, those of its base classes in the same file included."""
    found: dict[str, Function] = {}
    for base in owner.bases:
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name == dotted(base) and node is not owner:
                found.update(methods(tree, node))
    found.update({node.name: node for node in owner.body if isinstance(node, Function)})
    return found
