"""Whether a text could lose a term of a target: a cheap look, before anything is run for it."""

from __future__ import annotations

import ast

from gradfix.scan.names import Names
from gradfix.scan.steps import parsed

_METHODS = ("numpy", "item", "tolist")
_FUNCTIONS = ("tensorflow.numpy_function", "tensorflow.py_function", "tensorflow.compat.v1.py_func")


def may_lose_a_term(text: str) -> bool:
    """Whether values leave TensorFlow inside a `with` block or a function, and sums are made in the same file.

    Takes the text of a module. Metrics that are printed at module level are none of it.
    """
    if not any(word in text for word in ("numpy", "float(", ".item(", ".tolist(", "py_func")):
        return False
    tree = parsed(text)
    names = Names(tree)
    blocks = [n for n in ast.walk(tree) if isinstance(n, (ast.With, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))]
    return any(isinstance(node, ast.Call) and _leaves(node, names) for block in blocks for node in ast.walk(block))


def has_difference(expression: str) -> bool:
    """Whether something is subtracted in an expression. Takes its text; one that does not parse has none."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    return any(isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) for node in ast.walk(tree))


def _leaves(call: ast.Call, names: Names) -> bool:
    if isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS and not call.args:
        return True
    name = names.resolve(call.func)
    return name == "float" or name in _FUNCTIONS or name.startswith("numpy.") or "convert_to_numpy" in name
