"""Finds statements that give the name of a source to something else: `w = w - step * gradient`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import libcst as cst

from gradfix_codemods.asked import Asked, scope_of, source_paths
from gradfix_codemods.naming import base_path, dotted
from gradfix_codemods.trees import Tree

Place: TypeAlias = cst.Name | cst.Attribute | cst.Subscript
Rebinder: TypeAlias = cst.Assign | cst.AugAssign
_MANY = cst.List | cst.ListComp | cst.Dict | cst.DictComp | cst.Tuple
_MAKERS = ("Variable", "add_weight", "add_variable")


@dataclass(frozen=True)
class Rebinding:
    """A statement that rebinds a source: the statement, each source in it and its new value.

    `name` is the path among the sources that the first of them stands for.
    """

    statement: Rebinder
    pairs: tuple[tuple[Place, cst.BaseExpression], ...]
    name: str
    follows: bool


def rebindings(tree: Tree, what: Asked) -> list[Rebinding]:
    """Takes what is asked; returns the statements that rebind its sources: those after the call, then any others.

    A statement elsewhere counts where the new value is made of the old one.
    """
    found = list(_found(tree, what, _names(tree, what)))
    return sorted(found, key=lambda r: not r.follows)


def made_as_variable(tree: Tree, path: str) -> bool:
    """Takes a dotted path; returns whether the file makes a variable under its last name."""
    last = path.rpartition(".")[2]
    for node in tree.places:
        if not isinstance(node, cst.Assign | cst.AnnAssign) or node.value is None:
            continue
        targets = [t.target for t in node.targets] if isinstance(node, cst.Assign) else [node.target]
        names = [(base_path(t) or "").rpartition(".")[2] for target in targets for t in _places(target)]
        if last in names and any(makes_variable(part) for part in _parts(node.value)):
            return True
    return False


def makes_variable(node: cst.CSTNode) -> bool:
    """Takes an expression; returns whether it is a call such as `tf.Variable(...)`."""
    if not isinstance(node, cst.Call):
        return False
    name = node.func.attr.value if isinstance(node.func, cst.Attribute) else dotted(node.func)
    return name in _MAKERS


def _names(tree: Tree, what: Asked) -> set[str]:
    """The sources' paths, and the names of lists that hold them."""
    whole = dotted(what.sources.value) if what.sources else None
    return {*source_paths(tree, what), *([whole] if whole else [])}


def _found(tree: Tree, what: Asked, names: set[str]) -> Iterator[Rebinding]:
    module, home, start = tree.module, scope_of(tree, what.call), tree.places[what.call].end
    items = set()
    if what.sources is not None and isinstance(what.sources.value, cst.List | cst.Tuple):
        items = {module.code_for_node(element.value) for element in what.sources.value.elements}
    for node in tree.places:
        if not isinstance(node, Rebinder):
            continue
        pairs = [pair for pair in _pairs(node) if _is_source(module, pair[0], names, items)]
        if not pairs:
            continue
        place = tree.places[node].start
        follows = scope_of(tree, node) is home and (place.line, place.column) >= (start.line, start.column)
        if not follows and not all(isinstance(node, cst.AugAssign) or mentions(module, *pair) for pair in pairs):
            continue
        if any(makes_variable(value) or isinstance(value, _MANY) for _, value in pairs) or len(pairs) < _width(node):
            continue
        first = pairs[0][0]
        code = module.code_for_node(first)
        yield Rebinding(node, tuple(pairs), code if code in names else base_path(first) or code, follows)


def _is_source(module: cst.Module, place: Place, names: set[str], items: set[str]) -> bool:
    code = module.code_for_node(place)
    if isinstance(place, cst.Subscript):
        return code in items or base_path(place) in names
    return code in names


def _pairs(node: Rebinder) -> list[tuple[Place, cst.BaseExpression]]:
    """What a statement binds, each with its value; nothing where the two cannot be told apart."""
    if isinstance(node, cst.AugAssign):
        return [(node.target, node.value)] if isinstance(node.target, Place) else []
    if len(node.targets) != 1:
        return []
    target, value = node.targets[0].target, node.value
    if isinstance(target, Place):
        return [(target, value)]
    if not isinstance(target, cst.Tuple | cst.List) or not isinstance(value, cst.Tuple | cst.List):
        return []
    if len(target.elements) != len(value.elements):
        return []
    both = zip(target.elements, value.elements, strict=True)
    return [(t.value, v.value) for t, v in both if isinstance(t.value, Place)]


def _width(node: Rebinder) -> int:
    target = node.targets[0].target if isinstance(node, cst.Assign) else node.target
    return len(target.elements) if isinstance(target, cst.Tuple | cst.List) else 1


def mentions(module: cst.Module, place: cst.CSTNode, value: cst.CSTNode) -> bool:
    """Takes a place and an expression; returns whether the expression reads what is at the place."""
    code = module.code_for_node(place)
    return any(isinstance(part, Place) and module.code_for_node(part) == code for part in _parts(value))


def _parts(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _parts(child)


def _places(target: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _places(element.value)
    else:
        yield target
