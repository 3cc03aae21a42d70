"""A parameter taken apart into leaves, each a tensor or what is fed to a model, and put together again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .layers import is_model
from .module import Module
from .roles import role
from .specs import Spec
from .uses import Use
from .vocabulary import DATASET_TRAITS

State = Mapping[Any, Spec]
"""A spec for each leaf, by the leaf's path."""


@dataclass(frozen=True)
class Leaf:
    use: Use

    def leaves(self) -> Iterator[Use]:
        yield self.use

    def assembled(self, state: State) -> Spec:
        return state[self.use.path]


@dataclass(frozen=True)
class Batches:
    """A dataset, or a list, of elements which are all alike."""

    element: Structure
    kind: str

    def leaves(self) -> Iterator[Use]:
        yield from self.element.leaves()

    def assembled(self, state: State) -> Spec:
        return {"kind": "batches", "element": self.element.assembled(state), "count": 2, "as": self.kind}


@dataclass(frozen=True)
class Parts:
    """A tuple, whose keys are indices, or a dict."""

    kind: str
    parts: Mapping[Any, Structure]

    def leaves(self) -> Iterator[Use]:
        for part in self.parts.values():
            yield from part.leaves()

    def assembled(self, state: State) -> Spec:
        items = {key: part.assembled(state) for key, part in self.parts.items()}
        return {"kind": self.kind, "items": items if self.kind == "dict" else list(items.values())}


Structure = Leaf | Batches | Parts


def structure(use: Use, module: Module) -> Structure:
    """How the code takes a parameter apart."""
    kind = role(use)
    if kind == "dataset" and "*" in use.parts:
        plain = not (use.attributes & DATASET_TRAITS or re.search(r"data|ds", use.name.lower()))
        return Batches(structure(use.parts["*"], module), "list" if plain or "len" in use.ops else "dataset")
    if kind == "tuple":
        last = max((key for key in use.parts if isinstance(key, int)), default=-1)
        return Parts("tuple", {index: structure(use.part(index), module) for index in range(last + 1)})
    if kind == "dict" and not any(is_model(module.thing(text)) for text, _ in use.fed):
        named = {key: part for key, part in use.parts.items() if key not in ("*", "?")}
        return Parts("dict", {key: structure(part, module) for key, part in named.items()})
    return Leaf(use)
