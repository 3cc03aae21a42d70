"""Gradients against finite differences, on real TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any, ClassVar

import pytest

from gradfix.prove.differences import derivative_fault, next_alike
from gradfix.run.lab import Lab, Seen, Texts, subject_of
from gradfix.run.messages import Entry, Limits, Request, Run
from gradfix.run.pool import Pool

HEAD = """\
import numpy as np
import tensorflow as tf
import keras
w = tf.Variable([1.0, 2.0, -0.5], name="w")
b = tf.Variable(0.3, name="b")
x = tf.constant([0.5, -1.5, 2.0])
"""
Checked = Callable[[str], tuple[str, str]]


@pytest.fixture
def checked(tmp_path: Path, pool: Pool) -> Checked:
    """Gives a function: what speaks against the gradients of a program's first question, and the check's text."""

    def check(text: str) -> tuple[str, str]:
        path = tmp_path / "train.py"
        text = HEAD + dedent(text)
        path.write_text(text)
        lab, texts = Lab(pool, subject_of(str(path)), Limits(())), {str(path): text}
        look = lab.look(Entry(), texts)
        assert look.eager.requests, look.eager.trouble
        checks: dict[str, str] = {}
        fault = derivative_fault(lab, look, look.eager.requests[0], texts, checks)
        return fault, checks["derivative"]

    return check


RIGHT = [
    (
        "a square",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum((w * x) ** 2)
        tape.gradient(loss, [w])
        """,
    ),
    (
        "two variables of different sizes",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.tanh(w * x) + 100.0 * b))
        tape.gradient(loss, [w, b])
        """,
    ),
    (
        "a small slope and a strong bend beside a large constant",
        """
        with tf.GradientTape() as tape:
            loss = 543.0 + 0.375 * tf.exp(8.0 * (b - 0.3)) + 1e-3 * tf.reduce_sum(w)
        tape.gradient(loss, [w, b])
        """,
    ),
    (
        "a target of a list",
        """
        with tf.GradientTape() as tape:
            losses = [tf.reduce_sum(w * x), tf.exp(b)]
        tape.gradient(losses, [w, b])
        """,
    ),
    (
        "a model of Keras, in the third of its steps as in the first",
        """
        model = keras.Sequential([keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)])
        optimizer = keras.optimizers.SGD(0.1)
        for _ in range(3):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(model(x[:, None]) - 1.0))
            grads = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(grads, model.trainable_variables))
        """,
    ),
    (
        "a step of a graph",
        """
        @tf.function
        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.sin(w) * x)
            return tape.gradient(loss, [w])
        step()
        """,
    ),
    (
        "a dropout, whose seed is the same in each run",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.nn.dropout(w * w, 0.5) * x)
        tape.gradient(loss, [w])
        """,
    ),
    (
        "a straight-through estimator that nothing rounds",
        """
        with tf.GradientTape() as tape:
            y = w + tf.stop_gradient(tf.square(x))
            loss = tf.reduce_sum(y * y)
        tape.gradient(loss, [w])
        """,
    ),
]


@pytest.mark.parametrize("program", [pytest.param(p, id=name) for name, p in RIGHT])
def test_a_right_gradient_agrees(checked: Checked, program: str) -> None:
    fault, check = checked(program)
    assert fault == ""
    assert check.startswith("finite differences agree to ")
    assert float(check.split()[-1].rstrip("%")) <= 2.0


def test_mixed_precision_agrees_to_what_half_precision_can(checked: Checked) -> None:
    fault, check = checked(
        """
        keras.mixed_precision.set_global_policy("mixed_float16")
        model = keras.Sequential([keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1)])
        model.build((None, 1))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.cast(model(x[:, None]), tf.float32) - 1.0))
        tape.gradient(loss, model.trainable_variables)
        """
    )
    assert fault == ""
    assert check.startswith("finite differences agree to ")
    assert float(check.split()[-1].rstrip("%")) <= 5.0


def test_a_gradient_that_is_not_the_derivative_is_refused(checked: Checked) -> None:
    """A gradient of our own registry: nothing on the path says that it may be another."""
    fault, check = checked(
        """
        @tf.RegisterGradient("Tripled")
        def tripled(op, grad):
            return 3.0 * grad
        from tensorflow.python.eager import backprop
        from tensorflow.python.framework import ops
        before = ops.gradient_registry._registry["Sin"]["type"]
        ops.gradient_registry._registry["Sin"]["type"] = lambda op, grad: 3.0 * before(op, grad)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(w))
        tape.gradient(loss, [w])
        """
    )
    assert "not the derivative of the target" in fault
    assert check.startswith("finite differences differ by ")


OPAQUE = [
    (
        "a custom_gradient that lies",
        """
        @tf.custom_gradient
        def odd(a):
            return a * a, lambda dy: dy * 17.0
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(odd(w))
        tape.gradient(loss, [w])
        """,
        "not checked: tf.custom_gradient lies on the path",
    ),
    (
        "a straight-through estimator",
        """
        with tf.GradientTape() as tape:
            y = w + tf.stop_gradient(tf.round(w * 3.0) * 5.0 - w)
            loss = tf.reduce_sum(y * y)
        tape.gradient(loss, [w])
        """,
        "not checked: tf.stop_gradient lies on the path",
    ),
]


@pytest.mark.parametrize(("program", "expected"), [pytest.param(p, e, id=name) for name, p, e in OPAQUE])
def test_a_gradient_that_means_to_be_another_is_not_checked(checked: Checked, program: str, expected: str) -> None:
    assert checked(program) == ("", expected)


