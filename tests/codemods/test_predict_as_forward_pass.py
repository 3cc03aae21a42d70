"""GF106: `model(x)` in the place of `model.predict(x)`, and nothing where the arguments say more."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.base import Cut
from gradfix_codemods.predict_as_forward_pass import PredictAsForwardPass

REWRITES = [
    ("options of predict go", "p = «model.predict(x, verbose=0, batch_size=32)»\n", "p = model(x)\n"),
    ("on a batch", "p = «self.net.predict_on_batch(x)»[0]\n", "p = self.net(x)[0]\n"),
    ("inputs by keyword", "p = «model.predict(verbose=0, x=[a, b])»\n", "p = model([a, b])\n"),
    ("options by position", "p = «model.predict(x, 32, 0)»\n", "p = model(x)\n"),
    ("a model that a call gives", "p = «make(3).predict(x)»\n", "p = make(3)(x)\n"),
    ("lines and comments stay", "p = «m.predict(\n    x,  # four\n)»  # all\n", "p = m(\n    x,  # four\n)  # all\n"),
]

NO_OPS = [
    ("an option that is not known", "p = «model.predict(x, other=1)»\n"),
    ("no inputs", "p = «model.predict()»\n"),
    ("a star", "p = «model.predict(*x)»\n"),
    ("a function of a module", "import model\np = «model.predict(x)»\n"),
    ("another method", "p = «model.predict_proba(x)»\n"),
    ("a function", "p = «predict(x)»\n"),
    ("the model already called", "p = «model(x)»\n"),
    ("the cut in it", "p = model.predict(«x»)\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(PredictAsForwardPass(), before)[0] == after


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(PredictAsForwardPass(), text) == []


def test_methods_of_the_array_go_along(offered: Callable[..., list[str]]) -> None:
    head = "import numpy as np\nimport tensorflow as tf\n"
    texts = offered(PredictAsForwardPass(), f"{head}p = «model.predict(x)».flatten()\nloss = np.mean((y - p) ** 2)\n")
    assert texts[1:3] == [
        f"{head}p = tf.reshape(model(x), [-1])\nloss = np.mean((y - p) ** 2)\n",
        "import tensorflow as tf\np = tf.reshape(model(x), [-1])\nloss = tf.reduce_mean((y - p) ** 2)\n",
    ]


def test_the_title_speaks_of_training() -> None:
    (rewrite,) = PredictAsForwardPass().rewrites("p = m.predict(x)\n", Cut("left-tensorflow", 0, 0, 1, 5, 1, 17))
    assert rewrite.title == "Call `m` in the place of `predict`; `training=True` was perhaps meant"


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(PredictAsForwardPass)
    head = dedent("""\
        import tensorflow as tf
        tf.keras.utils.set_random_seed(1)
        x, y = tf.ones((3, 2)), tf.ones((3, 1))
        model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1), tf.keras.layers.Dropout(0.5)])
        """)
    call = "model.predict(x, verbose=0)"
    rewritten = offered(PredictAsForwardPass(), head + bad.replace(call, f"«{call}»"))[0]
    assert rewritten == head + good
    before, after = run(head + bad), run(rewritten)
    assert before["grads"] == [None, None]
    assert all(g is not None for g in after["grads"])
    assert float(after["loss"]) == pytest.approx(float(before["loss"]))
