"""Time: buffers to be filled, caches on the disk, threads, sleeps, questions. No gradient depends on them."""

from __future__ import annotations

import builtins
import functools
import os
import sys
import time
from typing import Any

import numpy as np

from .notes import Notes

BUFFER = 256
"""Elements in a shuffle's buffer: it is filled before the first batch."""
NUMBERS = 1 << 19
"""Numbers in one batch from which a pipeline's batch is made smaller: 3 photographs of 224 by 224."""
SMALLEST = 4
NAP = 0.01


def install(notes: Notes) -> None:
    """Wraps the methods of pipelines, and what waits."""
    import tensorflow as tf

    pipeline = tf.data.Dataset  # version 1 has its own methods, which call these
    pipeline.shuffle, pipeline.cache = _shuffle(pipeline.shuffle), _cache(pipeline.cache)
    pipeline.batch = _batch(pipeline.batch, notes)
    os.environ.setdefault("MPLBACKEND", "Agg")  # a window would wait for somebody to close it
    _no_workers()
    sleep = time.sleep

    @functools.wraps(sleep)
    def nap(seconds: float) -> None:
        sleep(min(seconds, NAP) if notes.asker() is not None else seconds)

    time.sleep = nap  # type: ignore[assignment]
    builtins.input = _answered(notes)


def _shuffle(original: Any) -> Any:
    @functools.wraps(original)
    def shuffle(self: Any, buffer_size: Any, *args: Any, **kwargs: Any) -> Any:
        size = _whole(buffer_size)
        return original(self, BUFFER if size is not None and size > BUFFER else buffer_size, *args, **kwargs)

    return shuffle


def _cache(original: Any) -> Any:
    @functools.wraps(original)
    def cache(self: Any, filename: Any = "", name: Any = None) -> Any:
        return original(self)  # in memory: nothing stays on the disk, and an unfinished file is no error

    return cache


def _batch(original: Any, notes: Notes) -> Any:
    @functools.wraps(original)
    def batch(self: Any, batch_size: Any, *args: Any, **kwargs: Any) -> Any:
        size, most = _whole(batch_size), _most(self)
        if size is None or most is None or size <= most or notes.asker() is None:
            return original(self, batch_size, *args, **kwargs)
        notes.say(f"Dataset.batch({size})", f"batches of {most}: elements are large")
        return original(self, most, *args, **kwargs)

    return batch


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):  # symbolic, or not a number
        return None


def _most(dataset: Any) -> int | None:
    """The most elements that a batch should have, None where they are small or not known."""
    import tensorflow as tf

    shapes = [getattr(s, "shape", None) for s in tf.nest.flatten(dataset.element_spec)]
    total = 0
    for shape in shapes:
        if shape is None or not shape.is_fully_defined():
            continue
        total += int(np.prod(shape.as_list()))
    return max(SMALLEST, NUMBERS // total) if total else None


def _no_workers() -> None:
    """Has Keras read its sequences in the calling thread: forks of a process that ran TensorFlow can hang."""
    import keras

    kind = getattr(keras.utils, "PyDataset", None)
    if kind is not None:
        kind.workers = property(lambda self: 0, lambda self, value: None)
        kind.use_multiprocessing = property(lambda self: False, lambda self, value: None)
        return
    fit = keras.Model.fit  # Keras 2 is told at each fit

    @functools.wraps(fit)
    def fit_here(self: Any, *args: Any, **kwargs: Any) -> Any:
        plain = {k: v for k, v in kwargs.items() if k not in ("workers", "use_multiprocessing", "max_queue_size")}
        return fit(self, *args, **plain)

    keras.Model.fit = fit_here


def _answered(notes: Notes) -> Any:
    def answer(prompt: Any = "", /) -> str:
        """Nobody is there to type."""
        sys.stdout.write(str(prompt))
        notes.say("input()", "an empty line")
        return ""

    return answer
