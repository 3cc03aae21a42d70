"""Counts the calls of graphs that asked for gradients when they were traced: a loop over one asks no more.

Without this, a loop that calls a `tf.function` or `train_on_batch` would go on to its end.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from tensorflow.python.eager.polymorphic_function import polymorphic_function

from .recorder import Enough, Recorder


class Graphs:
    """Knows the lines that asked while a function was traced, and counts them again at each further call of it."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.lines: list[int] = []

    def install(self) -> None:
        """Wraps the calls of functions."""
        self.recorder.on_request.append(self.asked)
        original = polymorphic_function.Function.__call__

        def call(function: Any, *args: Any, **kwargs: Any) -> Any:
            recorder = self.recorder
            if recorder.muted is not None or not tf.executing_eagerly() or tf.config.functions_run_eagerly():
                return original(function, *args, **kwargs)
            known = function.__dict__.setdefault("_gradfix_lines", set())
            if known:
                if recorder.limits.reached():
                    raise Enough
                for line in known:
                    recorder.limits.count(line)
            start = len(self.lines)
            try:
                return original(function, *args, **kwargs)
            finally:
                known.update(self.lines[start:])

        polymorphic_function.Function.__call__ = call

    def asked(self, tape: Any, target: Any, sources: list[Any], event: dict[str, Any]) -> None:
        """Notes the line of a request."""
        if event["graph"]:
            self.lines.append(event["place"][1] if event["place"] else 0)
