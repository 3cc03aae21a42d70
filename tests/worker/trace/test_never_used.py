"""A target that does not depend on its sources: what ignores what it is given, and what the target depends on."""

from __future__ import annotations

import pytest

from tests.worker.trace.conftest import Tracer

NEVER_USED = [
    (
        "a loss that ignores its predictions names the parameter",
        """
        def my_loss(y_true, y_pred):
            return tf.reduce_mean(tf.square(y_true))
        with tf.GradientTape() as tape:
            loss = «my_loss(x, w * x)»
        tape.gradient(loss, [w])
        """,
        "the target does not depend on the sources: `my_loss` never uses its `y_pred`",
    ),
    (
        "a method that ignores what it is given",
        """
        class Losses:
            def hinge(self, predictions, margin=1.0):
                return tf.constant(margin) * 2.0
        losses = Losses()
        with tf.GradientTape() as tape:
            loss = «losses.hinge(w * x)»
        tape.gradient(loss, [w])
        """,
        "the target does not depend on the sources: `.hinge()` never uses its `predictions`",
    ),
    (
        "a loss that reads its predictions for something else is not said to ignore them",
        """
        def my_loss(y_true, y_pred):
            weights = tf.zeros(y_pred.shape)
            return tf.reduce_mean(tf.square(y_true) + weights)
        with tf.GradientTape() as tape:
            loss = «my_loss(x, w * x)»
        tape.gradient(loss, [w])
        """,
        "the target does not depend on the sources",
    ),
    (
        "a target of constants",
        """
        with tf.GradientTape() as tape:
            y = w * x
            loss = «tf.reduce_sum(x)»
        tape.gradient(loss, [w])
        """,
        "the target does not depend on the sources",
    ),
    (
        "a loss that is overwritten in a loop",
        """
        with tf.GradientTape() as tape:
            loss = 0.0
            for v in (w, x):
                loss = «tf.reduce_sum(v * 2.0)»
        tape.gradient(loss, [w])
        """,
        "the target does not depend on the sources",
    ),
]


@pytest.mark.parametrize(("program", "message"), [pytest.param(p, m, id=name) for name, p, m in NEVER_USED])
def test_a_target_that_does_not_depend_on_the_sources(traced: Tracer, program: str, message: str) -> None:
    found, places = traced(program)
    assert [b.kind for b in found.trace.breaks] == ["never-used"]
    assert found.places == places
    assert found.trace.breaks[0].message == message


def test_what_the_target_does_depend_on_is_told(traced: Tracer) -> None:
    found, _ = traced(
        """
        labels = tf.constant([1.0, 0.0])
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(labels - x))
        tape.gradient(loss, [w])
        """
    )
    assert found.trace.depends == ("tf.constant([0.5, -1.5])", "tf.constant([1.0, 0.0])")


def test_a_metric_that_a_loss_function_reads_is_where_the_way_ends(traced: Tracer) -> None:
    found, places = traced(
        """
        mean = tf.keras.metrics.Mean()
        def score(y_pred):
            mean.update_state(y_pred)
            return 1.0 - «mean.result()»
        with tf.GradientTape() as tape:
            loss = score(w * x)
        tape.gradient(loss, [w])
        """
    )
    assert found.kinds == [("stateful", ".result()")]
    assert found.places == places
