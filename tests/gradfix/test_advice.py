"""Advice: every break has some, in the user's names, and what it offers works on TensorFlow."""

from __future__ import annotations

import os
import re
import warnings
from typing import Any

import pytest

from gradfix.advice.choose import advice_for, all_advice
from gradfix.breaks import (
    LEFT_TENSORFLOW,
    NEVER_USED,
    NO_SOURCES,
    NOT_DIFFERENTIABLE,
    OUTSIDE_TAPE,
    OVERWRITTEN,
    RECORDING_STOPPED,
    STOPPED,
    UNWATCHED,
    WORDS,
    WRONG_DTYPE,
    Break,
    outermost,
)
from gradfix.rules import rules
from gradfix.values import Place

HERE = Place("train.py", 1)
SETTING = """
import tensorflow as tf
scores = tf.Variable([[0.2, 1.1, -0.4], [0.9, 0.3, 0.8]])
labels = tf.constant([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
drawn = tf.constant([1, 0])
cost = tf.constant([0.3, 0.7])
mean, deviation = scores, tf.ones_like(scores)
"""


def break_of(operation: str, segment: str, kind: str = NOT_DIFFERENTIABLE) -> Break:
    return Break(kind, HERE, operation, segment)


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """The names that the expressions of the advice read."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(SETTING, found)
    return found


CASES = [
    ("choice-of-an-index", "tf.argmax", "tf.argmax(scores, axis=-1)"),
    ("choice-of-an-index", "tf.argmax", "tf.argmax(scores, 1)"),
    ("choice-of-an-index", "tf.math.argmin", "tf.math.argmin(scores - 1.0, axis=1)"),
    ("choice-of-an-index", "tf.argsort", "tf.argsort(scores, direction='DESCENDING')"),
    ("choice-of-an-index", "tf.math.top_k", "tf.math.top_k(scores, k=2)"),
    ("choice-of-an-index", "tf.math.in_top_k", "tf.math.in_top_k(drawn, scores, 2)"),
    ("sampled-value", "tf.random.categorical", "tf.random.categorical(scores, 1)"),
    ("sampled-value", "tf.random.categorical", "tf.random.categorical(logits=scores, num_samples=1)"),
    ("sampled-value", "tf.random.stateless_binomial", "tf.random.stateless_binomial([2], [1, 2], 1.0, scores)"),
    ("rounded-value", "tf.round", "tf.round(scores)"),
    ("rounded-value", "tf.math.ceil", "tf.math.ceil(scores * 3.0)"),
    ("rounded-value", "tf.math.floor", "tf.math.floor(x=scores)"),
    ("rounded-value", "tf.math.rint", "tf.math.rint(scores)"),
    ("rounded-value", "tf.sign", "tf.sign(scores)"),
    ("rounded-value", "//", "scores // 0.5"),
    ("threshold", ">", "scores > 0.5"),
    ("threshold", "<=", "scores + 0.1 <= 0.5"),
    ("threshold", ">", "scores > 0.0"),
    ("threshold", "tf.math.confusion_matrix", "tf.math.confusion_matrix(drawn, scores)"),
    ("threshold", "tf.greater", "tf.greater(scores, 0.5)"),
    ("threshold", "tf.equal", "tf.equal(scores, labels)"),
    ("threshold", "tf.math.count_nonzero", "tf.math.count_nonzero(scores)"),
]


@pytest.mark.parametrize(("rule", "operation", "segment"), CASES, ids=[c[2] for c in CASES])
def test_what_is_offered_has_gradients(rule: str, operation: str, segment: str, names: dict[str, Any]) -> None:
    tf = names["tf"]
    cut = break_of(operation, segment)
    advice = advice_for(cut)
    assert advice.name == rule
    offered = [code for way in advice.ways(cut) for code in re.findall("`(.+?)`", way)]
    formulas = [code for code in offered if "log_probability_of_the_draw" not in code]
    assert formulas
    for code in formulas:
        with tf.GradientTape() as tape:
            value = eval(code, names)
            weights = tf.reshape(tf.range(1.0, float(tf.size(value)) + 1.0), tf.shape(value))  # a softmax sums to one
            target = tf.reduce_sum(value * weights)
        gradient = tape.gradient(target, names["scores"])
        assert gradient is not None, code
        assert bool(tf.reduce_any(gradient != 0.0)), code


PLAIN = [c for c in CASES if not any(word in c[2] for word in ("sign", "binomial", "confusion"))]


@pytest.mark.parametrize(("rule", "operation", "segment"), PLAIN, ids=[c[2] for c in PLAIN])
def test_what_stands_there_now_has_none(rule: str, operation: str, segment: str, names: dict[str, Any]) -> None:
    tf = names["tf"]
    with tf.GradientTape() as tape:
        value = tf.nest.flatten(eval(segment, names))[-1]
    assert tape.gradient(tf.cast(value, tf.float32), names["scores"]) is None


def test_soft_ranks_are_near_the_ranks(names: dict[str, Any]) -> None:
    cut = break_of("tf.argsort", "tf.argsort(values)")
    formula = re.findall("`(.+?)`", advice_for(cut).ways(cut)[0])[0]
    values = names["tf"].constant([30.0, 10.0, 20.0])
    assert [round(r) for r in eval(formula, {**names, "values": values}).numpy().tolist()] == [3, 1, 2]


@pytest.mark.parametrize(
    ("rule", "cut", "word"),
    [
        pytest.param(
            "metric-as-loss", break_of(".result()", "accuracy.result()", NEVER_USED), "Crossentropy", id="accuracy"
        ),
        pytest.param("metric-as-loss", break_of(".result()", "iou.result()", NEVER_USED), "soft", id="IoU"),
        pytest.param(
            "black-box",
            break_of("tf.numpy_function", "tf.numpy_function(simulate, [a], tf.float32)", LEFT_TENSORFLOW),
            "`simulate`",
            id="a function that TensorFlow cannot see into",
        ),
        pytest.param(
            "weights-assigned", break_of(".assign()", "fast.assign(slow - g)", OVERWRITTEN), "slow - g", id="assign"
        ),
        pytest.param(
            "prediction-unused",
            Break(NEVER_USED, HERE, "own_loss", "y_pred"),
            "read `y_pred` in `own_loss`",
            id="a parameter that is never read",
        ),
        pytest.param(
            "choice-of-an-index",
            break_of("tf.image.non_max_suppression", "tf.image.non_max_suppression(boxes, s, 3)"),
            "`boxes`",
            id="boxes",
        ),
        pytest.param("nothing-asked-for", Break(NO_SOURCES, HERE, "fit"), "`trainable = True`", id="a frozen model"),
        pytest.param("not-recorded", break_of("f", "f(x)", OUTSIDE_TAPE), "`f(x)` again", id="before the tape"),
        pytest.param("nothing-asked-for", break_of("gradient", "net.all", NO_SOURCES), "`net.all`", id="empty list"),
        pytest.param(
            "rounded-value",
            break_of("tf.image.convert_image_dtype", "tf.image.convert_image_dtype(sr, tf.uint8)"),
            "`sr` as it is",
            id="to bytes",
        ),
        pytest.param("gradient-of-indices", Break(WRONG_DTYPE, HERE, "", "tokens"), "`tokens`", id="ids"),
    ],
)
def test_words(rule: str, cut: Break, word: str) -> None:
    advice = advice_for(cut)
    assert advice.name == rule
    assert word in " ".join(advice.ways(cut))


@pytest.mark.parametrize("kind", WORDS)
def test_every_kind_of_break_has_advice_and_none_of_it_raises(kind: str) -> None:
    for operation in ("", "tf.argmax", ">", ".assign()", "f"):
        for segment in ("", "f(", "x", "f(*a, **k)", "a < b < c", "-x"):
            cut = Break(kind, HERE, operation, segment)
            assert all(way and not way.endswith(".") for way in advice_for(cut).ways(cut))


def test_what_nothing_is_known_of_is_a_missing_gradient() -> None:
    assert advice_for(break_of("f", "f(x)", UNWATCHED)).name == "missing-gradient"


@pytest.mark.parametrize("kind", [OUTSIDE_TAPE, RECORDING_STOPPED, STOPPED])
def test_what_stands_within_another_is_not_told_where_the_place_is_at_fault(kind: str) -> None:
    whole, part = Place("a.py", 3, 5, 4, 9), Place("a.py", 3, 8, 3, 20)
    beside, other = Place("a.py", 4, 10, 4, 12), Place("b.py", 3, 8, 3, 20)
    breaks = tuple(Break(kind, place) for place in (part, whole, beside, other))
    assert outermost(breaks) == (breaks if kind == STOPPED else (breaks[1], breaks[2], breaks[3]))


def test_each_is_a_rule_under_the_name_of_its_module() -> None:
    known = {r.name: r.code for r in rules() if not r.mends}
    assert {a.name: a.code for a in all_advice()} == known
    assert all(type(a).__module__.rpartition(".")[2] == a.name.replace("-", "_") for a in all_advice())
