"""Follows values from expression to expression in the window before one broken request.

Each TensorFlow or NumPy value becomes a node that knows the expression that made it, the values it was made of, and
the tapes that recorded then. A tape of our own (the *shadow*) records all along; what a value depends on is asked of
it afterwards (breaks.py). Nodes are bounded in number, and large values are held weakly.
"""

from __future__ import annotations

import builtins
import threading
import time
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.eager import backprop, tape
from tensorflow.python.ops import script_ops

from .memory import resident, spare
from .recorder import Enough
from .sites import CHANGED, GATE, ITERATE, OWN, RETURN, SEEN, STACK, STORED, TICK, Sites
from .tapes import Tapes
from .values import elements, is_number, owns_variables, size_of
from .wrapped import changed, keep_from_autograph, own_names

MOST_TURNS = 400
"""Turns of one loop, or calls of one function, that are followed in a window."""
MOST_WAITING = 2000
"""The same before the window opens: a function or turn that is under way then must be wrapped already."""
MOST_NODES = 50_000
HEAVY = 1 << 20
"""Bytes from which a value is held weakly, so that following it does not keep it alive."""
LIGHT, MOST_HELD = 1 << 12, 1 << 28
"""The same bound once so many bytes are held, the sum of those below it."""
LOOKS = 0.05
"""Seconds between looks at the memory. A window may take half of what the machine could give."""

_PLAIN = frozenset({float, int, str, bool, type(None)})
_DULL = frozenset({int, str, bool, type(None), bytes, type, type(tf), type(len), type(lambda: 0), slice, range, set})


@dataclass
class Node:
    """One value: the number of the expression that made it, and how.

    `inputs` are the values it was made of. For a library call that called functions of the user's these are what those
    functions returned, and `arguments` what the call itself was given. `calls` are calls of the user's own functions
    that gave back this very value, with what those were given. `boxed` says that `tf.numpy_function` ran then.
    """

    site: int
    inputs: tuple[int, ...]
    arguments: tuple[int, ...]
    tapes: tuple[int, ...]
    stopped: bool
    value: Any
    calls: list[tuple[int, tuple[int, ...]]]
    boxed: bool

    def get(self) -> Any:
        """The value, or None if it was heavy and is gone."""
        return self.value() if isinstance(self.value, weakref.ref) else self.value


