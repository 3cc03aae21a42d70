"""What `fit` keeps to itself, through the whole of gradfix: callbacks with a step of their own, and models of which
nothing trains."""

from __future__ import annotations

from collections.abc import Callable

from gradfix.values import FileReport, Fix, Verdict

CALLBACK = """\
import tensorflow as tf
from tensorflow import keras

x, y = tf.random.normal((48, 3)), tf.random.normal((48, 1))


class Norms(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        with tf.GradientTape() as tape:
            error = keras.losses.MeanSquaredError()(y, self.model{called}(x))
        grads = tape.gradient(error, self.model.trainable_weights)
        print(epoch, logs["val_loss"], [float(tf.norm(g)) for g in grads])


model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(x, y, 8, 5, 2, [Norms()], 0.5)
"""
FROZEN = """\
import numpy as np
from tensorflow import keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)])
model.trainable = {trains}
model.compile("sgd", "mse")
model.fit(np.ones((16, 3)), np.ones((16, 1)), batch_size=4)
"""


def test_a_step_at_the_end_of_an_epoch_is_reached_and_mended(repaired: Callable[..., FileReport]) -> None:
    report = repaired(CALLBACK.format(called=".predict"))
    assert report.verdict is Verdict.FIXED, report.reason
    assert list(report.patched.values()) == [CALLBACK.format(called="")]


def test_a_fit_that_trains_nothing_is_told(repaired: Callable[..., FileReport]) -> None:
    report = repaired(FROZEN.format(trains="False"))
    assert report.verdict is Verdict.ADVICE, report.reason
    assert [(f.rule, f.place.line, f.fix) for f in report.findings] == [("layer-frozen", 7, Fix.UNSAFE)]
    assert repaired(FROZEN.format(trains="True")).verdict is Verdict.CLEAN
