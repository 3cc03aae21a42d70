"""Finds, in what was traced, the expressions at which the path from the target back to the sources is lost.

A value is *alive* if the shadow tape has a gradient of it with respect to a missing source. Walking back from the
target: an expression whose value is dead though one of its inputs is alive is a break. Where the target itself is
alive, TensorFlow could have differentiated, and the tape that was asked is at fault: then the breaks are the
expressions that ran while it did not record, or else the sources were not watched.
"""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from . import numbers
from .dependence import Dependence, TooLate, some
from .trace import Node, Tracer
from .values import elements, is_number, variables_of

MOST_BREAKS = 12


class Finder:
    """Looks at one broken request. `missing` are the sources that got no gradient, `tape` the tape that was asked."""

    def __init__(self, tracer: Tracer, tape: Any, target: Any, missing: list[Any]) -> None:
        self.tracer, self.tape, self.target, self.missing = tracer, tape, target, missing
        self.depends = Dependence(tracer, missing)
        self.starts: list[int] = []

    def facts(self) -> dict[str, Any]:
        """The event that goes to the host; without any breaks, and `late`, where time was short."""
        try:
            return {**self._facts(), "late": False}
        except TooLate:
            empty = {"alive": False, "breaks": [], "depends": [], "target": None, "dropped": [], "sources": []}
            return {"event": "trace", **empty, "late": True}

    def _facts(self) -> dict[str, Any]:
        starts = self.starts = self.starting()
        direct = any(id(e) in self.tracer.nodes for e in elements(self.target))
        alive = [k for k in starts if self.depends.alive(k)] or (
            [] if direct else [0] if any(self.depends.lives(t) for t in tf.nest.flatten(self.target)) else []
        )
        breaks = self.outside(starts) if alive else self.cuts(starts)
        if alive and not breaks and self.depends.gives_zeros(self.target, self.tape):
            self.depends.look_at_zeros()
            breaks = self.cuts(starts)
        breaks = _once(breaks)
        return {
            "event": "trace",
            "alive": bool(alive),
            "breaks": breaks[:MOST_BREAKS],
            "depends": self.leaves(starts),
            "target": self.made_at(starts),
            "dropped": [] if alive or breaks else self.dropped(starts),
            "unused": [] if alive or breaks or not starts else self.unused(),
            "beside": [] if alive or breaks or not starts else self.beside(),
            "sources": [self.source(s) for s in self.missing],
        }

    def starting(self) -> list[int]:
        """The target's values, or what the user's functions returned last where none of them was followed."""
        followed = [id(e) for e in elements(self.target) if id(e) in self.tracer.nodes]
        return followed or list(dict.fromkeys(self.tracer.returned))[-8:]

    # ------------------------------------------------------------ the two ways to lose a gradient

    def cuts(self, starts: list[int]) -> list[dict[str, Any]]:
        """Dead values made of live ones.

        Where no path inside the user's functions shows one, a library call that was given live values and gave back a
        dead one is it: `numpy_function` hands its function arrays that nothing ties to the tensors.
        """
        found = self._cuts(starts, False) or self._cuts(starts, True)
        if self.depends.strict:  # what is itself zero was multiplied by zero, or is a hinge that is satisfied
            found = [(node, live) for node, live in found if not is_number(node.get()) or some(node.get())]
        # a condition on the way is a break only for sources that come no other way
        other = {i for node, live in found if not _is_condition(node.get()) for i in self.depends.sources_of(live)}
        return [
            self.fact(node, "cut", live)
            for node, live in found
            if not _is_condition(node.get()) or not self.depends.sources_of(live) <= other
        ]

    def _cuts(self, starts: list[int], arguments: bool) -> list[tuple[Node, list[int]]]:
        found: list[tuple[Node, list[int]]] = []
        reached, queue = set(), list(starts)
        while queue:
            key = queue.pop(0)
            if key in reached or self.depends.alive(key):
                continue
            reached.add(key)
            node = self.tracer.nodes.get(key)
            if node is None:
                continue
            inputs = self.made_of(node, arguments)
            queue += [k for k in inputs if node.boxed or not self.boxed(k)]
            live = [
                k for k in inputs if self.depends.alive(k) and (k in self.tracer.nodes or self.depends.hides(node, k))
            ]
            if live and node.site >= 0:
                found.append((node, live))
        return found

    def made_of(self, node: Node, arguments: bool) -> list[int]:
        """What a value was made of; for what `tf.numpy_function` gave back all that its function had.

        A path that is lost in there is lost at the call: its gradient would be lost again on the way out.
        """
        inputs = [*node.inputs, *node.arguments] if arguments else list(node.inputs)
        inside = [] if node.boxed else [k for k in inputs if self.boxed(k)]
        return list(dict.fromkeys([*inputs, *self.depends.reached(inside)])) if inside else inputs

    def boxed(self, key: int) -> bool:
        """Whether a value was made while `tf.numpy_function` ran."""
        node = self.tracer.nodes.get(key)
        return node is not None and node.boxed

    def outside(self, starts: list[int]) -> list[dict[str, Any]]:
        """Live values on the way to the target that were made while the tape did not record; in order of making."""
        asked = id(self.tape)
        found = []
        for node in self.on_path(starts):
            value = node.get()
            if asked in node.tapes or any(value is s for s in self.depends.wanted) or not self.depends.lives(value):
                continue
            kind = "recording-stopped" if node.stopped else "wrong-tape" if node.tapes else "outside-tape"
            found.append(self.fact(node, kind, [k for k in node.inputs if self.depends.alive(k)]))
        return found

    def on_path(self, starts: list[int]) -> list[Node]:
        """The traced tensors that lead to the target, in the order in which they were made.

        Those that it was made of, and those that the shadow has a gradient for. Neither is enough alone: an object may
        hide what it was given, and Keras' cross-entropies take the logits from which probabilities were made.
        """
        tensors = [n for n in self.tracer.nodes.values() if n.site >= 0 and is_number(n.get())]
        targets = [t for t in (self.tracer.nodes[k].get() for k in starts) if is_number(t)]
        if not targets or not tensors:
            return []
        gradients = self.depends.gradients(targets, [n.get() for n in tensors])
        ends = self.depends.reached(starts)
        return [n for n, g in zip(tensors, gradients, strict=True) if g is not None or id(n.get()) in ends]

    def fact(self, node: Node, kind: str, inputs: list[int]) -> dict[str, Any]:
        """One break as data."""
        value = node.get()
        live = [self.tracer.nodes[k].get() for k in inputs if k in self.tracer.nodes]
        return {
            "kind": kind,
            "place": self.tracer.sites.places[node.site],
            "type": type(value).__name__,
            "tensor": isinstance(value, tf.Tensor) or numbers.as_variable(value) is not None,
            "dtype": str(getattr(getattr(value, "dtype", None), "name", getattr(value, "dtype", ""))),
            "shape": list(getattr(value, "shape", ()) or ()),
            "from": [str(getattr(getattr(v, "dtype", None), "name", "")) for v in live],
        }

    def leaves(self, starts: list[int]) -> list[Any]:
        """Places of what the target is made of in the end: values that nothing traced has made."""
        places: dict[Any, None] = {}
        for key in self.depends.reached(starts):
            node = self.tracer.nodes.get(key)
            if node is not None and node.site >= 0 and not self.tracer.nodes.keys() & {*node.inputs, *node.arguments}:
                places[self.tracer.sites.places[node.site]] = None
        return sorted(places)[:8]

    def made_at(self, starts: list[int]) -> Any:
        """The place of the expression that made the target."""
        sites = [self.tracer.nodes[k].site for k in starts if k in self.tracer.nodes]
        return next((self.tracer.sites.places[s] for s in sites if s >= 0), None)

    def dropped(self, starts: list[int]) -> list[Any]:
        """Places of the calls on the way to the target that were given live values and gave back a dead one."""
        places: dict[Any, None] = {}
        for key in self.depends.reached(starts):
            node = self.tracer.nodes.get(key)
            for site, given in node.calls if node is not None and node.calls and not self.depends.alive(key) else ():
                if any(k in self.tracer.nodes and self.depends.alive(k) for k in given):
                    places[self.tracer.sites.places[site]] = None
        return list(places)[:4]

    def unused(self) -> list[Any]:
        """Places of the layers that hold nothing but missing variables and that no followed call went through.

        A model of Keras' own making (Sequential, Functional) calls its layers where nothing can be followed.
        """
        called = {k for node in self.tracer.nodes.values() for k in (*node.inputs, *node.arguments)}
        called |= {k for node in self.tracer.nodes.values() for _, given in node.calls for k in given}
        own = {k: {id(numbers.as_variable(v)) for v in variables_of(owner)} for k, owner in self.tracer.owners.items()}
        inside: set[int] = set()
        for key in called & own.keys():
            if type(self.tracer.owners[key]).__module__.split(".")[0] in ("keras", "tf_keras", "tensorflow"):
                inside |= own[key]
        places = [
            self.tracer.sites.places[self.tracer.owner_sites[key]]
            for key, variables in own.items()
            if variables and key not in called and variables <= self.depends.variables and not variables & inside
        ]
        return places[:4]

    def beside(self) -> list[Any]:
        """Places of calls that gave the target one value, and another that depends on the missing sources: a model
        with several outputs, of which the target uses some."""
        reached = self.depends.reached(self.starts)
        given: dict[tuple[int, tuple[int, ...]], list[int]] = {}
        for key, node in self.tracer.nodes.items():
            for site, inputs in ((node.site, node.inputs), *node.calls):
                if site >= 0 and self.tracer.sites.call[site]:
                    given.setdefault((site, inputs), []).append(key)
        return [
            self.tracer.sites.places[site]
            for (site, _), keys in given.items()
            if reached.intersection(keys) and any(self.depends.alive(k) for k in keys if k not in reached)
        ][-4:]

    def source(self, source: Any) -> dict[str, Any]:
        """What is known of one missing source: whether the tape watched it, and where it was made."""
        node = self.tracer.nodes.get(id(source))
        watched = id(source) in self.tracer.tapes.watched.get(id(self.tape), ())
        return {
            "watched": watched,
            "place": self.tracer.sites.places[node.site] if node is not None and node.site >= 0 else None,
            "used": id(source) in self.depends.reached(self.starts),
        }


def _once(breaks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One break for each place: a loop passes it many times."""
    return list({tuple(b["place"]): b for b in breaks}.values())


def _is_condition(value: Any) -> bool:
    """Whether a value is made of truth values: what is chosen by is seldom what is differentiated."""
    return str(getattr(getattr(value, "dtype", None), "name", "")) == "bool"
