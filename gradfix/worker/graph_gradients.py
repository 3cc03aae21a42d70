"""Answers `tf.gradients` where a tf.function runs eagerly: it is defined for graphs only.

A tape that records from the beginning of the outermost tf.function takes the graph's place. It knows the variables
and the tensors that the function is given; of a tensor that came into being later it cannot tell.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import backprop, def_function


class Unknown(Exception):
    """The tape cannot tell whether there is a gradient. `gradients` has zeros where that is so."""

    def __init__(self, gradients: list[Any]) -> None:
        super().__init__("a source that the tape did not watch")
        self.gradients = gradients


class GraphGradients:
    """`tape` is the one that records a tf.function which runs eagerly, None outside of one."""

    def __init__(self) -> None:
        self.tape: Any = None
        self.gradient = backprop.GradientTape.gradient  # as it is before requests are watched

    def install(self) -> None:
        """Wraps the call of functions."""
        call, outer = def_function.Function.__call__, self

        @functools.wraps(call)
        def called(self: Any, *args: Any, **kwargs: Any) -> Any:
            if outer.tape is not None or not tf.executing_eagerly() or not tf.config.functions_run_eagerly():
                return call(self, *args, **kwargs)
            with backprop.GradientTape(persistent=True) as outer.tape:
                for tensor in _tensors([args, kwargs, *_closure(self)]):
                    outer.tape.watch(tensor)
                try:
                    return call(self, *args, **kwargs)
                finally:
                    outer.tape = None

        def_function.Function.__call__ = called

    def ask(self, ys: Any, xs: Any, grad_ys: Any = None, **options: Any) -> list[Any]:
        """What `tf.gradients` would answer. Raises Unknown."""
        sources = tf.nest.flatten(xs)
        given = None if grad_ys is None else tf.nest.flatten(grad_ys)
        with self.tape.stop_recording():
            unconnected = options.get("unconnected_gradients", tf.UnconnectedGradients.NONE)
            found = self.gradient(self.tape, tf.nest.flatten(ys), sources, given, unconnected)
        known = [g is not None or not isinstance(s, tf.Tensor) for g, s in zip(found, sources, strict=True)]
        if not all(known):
            raise Unknown([g if ok else tf.zeros_like(s) for g, ok, s in zip(found, known, sources, strict=True)])
        return list(found)


def _closure(function: Any) -> list[Any]:
    """What a function refers to around it."""
    try:
        around = inspect.getclosurevars(inspect.unwrap(function.python_function))
    except (TypeError, ValueError):
        return []
    return [*around.nonlocals.values(), *around.globals.values()]


def _tensors(values: list[Any]) -> list[Any]:
    flat = [part for value in values if not isinstance(value, type) for part in tf.nest.flatten(value)]
    return [part for part in flat if isinstance(part, tf.Tensor) and part.dtype.is_floating]
