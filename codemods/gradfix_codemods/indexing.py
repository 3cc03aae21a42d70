"""Puts an index by a list or an array into TensorFlow's words: a tensor takes numbers and slices alone."""

from __future__ import annotations

import libcst as cst

from gradfix_codemods.asked import assignments
from gradfix_codemods.edits import Build
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted
from gradfix_codemods.trees import Tree

_TRUTHS = frozenset({"isnan", "isfinite", "isinf", "greater", "greater_equal", "less", "less_equal", "equal"})
_COUNTS = ("numpy.arange", "range")
_DEPTH = 3


def gathering(tree: Tree, imports: Imports, node: cst.Subscript) -> Build | None:
    """Takes `x[...]`; returns what makes `tf.gather` of it, None where a tensor takes the index as it is.

    `x[[0, 2]]` and `x[:, places]` choose along one axis, `x[np.arange(n), labels]` one of each row.
    """
    parts = [element.slice for element in node.slice]
    many = [i for i, part in enumerate(parts) if isinstance(part, cst.Index) and _many(tree, imports, part.value)]
    whole = [i for i, part in enumerate(parts) if isinstance(part, cst.Slice) and _is_whole(part)]
    gather, code = imports.reach("tensorflow.gather", node), tree.module.code_for_node
    if len(many) == 1 and whole == list(range(len(parts) - 1)) and many == [len(parts) - 1]:
        axis = f", axis={many[0]}" if many[0] else ""
    elif len(parts) == 2 and 0 in many and isinstance(parts[1], cst.Index) and _counts(imports, parts[0]):
        axis = ", axis=1, batch_dims=1"
    else:
        return None
    last = parts[-1]
    assert isinstance(last, cst.Index)

    def build(new: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(new, cst.Subscript)
        text = f"{gather}({code(new.value)}, {code(last.value)}{axis})"
        return cst.parse_expression(text, tree.module.config_for_parsing)

    return build


def pointing(tree: Tree, imports: Imports, node: cst.Subscript) -> Build | None:
    """Takes `x[rows, columns]`; returns what makes `tf.gather_nd` of it, should these be arrays; else None."""
    parts = [element.slice for element in node.slice]
    places = [part.value for part in parts if isinstance(part, cst.Index) and part.star is None]
    if len(parts) < 2 or len(places) < len(parts) or not all(isinstance(p, _UNKNOWN) for p in places):
        return None
    code = tree.module.code_for_node
    listed = ", ".join(code(place) for place in places)
    gather, stack = (imports.reach(f"tensorflow.{name}", node) for name in ("gather_nd", "stack"))

    def build(new: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(new, cst.Subscript)
        text = f"{gather}({code(new.value)}, {stack}([{listed}], axis=-1))"
        return cst.parse_expression(text, tree.module.config_for_parsing)

    return build


_UNKNOWN = (cst.Name, cst.Attribute, cst.Subscript, cst.Call)
"""Expressions whose text does not say whether they are numbers or arrays."""


def _many(tree: Tree, imports: Imports, index: cst.BaseExpression, depth: int = 0) -> bool:
    """Whether an index is a list of places: written down, made by NumPy, or the name of such."""
    if isinstance(index, cst.List):
        return all(isinstance(e.value, cst.Integer | cst.UnaryOperation | cst.Name) for e in index.elements)
    if isinstance(index, cst.Call):
        origin = imports.origin(index.func)
        made = origin.startswith("numpy.") and origin.rpartition(".")[2].removeprefix("logical_") not in _TRUTHS
        return (made and not origin.startswith("numpy.logical_")) or _counts(imports, cst.Index(index))
    path = dotted(index)
    if path is None or depth > _DEPTH:
        return False
    made_of = [made.value for made in assignments(tree, path)]
    return bool(made_of) and all(_many(tree, imports, value, depth + 1) for value in made_of)


def _counts(imports: Imports, part: cst.BaseSlice) -> bool:
    """Whether an index counts the rows: `np.arange(n)`, `range(n)`."""
    value = part.value if isinstance(part, cst.Index) else None
    if not isinstance(value, cst.Call) or len(value.args) != 1:
        return False
    return (imports.origin(value.func) or dotted(value.func)) in _COUNTS


def _is_whole(part: cst.Slice) -> bool:
    return part.lower is None and part.upper is None and part.step is None
