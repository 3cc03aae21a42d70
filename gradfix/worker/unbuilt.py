"""Models that are not built: Keras 2 raises where code asks for their variables, and Keras 3 gives an empty list.

In an eager run, which goes on where the run as written stopped, they have an empty list on both: so the step is reached
that asks for the gradients of nothing.
"""

from __future__ import annotations

from typing import Any


def install() -> None:
    """Keeps the models of Keras 2, and of `tf_keras`, from raising."""
    import keras
    import tensorflow as tf

    for model in {keras.Model, tf.keras.Model}:
        if hasattr(model, "_assert_weights_created"):
            model._assert_weights_created = _nothing


def _nothing(model: Any) -> None:
    """In place of the check whether the weights of a model are there."""
