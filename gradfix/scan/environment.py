"""Reads off the text which environment variables a file sets before TensorFlow is imported.

The warm worker has imported TensorFlow already; such a file needs a process of its own, started with them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gradfix.scan.names import Names

PREFIXES = ("KERAS_", "TF_", "XLA_", "CUDA_")
KEPT = ("CUDA_VISIBLE_DEVICES", "TF_CPP_MIN_LOG_LEVEL")
"""What gradfix sets itself: GPUs are hidden and logs are quiet whatever the file says."""


def environment_of(tree: ast.Module) -> dict[str, str]:
    """The variables of TensorFlow and Keras that a module sets to constants at module level."""
    names = Names(tree)
    found = {}
    for name, value in _assignments(tree, names):
        if name.startswith(PREFIXES) and name not in KEPT:
            found[name] = value
    return found


def _assignments(tree: ast.Module, names: Names) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            target = node.targets[0]
            pair = (target.slice, node.value) if names.resolve(target.value) == "os.environ" else None
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and len(node.value.args) == 2:
            called = names.resolve(node.value.func)
            setters = ("os.environ.setdefault", "os.putenv", "os.environ.__setitem__")
            pair = (node.value.args[0], node.value.args[1]) if called in setters else None
        else:
            continue
        if pair and all(isinstance(p, ast.Constant) and isinstance(p.value, str) for p in pair):
            yield pair[0].value, pair[1].value  # type: ignore[attr-defined]
