"""What an optimizer is handed belongs to what the tape was asked, through the whole of gradfix."""

from __future__ import annotations

from collections.abc import Callable

from gradfix.values import FileReport, Fix, Verdict

STEP = """\
import tensorflow as tf

tf.keras.utils.set_random_seed(5)
net = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2), tf.keras.layers.BatchNormalization()])
sgd = tf.keras.optimizers.SGD(0.1)
x, y = tf.random.normal((8, 3)), tf.random.normal((8, 2))

with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(net(x, training=True) - y))
grads = tape.gradient(loss, {asked})
sgd.apply_gradients({pairs})
"""
RIGHT = "zip(grads, net.trainable_variables)"


def test_variables_handed_over_for_gradients_change_places(repaired: Callable[..., FileReport]) -> None:
    report = repaired(STEP.format(asked="net.trainable_variables", pairs="zip(net.trainable_variables, grads)"))
    assert report.verdict is Verdict.FIXED
    assert [(f.rule, f.place.line, f.fix) for f in report.findings] == [("zip-swapped", 11, Fix.PROVED)]
    assert list(report.patched.values()) == [STEP.format(asked="net.trainable_variables", pairs=RIGHT)]


def test_gradients_of_each_variable_are_left_alone(repaired: Callable[..., FileReport]) -> None:
    report = repaired(STEP.format(asked="net.trainable_variables", pairs=RIGHT))
    assert (report.verdict, report.findings) == (Verdict.CLEAN, ())


def test_moving_statistics_paired_with_themselves_are_left_alone(repaired: Callable[..., FileReport]) -> None:
    pairs = "[(g, v) for g, v in zip(grads, net.variables) if g is not None]"
    report = repaired(STEP.format(asked="net.variables", pairs=pairs))
    assert (report.verdict, report.findings) == (Verdict.CLEAN, ())
