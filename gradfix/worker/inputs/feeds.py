"""Candidates for what is fed to a model: what the model takes."""

from __future__ import annotations

from typing import Any

from .layers import inputs_of, is_model, least_embedding
from .scene import Scene
from .specs import Spec, distinct, ints
from .uses import Use
from .vocabulary import IMAGES


def fed(use: Use, scene: Scene) -> list[Spec]:
    """A value, or a structure of several, for each model that the code feeds it to."""
    found: list[Spec] = []
    for callee, where in use.fed:
        layer = scene.thing(callee)
        if is_model(layer) and where[0] in (0, "inputs", "x"):
            inputs = inputs_of(layer, scene.batch)
            found += _ids(use, layer, scene.batch) if inputs is None else _part(use, layer, inputs, where[1:])
    return distinct(found)


def _ids(use: Use, layer: Any, batch: int) -> list[Spec]:
    """What a model that is not built takes, if it has embeddings."""
    least = least_embedding([layer])
    if not least or IMAGES.search(use.name.lower()):
        return []
    return [ints([batch, 8], least), ints([batch], least), ints([batch, 2], least)]


def _part(use: Use, layer: Any, inputs: list[tuple[str, Spec]], where: tuple[Any, ...]) -> list[Spec]:
    """The input at one place of those that a model takes, or all of them, in a structure that it takes."""
    named: dict[Any, Spec] = {i: spec for i, (_, spec) in enumerate(inputs)}
    named |= dict(inputs)
    if where and where[0] in named:
        return [named[where[0]]]
    if len(inputs) == 1:
        return [inputs[0][1]]
    if where or not inputs:
        return []
    listed: Spec = {"kind": "list", "items": [spec for _, spec in inputs]}
    keyed: Spec = {"kind": "dict", "items": dict(inputs)}
    by_name = isinstance(getattr(layer, "_inputs_struct", None), dict) or "keyed" in use.flags
    return [keyed, listed] if by_name else [listed, keyed, {**listed, "kind": "tuple"}]
