"""GF124: a tape watches variables of Keras by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradfix.values import Verdict
from gradfix_codemods.base import Cut
from gradfix_codemods.keras_variable_watched import KerasVariableWatched

HEAD = "import tensorflow as tf\nwith tf.GradientTape() as tape:\n"
REST = "    loss = net(x)\n"


def texts(program: str) -> list[str]:
    return [
        r.text for r in KerasVariableWatched().rewrites(program, Cut("cannot-watch", 0, 0, 3 + program.count("for")))
    ]


REWRITES = [
    (
        "a line of its own",
        "    tape.watch(w)  # once\n",
        ["", "    tape.watch(w.value)  # once\n", "    tape.watch([v.value for v in w])  # once\n"],
    ),
    (
        "a loop of nothing else",
        "    for v in ws:\n        tape.watch(v)\n",
        ["", "    for v in ws:\n        tape.watch(v.value)\n"],
    ),
    ("a computed list", "    tape.watch(net.a + net.b)\n", [""]),
]


@pytest.mark.parametrize(("lines", "expected"), [pytest.param(*case[1:], id=case[0]) for case in REWRITES])
def test_rewrites(lines: str, expected: list[str]) -> None:
    assert texts(HEAD + lines + REST)[: len(expected)] == [HEAD + new + REST for new in expected]


NO_OPS = [
    ("another method", "    tape.watched_variables()\n"),
    ("its answer is used", "    y = tape.watch(f(w))\n"),
    ("unpacked arguments", "    tape.watch(*ws)\n"),
]


@pytest.mark.parametrize("lines", [pytest.param(lines, id=name) for name, lines in NO_OPS])
def test_nothing_is_offered(lines: str) -> None:
    assert texts(HEAD + lines + REST) == []


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], run: Callable[..., dict[str, Any]], repaired: Callable[..., Any]
) -> None:
    bad, good = examples(KerasVariableWatched)
    head = (
        "import tensorflow as tf\nx, y = tf.ones((3, 2)), tf.ones((3, 1))\n"
        "model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])\n"
    )
    with pytest.raises(ValueError, match="Passed in object"):
        run(head + bad)
    assert None not in run(head + good)["grads"]
    report = repaired(head + bad)
    assert list(report.patched.values()) == [head + good]
    assert [f.rule for f in report.findings] == ["keras-variable-watched"]


def test_a_tape_that_watches_nothing_by_itself_is_handed_the_values(repaired: Callable[..., Any]) -> None:
    text = (
        "import tensorflow as tf\nx = tf.ones((3, 2))\n"
        "model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])\n"
        "with tf.GradientTape(watch_accessed_variables=False) as tape:\n"
        "    tape.watch(model.trainable_variables)\n"
        "    loss = tf.reduce_mean(model(x))\n"
        "grads = tape.gradient(loss, model.trainable_variables)\n"
    )
    new = text.replace("watch(model.trainable_variables)", "watch([v.value for v in model.trainable_variables])")
    assert list(repaired(text).patched.values()) == [new]


def test_minus_equals_that_raises_leads_to_the_variable(repaired: Callable[..., Any]) -> None:
    text = (
        "import tensorflow as tf\nw, b = tf.Variable([1.0, 2.0]), tf.Variable(0.5)\n"
        "for _ in range(3):\n"
        "    with tf.GradientTape() as tape:\n"
        "        loss = tf.reduce_sum(w * w) + b ** 2\n"
        "    steps = tape.gradient(loss, [w, b])\n"
        "    for v, step in zip([w, b], steps):\n"
        "        v -= 0.1 * step\n"
    )
    assert list(repaired(text).patched.values()) == [text.replace("v -= 0.1 * step", "v.assign_sub(0.1 * step)")]


def test_zeros_are_made_for_the_values(repaired: Callable[..., Any]) -> None:
    text = (
        "import tensorflow as tf\nx = tf.ones((3, 2))\n"
        "model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(2), tf.keras.layers.Dense(1)])\n"
        "with tf.GradientTape() as tape:\n    loss = tf.reduce_mean(model.layers[0](x))\n"
        "grads = tape.gradient(loss, model.trainable_variables, unconnected_gradients='zero')\n"
    )
    report = repaired(text)
    if report.verdict is Verdict.CLEAN:
        pytest.skip("the variables of Keras 2 are those of TensorFlow")
    new = text.replace("loss, model.trainable_variables", "loss, [v.value for v in model.trainable_variables]")
    assert list(report.patched.values()) == [new]
    assert [f.rule for f in report.findings] == ["keras-variable-watched"]
