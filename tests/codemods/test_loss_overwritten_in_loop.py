"""GF118: a loop adds up what it threw away."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.loss_overwritten_in_loop import LossOverwrittenInLoop

# Each case: a sentence, the text before with its cut marked, the rewrite.
REWRITES = [
    (
        "a sum over tasks",
        """\
        total = 0.0
        for task in tasks:
            part = error(task)
            total = weight[task] * «f(part)»  # weighted
            log(part)
        """,
        """\
        total = 0.0
        for task in tasks:
            part = error(task)
            total += weight[task] * f(part)  # weighted
            log(part)
        """,
    ),
    (
        "a zero that is a tensor, two blocks further out, and an attribute",
        """\
        self.loss = tf.constant(0.0)
        if training:
            while i < 3:
                for j in range(2): self.loss = «f(i, j)»; i += 1
        """,
        """\
        self.loss = tf.constant(0.0)
        if training:
            while i < 3:
                for j in range(2): self.loss += f(i, j); i += 1
        """,
    ),
    (
        "a list",
        "losses = []\nfor x in xs:\n    losses = «f(x)»\nloss = tf.add_n(losses)\n",
        "losses = []\nfor x in xs:\n    losses.append(f(x))\nloss = tf.add_n(losses)\n",
    ),
    (
        "the zero of another function",
        "t = 0.0\ndef g():\n    for x in xs:\n        t = «f(x)»\n",
        "t = 0.0\ndef g():\n    t = 0.0\n    for x in xs:\n        t += f(x)\n",
    ),
    (
        "no zero before the loops",
        """\
        def total(xs):
            t = 1
            # all of them
            for x in xs:
                for y in x:
                    loss = «f(y)»
            return loss / t
        """,
        """\
        def total(xs):
            t = 1
            # all of them
            loss = 0.0
            for x in xs:
                for y in x:
                    loss += f(y)
            return loss / t
        """,
    ),
]

NO_OPS = [
    ("a sum that is right", "t = 0.0\nfor x in xs:\n    t = t + «f(x)»\n"),
    ("no zero before the loop", "t = g(x)\nfor x in xs:\n    t = «f(x)»\n"),
    ("a zero that was given up", "t = 0.0\nt = g(x)\nfor x in xs:\n    t = «f(x)»\n"),
    ("no loop", "t = 0.0\nt = «f(x)»\n"),
    ("a name of the module", "t = 0.0\ndef g():\n    global t\n    for x in xs:\n        t = «f(x)»\n"),
    ("an attribute that is set elsewhere", "for x in xs:\n    self.t = «f(x)»\n"),
    ("several targets", "t = 0.0\nfor x in xs:\n    t = u = «f(x)»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(LossOverwrittenInLoop(), before, "never-used") == [dedent(after)]


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(LossOverwrittenInLoop(), text, "never-used") == []


def test_the_targets_own_loop_is_found_from_the_call(asked: Callable[..., list[str]]) -> None:
    text = "with tf.GradientTape() as t:\n    y = 0\n    for x in xs:\n        y = f(x)\ng = «t.gradient(y, v)»\n"
    assert [t.splitlines()[3] for t in asked(LossOverwrittenInLoop(), text, "never-used")] == ["        y += f(x)"]


def test_a_loop_over_batches_around_the_tape_stays(asked: Callable[..., list[str]]) -> None:
    text = "y = 0\nfor x in xs:\n    with tf.GradientTape() as t:\n        y = f(x)\n    g = «t.gradient(y, v)»\n"
    assert asked(LossOverwrittenInLoop(), text, "never-used") == []


def test_it_says_that_the_value_changes() -> None:
    assert not LossOverwrittenInLoop().keeps_value


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(LossOverwrittenInLoop)
    head = "import tensorflow as tf\nweights = [tf.Variable(2.0), tf.Variable(3.0)]\n"
    call = "tape.gradient(loss, weights)"
    assert asked(LossOverwrittenInLoop(), head + bad.replace(call, f"«{call}»"), "never-used") == [head + good]
    assert [g is None for g in run(head + bad)["grads"]] == [True, False]
    assert [float(g) for g in run(head + good)["grads"]] == [2.0, 4.0]
