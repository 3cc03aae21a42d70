"""Leaves out what only costs time in a run: further epochs and batches of `fit`, XLA that nobody asked for."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from .recorder import Limits

BATCHES = 2
"""Batches for each `fit`: a break may first show at the second, when an update has replaced a variable."""


class FitEnough(Exception):
    """A `fit` has seen its batches."""


def install(limits: Limits) -> None:
    """Wraps `fit` and `compile` of the Keras models that are there. `limits` knows which steps are still to be seen."""
    import keras

    models = [keras.Model]
    import tensorflow as tf

    if tf.keras.Model is not keras.Model:  # tf_keras beside Keras 3
        models.append(tf.keras.Model)
    for model in models:
        _shorten(model, keras if model is keras.Model else tf.keras, limits)


def _shorten(model: Any, keras: Any, limits: Limits) -> None:
    fit, compile_ = model.fit, model.compile
    names = list(inspect.signature(fit).parameters)[1:]

    @functools.wraps(compile_)
    def plain_compile(self: Any, *args: Any, **kwargs: Any) -> Any:
        # Keras 3 compiles with XLA where it can ("auto"): seconds a model, and no other gradients
        if hasattr(self, "jit_compile"):
            kwargs.setdefault("jit_compile", False)
        return compile_(self, *args, **kwargs)

    @functools.wraps(fit)
    def short_fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        logs_seen: dict[str, list[float]] = {}
        kwargs.update(zip(names, args, strict=False))
        given = _listed(kwargs.get("callbacks"))

        class Few(keras.callbacks.Callback):  # type: ignore[misc]
            """Ends the fit after some batches."""

            def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
                if batch + 1 >= BATCHES:
                    for key, value in (logs or {}).items():
                        for name in (key, f"val_{key}"):
                            logs_seen.setdefault(name, []).append(float(value))
                    if not limits.complete():
                        _end(given, keras, {name: values[-1] for name, values in logs_seen.items()})
                    raise FitEnough

        kwargs |= {"verbose": 0, "callbacks": [*given, Few()]}
        try:
            return fit(self, **kwargs)
        except FitEnough:
            history = keras.callbacks.History()
            history.history, history.epoch = logs_seen, [0]
            self.history = history
            return history

    model.fit = short_fit
    if model.compile is compile_:
        model.compile = plain_compile


def _end(callbacks: list[Any], keras: Any, logs: dict[str, float]) -> None:
    """Tells the user's own callbacks that the epoch and the training are over: a step may stand in them."""
    for callback in callbacks:
        own = type(callback).__module__.partition(".")[0] not in ("keras", "tensorflow", "tf_keras")
        if own or isinstance(callback, keras.callbacks.LambdaCallback):
            callback.on_epoch_end(0, dict(logs))
            callback.on_train_end(dict(logs))


def _listed(callbacks: Any) -> list[Any]:
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]
