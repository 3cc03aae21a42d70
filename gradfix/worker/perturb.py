"""Moves the variables of one request a little before its step begins, to see how target and gradients answer.

The direction is written down by one run and used by others. Those are processes of their own, so it goes through a
file that the server hands to all of them; variables are known by their numbers in the order in which they are made.
"""

from __future__ import annotations

import functools
import gc
import io
import os
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.ops.resource_variable_ops import ResourceVariable

from . import numbers
from .holding import Rest
from .recorder import Enough, Recorder

OPAQUE = ("stop_gradient", "custom_gradient", "py_function", "numpy_function")
"""Operations whose gradient need not be the derivative of their value."""


class Perturbing:
    """A run that ends at the request `index`.

    With `write` it saves the gradients of the request's variables as the direction. Otherwise it moves those variables
    when the tape with the number `serial` is made, or as soon as they are made after it: by `step` along the direction,
    or by noise of the scale `noise`; with `only`, none but the sources with these numbers.
    With `note` the run goes on as it would anyhow, and the direction is that of the next request from the same line
    where there is one.
    Begun ahead it is told what is wanted, the `rest`, when the first tape with that number or a later one is made.
    """

    def __init__(self, wanted: dict[str, Any], stash: int, rest: Rest | None) -> None:
        self.wanted, self.stash, self.rest = wanted, stash, rest
        self.opaque: set[str] = set()
        self.noted: tuple[Any, int] | None = None
        self.settled = False
        self.shifts: dict[str, Any] = {}
        self.made = self.moved = 0

    def install(self, recorder: Recorder) -> None:
        """Hooks into the recorder."""
        self.recorder = recorder
        self._number_variables()
        if self.wanted.get("note"):
            recorder.on_gradients.append(self.note)
            return
        if self.wanted.get("write"):
            recorder.on_gradients.append(self.write)
            self._note_opaque()
        else:
            recorder.on_birth.append(self.move)
        recorder.on_answer.append(self.answered)

    def answered(self, event: dict[str, Any]) -> None:
        """Nothing after the request is of interest."""
        if event["index"] == self.wanted.get("index"):
            if not self.wanted.get("write"):
                self.recorder.emit({"event": "perturbed", "variables": self.moved})
            raise Enough

    def note(self, event: dict[str, Any], sources: list[Any], gradients: list[Any]) -> None:
        """Saves the direction of the request, and that of the next one like it in its place."""
        alike = (event["place"], len(sources))
        if event["graph"] or self.settled:
            return
        if event["index"] == self.wanted["index"]:
            self.noted = alike
            self._save(event, sources, gradients)
        elif self.noted == alike:
            self.settled = True
            self._save(event, sources, gradients)

    def write(self, event: dict[str, Any], sources: list[Any], gradients: list[Any]) -> None:
        """Saves the direction of the request."""
        if event["index"] == self.wanted["index"]:
            self._save(event, sources, gradients)

    def _save(self, event: dict[str, Any], sources: list[Any], gradients: list[Any]) -> None:
        """Saves the direction under sources' numbers and variables' names; without a gradient only noise moves one."""
        arrays, squares = {}, 0.0
        both = zip(sources, gradients, strict=False)
        for number, (source, gradient) in enumerate(both):
            variable = numbers.as_variable(source)
            if variable is None or not variable.dtype.is_floating:
                continue
            value = np.asarray(variable, "float64")
            squares += float((value * value).sum())
            arrays[f"{number} {_name_of(variable)}"] = (
                np.zeros_like(value) if gradient is None else np.asarray(tf.convert_to_tensor(gradient), "float64")
            )
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        os.ftruncate(self.stash, 0)
        os.pwrite(self.stash, buffer.getvalue(), 0)
        norm = float(np.sqrt(sum((a * a).sum() for a in arrays.values())))
        facts = {
            "index": event["index"],
            "norm": norm,
            "size": squares**0.5,
            "variables": len(arrays),
            "opaque": sorted(self.opaque),
        }
        self.recorder.emit({"event": "direction", **facts})

    def _note_opaque(self) -> None:
        for name in OPAQUE:
            original = getattr(tf, name)

            def noting(*args: Any, _original: Any = original, _name: str = name, **kwargs: Any) -> Any:
                self.opaque.add(f"tf.{_name}")
                return _original(*args, **kwargs)

            setattr(tf, name, noting)

    def move(self, serial: int) -> None:
        """Moves the variables that are there, when the tape of the request is about to be made."""
        if self.rest is not None and serial >= self.wanted["serial"]:
            self.wanted, self.rest = self.rest.told()["perturb"], None
        if serial != self.wanted["serial"]:
            return
        size = os.fstat(self.stash).st_size
        saved = dict(np.load(io.BytesIO(os.pread(self.stash, size, 0))))
        self.norm = np.sqrt(sum((a * a).sum() for a in saved.values())) or 1.0
        self.rng = np.random.default_rng(self.wanted.get("seed", 0))
        only = self.wanted.get("only")
        for key, shift in saved.items():
            number, _, name = key.partition(" ")
            if only is None or int(number) in only:
                self.shifts[name] = shift
        variables = {_name_of(v): v for v in gc.get_objects() if isinstance(v, tf.Variable)}
        for name in sorted(self.shifts.keys() & variables.keys()):
            self.shift(name, variables[name])

    def shift(self, name: str, variable: Any) -> None:
        """Moves one variable of the direction."""
        shift = self.shifts[name] * (self.wanted.get("step", 0.0) / self.norm)
        with tf.init_scope():
            if noise := self.wanted.get("noise"):
                now = np.asarray(variable, "float64")
                shift = noise * (1.0 + np.abs(now)) * self.rng.normal(size=now.shape)
            variable.assign_add(tf.cast(tf.constant(shift), variable.dtype))
        self.moved += 1

    def _number_variables(self) -> None:
        """Numbers the variables, and moves each that is made after the move, as a layer's are at its first call."""
        made = ResourceVariable.__init__

        @functools.wraps(made)
        def numbering(variable: Any, *args: Any, **kwargs: Any) -> None:
            made(variable, *args, **kwargs)
            variable._gradfix_number = self.made
            self.made += 1
            if (name := _name_of(variable)) in self.shifts:
                self.shift(name, variable)

        ResourceVariable.__init__ = numbering


def _name_of(variable: Any) -> str:
    """What a variable is known by from run to run; TensorFlow's own numbers also count what the move itself makes."""
    return str(getattr(variable, "_gradfix_number", variable._unique_id))
