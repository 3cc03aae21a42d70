"""Names the operation that stands at a place, as a user would look it up."""

from __future__ import annotations

import ast

from gradfix.scan.names import Names

_SIGNS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.USub: "-",
}
_SHORT = {"numpy": "np", "tensorflow": "tf"}


def operation_at(tree: ast.Module, line: int, column: int, end_line: int, end_column: int) -> str:
    """The public name of the operation at a range (lines from 1, columns from 0 in UTF-8 bytes, as `ast` has them).

    `tf.where` and `np.where` for calls, however they were imported; `.numpy()` for methods of values; the sign of an
    operator; "" where no expression has that range.
    """
    for node in ast.walk(tree):
        if isinstance(node, (ast.expr, ast.AugAssign)):
            here = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
            if here == (line, column, end_line, end_column):
                return _operation(node, Names(tree))
    return ""


def _operation(node: ast.AST, names: Names) -> str:
    if isinstance(node, ast.Call):
        return _called(node.func, names)
    if isinstance(node, (ast.BinOp, ast.UnaryOp)):
        return _SIGNS.get(type(node.op), type(node.op).__name__.lower())
    if isinstance(node, ast.AugAssign):
        return _SIGNS.get(type(node.op), "") + "="
    if isinstance(node, ast.Compare):
        return _SIGNS.get(type(node.ops[0]), "comparison")
    if isinstance(node, ast.Subscript):
        return "[]"
    if isinstance(node, (ast.Attribute, ast.Name)):
        return ast.unparse(node)
    return ""


def _called(function: ast.expr, names: Names) -> str:
    dotted = names.resolve(function)
    first, _, rest = dotted.partition(".")
    root = function
    while isinstance(root, ast.Attribute):
        root = root.value
    imported = isinstance(root, ast.Name) and root.id in names.aliases
    if imported and rest:
        return f"{_SHORT.get(first, first)}.{rest}"
    if isinstance(function, ast.Attribute) and not imported:
        return f".{function.attr}()"
    return dotted or ast.unparse(function)
