"""Ends the loop over a pipeline that goes on and on without a request: counting, collecting, statistics.

Where such a loop is cut must be the same in all runs of a file, or their values would differ. So the first run that
cuts one writes down after how many elements, in a file that the server hands to all runs. One that was begun ahead goes
beside the first and writes nothing: where it is not known in time, it is of no use.
"""

from __future__ import annotations

import json
import os
import time
from typing import Any

import tensorflow as tf
from tensorflow.python.data.ops import iterator_ops

from .recorder import Enough, Recorder
from .standins.notes import Notes

FIRST = 64
"""Elements that every loop gets; after that it is asked whenever their number has doubled."""
SECONDS = 1.0
"""Time that a loop may take without a request."""


class Draining:
    """Counts what each iterator has given. `marks` is the shared file, `path` the file that is run; `ahead` is whether
    this run was begun ahead."""

    def __init__(self, recorder: Recorder, notes: Notes, path: str, marks: int, ahead: bool) -> None:
        self.recorder, self.notes, self.path, self.marks, self.ahead = recorder, notes, path, marks, ahead
        self.long = 0

    def install(self) -> None:
        """Wraps the iterators of pipelines."""
        original = iterator_ops.OwnedIterator.__next__

        def following(iterator: Any) -> Any:
            if not tf.executing_eagerly():
                return original(iterator)
            loop = iterator.__dict__.get("_gradfix_loop")
            if loop is None:
                loop = iterator.__dict__["_gradfix_loop"] = _Loop(self.recorder.requests)
            if loop.given >= FIRST and self.ends(loop):
                self.notes.say("the rest of a long pipeline", f"its end after {loop.given} elements")
                raise StopIteration
            loop.given += 1
            return original(iterator)

        iterator_ops.OwnedIterator.__next__ = following

    def ends(self, loop: _Loop) -> bool:
        """Whether a loop has had its share."""
        if self.recorder.requests != loop.requests:
            return False  # it trains
        if loop.given == FIRST:
            loop.key, self.long = f"{self.path} {self.long}", self.long + 1
            loop.known = self.known().get(loop.key)
        if loop.known is not None:
            return loop.given >= loop.known
        if loop.given & (loop.given - 1):
            return False
        if self.ahead:
            loop.known = self.known().get(loop.key)
        if loop.known is not None:
            if loop.known < loop.given:
                raise Enough
            return loop.known == loop.given
        if time.monotonic() - loop.since < SECONDS:
            return False
        if self.ahead:
            raise Enough
        known = json.dumps({**self.known(), loop.key: loop.given}).encode()
        os.ftruncate(self.marks, 0)
        os.pwrite(self.marks, known, 0)
        return True

    def known(self) -> dict[str, int]:
        """Where earlier runs have cut."""
        text = os.pread(self.marks, os.fstat(self.marks).st_size, 0)
        return dict(json.loads(text)) if text else {}


class _Loop:
    """One iterator, and how far it has come."""

    def __init__(self, requests: int) -> None:
        self.requests, self.given, self.since = requests, 0, time.monotonic()
        self.key = ""
        self.known: int | None = None
