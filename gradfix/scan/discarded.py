"""Whether code takes some of a call's results on purpose, and leaves the others."""

from __future__ import annotations

import ast


def takes_some(tree: ast.Module, line: int, column: int, end_line: int, end_column: int) -> bool:
    """Whether the call at a range (lines from 1, columns from 0 in UTF-8 bytes) gives more than is taken, knowingly.

    `model(x)[0]`, `model(x).logits`, `scores, _ = model(x)`, or a name that is only ever read as `outputs["logits"]`.
    A result with a name of its own that nothing reads is no such thing: it may have been forgotten.
    """
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    place = (line, column, end_line, end_column)
    for node, parent in parents.items():
        if isinstance(node, ast.Call) and place == (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset):
            if _picked(node, parent):
                return True
            if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
                return _named_some(parent.targets[0], tree, parents)
    return False


def _picked(node: ast.AST, parent: ast.AST) -> bool:
    """Whether a part is read that the text names: the `task` of `outputs[task]` may go through them all."""
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return not any(isinstance(n, (ast.Name, ast.Call)) for n in ast.walk(parent.slice))
    return isinstance(parent, ast.Attribute) and parent.value is node


def _named_some(target: ast.expr, tree: ast.Module, parents: dict[ast.AST, ast.AST]) -> bool:
    if isinstance(target, (ast.Tuple, ast.List)):
        names = [t.value if isinstance(t, ast.Starred) else t for t in target.elts]
        left = [n.id for n in names if isinstance(n, ast.Name) and n.id.startswith("_")]
        read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        return bool(left) and all(not isinstance(n, ast.Name) or n.id.startswith("_") or n.id in read for n in names)
    if isinstance(target, ast.Name):
        loads = [
            n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == target.id and isinstance(n.ctx, ast.Load)
        ]
        return bool(loads) and all(_picked(n, parents[n]) for n in loads)
    return False
