"""GF113: the gradients come first in the pairs of an update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradfix_codemods.zip_swapped import ZipSwapped

# Each case: a sentence, the text before with the call marked, the rewrite.
CASES = [
    (
        "lists that are zipped",
        "g = «t.gradient(y, m.weights)»\no.apply_gradients(zip(m.weights, g))  # down\n",
        "g = t.gradient(y, m.weights)\no.apply_gradients(zip(g, m.weights))  # down\n",
    ),
    (
        "one pair in a list",
        "g = «t.gradient(y, w)»\no.apply_gradients([(w, g)])\n",
        "g = t.gradient(y, w)\no.apply_gradients([(g, w)])\n",
    ),
    (
        "a call in the pairs themselves",
        "o.apply_gradients(list(zip(ws, «t.gradient(y, ws)»)))\n",
        "o.apply_gradients(list(zip(t.gradient(y, ws), ws)))\n",
    ),
    ("the right order", "g = «t.gradient(y, ws)»\no.apply_gradients(zip(g, ws))\n", None),
    ("a loop", "g = «t.gradient(y, ws)»\nfor v, d in zip(ws, g):\n    v.assign_sub(d)\n", None),
    ("other gradients", "g = «t.gradient(y, ws)»\no.apply_gradients(zip(ws, h))\n", None),
    ("another function", "g = «t.gradient(y, ws)»\ndef f(g):\n    o.apply_gradients(zip(ws, g))\n", None),
]


@pytest.mark.parametrize(("before", "after"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_the_rewrite(before: str, after: str | None, asked: Callable[..., list[str]]) -> None:
    assert asked(ZipSwapped(), before, "pairs-swapped") == ([] if after is None else [after])


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(ZipSwapped)
    head = (
        "import tensorflow as tf\nx, optimizer = tf.ones((2, 3)), tf.keras.optimizers.SGD(0.1)\n"
        "model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1, kernel_initializer='ones')])\n"
    )
    call = "tape.gradient(loss, model.trainable_variables)"
    assert asked(ZipSwapped(), head + bad.replace(call, f"«{call}»"), "pairs-swapped") == [head + good]
    with pytest.raises(AttributeError):
        run(head + bad)
    assert run(head + good)["model"].get_weights()[1].tolist() == pytest.approx([-1.2])
