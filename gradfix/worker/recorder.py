"""Watches what tapes are asked for and what they give back. Nothing else is instrumented in a first run or a proof."""

from __future__ import annotations

import contextlib
import functools
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import backprop

from . import numbers
from .graph_gradients import GraphGradients, Unknown
from .places import Places

ASKING = ("gradient", "jacobian", "batch_jacobian")


class Enough(BaseException):
    """Every step was seen often enough. Not an Exception: user code that catches those must not go on."""


PATIENCE = 4.0
"""Seconds that a run is given to come to the steps that were expected and not seen yet."""
MOST_REPORTED = 400


class Limits:
    """When a run has seen enough, counted from its first request.

    After `most` requests or `longest` seconds; or when each line that asked has done so `each` times and either
    `seconds` have passed and all expected lines were seen, or those of `patience` are over. Of each line the first
    `told` requests are reported, and those that something is missing from.
    """

    def __init__(
        self,
        lines: list[int],
        each: int,
        seconds: float,
        most: int,
        longest: float,
        told: int = 12,
        patience: float = PATIENCE,
    ) -> None:
        self.lines, self.each, self.seconds, self.most, self.longest = lines, each, seconds, most, longest
        self.told, self.patience = told, patience
        self.first = 0.0
        self.seen: dict[int, int] = {}
        self.own: set[int] = set()
        self.total = self.reported = 0
        self.ended = False

    def count(self, line: int, own: bool = True) -> None:
        """Notes one request, `own` where the user's code itself asked, and not Keras for it."""
        self.first = self.first or time.monotonic()
        self.total += 1
        self.seen[line] = self.seen.get(line, 0) + 1
        if own:
            self.own.add(line)

    def reports(self, line: int, broken: bool) -> bool:
        """Whether a request from a line is to be reported."""
        wanted = self.reported < MOST_REPORTED and (broken or self.seen[line] <= self.told)
        self.reported += wanted
        return wanted

    def reached(self) -> bool:
        """Whether the run may stop."""
        self.ended = self._reached()
        return self.ended

    def _reached(self) -> bool:
        if not self.total:
            return False
        elapsed = time.monotonic() - self.first
        if self.total >= self.most or elapsed > self.longest:
            return True
        if min(self.seen.values()) < self.each:
            return False
        return elapsed > (self.seconds if self.complete() else self.patience)

    def complete(self) -> bool:
        """Whether all expected lines were seen."""
        # a call that spans lines is seen at the line of its name, which may not be its first
        return all(any(line <= seen <= line + 6 for seen in self.own) for line in self.lines)


