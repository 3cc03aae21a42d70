"""Notices gradients that an optimizer is handed for other variables than they were asked of.

`zip(tape.gradient(loss, model.variables), model.trainable_variables)` shifts the pairs after the first moving
statistic; nothing raises, where the shapes happen to agree or the optimizer does not look.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import tensorflow as tf

from . import numbers
from .recorder import Recorder

KEPT = 2
"""Requests whose gradients are remembered: those of one update."""


class Pairing:
    """Compares what a tape gave with what an optimizer is handed."""

    def __init__(self, emit: Callable[[dict[str, Any]], None]) -> None:
        self.emit = emit
        self.known: list[tuple[int, list[tuple[Any, Any]]]] = []

    def install(self, recorder: Recorder) -> None:
        """Listens to the recorder, and wraps `apply_gradients` of the optimizers that are there."""
        recorder.on_gradients.append(self.answered)
        optimizers = {id(o): o for o in (tf.keras.optimizers.Optimizer, *_legacy())}
        for optimizer in optimizers.values():
            self._wrap(optimizer)

    def answered(self, event: dict[str, Any], sources: list[Any], gradients: list[Any]) -> None:
        """Remembers which gradient belongs to which variable."""
        pairs = [(g, numbers.as_variable(s)) for g, s in zip(gradients, sources, strict=False) if g is not None]
        self.known = [*self.known, (event["index"], pairs)][-KEPT:]

    def _wrap(self, optimizer: Any) -> None:
        apply = optimizer.apply_gradients

        @functools.wraps(apply)
        def applied(self_: Any, grads_and_vars: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
            pairs = list(grads_and_vars)
            self.compare(pairs)
            return apply(self_, pairs, *args, **kwargs)

        optimizer.apply_gradients = applied

    def compare(self, pairs: list[Any]) -> None:
        """Emits an event for each request of which a gradient stands in a wrong pair, or behind its variable."""
        for index, known in self.known:
            owners = {id(g): v for g, v in known}
            for pair in pairs:
                if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                    continue
                if id(pair[1]) in owners and numbers.as_variable(pair[0]) is not None:
                    self.emit({"event": "swapped", "index": index})
                    break
                if id(pair[0]) not in owners:
                    continue
                if numbers.as_variable(pair[1]) is not owners[id(pair[0])]:
                    self.emit({"event": "mispaired", "index": index})
                    break


def _legacy() -> list[Any]:
    """Keras 2 keeps its older optimizers beside the newer ones."""
    legacy = getattr(tf.keras.optimizers, "legacy", None)
    older = getattr(legacy, "Optimizer", None)
    return [older] if hasattr(older, "apply_gradients") else []  # in Keras 3 it is only there to warn
