"""Names: dotted paths as text, whether they touch, and fresh names for new variables."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

import libcst as cst


def dotted(node: cst.CSTNode) -> str | None:
    """Takes an expression; returns `a.b.c` for a name or a chain of attributes on a name, else None."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = dotted(node.value)
        return None if base is None else f"{base}.{node.attr.value}"
    return None


def base_path(node: cst.CSTNode) -> str | None:
    """Takes an expression; returns the dotted path it starts from: `a.b` for `a.b[0].c()`, None for `f()`."""
    path = dotted(node)
    if path is not None:
        return path
    if isinstance(node, cst.Attribute | cst.Subscript):
        return base_path(node.value)
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        return base_path(node.func.value)
    return None


def touching(paths: Iterable[str], others: Iterable[str]) -> bool:
    """Takes two sets of dotted paths; returns whether one of either begins one of the other."""
    dots = [f"{other}." for other in others]
    return any(f"{path}.".startswith(dot) or dot.startswith(f"{path}.") for path in paths for dot in dots)


def root(path: str) -> str:
    """Takes a dotted path; returns the name that it starts with."""
    return path.partition(".")[0]


def parameters(params: cst.Parameters) -> list[str]:
    """Takes a function's parameters; returns their names."""
    every: list[cst.Param | cst.ParamStar | cst.MaybeSentinel | str | None] = [
        *params.posonly_params,
        *params.params,
        params.star_arg,
        *params.kwonly_params,
        params.star_kwarg,
    ]
    return [param.name.value for param in every if isinstance(param, cst.Param)]


def fresh_name(module: cst.Module, *wishes: str) -> str:
    """Takes names, the best first; returns the first that the module uses nowhere, or the last, numbered."""
    collector = _Names()
    module.visit(collector)
    for wish in wishes:
        if wish not in collector.names:
            return wish
    return next(name for n in count(2) if (name := f"{wishes[-1]}_{n}") not in collector.names)


class _Names(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:
        self.names.add(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        # `model.loss` leaves the name `loss` free.
        node.value.visit(self)
        return False
