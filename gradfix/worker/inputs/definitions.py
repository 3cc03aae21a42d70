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


def way_in(chain: Sequence[Function | ast.ClassDef], qualname: str) -> tuple[Sequence[Function | ast.ClassDef], str]:
    """The definitions to go through to get an inner function called: those up to the function that calls it itself.

    A factory, which gives its inner function away, is left in the chain.
    """
    while len(chain) > 1 and isinstance(outer := chain[-2], Function) and not _gives_away(outer, chain[-1].name):
        chain, qualname = chain[:-1], qualname.rpartition(".<locals>.")[0]
    return chain, qualname


def _gives_away(outer: Function, name: str) -> bool:
    """Whether a function returns another one, or does not use it in any other way."""
    uses = [part for part in ast.walk(outer) if isinstance(part, ast.Name) and part.id == name]
    called = [call.func for call in ast.walk(outer) if isinstance(call, ast.Call)]
    handed = [arg for call in ast.walk(outer) if isinstance(call, ast.Call) for arg in call.args]
    given = [
        part for node in ast.walk(outer) if isinstance(node, ast.Return) and node.value for part in _values(node.value)
    ]
    if any(part in given for part in uses):
        return True
    return not any(part in called or part in handed for part in uses)


def _values(node: ast.expr) -> list[ast.expr]:
    """The parts of a returned value that are what they are, and not only called."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return [value for part in node.elts for value in _values(part)]
    if isinstance(node, ast.Dict):
        return [value for part in node.values for value in _values(part)]
    return [node, *node.args] if isinstance(node, ast.Call) else [node]


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
