"""GF112: the target comes first, then the sources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradfix_codemods.gradient_arguments_swapped import GradientArgumentsSwapped

# Each case: a sentence, the text before with the call marked, the first rewrite.
REWRITES = [
    (
        "a model's variables",
        "g = «t.gradient(model.trainable_variables, loss)»\n",
        "g = t.gradient(loss, model.trainable_variables)\n",
    ),
    ("a list of attributes", "g = «t.gradient([m.w, m.weights], loss)»\n", "g = t.gradient(loss, [m.w, m.weights])\n"),
    (
        "a variable that the file makes",
        "w = tf.Variable(1.0)\ng = «t.gradient(w, loss)»\n",
        "w = tf.Variable(1.0)\ng = t.gradient(loss, w)\n",
    ),
    (
        "a name for such a list",
        "at = [m.trainable_variables[0]]\nps = a.weights + b.weights\ng = «t.gradient(ps, self.loss)»\n",
        "at = [m.trainable_variables[0]]\nps = a.weights + b.weights\ng = t.gradient(self.loss, ps)\n",
    ),
    (
        "keywords keep their places",
        "g = «t.gradient(target=m.weights, sources=loss)»\n",
        "g = t.gradient(target=loss, sources=m.weights)\n",
    ),
    (
        "a sum over lines",
        "g = «t.gradient(\n    a.weights\n    + b.weights,  # both\n    loss,\n)»\n",
        "g = t.gradient(\n    loss,  # both\n    a.weights\n    + b.weights,\n)\n",
    ),
    (
        "further arguments stay",
        "g = «t.gradient(m.weights, loss, unconnected_gradients='zero')»\n",
        "g = t.gradient(loss, m.weights, unconnected_gradients='zero')\n",
    ),
]

NO_OPS = [
    ("the right order", "g = «t.gradient(loss, m.trainable_variables)»\n"),
    ("two lists of variables", "g = «t.gradient(a.weights, b.weights)»\n"),
    ("two tensors", "g = «t.gradient(y, x)»\n"),
    ("a target that is computed in the call", "g = «t.gradient(m.weights, error(y))»\n"),
    ("one argument", "g = «t.gradient(m.weights)»\n"),
    ("arguments in a star", "g = «t.gradient(*both)»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_rewrite(before: str, after: str, asked: Callable[..., list[str]]) -> None:
    assert asked(GradientArgumentsSwapped(), before, "never-used") == [after]


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, asked: Callable[..., list[str]]) -> None:
    assert asked(GradientArgumentsSwapped(), text, "never-used") == []


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(GradientArgumentsSwapped)
    head = "import tensorflow as tf\nx, y = tf.ones(3), tf.zeros(3)\nw = tf.Variable(2.0)\n"
    call = "tape.gradient([w], loss)"
    assert asked(GradientArgumentsSwapped(), head + bad.replace(call, f"«{call}»"), "never-used") == [head + good]
    assert run(head + bad)["grads"] is None
    assert [float(g) for g in run(head + good)["grads"]] == [4.0]
