"""What is rightly without a gradient gets a note and exit code 0; what was forgotten gets advice."""

from __future__ import annotations

import ast
from collections.abc import Callable
from textwrap import dedent

import pytest

from gradfix.scan.discarded import takes_some
from gradfix.values import FileReport, Verdict

TWO_HEADS = """\
import tensorflow as tf


class TwoHeads(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.body = tf.keras.layers.Dense(8, activation="relu")
        self.scores = tf.keras.layers.Dense(3)
        self.pooler = tf.keras.layers.Dense(4)

    def call(self, x):
        h = self.body(x)
        return {returned}


model = TwoHeads()
x, y = tf.random.normal((4, 5)), tf.constant([0, 1, 2, 0])
for _ in range(2):
    with tf.GradientTape() as tape:
        {taken}
        loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(y, scores, from_logits=True))
    grads = tape.gradient(loss, model.trainable_variables)
"""
PAIR, NAMED = "self.scores(h), self.pooler(h)", '{"scores": self.scores(h), "pooled": self.pooler(h)}'
LEFT_OUT = [
    pytest.param(PAIR, "scores = model(x)[0]", id="the first of two is taken"),
    pytest.param(PAIR, "scores, _ = model(x)", id="the other goes to an underscore"),
    pytest.param(NAMED, 'scores = model(x)["scores"]', id="one of several names is taken"),
    pytest.param(NAMED, 'out = model(x); scores = out["scores"]', id="one is taken later"),
]
SLOPE = """\
import tensorflow as tf

net = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(8, activation="tanh"), tf.keras.layers.Dense(1)])
x = tf.reshape(tf.linspace(0.0, 1.0, 16), (-1, 1))
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        inner.watch(x)
        u = net(x)
    slope = inner.gradient(u, x)
    loss = tf.reduce_mean(tf.square(slope - tf.cos(x)))
grads = outer.gradient(loss, net.trainable_variables)
"""


@pytest.mark.parametrize(("returned", "taken"), LEFT_OUT)
def test_a_head_that_is_left_out_on_purpose_is_a_note(
    returned: str, taken: str, repaired: Callable[..., FileReport]
) -> None:
    report = repaired(TWO_HEADS.replace("{returned}", returned).replace("{taken}", taken))
    assert (report.verdict, report.findings) == (Verdict.CLEAN, ()), report.reason
    assert len(report.notes) == 1
    assert "dense_2/kernel`" in report.notes[0]
    assert "`model(x)` gives more than the target uses; leave them out of the sources" in report.notes[0]


def test_a_head_whose_result_has_a_name_that_nothing_reads_is_advice(repaired: Callable[..., FileReport]) -> None:
    report = repaired(TWO_HEADS.replace("{returned}", PAIR).replace("{taken}", "scores, pooled = model(x)"))
    assert (report.verdict, [f.rule for f in report.findings]) == (Verdict.ADVICE, ["prediction-unused"])


def test_a_bias_that_drops_out_of_a_derivative_is_a_note(repaired: Callable[..., FileReport]) -> None:
    report = repaired(SLOPE)
    assert (report.verdict, report.findings) == (Verdict.CLEAN, ())
    assert len(report.notes) == 1
    assert "drop out of the derivative `inner.gradient(u, x)`" in report.notes[0]


def test_a_mistake_beside_it_is_mended_all_the_same(repaired: Callable[..., FileReport]) -> None:
    text = (
        TWO_HEADS.replace("{returned}", PAIR).replace("{taken}", "scores = model(x)[0]").replace("    loss =", "loss =")
    )
    report = repaired(text)
    assert (report.verdict, [f.rule for f in report.findings]) == (Verdict.FIXED, ["loss-outside-tape"]), report.reason


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("scores = model(x)[0]", True),
        ("scores = model(x).logits", True),
        ("scores, _ = model(x)\nprint(scores)", True),
        ("scores, *_ = model(x)\nprint(scores)", True),
        ("scores, _, pooled = model(x)\nprint(scores)", False),
        ("scores, pooled = model(x)\nprint(scores)", False),
        ("out = model(x)\nprint(out[0])", True),
        ("out = model(x)\nprint(out[0], out)", False),
        ("out = model(x)", False),
        ("print(model(x))", False),
        ("out = model(x)\nfor task in tasks:\n    loss = out[task]", False),
        ("out = model(x)\nloss = out[tasks()]", False),
    ],
)
def test_whether_code_takes_some_of_the_results(line: str, some: bool) -> None:
    tree = ast.parse(dedent(line))
    call = next(n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "model")
    assert takes_some(tree, call.lineno, call.col_offset, call.end_lineno or 0, call.end_col_offset or 0) is some
