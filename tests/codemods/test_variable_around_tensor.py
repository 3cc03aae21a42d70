"""GF107: the tensor itself in the place of a variable made of it."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.variable_around_tensor import VariableAroundTensor

REWRITES = [
    ("a variable of a call", "y = «tf.Variable(f(x))»  # kept\n", "y = f(x)  # kept\n"),
    ("options go", "y = «tf.Variable(x * 2, trainable=True, name='y')»\n", "y = x * 2\n"),
    ("by keyword", "y = g(«tf.Variable(initial_value=x)», 1)\n", "y = g(x, 1)\n"),
    ("a list becomes a tensor", "y = «tf.Variable([a, b])»\n", "y = tf.convert_to_tensor([a, b])\n"),
    ("precedence", "y = 2 * «tf.Variable(a + b)»\n", "y = 2 * (a + b)\n"),
    ("a line that did nothing else goes", "y = 1\nx = «tf.Variable(x)»\nz = x\n", "y = 1\nz = x\n"),
]

NO_OPS = [
    ("no value", "y = «tf.Variable()»\n"),
    ("an option that is not known", "y = «tf.Variable(x, constraint=f)»\n"),
    ("a star", "y = «tf.Variable(*x)»\n"),
    ("a class of one's own", "y = «Variable(x)»\n"),
    ("a constant", "y = «tf.constant(x)»\n"),
    ("a weight of a layer", "y = «self.add_weight(x)»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    head = "import tensorflow as tf\n"
    assert offered(VariableAroundTensor(), head + before, "not-differentiable")[0] == head + after


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(VariableAroundTensor(), f"import tensorflow as tf\n{text}", "not-differentiable") == []


def test_then_a_tensor_of_it_then_one_of_the_dtype(offered: Callable[..., list[str]]) -> None:
    texts = offered(VariableAroundTensor(), "import tensorflow as tf\ny = «tf.Variable(x, dtype=tf.float64)»\n")
    assert [text.splitlines()[1] for text in texts] == [
        "y = x",
        "y = tf.convert_to_tensor(x)",
        "y = tf.cast(x, tf.float64)",
    ]


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(VariableAroundTensor)
    head = dedent("""\
        import tensorflow as tf
        x, y = tf.ones((3, 2)), tf.ones((3, 1))
        model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
        """)
    call = "tf.Variable(model(x))"
    rewritten = offered(VariableAroundTensor(), head + bad.replace(call, f"«{call}»"))[0]
    assert rewritten == head + good
    assert run(head + bad)["grads"] == [None, None]
    assert all(g is not None for g in run(rewritten)["grads"])
