"""Upper bounds of whole numbers."""

from __future__ import annotations

import ast

import numpy as np

from .scene import Scene
from .uses import Use
from .watching import leaves_of


def bound(use: Use, scene: Scene) -> int | None:
    """An exclusive upper bound, where the code takes the value for whole numbers."""
    for op, call in use.ops.items():
        where = {"one_hot": 0, "to_categorical": 0, "gather": 1, "embedding_lookup": 1}.get(op)
        if where is None:
            continue
        others = [*call.args[:where], *call.args[where + 1 :], *(word.value for word in call.keywords)]
        at = call.args[where] if where < len(call.args) else None
        if at is None and op != "one_hot":
            continue
        names = {part.id for part in ast.walk(at) if isinstance(part, ast.Name)} if at is not None else {use.name}
        if op == "gather" and use.name not in names:
            continue
        for other in others[:1]:
            try:
                value = scene.module.evaluated(other, scene.live)
                return int(value) if np.ndim(value) == 0 else int(value.shape[0])
            except Exception:  # whatever evaluating a piece of the user's code raises
                continue
        return 2
    return 2 if "index" in use.flags else None


def classes(use: Use, scene: Scene) -> int:
    """The number of classes in what a value is compared with, or else in what was called last."""
    for _, out in use.targets:
        for shape, _dtype in leaves_of(scene.output(out)):
            return shape[-1] if len(shape) > 1 and shape[-1] > 1 else 2
    last = next((shape for tree in reversed(scene.known.order) for shape, _ in leaves_of(tree)), None)
    return last[-1] if last and len(last) > 1 and last[-1] > 1 else 2
