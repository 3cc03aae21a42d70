"""Choices of all that is no tensor: the receiver, models, optimizers, plain values."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .choices import mixtures
from .definitions import is_static
from .module import Module
from .objects import Objects
from .receivers import receivers
from .roles import role
from .specs import Spec, floats, ints
from .uses import Use


@dataclass(frozen=True)
class Frame:
    """One choice: the receiver, and the arguments that are no tensors."""

    receiver: Spec | None
    objects: Mapping[str, Spec]


def frames(objects: Objects, uses: Mapping[str, Use], signature: Mapping[str, Spec]) -> Iterator[Frame]:
    """The likeliest first."""
    ways = _receivers(objects)
    options: dict[str, list[Spec]] = {}
    for name, use in uses.items():
        if use.optional and role(use) == "scalar":
            if _is_many(use) and ("counted" in use.flags or "range" in use.ops):
                options[name] = [{"kind": "value", "value": 2}]
        elif not use.optional and name not in signature and (found := objects.options(use)):
            options[name] = found
    for total in range(8):
        for index, receiver in enumerate(ways):
            for rank, choice in enumerate(mixtures(options, 8)):
                if index + rank == total:
                    yield Frame(receiver, choice)


def _receivers(objects: Objects) -> list[Spec | None]:
    module = objects.module
    if module.factory is not None:
        name, pick = module.factory.name, module.function.name
        ways = objects.arguments(name, module.factory)
        return [{"kind": "call", "name": name, "args": args, "pick": pick} for args in ways]
    if module.owner is not None:
        own = receivers(objects, module.owner)
        return [{"kind": "name", "name": module.owner.name}] if is_static(module.function) else [*own]
    return [None]


def _is_many(use: Use) -> bool:
    """Whether a parameter's default is a number of rounds that would take long."""
    default = use.default
    return isinstance(default, ast.Constant) and isinstance(default.value, int) and default.value > 10


def signature_of(module: Module, uses: Mapping[str, Use], batch: int) -> dict[str, Spec]:
    """The specs that `tf.function(input_signature=...)` writes down."""
    for mark in module.function.decorator_list:
        for word in mark.keywords if isinstance(mark, ast.Call) else []:
            if word.arg == "input_signature":
                with contextlib.suppress(Exception):  # a piece of the user's code is evaluated
                    wanted = module.evaluated(word.value)
                    return {name: _of_signature(one, batch) for name, one in zip(uses, wanted, strict=False)}
    return {}


def _of_signature(wanted: Any, batch: int) -> Spec:
    """A spec out of a TensorSpec, or out of a structure of them."""
    if isinstance(wanted, dict):
        return {"kind": "dict", "items": {key: _of_signature(one, batch) for key, one in wanted.items()}}
    if isinstance(wanted, (list, tuple)):
        kind = "tuple" if isinstance(wanted, tuple) else "list"
        return {"kind": kind, "items": [_of_signature(one, batch) for one in wanted]}
    dims = wanted.shape.as_list() if wanted.shape.rank is not None else [None, 8]
    shape = [(batch if not i else 8) if dim is None else dim for i, dim in enumerate(dims)]
    dtype = wanted.dtype.name
    return ints(shape, 2, dtype) if wanted.dtype.is_integer else floats(shape, dtype)
