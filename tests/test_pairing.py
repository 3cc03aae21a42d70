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


NETWORKS = """\
import tensorflow as tf

tf.keras.utils.set_random_seed(5)
maker = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
judge = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
sgd = [tf.keras.optimizers.SGD(0.1) for _ in range(2)]
noise = tf.random.normal((8, 3))
made = maker(noise)
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(judge(made)))
grads = tape.gradient(loss, judge.trainable_variables)
sgd[0].apply_gradients(zip(grads, judge.trainable_variables))
with tf.GradientTape() as tape:
    loss = -tf.reduce_mean(judge(made))
grads = tape.gradient(loss, maker.trainable_variables)
sgd[1].apply_gradients(zip(grads, maker.trainable_variables))
"""


def test_a_generator_that_ran_before_the_block_runs_in_it(repaired: Callable[..., FileReport]) -> None:
    report = repaired(NETWORKS)
    assert report.verdict is Verdict.FIXED, report.reason
    (patched,) = report.patched.values()
    assert "    made = maker(" in patched
    assert patched[patched.index("grads") :].count(".trainable_variables") == 4
    assert patched.count("maker.trainable_variables") == 2
