"""Leaves out what only costs time in a run: further epochs and batches of `fit`, XLA that nobody asked for."""

from __future__ import annotations

import functools
from typing import Any

BATCHES = 2
"""Batches for each `fit`: a break may first show at the second, when an update has replaced a variable."""


class FitEnough(Exception):
    """A `fit` has seen its batches."""


def install() -> None:
    """Wraps `fit` and `compile` of the Keras models that are there."""
    import keras

    models = [keras.Model]
    import tensorflow as tf

    if tf.keras.Model is not keras.Model:  # tf_keras beside Keras 3
        models.append(tf.keras.Model)
    for model in models:
        _shorten(model, keras if model is keras.Model else tf.keras)


def _shorten(model: Any, keras: Any) -> None:
    fit, compile_ = model.fit, model.compile

    @functools.wraps(compile_)
    def plain_compile(self: Any, *args: Any, **kwargs: Any) -> Any:
        # Keras 3 compiles with XLA where it can ("auto"): seconds a model, and no other gradients
        if hasattr(self, "jit_compile"):
            kwargs.setdefault("jit_compile", False)
        return compile_(self, *args, **kwargs)

    @functools.wraps(fit)
    def short_fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        logs_seen: dict[str, list[float]] = {}

        class Few(keras.callbacks.Callback):  # type: ignore[misc]
            """Ends the fit after some batches."""

            def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
                if batch + 1 >= BATCHES:
                    for key, value in (logs or {}).items():
                        for name in (key, f"val_{key}"):
                            logs_seen.setdefault(name, []).append(float(value))
                    raise FitEnough

        if len(args) > 4:  # fit(x, y, batch_size, epochs, verbose, callbacks, ...)
            args = (*args[:4], 0, *args[5:])
        else:
            kwargs["verbose"] = 0
        kwargs["callbacks"] = [*(_listed(kwargs.get("callbacks"))), Few()]
        try:
            return fit(self, *args, **kwargs)
        except FitEnough:
            history = keras.callbacks.History()
            history.history, history.epoch = logs_seen, [0]
            self.history = history
            return history

    model.fit = short_fit
    if model.compile is compile_:
        model.compile = plain_compile


def _listed(callbacks: Any) -> list[Any]:
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]
