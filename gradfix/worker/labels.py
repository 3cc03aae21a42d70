"""Goes on where a loss stops because labels and predictions have different shapes, and says so.

Code that is shown to be about gradients often has labels that do not fit its last layer; its gradients can only be
seen once the shapes agree. The labels are then made up in the predictions' shape, and the report names the line.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from .places import Places

SAME_SHAPE = (
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "squared_hinge",
)
ONE_HOT = ("categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge", "kl_divergence")
TF_LOSSES = ("sigmoid_cross_entropy_with_logits", "softmax_cross_entropy_with_logits")


def install(places: Places, emit: Callable[[dict[str, Any]], None]) -> None:
    """Wraps the loss functions whose labels have the shape of the predictions."""
    import keras

    for losses in {id(m): m for m in (keras.losses, tf.keras.losses)}.values():
        for name in dir(losses):  # `MSE`, `mse` and `mean_squared_error` are one function
            function = getattr(losses, name)
            known = getattr(function, "__name__", "")
            if known in SAME_SHAPE and not isinstance(function, type):
                setattr(losses, name, _going_on(function, known, ("y_true", "y_pred"), places, emit))
        _wrap_class(losses.Loss, places, emit)
    for name in TF_LOSSES:
        setattr(tf.nn, name, _going_on(getattr(tf.nn, name), name, ("labels", "logits"), places, emit))


def _wrap_class(loss: Any, places: Places, emit: Callable[[dict[str, Any]], None]) -> None:
    call = loss.__call__

    @functools.wraps(call)
    def wrapped(self: Any, y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
        name = getattr(getattr(self, "fn", None), "__name__", "")
        if name not in SAME_SHAPE:
            return call(self, y_true, y_pred, *args, **kwargs)
        bound = functools.partial(call, self)
        return _going_on(bound, name, ("y_true", "y_pred"), places, emit)(y_true, y_pred, *args, **kwargs)

    loss.__call__ = wrapped


def _going_on(
    original: Callable[..., Any],
    name: str,
    words: tuple[str, str],
    places: Places,
    emit: Callable[[dict[str, Any]], None],
) -> Callable[..., Any]:
    """`original`, which tries again with labels that fit where their shape made it fail."""

    @functools.wraps(original)
    def loss(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        except Exception:
            labels, predictions = _two(args, kwargs, words)
            wanted, got = _static(predictions), _static(labels)
            if wanted is None or got is None or wanted == got:
                raise
            place = places.of_frame(sys._getframe(1))
            emit({"event": "labels", "place": place, "loss": name, "labels": list(got), "predictions": list(wanted)})
            made = _fitting(wanted, predictions.dtype, name)
            if len(args) > 0:
                args = (made, *args[1:])
            else:
                kwargs[words[0]] = made
            return original(*args, **kwargs)

    return loss


def _two(args: tuple[Any, ...], kwargs: dict[str, Any], words: tuple[str, str]) -> tuple[Any, Any]:
    values = [*args[:2], *(kwargs[w] for w in words[len(args) :] if w in kwargs)]
    return (values[0], values[1]) if len(values) == 2 else (None, None)


def _static(value: Any) -> tuple[int, ...] | None:
    shape = getattr(value, "shape", None)
    try:
        return None if shape is None else tuple(int(d) for d in shape)
    except (TypeError, ValueError):  # not known while a graph is traced
        return None


def _fitting(shape: tuple[int, ...], dtype: Any, name: str) -> Any:
    """Labels of a shape: one class a row for losses over classes, else 0 and 1 in turn."""
    if name in (*ONE_HOT, "softmax_cross_entropy_with_logits"):
        rows = int(np.prod(shape[:-1]))
        made = np.eye(shape[-1])[np.arange(rows) % shape[-1]].reshape(shape)
    else:
        made = (np.arange(int(np.prod(shape))) % 2).reshape(shape)
    return tf.cast(tf.constant(made), dtype)
