"""Finds what a target lost although it has gradients: a term that was worked out where no tape could follow.

Nothing is None there, and nobody is told: `mse + np.mean(np.abs(predicted))` trains on the first term alone.
"""

from __future__ import annotations

from typing import Any

from .breaks import MOST_BREAKS, Finder
from .dependence import MOST_REACHED, TooLate
from .values import elements


def terms_event(finder: Finder) -> dict[str, Any]:
    """The event that goes to the host; without any breaks, and `late`, where time was short."""
    try:
        return {"event": "trace", "breaks": _terms(finder, False) or _terms(finder, True), "late": False}
    except TooLate:
        return {"event": "trace", "breaks": [], "late": True}


def _terms(finder: Finder, arguments: bool) -> list[dict[str, Any]]:
    """Dead values made of live ones that lead to a target which is alive by other ways.

    `meets` are the places at which such a value comes together with what is alive: a sum loses a term there, while a
    product has a factor that is held fixed, as weights often are. With `arguments` library calls are made of what they
    were given, too.
    """
    nodes, alive = finder.tracer.nodes, finder.depends.alive
    starts = [id(e) for e in elements(finder.target) if id(e) in nodes]
    parents: dict[int, int | None] = dict.fromkeys(starts)
    queue, found = list(starts), []
    while queue and len(parents) < MOST_REACHED:
        key = queue.pop(0)
        node = nodes.get(key)
        if node is None:
            continue
        inputs = (*node.inputs, *node.arguments) if arguments else node.inputs
        for given in inputs:
            if given not in parents:
                parents[given] = key
                queue.append(given)
        live = [k for k in inputs if alive(k) and (k in nodes or finder.depends.hides(node, k))]
        if live and node.site >= 0 and not alive(key):
            found.append({**finder.fact(node, "cut", live), "meets": _meets(finder, key, parents)})
    return list({tuple(f["place"]): f for f in found}.values())[:MOST_BREAKS]


def _meets(finder: Finder, key: int, parents: dict[int, int | None]) -> list[Any]:
    places = []
    while (parent := parents[key]) is not None:
        node = finder.tracer.nodes[parent]
        if node.site >= 0 and any(k != key and finder.depends.alive(k) for k in node.inputs):
            places.append(finder.tracer.sites.places[node.site])
        key = parent
    return places
