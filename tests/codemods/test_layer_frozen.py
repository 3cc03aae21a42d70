"""GF119: what is asked for trains."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.layer_frozen import LayerFrozen

_ASK = "g = «tape.gradient(loss, model.trainable_variables)»\n"

# Each case: a sentence, the text before the call, the first rewrite of it.
REWRITES = [
    ("a model that is asked for", "model.trainable = False  # later\n", "model.trainable = True  # later\n"),
    (
        "the model that is asked for, not another one",
        "base.trainable = False\nmodel.trainable = False\n",
        "base.trainable = False\nmodel.trainable = True\n",
    ),
    (
        "its layers, in a loop",
        "for layer in model.layers:\n    layer.trainable = False\n",
        "for layer in model.layers:\n    layer.trainable = True\n",
    ),
    (
        "a layer that is made frozen",
        "model = f([Dense(2, trainable=False, name='d')])\n",
        "model = f([Dense(2, trainable=True, name='d')])\n",
    ),
    (
        "weights of a layer",
        "class L:\n    def build(self, s):\n        self.w = self.add_weight(trainable=False)\n",
        "class L:\n    def build(self, s):\n        self.w = self.add_weight(trainable=True)\n",
    ),
]

NO_OPS = [
    ("nothing frozen", "model.trainable = True\n"),
    ("a flag that is computed", "model.trainable = not frozen\n"),
    ("another flag", "model.stateful = False\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, asked: Callable[..., list[str]]) -> None:
    plain = _ASK.replace("«", "").replace("»", "")
    assert asked(LayerFrozen(), before + _ASK, "no-sources")[0] == after + plain


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, asked: Callable[..., list[str]]) -> None:
    assert asked(LayerFrozen(), text + _ASK, "no-sources") == []


def test_all_at_once_comes_before_the_others_one_by_one(asked: Callable[..., list[str]]) -> None:
    text = f"a.trainable = False\nb.trainable = False\n{_ASK}"
    flags = [[line.split()[-1] for line in t.splitlines()[:2]] for t in asked(LayerFrozen(), text, "no-sources")]
    assert flags == [["True", "True"], ["True", "False"], ["False", "True"]]


def test_it_is_never_more_than_an_unsafe_fix() -> None:
    assert not LayerFrozen().keeps_value


def test_a_variable_that_was_made_frozen_on_tensorflow(
    asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    marked = (
        "import tensorflow as tf\nw = tf.Variable(2.0, trainable=False)\nwith tf.GradientTape() as tape:\n"
        "    loss = w * w\ng = «tape.gradient(loss, w)»\n"
    )
    assert run(marked)["g"] is None
    assert float(run(asked(LayerFrozen(), marked, "unwatched")[0])["g"]) == 4.0


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(LayerFrozen)
    head = dedent("""\
        import tensorflow as tf
        x, y = tf.ones((2, 3)), tf.zeros((2, 1))
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
        """)
    call = "tape.gradient(loss, model.trainable_variables)"
    assert asked(LayerFrozen(), head + bad.replace(call, f"«{call}»"), "no-sources")[0] == head + good
    assert run(head + bad)["grads"] == []
    assert [g is None for g in run(head + good)["grads"]] == [False, False]
