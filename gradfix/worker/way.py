"""The way from a target back to its sources, expression by expression, for a picture: nothing is decided by it.

No tape is asked. A value is on the way if a source was among what it was made of, or among what that was made of.
"""

from __future__ import annotations

from typing import Any

from . import numbers
from .breaks import Finder
from .trace import Node
from .values import variables_of

MOST_STOPS = 240
"""Expressions that are told, those that are nearest to the target."""


def way_event(finder: Finder, sources: list[Any]) -> dict[str, Any]:
    """The event that goes to the host: the expressions on the way, the target's first, and which of them made which."""
    return _Way(finder, sources).event()


class _Way:
    """Looks at what was traced before one request. `sources` are all that it asked for."""

    def __init__(self, finder: Finder, sources: list[Any]) -> None:
        self.tracer, self.starts = finder.tracer, finder.starting()
        self.known: dict[int, list[int]] = {}
        for i, source in enumerate(sources):
            self.known.setdefault(id(source), []).append(i)
            if (variable := numbers.as_variable(source)) is not None and variable is not source:
                self.known.setdefault(id(variable), []).append(i)
        self.reached = finder.depends.reached(self.starts)
        self.leading = self._leading()

    def event(self) -> dict[str, Any]:
        """The expressions in the order in which they come from the target, bounded in number."""
        order: dict[int, int] = {}
        edges: dict[int, dict[int, None]] = {}
        held: dict[int, dict[int, None]] = {}
        times: dict[int, int] = {}
        made: dict[int, Node] = {}
        queue: list[tuple[int, int | None]] = [(k, None) for k in self.starts]
        seen: set[int] = set()
        for key, parent in queue:  # it grows meanwhile: the values nearest to the target come first
            site = self._site(key)
            if site is None or (site >= 0 and site not in order and len(order) == MOST_STOPS):
                continue
            if site >= 0:
                order.setdefault(site, len(order))
                if parent is not None and parent != site:
                    edges.setdefault(parent, {})[site] = None
            here = site if site >= 0 else parent
            if here is not None:
                held.setdefault(here, {}).update(dict.fromkeys(self._sources(key)))
            if key in seen:
                continue
            seen.add(key)
            if site >= 0:
                times[site] = times.get(site, 0) + 1
            node = self.tracer.nodes.get(key)
            if node is not None:
                made.setdefault(site, node)
                queue += [(k, here) for k in self._inputs(node)]
        return {
            "event": "way",
            "starts": [order[s] for s in dict.fromkeys(map(self._site, self.starts)) if s in order],
            "stops": [
                {
                    "place": self.tracer.sites.places[site],
                    **_facts(made.get(site)),
                    "from": [order[s] for s in edges.get(site, ())],
                    "sources": list(held.get(site, ())),
                    "times": times[site],
                }
                for site in order
            ],
        }

    def _leading(self) -> set[int]:
        """What of all that was reached leads to a source; everything where nothing does."""
        users: dict[int, list[int]] = {}
        for key in self.reached:
            node = self.tracer.nodes.get(key)
            for given in (*node.inputs, *node.arguments) if node is not None else ():
                users.setdefault(given, []).append(key)
        queue = [key for key in self.reached if self._sources(key)]
        found = set(queue)
        while queue:
            for user in users.get(queue.pop(), ()):
                if user not in found:
                    found.add(user)
                    queue.append(user)
        return found or self.reached

    def _inputs(self, node: Node) -> list[int]:
        """What a value was made of, as far as it leads on: of a library call what the user's functions returned in it,
        else what it was given."""
        return [k for k in node.inputs if k in self.leading] or [k for k in node.arguments if k in self.leading]

    def _sources(self, key: int) -> list[int]:
        """The numbers of the sources that a value is, or that a model holds."""
        if key in self.tracer.nodes:
            value = self.tracer.nodes[key].get()
            variable = numbers.as_variable(value)
            return self.known.get(id(variable), []) if variable is not None else self.known.get(key, [])
        owner = self.tracer.owners.get(key)
        if owner is None:
            return []
        held = (numbers.as_variable(v) for v in variables_of(owner))
        return [i for v in held if v is not None for i in self.known.get(id(v), ())]

    def _site(self, key: int) -> int | None:
        """The number of the expression that made a value; -1 for what has no place of its own on the way.

        That is what a loop gave, a model, and a variable that is named but not made.
        """
        node = self.tracer.nodes.get(key)
        if node is None:
            return -1 if key in self.tracer.owners else None
        return node.site if self.tracer.sites.call[node.site] or not self._sources(key) else -1


def _facts(node: Node | None) -> dict[str, Any]:
    """Type and shape of a value, as far as it is still there."""
    value = node.get() if node is not None else None
    dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", None)
    try:
        dims = None if shape is None else [None if d is None else int(d) for d in shape]
    except (TypeError, ValueError):  # a tensor of unknown rank
        dims = None
    return {"dtype": str(getattr(dtype, "name", dtype or "")), "shape": dims}
