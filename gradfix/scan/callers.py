"""Finds the functions of a module that call one of its functions."""

from __future__ import annotations

import ast

from gradfix.scan.functions import LOCALS, functions_of


def callers_of(tree: ast.Module, qualname: str) -> tuple[str, ...]:
    """Qualified names of functions and methods that call `qualname` by its own name, in the order of the text.

    A function inside of another cannot be called from outside: what it calls counts for the outer one.
    """
    name = qualname.rpartition(".")[2]
    outer = (found for found in functions_of(tree) if LOCALS not in found[0])
    callers = (caller for caller, function in outer if any(_calls(node, name) for node in ast.walk(function)))
    return tuple(c for c in dict.fromkeys(callers) if c != qualname)


def _calls(node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    return (isinstance(function, ast.Name) and function.id == name) or (
        isinstance(function, ast.Attribute) and function.attr == name
    )