NOT_CHECKED = [
    (
        "sources that are tensors",
        """
        c = tf.constant([1.0, 2.0])
        with tf.GradientTape() as tape:
            tape.watch(c)
            loss = tf.reduce_sum(c * c)
        tape.gradient(loss, [c])
        """,
        "not checked: the sources are not variables, or the target has no value",
    ),
    (
        "a target that changes from run to run",
        """
        import time
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w * float(time.time_ns() % 1_000_003))
        tape.gradient(loss, [w])
        """,
        "not checked: the target's value differs from run to run",
    ),
    (
        "a gradient that is zero",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w * 0.0)
        tape.gradient(loss, [w])
        """,
        "not checked: no direction to go",
    ),
    (
        "a step that fails when its variable moves",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w * w)
            assert float(w[0]) == 1.0, "it moved"
        tape.gradient(loss, [w])
        """,
        "not checked: the step fails when the variables move",
    ),
]


@pytest.mark.parametrize(("program", "expected"), [pytest.param(p, e, id=name) for name, p, e in NOT_CHECKED])
def test_what_is_not_checked_says_why(checked: Checked, program: str, expected: str) -> None:
    assert checked(program) == ("", expected)


def test_a_kink_next_to_the_variables_is_not_held_against_the_gradient(checked: Checked) -> None:
    fault, check = checked(
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.abs(w - [1.001, 2.001, -0.501])) + tf.reduce_sum(w * 0.5)
        tape.gradient(loss, [w])
        """
    )
    assert fault == ""
    assert check.startswith("finite differences agree to ")


def test_a_later_question_from_the_same_line_is_preferred(tmp_path: Path, pool: Pool) -> None:
    path = tmp_path / "train.py"
    text = HEAD + dedent(
        """
        for _ in range(3):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(w * w)
            tape.gradient(loss, [w])
        with tf.GradientTape() as tape:
            loss = b * b
        tape.gradient(loss, [b])
        """
    )
    path.write_text(text)
    lab = Lab(pool, subject_of(str(path)), Limits(()))
    look = lab.look(Entry(), {str(path): text})
    assert [next_alike(look, r).index for r in look.eager.requests] == [1, 2, 2, 3]


def test_a_direction_noted_on_the_way_needs_one_more_run_only(tmp_path: Path, pool: Pool) -> None:
    """A look that notes the direction goes on as ever; the one step forward agrees, and nothing else is run."""
    path = tmp_path / "train.py"
    path.write_text(text := HEAD + dedent(THREE_STEPS))
    lab, texts = Counting(pool, subject_of(str(path)), Limits(())), {str(path): text}
    plain = lab.look(Entry(), texts)
    noted = lab.look(Entry(), texts, note=plain.eager.requests[0])
    assert [r.value for r in noted.eager.requests] == [r.value for r in plain.eager.requests]
    assert len(noted.eager.requests) == 3
    lab.asked.clear()
    checks: dict[str, str] = {}
    assert derivative_fault(lab, noted, noted.eager.requests[0], texts, checks) == ""
    assert checks["derivative"].startswith("finite differences agree")
    assert [set(how) for how in lab.asked] == [{"index", "serial", "step", "stash"}]


def test_a_step_that_disagrees_is_looked_at_again_in_full(tmp_path: Path, pool: Pool) -> None:
    path = tmp_path / "train.py"
    path.write_text(text := HEAD + dedent(WRONG_GRADIENT))
    lab, texts = Counting(pool, subject_of(str(path)), Limits(())), {str(path): text}
    look = lab.look(Entry(), texts, note=lab.look(Entry(), texts).eager.requests[0])
    lab.asked.clear()
    checks: dict[str, str] = {}
    derivative_fault(lab, look, look.eager.requests[0], texts, checks)
    assert "agree" not in checks["derivative"]
    assert len(lab.asked) > 2
    assert any(how.get("write") for how in lab.asked)


class Counting(Lab):
    """A lab that keeps what it was asked to move."""

    asked: ClassVar[list[dict[str, Any]]] = []

    def perturbed(self, look: Seen, request: Request, texts: Texts, **how: Any) -> Run:
        self.asked.append({"index": request.index, "serial": request.serial, **how})
        return super().perturbed(look, request, texts, **how)


THREE_STEPS = """
for i in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(w * x - 1.0))
    g = tape.gradient(loss, [w])
    w.assign_sub(0.01 * g[0])
"""
WRONG_GRADIENT = """
@tf.custom_gradient
def odd(v):
    return v * v, lambda upstream: upstream * 17.0 * v
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(odd(w))
tape.gradient(loss, [w])
"""


def test_variables_that_a_layer_makes_inside_the_step_are_moved_too(checked: Checked) -> None:
    fault, check = checked(
        """
        model = keras.Sequential([keras.layers.Dense(1)])
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(x[:, None]))
        tape.gradient(loss, model.trainable_variables)
        """
    )
    assert (fault, check.startswith("finite differences agree")) == ("", True)


def test_a_gradient_of_some_of_the_terms_is_refused_though_it_is_near(checked: Checked) -> None:
    fault, check = checked(
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w ** 3) + float(1.0 * tf.reduce_sum(w))
        tape.gradient(loss, [w])
        """
    )
    assert check.startswith("finite differences differ by"), check
    assert "not the derivative" in fault
