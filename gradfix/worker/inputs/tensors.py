"""The search for tensors, when all else is chosen: best first, with TensorFlow's own complaints as the guide.

A state has a spec for each tensor. States are tried in the order of how far the attempt before them got, then of
their cost; what an attempt teaches changes what is likely for the states after it.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .attempts import Attempts, learned
from .candidates import candidates, families
from .frames import Frame
from .neighbours import Leaves, best, neighbours, relabelled, retaken
from .plans import Plan
from .scene import Scene
from .specs import Spec
from .structures import Leaf, State, Structure, structure
from .uses import Use

_STARTS = 6
_AFTER_A_FALLBACK = 8
"""Attempts that are still made when there is a plan which gets to the gradients but fails afterwards."""


def search_tensors(attempts: Attempts, scene: Scene, uses: Mapping[str, Use], frame: Frame, budget: int) -> Plan | None:
    """A plan with which the step gets to its gradients, within so many attempts.

    One that works is tried once more with what it has taught of the outputs: labels of a shape that only happens to
    be broadcast to the right one work, too.
    """
    live = attempts.look(frame)
    if live is None:
        return None
    scene = scene.seeing(live)
    structures = {
        name: Leaf(use) if name in scene.signature else structure(use, scene.module)
        for name, use in uses.items()
        if name not in frame.objects and (not use.optional or name in scene.signature)
    }
    leaves = {use.path: use for one in structures.values() for use in one.leaves()}
    queue = _Queue()
    for rank, state in enumerate(_starts(leaves, scene)):
        queue.push((0,), 10.0 * rank, state)
    good: Plan | None = None
    extra = _AFTER_A_FALLBACK
    while budget > 0 and not attempts.over and (popped := queue.pop()):
        before, spent, state = popped
        budget -= 1
        plan = Plan(attempts.qualname, frame.receiver, _arguments(uses, frame, structures, state))
        result = attempts.make(plan)
        scene = learned(scene, result, leaves.values())
        if result.outcome.reached and result.settled:
            likeliest = best(leaves, scene)
            others = likeliest, relabelled(state, leaves, scene), retaken(state, likeliest)
            better = [one for one in others if queue.is_new(one)]
            if good is not None or not better:
                return plan
            good = plan
            queue.restart(better)
            continue
        if result.outcome.reached:
            attempts.fallback = attempts.fallback or plan
        if good is not None:
            continue
        extra -= attempts.fallback is not None
        if extra <= 0:
            break
        if scene.module.unbuilt:
            scene.module.reload()
        further = _order(result.progress) < before
        for cost, other in neighbours(state, leaves, result, scene):
            queue.push(result.progress or (0,), cost if further else cost + spent, other)
    return good or attempts.fallback


def _starts(leaves: Leaves, scene: Scene) -> Iterator[State]:
    """The likeliest state, then ones in which the values that nothing is known of have other shapes."""
    options: dict[Any, list[Spec]] = {}
    for path, use in leaves.items():
        found = candidates(use, scene)
        options[path] = found[:1] or families(use, scene)
    for rank in range(_STARTS if leaves else 1):
        yield {path: found[min(rank, len(found) - 1)] for path, found in options.items()}


def _arguments(
    uses: Mapping[str, Use], frame: Frame, structures: Mapping[str, Structure], state: State
) -> dict[str, Spec]:
    made = {name: one.assembled(state) for name, one in structures.items()} | dict(frame.objects)
    return {name: made[name] for name in uses if name in made}


@dataclass
class _Queue:
    """States to be tried, those that got furthest first, then the cheapest, then the oldest; each one once."""

    heap: list[tuple[tuple[int, ...], float, int, State]] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)
    count: int = 0

    def is_new(self, state: State) -> bool:
        return _text(state) not in self.tried

    def push(self, progress: tuple[int, ...], cost: float, state: State) -> None:
        if self.is_new(state):
            heapq.heappush(self.heap, (_order(progress), cost, self.count, state))
            self.count += 1

    def restart(self, states: list[dict[Any, Spec]]) -> None:
        """Leaves nothing to be tried but these."""
        self.heap.clear()
        for state in states:
            self.push((), 0.0, state)

    def pop(self) -> tuple[tuple[int, ...], float, State] | None:
        """(how far the attempt before it got, cost, state); None if nothing is left."""
        while self.heap:
            before, cost, _, state = heapq.heappop(self.heap)
            if self.is_new(state):
                self.tried.add(_text(state))
                return before, cost, state
        return None


def _order(progress: tuple[int, ...]) -> tuple[int, ...]:
    """Smaller is further."""
    return tuple(-line for line in progress)


def _text(state: State) -> str:
    return json.dumps([[list(path), spec] for path, spec in state.items()], sort_keys=True, default=str)
