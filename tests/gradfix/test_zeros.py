"""Gradients that are there and all zero: which are missing, and which are healthy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from gradfix.breaks import Trace
from gradfix.look.diagnose import trace_of
from gradfix.prove.proof import broken_in
from gradfix.prove.zeros import settled
from gradfix.run.lab import Lab, Seen, subject_of
from gradfix.run.messages import Entry, Limits, missing_of
from gradfix.run.pool import Pool

HEAD = """\
import numpy as np
import tensorflow as tf
import keras
w = tf.Variable([1.0, 2.0], name="w")
u = tf.Variable([3.0, -4.0], name="u")
x = tf.constant([0.5, -1.5])
"""


@dataclass(frozen=True)
class Looked:
    """A program's look, as it was and with its lasting zeros marked, and what a trace of the first of them says."""

    plain: Seen
    settled: Seen
    trace: Trace | None

    @property
    def zeros(self) -> list[tuple[int, ...]]:
        """The sources of each question whose zeros last."""
        return [r.zeros for r in self.settled.eager.requests]


Look = Callable[[str], Looked]


@pytest.fixture
def looked(tmp_path: Path, pool: Pool) -> Look:
    """Gives a function that looks at a program."""

    def look(text: str) -> Looked:
        path = tmp_path / "train.py"
        text = HEAD + dedent(text)
        path.write_text(text)
        lab, texts = Lab(pool, subject_of(str(path)), Limits(())), {str(path): text}
        plain = lab.look(Entry(), texts)
        assert plain.eager.requests, plain.eager.trouble
        found = settled(lab, plain, texts)
        broken = broken_in(found)
        trace = trace_of(lab.trace(found, broken, texts), broken, texts) if broken else None
        return Looked(plain, found, trace)

    return look


LASTING = [
    (
        "the sign of the predictions",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sign(w * x) - 1.0)
        tape.gradient(loss, [w])
        """,
        (0,),
        "tf.sign",
    ),
    (
        "one source of two, the other one is as it should be",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sign(w) + u * u)
        tape.gradient(loss, [u, w])
        """,
        (1,),
        "tf.sign",
    ),
    (
        "the sign in a helper that a graph calls",
        """
        def helper(v):
            return tf.sign(v)
        @tf.function
        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(helper(w) * x)
            return tape.gradient(loss, [w])
        for _ in range(3):
            step()
        """,
        (0,),
        "tf.sign",
    ),
]


@pytest.mark.parametrize(("program", "zeros", "operation"), [pytest.param(*case[1:], id=case[0]) for case in LASTING])
def test_zeros_that_last_are_missing(looked: Look, program: str, zeros: tuple[int, ...], operation: str) -> None:
    found = looked(program)
    assert set(found.zeros) == {zeros}
    assert all(missing_of(r) == () for r in found.plain.eager.requests)
    assert all(missing_of(r) == zeros for r in found.settled.eager.requests)
    assert found.trace is not None
    assert [b.operation for b in found.trace.breaks] == [operation]


HEALTHY = [
    (
        "the last bias of a critic, which drops out of a difference of means",
        """
        b = tf.Variable(0.5)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(x * w + b) - tf.reduce_mean(x * w**2 + b)
        tape.gradient(loss, [w, b])
        """,
    ),
    (
        "a factor of a product whose other factor starts at zero",
        """
        a = tf.Variable([[0.5], [0.3]])
        b = tf.Variable([[0.0, 0.0]])
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(x[None] @ (a @ b))
        tape.gradient(loss, [a, b])
        """,
    ),
    (
        "a hinge that is satisfied",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.nn.relu(0.5 - w))
        tape.gradient(loss, [w])
        """,
    ),
    (
        "a minimum",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum((w - [1.0, 2.0]) ** 2)
        tape.gradient(loss, [w])
        """,
    ),
    (
        "a weight that is multiplied by a setting of zero",
        """
        penalty = 0.0
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(u * u) + penalty * tf.reduce_sum(w * w)
        tape.gradient(loss, [u, w])
        """,
    ),
    (
        "unconnected sources that the code wants as zeros",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(u * u)
        tape.gradient(loss, [u, w], unconnected_gradients="zero")
        """,
    ),
    (
        "a term that is switched off",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(u * u)
            loss += 0.0 * tf.reduce_sum(w)
        g = tape.gradient(loss, [u, w])
        """,
    ),
    (
        "zeros of a source that is a tensor",
        """
        c = tf.constant([1.0, 2.0])
        with tf.GradientTape() as tape:
            tape.watch(c)
            loss = tf.reduce_sum(tf.sign(c))
        tape.gradient(loss, [c])
        """,
    ),
    (
        "zeros of a variable that does not train",
        """
        f = tf.Variable([1.0, 2.0], trainable=False)
        with tf.GradientTape() as tape:
            tape.watch(f)
            loss = tf.reduce_sum(tf.sign(f) * u)
        tape.gradient(loss, [f, u])
        """,
    ),
    (
        "no zeros at all",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w * x)
        tape.gradient(loss, [w])
        """,
    ),
]


@pytest.mark.parametrize("program", [pytest.param(p, id=name) for name, p in HEALTHY])
def test_healthy_zeros_are_left_alone(looked: Look, program: str) -> None:
    found = looked(program)
    assert set(found.zeros) == {()}
    assert broken_in(found.settled) is None


def test_a_question_that_is_missing_a_gradient_is_not_looked_at_for_zeros(looked: Look) -> None:
    found = looked(
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sign(w)) + tf.reduce_sum(np.abs(u))
        tape.gradient(loss, [w, u])
        """
    )
    assert found.settled is found.plain
    assert found.trace is not None
    assert [b.operation for b in found.trace.breaks] == ["np.abs"]
