"""The way from a target back to its sources, expression by expression, for a picture: nothing is decided by it.

A value is on the way if a source was among what it was made of, or among what that was made of. Where the gradient goes
along with it is asked of the shadow tape, which records all.
"""

from __future__ import annotations

import time
from typing import Any

from . import numbers
from .breaks import Finder
from .trace import Node
from .values import is_number, variables_of

MOST_STOPS = 240
"""Expressions that are told, those that are nearest to the target."""
MOST_SECONDS = 2.0
"""Seconds for questions to the tape; of what is not asked by then it is taken that the gradient goes on."""


def way_event(finder: Finder, sources: list[Any], said: dict[int, str]) -> dict[str, Any]:
    """The event that goes to the host: the expressions on the way, the target's first, and which of them made which.

    `said` names what made a value where the text of its expression does not.
    """
    return _Way(finder, sources).event(said)


class _Way:
    """Looks at what was traced before one request. `sources` are all that it asked for."""

    def __init__(self, finder: Finder, sources: list[Any]) -> None:
        self.tracer, self.depends, self.starts = finder.tracer, finder.depends, finder.starting()
        self.sources = [v if (v := numbers.as_variable(s)) is not None else s for s in sources]
        self.known: dict[int, list[int]] = {}
        for i, source in enumerate(sources):
            self.known.setdefault(id(source), []).append(i)
            if (variable := numbers.as_variable(source)) is not None and variable is not source:
                self.known.setdefault(id(variable), []).append(i)
        self.reached = finder.depends.reached(self.starts)
        self.leading = self._leading()

    def event(self, said: dict[int, str]) -> dict[str, Any]:
        """The expressions in the order in which they come from the target, bounded in number."""
        order: dict[int, int] = {}
        edges: dict[int, dict[int, None]] = {}
        held: dict[int, dict[int, None]] = {}
        times: dict[int, int] = {}
        made: dict[int, list[int]] = {}
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
            made.setdefault(site, []).append(key)
            node = self.tracer.nodes.get(key)
            queue += [(k, here) for k in self._inputs(node)] if node is not None else []
        carried = self._carried(edges, made)
        return {
            "event": "way",
            "starts": [order[s] for s in dict.fromkeys(map(self._site, self.starts)) if s in order],
            "stops": [
                {
                    "place": self.tracer.sites.places[site],
                    "said": said.get(site, ""),
                    **_facts(self._value(made[site][0])),
                    "from": [order[s] for s in edges.get(site, ())],
                    "dry": [order[s] for s in edges.get(site, ()) if (site, s) not in carried],
                    "sources": list(held.get(site, ())),
                    "times": times[site],
                }
                for site in order
            ],
        }

    def _carried(self, edges: dict[int, dict[int, None]], made: dict[int, list[int]]) -> set[tuple[int, int]]:
        """Which expressions hand the gradient on to which of those that they were made of."""
        found = set()
        end = time.monotonic() + MOST_SECONDS
        for site, others in edges.items():
            mine = [v for v in map(self._value, made.get(site, ())) if is_number(v)]
            if not mine:
                continue
            if time.monotonic() > end:
                found |= {(site, s) for s in others}
                continue
            theirs = [(s, v) for s in others for v in map(self._value, made.get(s, ()))]
            asked = [(s, v) for s, v in theirs if is_number(v) or numbers.as_variable(v) is not None]
            answers = self.depends.gradients(mine, [v for _, v in asked]) if asked else []
            direct = {(site, s) for (s, _), a in zip(asked, answers, strict=True) if a is not None}
            # a cross-entropy takes the logits of the probabilities that it is given, a gradient what led to its target
            around = direct or any(a is not None for a in self.depends.gradients(mine, self.sources))
            found |= direct or ({(site, s) for s in others} if around else set())
        return found

    def _value(self, key: int) -> Any:
        """A value that was followed, as far as it is still there."""
        node = self.tracer.nodes.get(key)
        return node.get() if node is not None else None

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


def _facts(value: Any) -> dict[str, Any]:
    """Type and shape of a value."""
    dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", None)
    try:
        dims = None if shape is None else [None if d is None else int(d) for d in shape]
    except (TypeError, ValueError):  # a tensor of unknown rank
        dims = None
    return {"dtype": str(getattr(dtype, "name", dtype or "")), "shape": dims}