class Tracer:
    """What the wrapped expressions report to."""

    def __init__(self, sites: Sites, most_memory: int = 0) -> None:
        self.sites = sites
        self.nodes: dict[int, Node] = {}
        self.returned: list[int] = []
        self.owners: dict[int, Any] = {}
        self.owner_sites: dict[int, int] = {}
        self.tapes = Tapes()
        self.held = 0
        self.full = False
        self.opened = time.monotonic()
        self.most_memory = most_memory
        self.open = False
        self.shadow: Any = None

    # ------------------------------------------------------------ the window

    def install(self) -> None:
        """Makes the wrapped modules' names known, and follows which tapes record."""
        names = {
            SEEN: self.seen,
            TICK: self.tick,
            ITERATE: self.iterate,
            RETURN: self.leave,
            GATE: self.sites.gates,
            STACK: [],
            CHANGED: changed,
            STORED: self.stored,
            OWN: own_names,
        }
        for name, value in names.items():
            setattr(builtins, name, value)
        if hasattr(script_ops, "tape_cache"):
            script_ops.tape_cache = _Kept(script_ops.tape_cache)
        keep_from_autograph()
        self._open_gates()
        self.tapes.install()

    def start(self) -> None:
        """Opens the window: all gates, and the shadow tape."""
        self.nodes.clear()
        self.returned.clear()
        self.held = 0
        self._open_gates()
        self.opened = time.monotonic()
        self.shadow = backprop.GradientTape(persistent=True)
        self.shadow._gradfix_shadow = True
        self.shadow._push_tape()
        self.open = True
        if limit := self.most_memory or spare() // 2:
            threading.Thread(target=self._look_at_memory, args=(resident() + limit,), daemon=True).start()

    def _look_at_memory(self, most: int) -> None:
        """Ends the run when the process has grown too much: the shadow keeps what it records.

        All gates are opened, so that the user's code comes by.
        """
        while self.open and not self.full:
            if resident() > most:
                self.full = True
                self._open_gates()
            time.sleep(LOOKS)

    def _open_gates(self) -> None:
        self.sites.opened = 1
        self.sites.gates[:] = [1] * len(self.sites.gates)

    def stop(self) -> None:
        """Closes it; the shadow can now be asked."""
        self.open = False
        self.sites.opened = 0
        self.sites.gates[:] = [0] * len(self.sites.gates)
        if self.shadow is not None and self.shadow._recording:
            self.shadow._pop_tape()

    # ------------------------------------------------------------ what wrapped code calls

    def tick(self, gate: int, value: Any = None) -> Any:
        """One turn through a gate; the last one closes it."""
        if self.full:
            raise Enough
        count = self.sites.gates[gate] + 1
        self.sites.gates[gate] = 0 if count > (MOST_TURNS if self.open else MOST_WAITING) else count
        return value

    def seen(self, number: int, value: Any, stack: list[tuple[int, Any, int]]) -> Any:
        """The value of an expression. Takes from the stack what it was made of, and leaves itself there."""
        inputs: list[Any] = []
        mark = len(self.returned)
        if stack:
            first = self.sites.first[number]
            while stack and first <= stack[-1][0] < number:
                _, given, mark = stack.pop()
                inputs.append(given)
        if not self.open:
            return value
        kind = type(value)
        if kind in _PLAIN and not inputs and not (kind is float and self.knows(value)):
            return value
        if callable(value) and not owns_variables(value):
            # a method: what it is bound to is an input of its call; else a mark of when the call began
            stack += [(number, given, mark) for given in reversed(inputs)] or [(number, None, mark)]
            return value
        if kind in _DULL:
            return value
        self.note(number, value, inputs, mark)
        if not self.sites.root[number]:
            if len(stack) > 1000:  # left over from expressions that raised
                stack.clear()
            stack.append((number, value, len(self.returned)))
        return value

    def stored(self, number: int, value: Any, base: Any) -> Any:
        """A value that is about to be written into `base`: an array copies it, and is made of it from then on."""
        if self.open and type(base) is np.ndarray:
            keys = tuple(id(e) for e in elements(value) if self.knows(e))
            if keys:
                old = self.nodes.get(id(base))
                if old is None or old.get() is not base:
                    self.add(base, number, keys)
                elif len(old.inputs) < MOST_TURNS:
                    old.inputs, old.site = (*old.inputs, *keys), number
        return value

    def leave(self, value: Any) -> Any:
        """The value that a function of the user's returns: what a library call around it is made of."""
        if self.open and type(value) not in _DULL and len(self.returned) < MOST_NODES:
            for element in elements(value):
                if self.knows(element):
                    self.returned.append(id(element))
        return value

    def iterate(self, iterable: Iterable[Any], gate: int) -> Iterable[Any]:
        """What is iterated over in place of an iterable: itself, unless its items are to be followed."""
        if not self.open or not self.sites.gates[gate] or isinstance(iterable, (list, tuple, dict, range)):
            return iterable
        return self.followed(iterable, gate)

    def followed(self, iterable: Iterable[Any], gate: int) -> Iterator[Any]:
        """The items of an iterable, each made of the iterable, while the loop is followed."""
        iterator = iter(iterable)
        keys = tuple(id(e) for e in elements(iterable) if self.knows(e))
        for item in iterator:  # not `yield from`: that would close the user's generator with this one
            if self.open and self.sites.gates[gate]:
                for element in elements(item):
                    self.add(element, -1, keys)
            yield item

    # ------------------------------------------------------------ nodes

    def note(self, number: int, value: Any, inputs: Iterable[Any], mark: int) -> None:
        """Makes nodes of the values that an expression gave, unless they are known already.

        A library call that called functions of the user's (a model with their layers in it) is made of what those
        returned since `mark`; any other expression of its parts.
        """
        parts = list(elements(value))
        new = [e for e in parts if not self.knows(e)]
        if owns_variables(value):
            self.owners[id(value)] = value
            self.owner_sites.setdefault(id(value), number)
        if not new and not self.sites.call[number]:
            return
        keys: dict[int, None] = {}
        for given in inputs:
            for element in elements(given):
                if self.knows(element):
                    keys[id(element)] = None
            if id(given) in self.owners:
                keys[id(given)] = None
        for element in () if new else parts:
            self.nodes[id(element)].calls.append((number, tuple(keys)))
        returned = dict.fromkeys(self.returned[mark:]) if self.sites.call[number] else None
        for element in new:
            if type(element) is float and not keys and not returned:
                continue  # made of nothing that is followed
            if returned:
                self.add(element, number, tuple(returned), tuple(keys))
            else:
                self.add(element, number, tuple(keys))

    def knows(self, value: Any) -> bool:
        """Whether a value has a node."""
        node = self.nodes.get(id(value))
        return node is not None and node.get() is value

    def add(self, value: Any, number: int, inputs: tuple[int, ...], arguments: tuple[int, ...] = ()) -> None:
        """Adds a node, and has the shadow watch it if it is a tensor of floats."""
        if self.knows(value):
            return
        if len(self.nodes) >= MOST_NODES:
            return
        held: Any = value
        size = 0 if type(value) is float else size_of(value)
        if size > HEAVY or (size > LIGHT and self.held + size > MOST_HELD):
            held = weakref.ref(value)
        else:
            self.held += size
        recording, stopped = tuple(self.tapes.recording), bool(self.tapes.stopped)
        self.nodes[id(value)] = Node(number, inputs, arguments, recording, stopped, held, [], self.tapes.boxed)
        if is_number(value):  # of what the shadow records already this changes nothing; a user's tape may know more
            tape.watch(self.shadow._tape, value)


class _Kept(dict[Any, Any]):
    """What py_function keeps for its gradient. TensorFlow throws it away at the first question; we ask many."""

    def pop(self, key: Any, *default: Any) -> Any:
        return self[key]

    def __delitem__(self, key: Any) -> None:
        pass
