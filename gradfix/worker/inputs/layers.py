"""Live models and layers: what is one, and what it takes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from .specs import Spec, floats, ints


def is_model(value: Any) -> bool:
    if isinstance(value, (type, tf.keras.optimizers.Optimizer, tf.keras.metrics.Metric)):
        return False
    return isinstance(value, (tf.keras.layers.Layer, tf.Module)) and not isinstance(value, tf.Variable)


def has(value: Any, name: str) -> bool:
    """Whether a value has an attribute, if only later: Keras 2 raises for the variables of a model not built yet."""
    try:
        return hasattr(value, name)
    except ValueError:
        return True


def flat_layers(layer: Any) -> list[Any]:
    """A layer and all that it is made of."""
    return list(layer._flatten_layers()) if hasattr(layer, "_flatten_layers") else [layer]


def least_embedding(objects: Iterable[Any]) -> int | None:
    """The smallest number of rows of the embeddings in some objects: ids must be below it."""
    layers = [one for value in objects if isinstance(value, tf.keras.layers.Layer) for one in flat_layers(value)]
    return min((one.input_dim for one in layers if isinstance(one, tf.keras.layers.Embedding)), default=None)


def inputs_of(layer: Any, batch: int) -> list[tuple[str, Spec]] | None:
    """The inputs that a built model or layer takes, by name."""
    try:
        symbolic = layer.inputs if isinstance(layer, tf.keras.Model) else None
    except (AttributeError, ValueError):
        symbolic = None
    flat = flat_layers(layer)
    if symbolic:
        embeddings = [one for one in flat if isinstance(one, tf.keras.layers.Embedding)]
        return [_symbolic(one, embeddings, batch) for one in tf.nest.flatten(symbolic)]
    for one in flat:
        weights = one.weights if getattr(one, "built", False) and not getattr(one, "layers", None) else []
        if isinstance(one, tf.keras.layers.Embedding):
            return [("x", ints([batch] if one is layer else [batch, 8], one.input_dim))]
        if weights and isinstance(one, tf.keras.layers.Conv2D):
            return [("x", floats([batch, 32, 32, weights[0].shape[2]]))]
        if weights and isinstance(one, (tf.keras.layers.Dense, tf.keras.layers.LSTM, tf.keras.layers.GRU)):
            middle = [] if isinstance(one, tf.keras.layers.Dense) else [8]
            return [("x", floats([batch, *middle, weights[0].shape[0]], one.compute_dtype))]
        if weights:
            return None
    return None


def _symbolic(symbolic: Any, embeddings: list[Any], batch: int) -> tuple[str, Spec]:
    """One declared input of a model: whole numbers if an embedding takes it."""
    dims, dtype = list(symbolic.shape), tf.as_dtype(symbolic.dtype).name
    unknown = 8 if len(dims) < 4 else 32
    shape = [dims[0] or batch, *(unknown if dim is None else dim for dim in dims[1:])]
    reached = []
    for one in embeddings:
        with contextlib.suppress(AttributeError, ValueError, RuntimeError):
            if one.input is symbolic:
                reached.append(one.input_dim)
    whole = dtype.startswith(("int", "uint"))
    name = str(symbolic.name).split(":")[0]
    if whole or reached:
        high = min(reached or [one.input_dim for one in embeddings] or [256 if dtype == "uint8" else 4])
        return name, ints(shape, high, dtype if whole else "int32")
    return name, floats(shape, dtype)
