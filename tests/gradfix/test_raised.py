"""Exceptions that name their cause, and variables that do not train: what was asked in vain is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gradfix.breaks import OVERWRITTEN
from gradfix.look.raised import with_raised
from gradfix.run.messages import Run, Trouble
from gradfix.values import FileReport, Fix, Place, Verdict

PLACE = Place("/p/train.py", 7, 1, 7, 9)
MINUS = Trouble("RuntimeError", "`variable -= value` with `tf.Variable`s is not supported. Use ...", (PLACE,))


def test_an_exception_that_names_its_cause_is_a_broken_request() -> None:
    (request,) = with_raised(Run(trouble=MINUS)).requests
    assert request.raised == (OVERWRITTEN, PLACE)
    assert (request.index, request.place, request.sources) == (0, PLACE, ())
    assert request.error.startswith("RuntimeError: `variable -= value`")


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(Run(), id="no exception"),
        pytest.param(Run(trouble=replace(MINUS, message="out of memory")), id="another exception"),
        pytest.param(Run(trouble=replace(MINUS, places=())), id="none of the user's lines"),
    ],
)
def test_other_runs_stay_as_they_are(run: Run) -> None:
    assert with_raised(run) is run


HEAD = "import tensorflow as tf\nx = tf.ones((4, 2))\n"
STATISTICS = (
    HEAD + "net = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.BatchNormalization()])\n"
    "for _ in range(2):\n"
    "    with tf.GradientTape() as tape:\n"
    "        loss = tf.reduce_mean(net(x, training=True) ** 2)\n"
    "    steps = tape.gradient(loss, net.weights)\n"
    "    for v, step in zip(net.weights, steps):\n"
    "        v.assign_sub(0.1 * step)\n"
)


def test_a_none_that_the_code_reckons_with_leads_to_the_list_of_variables(
    repaired: Callable[..., FileReport],
) -> None:
    report = repaired(STATISTICS)
    assert list(report.patched.values()) == [STATISTICS.replace("net.weights", "net.trainable_weights")]
    assert [f.rule for f in report.findings] == ["wrong-variables"]


ALONE = (
    HEAD + "w = tf.Variable([1.0, 2.0], trainable=False)\n"
    "with tf.GradientTape() as tape:\n"
    "    loss = tf.reduce_sum(w * x)\n"
    "print(tape.gradient(loss, [w]))\n"
)


def test_a_variable_that_does_not_train_is_missed_where_it_alone_is_asked_for(
    repaired: Callable[..., FileReport],
) -> None:
    report = repaired(ALONE)
    assert report.verdict is Verdict.FIXED
    assert [(f.rule, f.fix) for f in report.findings] == [("source-not-watched", Fix.PROVED)]
    assert list(report.patched.values()) == [ALONE.replace("    loss", "    tape.watch(w)\n    loss")]
