"""Models of which nothing trains: Keras 3 then asks its tape for nothing, and says so in a warning.

Here it asks for the gradients of the empty list, as Keras 2 does, so that the `fit` is seen to train nothing.
"""

from __future__ import annotations

import functools
from typing import Any


def install() -> None:
    """Wraps the `train_step` of Keras 3. One that a class of the user's has in its place asks as it likes."""
    import keras

    if keras.__version__.startswith("2."):
        return
    owner = next(c for c in keras.Model.__mro__ if "train_step" in vars(c) and c.__module__.endswith(".trainer"))
    original = vars(owner)["train_step"]

    @functools.wraps(original)
    def train_step(model: Any, data: Any) -> Any:
        if model.built and not model.trainable_weights:
            _ask_for_nothing(model, data)
        return original(model, data)

    owner.train_step = train_step


def _ask_for_nothing(model: Any, data: Any) -> None:
    import keras
    import tensorflow as tf

    x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
    with tf.GradientTape() as tape:
        predicted = model(x, training=True) if getattr(model, "_call_has_training_arg", True) else model(x)
        loss = model.compute_loss(x=x, y=y, y_pred=predicted, sample_weight=weights)
    tape.gradient(loss, [])
