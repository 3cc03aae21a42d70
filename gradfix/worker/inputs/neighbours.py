"""Where to go on from a state that failed: other states, by how likely the error makes them."""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .attempts import Try
from .candidates import candidates, choices, families
from .definitions import Function
from .repairs import repairs
from .scene import Scene
from .specs import Spec
from .structures import State
from .uses import Use

Leaves = Mapping[Any, Use]


def best(leaves: Leaves, scene: Scene) -> dict[Any, Spec]:
    """The state that is likeliest going by all that is known."""
    return {path: choices(use, scene)[0] for path, use in leaves.items()}


def relabelled(state: State, leaves: Leaves, scene: Scene) -> dict[Any, Spec]:
    """A state with the labels that are thought best: in the shape of what came out of the model."""
    labels = {path: candidates(use, scene) for path, use in leaves.items() if use.targets}
    return {path: labels[path][0] if labels.get(path) else spec for path, spec in state.items()}


def retaken(state: State, best: State) -> dict[Any, Spec]:
    """A state with the types that are thought best, in the shapes that have worked."""
    return {
        path: {**best[path], "shape": spec["shape"]} if spec["kind"] == best[path]["kind"] == "tensor" else spec
        for path, spec in state.items()
    }


def neighbours(state: State, leaves: Leaves, result: Try, scene: Scene) -> Iterator[tuple[float, dict[Any, Spec]]]:
    """Other states, each with its cost: cheaper is likelier."""
    blamed = _blamed(result, leaves, scene.module.function)
    mends = {path: repairs(result.message, state[path], scene.batch) for path in leaves}
    mended = {path: found[0] for path, found in mends.items() if found}
    if (learned := relabelled(state, leaves, scene)) != state:
        yield 0.0, learned
    at = [path for path in leaves if path in blamed and path in mended]
    if len(at) > 1:
        yield 0.2, {**state, **{path: mended[path] for path in at}}
        same = [path for path in at if state[path].get("shape") == state[at[-1]].get("shape")]
        yield 0.3, {**state, **{path: mended[path] for path in same}}
    yield from _of_one_shape(state, blamed, result.message)
    for path, use in leaves.items():
        cost = 0.4 if path in blamed else 1.4
        for rank, spec in enumerate(mends[path][:6]):
            yield cost + rank * 0.3, {**state, path: spec}
        for rank, spec in enumerate(_others(use, scene)[:9]):
            yield cost + 0.5 + rank * 0.6, {**state, path: spec}
    if mended:
        yield 1.0, {**state, **mended}
    yield from _alike(state, leaves, result, scene)


def _of_one_shape(state: State, blamed: set[Any], message: str) -> Iterator[tuple[float, dict[Any, Spec]]]:
    """A tensor in the shape of another one, if the error is about shapes that do not go together."""
    if re.search(r"broadcast|[Ii]ncompatible|must match|same shape|[Dd]imensions|must be equal", message):
        for path, other in itertools.permutations(state, 2):
            one, shape = state[path], state[other].get("shape")
            if shape and one["kind"] == "tensor" and one["shape"] != shape:
                yield (0.5 if path in blamed else 1.5), {**state, path: {**one, "shape": shape}}


def _alike(state: State, leaves: Leaves, result: Try, scene: Scene) -> Iterator[tuple[float, dict[Any, Spec]]]:
    """Values of which nothing is known, all in another shape: they are often of one shape."""
    now = scene.seeing(result.live)
    alike: dict[str, list[Any]] = {}
    for path, use in leaves.items():
        if choices(use, scene) == families(use, now):
            alike.setdefault(json.dumps(state[path], sort_keys=True), []).append(path)
    for paths in alike.values():
        for rank, spec in enumerate(families(leaves[paths[0]], now) if len(paths) > 1 else ()):
            yield 0.6 + rank * 0.4, {**state, **dict.fromkeys(paths, spec)}


def _others(use: Use, scene: Scene) -> list[Spec]:
    """All that can be tried for a value: its candidates, then the usual shapes."""
    found = choices(use, scene)
    known = [json.dumps(spec, sort_keys=True) for spec in found]
    return found + [spec for spec in families(use, scene.seeing({})) if json.dumps(spec, sort_keys=True) not in known]


def _blamed(result: Try, leaves: Leaves, function: Function) -> set[Any]:
    """The leaves that the failing statement of the step names; all of them if it names none."""
    line = result.progress[0] if result.progress else 0
    holding = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.stmt) and node is not function and node.lineno <= line <= (node.end_lineno or 0)
    ]
    if not holding:
        return set(leaves)
    closest = min(holding, key=lambda node: (node.end_lineno or 0) - node.lineno)
    names = {part.id for part in ast.walk(closest) if isinstance(part, ast.Name)}
    return {path for path, use in leaves.items() if use.name in names or path[0] in names} or set(leaves)
