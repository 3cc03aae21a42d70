"""GF117: the labels are cast, or nothing is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradfix_codemods.prediction_cast_to_labels import PredictionCastToLabels

_TF = "import tensorflow as tf\n"

# Each case: a sentence, the text before with its cut marked, all that is offered.
REWRITES = [
    (
        "a line that casts the prediction",
        "p = «tf.cast(p, y.dtype)»  # same type\nd = y - p\n",
        [
            "y = tf.cast(y, p.dtype)  # same type\nd = y - p\n",
            "d = y - p\n",
            "p = tf.cast(p, tf.float32)  # same type\nd = y - p\n",
        ],
    ),
    (
        "a cast in an expression with the labels",
        "d = tf.abs(self.y - «tf.cast(p, dtype=self.y.dtype)»)\n",
        [
            "d = tf.abs(tf.cast(self.y, p.dtype) - p)\n",
            "d = tf.abs(self.y - p)\n",
            "d = tf.abs(self.y - tf.cast(p, dtype=tf.float32))\n",
        ],
    ),
    (
        "a cast to a dtype of integers",
        "d = error(y, «tf.cast(p * 2, tf.int64)»)\n",
        ["d = error(y, p * 2)\n", "d = error(y, tf.cast(p * 2, tf.float32))\n"],
    ),
    (
        "a cast beside whole labels",
        "d = tf.abs(«tf.cast(p * 2, tf.int32)» - y)\n",
        [
            "d = tf.abs((p * 2) - tf.cast(y, tf.float32))\n",
            "d = tf.abs((p * 2) - y)\n",
            "d = tf.abs(tf.cast(p * 2, tf.float32) - y)\n",
        ],
    ),
    (
        "whole labels beside its name, more than once",
        "q = «tf.cast(f(p), tf.int32)»\nd = (y - q) * tf.subtract(q, z + 1) + 2 * q\n",
        [
            "q = f(p)\nd = (tf.cast(y, q.dtype) - q) * tf.subtract(q, tf.cast(z + 1, q.dtype)) + 2 * q\n",
            "q = f(p)\nd = (y - q) * tf.subtract(q, z + 1) + 2 * q\n",
            "q = tf.cast(f(p), tf.float32)\nd = (y - q) * tf.subtract(q, z + 1) + 2 * q\n",
        ],
    ),
    (
        "a cast under another name",
        "q = «tf.cast(p, 'int32')»\n",
        ["q = p\n", "q = tf.cast(p, 'float32')\n"],
    ),
    (
        "a computed prediction",
        "q = «tf.cast(f(p), y.dtype)»\n",
        ["q = f(p)\n", "q = tf.cast(f(p), tf.float32)\n"],
    ),
]

NO_OPS = [
    ("a cast to floats", "q = «tf.cast(p, tf.float16)»\n"),
    ("another function", "q = «tf.round(p)»\n"),
    ("no call", "q = «p»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_rewrites(before: str, after: list[str], offered: Callable[..., list[str]]) -> None:
    assert offered(PredictionCastToLabels(), _TF + before, "wrong-dtype") == [_TF + text for text in after]


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(PredictionCastToLabels(), _TF + text, "wrong-dtype") == []


def test_it_says_that_the_value_changes() -> None:
    assert not PredictionCastToLabels().keeps_value


RUNS = [
    ("a cast beside whole labels", "d = tf.cast(«tf.cast(p, tf.int32)» - y, tf.float32)"),
    ("in a call", "d = tf.cast(tf.subtract(y, «tf.cast(p * 1.0, y.dtype)»), tf.float32)"),
    ("a line", "p = «tf.cast(p, y.dtype)»\nd = tf.cast(y - p, tf.float32)"),
    ("an expression", "d = tf.cast(y - «tf.cast(p, y.dtype)», tf.float32)"),
]


@pytest.mark.parametrize("body", _named(RUNS))
def test_the_gradient_is_there_on_tensorflow(
    body: str, offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    lines = "".join(f"    {line}\n" for line in ["p = 2.0 * w", *body.splitlines(), "loss = d * d"])
    head = f"{_TF}w, y = tf.Variable(1.5), tf.constant(5)\nwith tf.GradientTape() as tape:\n"
    marked = f"{head}{lines}g = tape.gradient(loss, w)\n"
    assert run(marked)["g"] is None
    assert float(run(offered(PredictionCastToLabels(), marked, "wrong-dtype")[0])["g"]) == -8.0


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(PredictionCastToLabels)
    head = f"{_TF}w, x, labels = tf.Variable(2.0), tf.ones(3), tf.constant([1, 2, 3])\n"
    call = "tf.cast(prediction, labels.dtype)"
    texts = offered(PredictionCastToLabels(), head + bad.replace(call, f"«{call}»"), "wrong-dtype")
    assert texts[0] == head + good
    assert run(head + bad)["grads"] is None
    assert float(run(head + good)["grads"]) == 0.0
