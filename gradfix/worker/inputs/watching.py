"""Watches what layers, and modules without Keras, return while a step runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from .layers import is_model

Seen = list[tuple[Any, Any]]
"""What was called, and the shapes of what it returned, in the order of the calls."""


def leaves_of(tree: Any) -> list[tuple[tuple[int, ...], str]]:
    if isinstance(tree, dict):
        return [leaf for part in tree.values() for leaf in leaves_of(part)]
    if isinstance(tree, list):
        return [leaf for part in tree for leaf in leaves_of(part)]
    return [tree] if tree is not None else []


def shapes_of(value: Any) -> Any:
    """The shapes and types in the result of a call: dicts and lists of (shape, dtype)."""
    if isinstance(value, dict):
        return {key: shapes_of(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [shapes_of(part) for part in value]
    if isinstance(value, (tf.Tensor, np.ndarray)) and None not in value.shape:
        return tuple(int(dim) for dim in value.shape), tf.as_dtype(value.dtype).name
    return None


@contextlib.contextmanager
def watched(seen: Seen, live: Iterable[Any]) -> Iterator[None]:
    """While it lasts, what the outermost layers return is put in `seen`, and what the modules among `live` return."""
    depth = [0]

    def watching(original: Any) -> Any:
        def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            depth[0] += 1
            try:
                result = original.__get__(layer, type(layer))(*args, **kwargs)
            finally:
                depth[0] -= 1
            if not depth[0]:
                seen.append((layer, shapes_of(result)))
            return result

        return call

    originals = {kind: vars(kind)["__call__"] for kind in [tf.keras.layers.Layer, *_modules(live)]}
    for kind, original in originals.items():
        kind.__call__ = watching(original)
    try:
        yield
    finally:
        for kind, original in originals.items():
            kind.__call__ = original


def _modules(live: Iterable[Any]) -> list[Any]:
    """The classes of modules which are no layers, where they say what a call does."""
    kinds = [kind for value in live if is_model(value) for kind in type(value).__mro__]
    return [kind for kind in kinds if "__call__" in vars(kind) and not issubclass(kind, tf.keras.layers.Layer)]
