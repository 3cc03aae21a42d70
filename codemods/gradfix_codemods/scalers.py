"""The scalers of scikit-learn are two numbers for each column: what they do to an array is done to a tensor by these.

The attributes are those of the documentation of `sklearn.preprocessing`: `X_scaled = X * scale_ + min_` for a
MinMaxScaler, `z = (x - mean_) / scale_` for a StandardScaler, and so on.
"""

from __future__ import annotations

import libcst as cst

from gradfix_codemods.edits import Build
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted
from gradfix_codemods.trees import Tree

_FORMULAS = {
    ("StandardScaler", "transform"): "({x} - {s}.mean_) / {s}.scale_",
    ("StandardScaler", "inverse_transform"): "{x} * {s}.scale_ + {s}.mean_",
    ("MinMaxScaler", "transform"): "{x} * {s}.scale_ + {s}.min_",
    ("MinMaxScaler", "inverse_transform"): "({x} - {s}.min_) / {s}.scale_",
    ("MaxAbsScaler", "transform"): "{x} / {s}.scale_",
    ("MaxAbsScaler", "inverse_transform"): "{x} * {s}.scale_",
    ("RobustScaler", "transform"): "({x} - {s}.center_) / {s}.scale_",
    ("RobustScaler", "inverse_transform"): "{x} * {s}.scale_ + {s}.center_",
}
_CLASSES = frozenset(name for name, _ in _FORMULAS)
_ATOMS = cst.Name | cst.Attribute | cst.Call | cst.Subscript


def scaling(tree: Tree, imports: Imports, call: cst.Call) -> Build | None:
    """Takes a call; returns what does the same to a tensor, should it be one of `scaler.inverse_transform(x)`."""
    method, scaler = call.func, dotted(call.func.value) if isinstance(call.func, cst.Attribute) else None
    if not isinstance(method, cst.Attribute) or scaler is None or len(call.args) != 1 or call.args[0].star:
        return None
    formula = _FORMULAS.get((_class_of(tree, imports, scaler), method.attr.value))
    if formula is None:
        return None

    def build(new: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(new, cst.Call)
        value = new.args[0].value
        code = tree.module.code_for_node(value)
        text = formula.format(x=code if isinstance(value, _ATOMS) or value.lpar else f"({code})", s=scaler)
        return cst.parse_expression(text, tree.module.config_for_parsing)

    return build


def _class_of(tree: Tree, imports: Imports, scaler: str) -> str:
    """The class of a scaler by its assignments; for one that comes from elsewhere the only one that the file makes."""
    made: dict[str, set[str]] = {}
    for node in tree.places:
        if isinstance(node, cst.Call) and (name := imports.origin(node.func)).startswith("sklearn.preprocessing."):
            made.setdefault(name.rpartition(".")[2], set()).update(_names_of(tree, node))
    here = [kind for kind, names in made.items() if scaler in names] or [kind for kind in made if kind in _CLASSES]
    return here[0] if len(here) == 1 else ""


def _names_of(tree: Tree, made: cst.Call) -> set[str]:
    """The names that the result of a call is given: `a = f()`, `a, b = f(), g()`, `a = f().fit(x)`."""
    found: set[str] = set()
    node: cst.CSTNode = made
    while isinstance(tree.parents.get(node), cst.Attribute | cst.Call | cst.Element | cst.Tuple):
        node = tree.parents[node]
    assign = tree.parents.get(node)
    for each in assign.targets if isinstance(assign, cst.Assign) else ():
        targets, values = each.target, assign.value if isinstance(assign, cst.Assign) else None
        if isinstance(targets, cst.Tuple) and isinstance(values, cst.Tuple):
            pairs = zip(targets.elements, values.elements, strict=False)
            found |= {dotted(t.value) or "" for t, v in pairs if made is v.value or made in tree.ancestors(v.value)}
        else:
            found.add(dotted(targets) or "")
    return found
