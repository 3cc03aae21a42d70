"""Which tapes record, what they watch, and when they were paused, while a run is traced."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import backprop, record
from tensorflow.python.ops import script_ops

_INIT_SCOPE = inspect.unwrap(tf.init_scope).__code__


class Tapes:
    """Follows the user's tapes by identity; the shadow, a tape of our own, is never among them.

    `recording` are those that record now, `watched` is what each was told to watch, and `stopped` are those whose
    `stop_recording` is under way. `boxed` is True while `tf.numpy_function` runs, which has no gradient.
    """

    def __init__(self) -> None:
        self.recording: list[int] = []
        self.stopped: list[int] = []
        self.watched: dict[int, set[int]] = {}
        self.shadowed = self.boxed = False

    def install(self) -> None:
        """Wraps what starts, pauses and ends recording."""
        tape = backprop.GradientTape
        push, pop, watch, stop = tape._push_tape, tape._pop_tape, tape.watch, tape.stop_recording

        def pushed(self_: Any) -> None:
            if sys._getframe(2).f_code.co_filename == script_ops.__file__:
                self_._persistent = True  # py_function's own tape, which is asked as often as we ask the shadow
            push(self_)
            if getattr(self_, "_gradfix_shadow", False):
                self.shadowed = True
            else:
                self.recording.append(id(self_))

        def popped(self_: Any) -> None:
            pop(self_)
            if getattr(self_, "_gradfix_shadow", False):
                self.shadowed = False
            elif id(self_) in self.recording:
                self.recording.remove(id(self_))

        def watching(self_: Any, tensor: Any) -> Any:
            result = watch(self_, tensor)
            self.watched.setdefault(id(self_), set()).update(id(t) for t in tf.nest.flatten(tensor))
            return result

        def stopping(self_: Any) -> Any:
            return self._stopped(id(self_), stop(self_))

        tape._push_tape, tape._pop_tape, tape.watch, tape.stop_recording = pushed, popped, watching, stopping
        record.stop_recording = self._lifting(record.stop_recording)
        script_ops.py_func_common = self._boxing(script_ops.py_func_common)

    @contextlib.contextmanager
    def _stopped(self, tape: int, context: Any) -> Iterator[None]:
        """`tape.stop_recording()`, noted for as long as it lasts."""
        self.stopped.append(tape)
        try:
            with context:
                yield
        finally:
            self.stopped.remove(tape)

    def _boxing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """What `tf.numpy_function` does in the end, noted for as long as it lasts."""

        def called(*args: Any, **kwargs: Any) -> Any:
            before, self.boxed = self.boxed, True
            try:
                return call(*args, **kwargs)
            finally:
                self.boxed = before

        return called

    def _lifting(self, stop: Callable[[], Any]) -> Callable[[], Any]:
        """`record.stop_recording`, which keeps the shadow recording where `tf.init_scope` pauses all tapes.

        Keras 2 runs every `build` in such a scope. What is made there counts as made while no tape recorded.
        """

        def stopping() -> Any:
            return self._paused() if self.shadowed and sys._getframe(1).f_code is _INIT_SCOPE else stop()

        return stopping

    @contextlib.contextmanager
    def _paused(self) -> Iterator[None]:
        recording, self.recording = self.recording, []
        try:
            yield
        finally:
            self.recording = recording
