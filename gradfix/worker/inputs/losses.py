"""Candidates for a loss that is a parameter."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from .specs import Namespace, Spec


def losses(namespace: Namespace) -> list[Spec]:
    """The module's own losses, then the commonest ones of Keras."""
    own: list[Spec] = []
    for name, value in namespace.items():
        if isinstance(value, tf.keras.losses.Loss) or _is_loss_function(name, value):
            own.append({"kind": "name", "name": name})
        elif isinstance(value, type) and issubclass(value, tf.keras.losses.Loss) and value.__module__[:5] != "keras":
            own.append({"kind": "call", "name": name, "args": {}})
    sparse: Spec = {"kind": "loss", "name": "SparseCategoricalCrossentropy", "options": {"from_logits": True}}
    return [*own, {"kind": "loss", "name": "MeanSquaredError"}, sparse]


def _is_loss_function(name: str, value: Any) -> bool:
    return callable(value) and "loss" in name.lower() and not isinstance(value, type)
