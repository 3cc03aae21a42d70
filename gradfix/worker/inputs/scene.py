"""All that can be known of a value when a tensor for it is to be made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import tensorflow as tf

from .module import Module
from .specs import Spec
from .uses import Out


@dataclass(frozen=True)
class Known:
    """What attempts have taught: the shapes that come out of each callee, and of whatever was called last."""

    outputs: Mapping[str, Any] = field(default_factory=dict)
    order: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Scene:
    """What is written (docstrings, comments, the source, an input signature), what is live, what attempts taught."""

    module: Module
    batch: int
    docstrings: str
    comments: str
    source: str
    signature: Mapping[str, Spec]
    live: Mapping[str, Any] = field(default_factory=dict)
    known: Known = Known()

    def seeing(self, live: Mapping[str, Any]) -> Scene:
        """The scene with other live objects."""
        return replace(self, live=live)

    def thing(self, name: str) -> Any:
        """What a dotted name of the step stands for."""
        return self.module.thing(name, self.live)

    def output(self, out: Out) -> Any:
        """The shapes of a part of what a callee returns, as `watching.shapes_of` gives them; None if unknown."""
        tree: Any = self.known.outputs.get(out.callee)
        thing = self.thing(out.callee)
        if isinstance(thing, tf.keras.losses.Loss) or "loss" in out.callee.lower():
            return (self.batch,), "float32"
        if tree is None and not isinstance(thing, tf.keras.layers.Layer) and self.known.order:
            tree = self.known.order[-1]
        for key in out.keys:
            listed = isinstance(tree, list) and isinstance(key, int) and key < len(tree)
            if listed or (isinstance(tree, dict) and key in tree):
                tree = tree[key]
        return tree
