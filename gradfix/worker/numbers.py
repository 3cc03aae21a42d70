"""Turns targets, sources and gradients into small JSON-able facts: shapes, dtypes, sums, norms."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np
import tensorflow as tf


def _array(value: Any) -> Any:
    """The numbers of an eager tensor, variable or array as a float64 array; None where there are none to see."""
    with contextlib.suppress(Exception):
        with tf.init_scope():  # inside a function's trace, variables can still be read outside of it
            if isinstance(value, tf.Variable):
                value = value.numpy()
        if isinstance(value, tf.IndexedSlices):
            value = tf.convert_to_tensor(value)
        if hasattr(value, "numpy"):
            value = value.numpy()
        array = np.asarray(value)
        if array.dtype.kind in "biuf" or array.dtype.name == "bfloat16":
            return array.astype("float64")
    return None


def as_variable(source: Any) -> Any:
    """The tf.Variable behind a source, or None for a tensor. Keras 3 variables wrap one."""
    inner = getattr(source, "_value", None)
    if isinstance(inner, tf.Variable):
        return inner
    return source if isinstance(source, tf.Variable) else None


PIECE = 4096
"""Numbers of a large variable that are looked at together: models have hundreds of millions."""


def fingerprint(variable: Any) -> tuple[float, ...] | None:
    """A few numbers that change when a variable does; None where it cannot be read."""
    if variable is not None and str(variable.dtype.name) == "float32" and (variable.shape.num_elements() or 0) > PIECE:
        with contextlib.suppress(Exception), tf.init_scope():
            return _of_pieces(variable.numpy().reshape(-1))
    array = None if variable is None else _array(variable)
    if array is None or not array.size:
        return None
    flat = array.reshape(-1)
    return (float(flat.sum()), float(np.abs(flat).sum()), float(flat @ np.cos(np.arange(flat.size))))


def _of_pieces(flat: Any) -> tuple[float, ...]:
    """The fingerprint of many numbers: sums over its pieces, number by number, and what is left behind the last."""
    whole = flat.size // PIECE * PIECE
    sums = flat[:whole].reshape(-1, PIECE).sum(0, dtype="float64")
    squares = float(np.dot(flat, flat))
    rest = float(flat[whole:].sum(dtype="float64"))
    return (float(sums.sum()), squares, float(sums @ np.cos(np.arange(PIECE))), rest)


def of_target(target: Any) -> dict[str, Any]:
    """What is known of a target: its type, and the sum and the sum of sizes of its values where it has some."""
    try:
        flat = tf.nest.flatten(target)
    except Exception:
        flat = [target]
    facts: dict[str, Any] = {
        "type": type(target).__name__,
        "dtypes": sorted({str(getattr(getattr(t, "dtype", None), "name", "")) for t in flat}),
        "shapes": [_shape(t) for t in flat[:8]],
        "tensor": all(tf.is_tensor(t) or as_variable(t) is not None for t in flat),
        "value": None,
    }
    arrays = [_array(t) for t in flat]
    if flat and all(a is not None for a in arrays):
        facts["value"] = [_number(sum(a.sum() for a in arrays)), _number(sum(np.abs(a).sum() for a in arrays))]
    return facts


def of_source(source: Any) -> dict[str, Any]:
    """A source's name, kind (variable or tensor), dtype, shape and whether it is trainable."""
    variable = as_variable(source)
    name = getattr(source, "path", None) or ""
    if not name:
        with contextlib.suppress(Exception):  # an eager tensor's name raises
            name = str(source.name).split(":")[0]
    dtype = getattr(source, "dtype", None)
    return {
        "name": name,
        "id": id(variable if variable is not None else source),
        "kind": "variable" if variable is not None else "tensor" if tf.is_tensor(source) else type(source).__name__,
        "dtype": str(getattr(dtype, "name", dtype)),
        "shape": _shape(source),
        "trainable": bool(getattr(source, "trainable", True)),
    }


def of_gradient(gradient: Any, source: Any, by_row: bool = False) -> dict[str, Any] | None:
    """None for a gradient that is not there, else its shape, whether it fits its source, and its numbers.

    `by_row`: it is a batch Jacobian, whose rows are those of the source.
    """
    if gradient is None:
        return None
    fits = _fits(gradient, source, by_row)
    facts: dict[str, Any] = {"shape": _shape(gradient), "fits": fits, "norm": None, "sum": None}
    array = _array(gradient)
    if array is not None:
        facts["norm"] = _number(np.sqrt(np.sum(array * array)))
        facts["sum"] = _number(array.sum())
        facts["finite"] = bool(np.all(np.isfinite(array)))
        facts["zero"] = bool(not np.any(array))
    return facts


def _fits(gradient: Any, source: Any, by_row: bool) -> bool:
    """Whether the gradient may be of its source's shape (a jacobian ends with it; unknown dimensions fit)."""
    got, want = _shape(gradient), _shape(source)
    if got is None or want is None:
        return True
    if by_row:  # the rows come first, and once
        want = want[1:]
    tail = got[len(got) - len(want) :] if len(got) >= len(want) else None
    return tail is not None and all(a == b or a is None or b is None for a, b in zip(tail, want, strict=True))


def _shape(value: Any) -> list[int | None] | None:
    with contextlib.suppress(Exception):
        shape = value.shape
        return [None if d is None else int(d) for d in (shape.as_list() if hasattr(shape, "as_list") else shape)]
    return None


def _number(value: Any) -> float | None:
    """A float that JSON can carry."""
    number = float(value)
    return number if math.isfinite(number) else None
