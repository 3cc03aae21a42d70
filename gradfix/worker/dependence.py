"""What depends on what, in what was traced: asked of the shadow tape, and remembered."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import tensorflow as tf

from . import numbers
from .trace import Node, Tracer
from .values import is_number, variables_of

MOST_SECONDS = 8.0
"""Seconds that are spent on looking, beyond the time of so many windows; what is not known by then is not told."""
MOST_WINDOWS = 3
MOST_REACHED = 20_000


class TooLate(Exception):
    """There was no time to look at everything."""


class Dependence:
    """Answers which values depend on the missing sources. A value that does is *alive*."""

    def __init__(self, tracer: Tracer, missing: list[Any]) -> None:
        self.tracer = tracer
        self.variables = {id(v) for v in map(numbers.as_variable, missing) if v is not None}
        self.wanted = [v if (v := numbers.as_variable(s)) is not None else s for s in missing]
        self.known: dict[int, bool] = {}
        self.asked: dict[int, bool] = {}
        self.strict = False
        self.ends: dict[tuple[int, ...], set[int]] = {}
        self.deadline = time.monotonic() + MOST_SECONDS + MOST_WINDOWS * (time.monotonic() - tracer.opened)

    def look_at_zeros(self) -> None:
        """From now on a gradient of zeros is none."""
        self.strict = True
        self.known.clear()
        self.asked.clear()

    def gives_zeros(self, target: Any, tape: Any) -> bool:
        """Whether the tape that was asked has gradients, which then are zeros. Nothing else will ask it any more."""
        return any(g is not None for g in self.gradients(target, self.wanted, tape))

    def gradients(self, target: Any, sources: list[Any], tape: Any = None) -> list[Any]:
        """What a tape, the shadow unless it is said, has of a target; nothing where an operation has no gradient."""
        try:
            return list((tape or self.tracer.shadow).gradient(target, sources))
        except (RuntimeError, ValueError, TypeError, AttributeError, LookupError, tf.errors.OpError):
            return [None] * len(sources)

    def lives(self, value: Any) -> bool:
        """Whether the shadow has a gradient of a value with respect to a missing source.

        A zero is one, unless zeros are what is looked into (`strict`): a term may be multiplied by zero.
        """
        if isinstance(value, tf.Variable) or numbers.as_variable(value) is not None:
            return id(numbers.as_variable(value)) in self.variables
        if any(value is s for s in self.wanted):
            return True
        if not is_number(value):
            return False
        key, node = id(value), self.tracer.nodes.get(id(value))
        known = node is not None and node.get() is value  # else another value may come to have this number
        if known and key in self.asked:
            return self.asked[key]
        if time.monotonic() > self.deadline:
            raise TooLate
        gradients = self.gradients(value, self.wanted)
        lives = any(g is not None and (not self.strict or some(g)) for g in gradients)
        if known:
            self.asked[key] = lives
        return lives

    def alive(self, key: int) -> bool:
        """`lives` of a known value or of an owner of variables, asked once."""
        if key not in self.known:
            if key in self.tracer.nodes:
                self.known[key] = self.lives(self.tracer.nodes[key].get())
            else:
                owner = self.tracer.owners.get(key)
                owned = variables_of(owner) if owner is not None else []
                self.known[key] = any(id(numbers.as_variable(v)) in self.variables for v in owned)
        return self.known[key]

    def sources_of(self, keys: list[int]) -> set[int]:
        """Which missing sources live values depend on."""
        found: set[int] = set()
        for key in keys:
            value = self.tracer.nodes[key].get() if key in self.tracer.nodes else None
            if is_number(value):
                gradients = self.gradients(value, self.wanted)
                found |= {i for i, g in enumerate(gradients) if g is not None}
            elif (variable := numbers.as_variable(value)) is not None:
                found |= {i for i, s in enumerate(self.wanted) if s is variable}
            else:  # a model: any of them
                found |= set(range(len(self.wanted)))
        return found

    def hides(self, node: Node, owner: int) -> bool:
        """Whether a call on a model gave nothing that depends on the model's own variables (`model.predict`)."""
        value = node.get()
        if not is_number(value):
            return not isinstance(value, tf.Tensor)
        variables = variables_of(self.tracer.owners[owner])
        return all(g is None for g in self.gradients(value, variables))

    def reached(self, starts: list[int]) -> set[int]:
        """Keys of all values that the starts were made of; looked for once."""
        if (known := self.ends.get(tuple(starts))) is not None:
            return known
        queue, reached = list(starts), set[int]()
        while queue and len(reached) < MOST_REACHED:
            key = queue.pop()
            if key not in reached:
                reached.add(key)
                node = self.tracer.nodes.get(key)
                queue += (*node.inputs, *node.arguments) if node is not None else ()
        self.ends[tuple(starts)] = reached
        return reached


def some(gradient: Any) -> bool:
    """Whether a gradient or a value has a number other than zero.

    `tf.sign` and a dropped TensorArray write give gradients of zeros.
    """
    dense = tf.convert_to_tensor(gradient)
    return bool(np.any(dense.numpy() != 0)) if hasattr(dense, "numpy") else True
