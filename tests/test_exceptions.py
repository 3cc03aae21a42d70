"""An exception that hides a missing gradient leads to its cause, through the whole of gradfix."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gradfix.run.messages import Trouble
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


LINES = {
    "of a graph": (
        "AttributeError",
        'in user code:\n\n    File "t.py", line 10, in step  *\n        p = m(x).numpy()\n\n'
        "    AttributeError: 'SymbolicTensor' object has no attribute 'numpy'\n",
        "AttributeError: 'SymbolicTensor' object has no attribute 'numpy'",
    ),
    "of a layer of Keras 2": (
        "AttributeError",
        'Exception encountered when calling layer "scale" (type Scale).\n\nin user code:\n\n    File "t.py", line 3\n\n'
        "    AttributeError: module 'keras' has no attribute 'ops'\n\n\nCall arguments received by layer \"scale\":\n"
        "  • inputs=tf.Tensor(shape=(None, 2), dtype=float32)",
        "AttributeError: module 'keras' has no attribute 'ops'",
    ),
    "of a layer of Keras 3": (
        "ValueError",
        "Exception encountered when calling Scale.call().\n\n\x1b[1mno such axis\x1b[0m\n\n"
        "Arguments received by Scale.call():\n  • inputs=tf.Tensor(shape=(4, 2), dtype=float32)",
        "ValueError: no such axis",
    ),
    "of a long sentence": ("LookupError", f"No gradient {'is ' * 70}there. In general it is.", None),
    "of none": ("KeyboardInterrupt", "", "KeyboardInterrupt"),
}


@pytest.mark.parametrize("case", LINES)
def test_the_line_of_an_exception_says_what_was_raised(case: str) -> None:
    kind, message, line = LINES[case]
    expected = line or f"{kind}: {message.partition('. ')[0]}"
    assert Trouble(kind, message, ()).line == expected
