"""An exception that hides a missing gradient leads to its cause, through the whole of gradfix."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gradfix.values import FileReport, Verdict

HEAD = """\
import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(5)
w = tf.Variable([[1.0], [-2.0]])
x = tf.constant(np.array([[0.5, -1.5]], np.float32))


@tf.function
def step(x):
    with tf.GradientTape() as tape:
"""
TAIL = """
        loss = tf.reduce_sum(tf.square(guess))
    grads = tape.gradient(loss, [w])
    w.assign_sub(0.1 * grads[0])
    return loss


print(float(step(x)))
"""
STOPPED_IN_A_GRAPH = {
    "a number is taken out of a symbolic tensor": ("(x @ w).numpy()", "(x @ w)"),
    "NumPy is handed a symbolic tensor": ("np.square(x @ w)", "tf.square(x @ w)"),
}


@pytest.mark.parametrize("case", STOPPED_IN_A_GRAPH)
def test_what_stops_the_trace_of_a_graph_is_mended_where_it_loses_the_gradient(
    case: str, repaired: Callable[..., FileReport]
) -> None:
    """The run as written never gets to its tape; the same code run eagerly does, and gets None."""
    before, after = STOPPED_IN_A_GRAPH[case]
    report = repaired(f"{HEAD}        guess = {before}{TAIL}")
    assert report.verdict is Verdict.FIXED, (report.reason, report.findings)
    assert list(report.patched.values()) == [f"{HEAD}        guess = {after}{TAIL}"]


def test_a_graph_that_stops_for_another_reason_is_told_as_such(repaired: Callable[..., FileReport]) -> None:
    """Run eagerly its gradients are all there: no gradient is missing, and it cannot be called clean either."""
    report = repaired(f"{HEAD}        guess = x @ w\n        assert tf.executing_eagerly(), 'no graphs here'{TAIL}")
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "AssertionError: no graphs here" in report.reason