class Recorder:
    """Makes every request to a tape an event: where, of what, which sources got nothing, the target's value."""

    def __init__(self, places: Places, emit: Callable[[dict[str, Any]], None], limits: Limits) -> None:
        self.places, self.emit, self.limits = places, emit, limits
        self.requests = self.tapes = 0
        self.on_birth: list[Callable[[int], None]] = []
        self.on_gradients: list[Callable[[dict[str, Any], list[Any], list[Any]], None]] = []
        self.depth = 0
        self.muted: list[int] | None = None
        self.waiting: list[tuple[int, list[Any], list[Any]]] = []
        self.on_request: list[Callable[[Any, Any, list[Any], dict[str, Any]], None]] = []
        self.on_answer: list[Callable[[dict[str, Any]], None]] = []
        self.graphs = GraphGradients()

    def install(self) -> None:
        """Wraps the asking methods of GradientTape and `tf.gradients`."""
        for name in ASKING:
            setattr(backprop.GradientTape, name, self._watched(name, getattr(backprop.GradientTape, name)))
        self._note_births()
        original, eager = tf.gradients, self.graphs

        @functools.wraps(original)
        def gradients(ys: Any, xs: Any, *args: Any, **kwargs: Any) -> Any:
            frame, answer = sys._getframe(1), functools.partial(original, ys, xs, *args, **kwargs)
            if eager.tape is not None:
                try:
                    found = eager.ask(ys, xs, *args[:1], **kwargs)
                except Unknown as e:  # nothing is said of what is not known
                    return e.gradients
                answer = functools.partial(list, found)
            return self._ask("gradients", answer, eager.tape, ys, xs, frame)

        tf.gradients = tf.compat.v1.gradients = gradients

    def _note_births(self) -> None:
        """Numbers the tapes, and has each know how many requests came before it: what led to its own began after."""
        init = backprop.GradientTape.__init__

        @functools.wraps(init)
        def born(tape: Any, *args: Any, **kwargs: Any) -> None:
            for look in self.on_birth:
                look(self.tapes)
            init(tape, *args, **kwargs)
            tape._gradfix_birth, tape._gradfix_serial = self.requests, self.tapes
            self.tapes += 1

        backprop.GradientTape.__init__ = born

    @contextlib.contextmanager
    def quiet(self, most: int) -> Iterator[Callable[[], int]]:
        """While it lasts, requests are counted but not reported, and the one after the first `most` ends the code.

        Gives a function that says how many requests there were.
        """
        before, self.muted = self.muted, [most]
        counter = self.muted
        try:
            yield lambda: most - max(counter[0], 0)
        finally:
            self.muted = before

    def _watched(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def ask(tape: Any, target: Any, sources: Any = None, *args: Any, **kwargs: Any) -> Any:
            if sources is None:  # batch_jacobian calls it `source`
                sources = kwargs.get("sources", kwargs.get("source"))
                run = functools.partial(original, tape, target, *args, **kwargs)
            else:
                run = functools.partial(original, tape, target, sources, *args, **kwargs)
            return self._ask(name, run, tape, target, sources, sys._getframe(1))

        return ask

    def _ask(self, call: str, run: Callable[[], Any], tape: Any, target: Any, sources: Any, frame: FrameType) -> Any:
        if self.depth or _internal(frame):
            return run()
        if self.muted is not None:
            self.muted[0] -= 1
            if self.muted[0] < 0:
                raise Enough
            return run()
        if self.limits.reached():
            raise Enough
        self.look_at_updates()
        place = self.places.of_frame(frame)
        flat = tf.nest.flatten(sources)
        event: dict[str, Any] = {
            "event": "request",
            "index": self.requests,
            "call": call,
            "place": place,
            "through": "keras" if _is_keras(frame) else "",
            "tape": id(tape),
            "birth": getattr(tape, "_gradfix_birth", 0),
            "serial": getattr(tape, "_gradfix_serial", -1),
            "persistent": bool(getattr(tape, "_persistent", True)),
            "graph": not tf.executing_eagerly(),
            "target": numbers.of_target(target),
            "sources": [numbers.of_source(s) for s in flat],
            "gradients": [],
            "error": None,
        }
        self.requests += 1
        line = place[1] if place else 0
        self.limits.count(line, self.places.at(frame.f_code, frame.f_lineno) is not None)
        self.depth += 1
        try:
            for look in self.on_request:
                look(tape, target, flat, event)
            result = run()
        except Exception as e:
            event["error"] = {"type": type(e).__name__, "message": str(e)[:500]}
            if self.limits.reports(line, True):
                self.emit(event)
            raise
        finally:
            self.depth -= 1
        gradients = tf.nest.flatten(result) if flat else []
        event["gradients"] = [
            numbers.of_gradient(g, s, call == "batch_jacobian") for g, s in zip(gradients, flat, strict=False)
        ]
        if self.limits.reports(line, None in event["gradients"]):
            self.emit(event)
        variables = [numbers.as_variable(s) for s in flat]
        self.waiting.append((event["index"], variables, [numbers.fingerprint(v) for v in variables]))
        for found in self.on_gradients:
            found(event, flat, gradients)
        for answered in self.on_answer:
            answered(event)
        del self.waiting[:-8]  # a step with more tapes than this before its update is not known
        return result

    def look_at_updates(self) -> None:
        """Emits which variables have moved since they were asked for; called again when the run ends."""
        for index, variables, prints in self.waiting:
            now = [numbers.fingerprint(v) for v in variables]
            moved = [None if a is None or b is None else a != b for a, b in zip(prints, now, strict=True)]
            if any(m is not None for m in moved):
                self.emit({"event": "moved", "index": index, "moved": moved})


def _internal(frame: FrameType) -> bool:
    """Whether TensorFlow asks for itself (py_function's inner tape, recompute_grad, forwardprop), not for the user.

    The optimizers of TensorFlow 1 and the Keras that TensorFlow once held ask for the user.
    """
    path = frame.f_code.co_filename.replace("\\", "/")
    own = any(part in path for part in ("/keras/", "autograph", "/training/optimizer.py"))
    return "/tensorflow/python/" in path and not own


def _is_keras(frame: FrameType) -> bool:
    path = frame.f_code.co_filename.replace("\\", "/")
    return "/keras/" in path or "/tf_keras/" in path
