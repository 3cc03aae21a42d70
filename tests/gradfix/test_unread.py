"""Which results of a model a step leaves unread."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from gradfix.scan.unread import unread_results

STEP = """
def step(self, s, a):
    with tf.GradientTape() as tape:
        {0}
        q = critic([s, a])
        loss = -tf.reduce_mean(q)
    return tape.gradient(loss, {1})

actions = 1
print(actions)
"""
CASES = [
    ("actions = actor(s)", "actor.trainable_variables", (("actions", 4),)),
    ("actions = tf.tanh(self.actor(s))", "self.actor.trainable_weights + actor.weights", (("actions", 4),)),
    ("mean, std = actor(s)", "actor.trainable_variables", (("mean", 4), ("std", 4))),
    ("a = actor(s)", "actor.trainable_variables", ()),
    ("q = actor(s)", "actor.trainable_variables", (("q", 4),)),
    ("mean, _ = actor(s); a = mean", "actor.trainable_variables", ()),
    ("for _ in s:\n            use(h)\n            h = actor(s)", "actor.trainable_variables", ()),
    ("for _ in s:\n            h = actor(s)", "actor.trainable_variables", (("h", 5),)),
    ("mean, _ = actor(s)\n        a = mean", "actor.trainable_variables", ()),
    ("actions = actor(s)", "critic.trainable_variables", ()),
    ("actions = actor(s)", "[w, b]", ()),
    ("_ = actor(s)", "actor.trainable_variables", ()),
]


@pytest.mark.parametrize(("line", "sources", "unread"), CASES)
def test_unread(line: str, sources: str, unread: tuple[tuple[str, int], ...]) -> None:
    text = dedent(STEP).format(line, sources)
    asked = text[: text.index("tape.gradient")].count("\n") + 1
    assert unread_results(ast.parse(text), asked, sources) == unread
