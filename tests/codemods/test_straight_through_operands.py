"""GF120: each side of a straight-through line, and of a codebook loss, gets the gradient that is meant for it."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.straight_through_operands import StraightThroughOperands

_TF = "import tensorflow as tf\n"

# Each case: a sentence, the text before with its cut marked, the first rewrite.
REWRITES = [
    (
        "the line goes below the losses that use its name, with its comment",
        """\
        def quantized(z):
            q = lookup(z)
            # copy the gradients
            q = z + «tf.stop_gradient(q - z)»  # trick
            codebook = mean((q - tf.stop_gradient(z)) ** 2)

            commitment = mean((tf.stop_gradient(q) - z) ** 2)
            weight = 0.25
            return q, codebook + weight * commitment
        """,
        """\
        def quantized(z):
            q = lookup(z)
            codebook = mean((q - tf.stop_gradient(z)) ** 2)

            commitment = mean((tf.stop_gradient(q) - z) ** 2)
            # copy the gradients
            q = z + tf.stop_gradient(q - z)  # trick
            weight = 0.25
            return q, codebook + weight * commitment
        """,
    ),
    (
        "the trick with the terms in another order",
        "q = tf.stop_gradient(q - z) + z\nq = «tf.stop_gradient(q - z)» + z\nloss = f(q)\n",
        "q = tf.stop_gradient(q - z) + z\nloss = f(q)\nq = tf.stop_gradient(q - z) + z\n",
    ),
    (
        "the trick with two differences",
        "q = z - «tf.stop_gradient(z - q)»\nloss = f(q)\n",
        "loss = f(q)\nq = z - tf.stop_gradient(z - q)\n",
    ),
    (
        "a rounding that stands outside",
        "q = tf.round(w) + «tf.stop_gradient(w - tf.round(w))»\n",
        "q = w + tf.stop_gradient(tf.round(w) - w)\n",
    ),
    (
        "a rounding that has a name, in two differences",
        "r = tf.floor(w[0] * 4)\nq = r - «tf.stop_gradient(r - w[0] * 4)»\n",
        "r = tf.floor(w[0] * 4)\nq = (w[0] * 4) - tf.stop_gradient((w[0] * 4) - r)\n",
    ),
    (
        "the stop on the other operand of a difference",
        "loss = mean((«tf.stop_gradient(q)» - z) ** 2)\n",
        "loss = mean((q - tf.stop_gradient(z)) ** 2)\n",
    ),
    (
        "the stop on the other argument of a call",
        "loss = mse(«tf.stop_gradient(z)», q[0] + 1)\n",
        "loss = mse(z, tf.stop_gradient(q[0] + 1))\n",
    ),
    (
        "a trick that is stopped whole",
        "y = «tf.stop_gradient(z + (q - z))»\n",
        "y = z + tf.stop_gradient(q - z)\n",
    ),
    (
        "a trick that is stopped whole, without parentheses",
        "y = 2.0 * «tf.stop_gradient(z + q - z)»\n",
        "y = 2.0 * (z + tf.stop_gradient(q - z))\n",
    ),
]

NO_OPS = [
    (
        "a trick whose name nothing uses before the block is left",
        "def f(z):\n    q = z + «tf.stop_gradient(q - z)»\n    return q\n",
    ),
    ("a trick in a return", "def f(z, q):\n    return z + «tf.stop_gradient(q - z)»\n"),
    ("both sides are stopped", "loss = mse(«tf.stop_gradient(z)», tf.stop_gradient(q))\n"),
    ("a call with more arguments", "loss = mse(«tf.stop_gradient(z)», q, w)\n"),
    ("a stop alone", "h = «tf.stop_gradient(h)»\n"),
    ("another function", "loss = mse(«tf.round(z)», q)\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(StraightThroughOperands(), _TF + dedent(before), "stopped")[0] == _TF + dedent(after)


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(StraightThroughOperands(), _TF + text, "stopped") == []


def test_a_line_that_goes_less_far_down_is_a_later_choice(offered: Callable[..., list[str]]) -> None:
    text = f"{_TF}q = z + «tf.stop_gradient(q - z)»\na = f(q)\nb = g(q)\n"
    texts = offered(StraightThroughOperands(), text, "stopped")
    assert [[line[0] for line in t.splitlines()[1:]] for t in texts] == [["a", "b", "q"], ["a", "q", "b"]]


RUNS = [
    ("a difference", "loss = (2.0 * z - «tf.stop_gradient(q)») ** 2", -8.0),
    ("a call", "loss = tf.math.squared_difference(2.0 * z, «tf.stop_gradient(q)»)", -8.0),
    ("a line", "q = z + «tf.stop_gradient(q - z)»\n    loss = (q - tf.stop_gradient(2.0 * z)) ** 2", -8.0),
]


@pytest.mark.parametrize(("body", "gradient"), _named(RUNS))
def test_the_gradient_is_there_on_tensorflow(
    body: str, gradient: float, offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    marked = (
        f"{_TF}z, w = tf.constant(3.0), tf.Variable(1.0)\nwith tf.GradientTape() as t:\n    q = 2.0 * w\n    {body}\n"
        "g = t.gradient(loss, w)\n"
    )
    before, after = run(marked), run(offered(StraightThroughOperands(), marked, "stopped")[0])
    assert before["g"] is None
    assert float(after["g"]) == 2 * gradient
    assert float(after["loss"]) == float(before["loss"])


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(StraightThroughOperands)
    head = f"{_TF}codes, z = tf.Variable([[2.0], [5.0]]), tf.constant([[1.0]])\n"
    call = "tf.stop_gradient(q - z)"
    assert offered(StraightThroughOperands(), head + bad.replace(call, f"«{call}»"), "stopped")[0] == head + good
    assert run(head + bad)["grads"] is None
    assert run(head + good)["grads"].values.numpy().tolist() == [[2.0]]
