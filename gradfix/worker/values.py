"""The values that are followed: what they are and what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.framework.ops import EagerTensor

LOOKED_INTO = 64
"""Elements of a list, tuple or dict that are looked at."""


def size_of(value: Any) -> int:
    """The size of a value's numbers, where it has them."""
    if isinstance(value, (np.ndarray, np.generic)):
        return int(value.nbytes)
    if isinstance(value, EagerTensor):
        return int(value.dtype.size * value._num_elements())
    return 0


_OWNERS: dict[type, bool] = {}


def owns_variables(value: Any) -> bool:
    """Whether a value is a model, layer or module. Its class is asked: Keras 2 raises for models not built yet."""
    kind = type(value)
    if kind not in _OWNERS:
        _OWNERS[kind] = hasattr(kind, "trainable_variables")
    return _OWNERS[kind]


def variables_of(owner: Any) -> list[Any]:
    """The trainable variables of a model, layer or module; none where it is not built yet."""
    try:
        return list(owner.trainable_variables)
    except (ValueError, AttributeError):
        return []


def is_number(value: Any) -> bool:
    """Whether a value is an eager tensor of floats. (Asking a tape about a symbolic one can crash the process.)"""
    return isinstance(value, EagerTensor) and value.dtype.is_floating


_VALUES = (float, np.generic, np.ndarray, tf.Tensor, tf.Variable, tf.IndexedSlices)


def elements(value: Any, depth: int = 3) -> Iterator[Any]:
    """The TensorFlow and NumPy values in a value: itself, or those in a list, tuple or dict."""
    if isinstance(value, _VALUES):
        yield value
    elif isinstance(value, (list, tuple)):
        if depth:
            for item in value[:LOOKED_INTO] if len(value) <= LOOKED_INTO else (*value[:32], *value[-32:]):
                yield from elements(item, depth - 1)
    elif isinstance(value, dict):
        if depth:
            for item in list(value.values())[:LOOKED_INTO]:
                yield from elements(item, depth - 1)
    elif type(facts := getattr(value, "__dict__", None)) is dict and isinstance(facts.get("_value"), tf.Variable):
        yield value  # a Keras variable
