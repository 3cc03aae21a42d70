"""GF115: what rebinds a source after the call assigns to it instead."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.variable_overwritten import VariableOverwritten

_ASK = "with tf.GradientTape() as t:\n    y = f(w, b)\ndw, db = «t.gradient(y, [w, b])»\n"

# Each case: a sentence, the lines after the call, what they become.
AFTER = [
    ("a difference", "w = w - 0.1 * dw  # down\n", "w.assign_sub(0.1 * dw)  # down\n"),
    ("a sum", "w = w + dw\n", "w.assign_add(dw)\n"),
    ("an augmented difference", "w -= 0.1 * dw\n", "w.assign_sub(0.1 * dw)\n"),
    ("an augmented sum", "w += -0.1 * dw\n", "w.assign_add(-0.1 * dw)\n"),
    ("another augmented assignment", "w *= 0.9\n", "w.assign(w * 0.9)\n"),
    ("another augmented assignment of a sum", "w *= 0.9 + d\n", "w.assign(w * (0.9 + d))\n"),
    (
        "a function of the variable",
        "w = tf.clip_by_value(w - dw, 0, 1)\n",
        "w.assign(tf.clip_by_value(w - dw, 0, 1))\n",
    ),
    ("several differences are one new value", "w = w - dw - 0.1 * w\n", "w.assign(w - dw - 0.1 * w)\n"),
    ("the variable on the right", "w = -dw + w\n", "w.assign(-dw + w)\n"),
    ("parentheses go", "w = w - (a + dw)\n", "w.assign_sub(a + dw)\n"),
    ("parentheses around all go", "w = (w - dw)\n", "w.assign_sub(dw)\n"),
    ("a value that was made before", "new = w - dw\nw = new\n", "new = w - dw\nw.assign(new)\n"),
    ("all sources at once", "w = w - dw\nb = b - db\n", "w.assign_sub(dw)\nb.assign_sub(db)\n"),
    (
        "a tuple becomes lines",
        "# both\nw, b = w - dw, b - db  # down\n",
        "# both\nw.assign_sub(dw)\nb.assign_sub(db)  # down\n",
    ),
    ("one of two statements in a line", "w = w - dw; print(w)\n", "w.assign_sub(dw); print(w)\n"),
    (
        "lines in a branch",
        "if step > 3:\n\tw = w - dw\nelse:\n\tb -= db\n",
        "if step > 3:\n\tw.assign_sub(dw)\nelse:\n\tb.assign_sub(db)\n",
    ),
    (
        "a value over several lines",
        "w = tf.clip_by_value(\n    w - dw,  # down\n    0, 1,\n)\n",
        "w.assign(tf.clip_by_value(\n    w - dw,  # down\n    0, 1,\n))\n",
    ),
    (
        "a name that is no source stays, a new variable too",
        "v = v - dw\nb = tf.Variable(b - db)\nw = w - dw\n",
        "v = v - dw\nb = tf.Variable(b - db)\nw.assign_sub(dw)\n",
    ),
]

# Each case: a sentence, the text before with the call marked, the first rewrite.
REWRITES = [
    (
        "attributes of a model, in a function",
        """\
        def train(model, x):
            with tf.GradientTape() as t:
                loss = error(model(x))
            dw, db = «t.gradient(loss, [model.w, model.b])»
            model.w = model.w - 0.1 * dw
            model.b -= 0.1 * db
            return loss
        """,
        """\
        def train(model, x):
            with tf.GradientTape() as t:
                loss = error(model(x))
            dw, db = t.gradient(loss, [model.w, model.b])
            model.w.assign_sub(0.1 * dw)
            model.b.assign_sub(0.1 * db)
            return loss
        """,
    ),
    (
        "items of a list that is asked for whole",
        """\
        with tf.GradientTape() as t:
            y = f(ws)
        gs = «t.gradient(y, ws)»
        for i, g in enumerate(gs):
            ws[i] = ws[i] - rate * g
        """,
        """\
        with tf.GradientTape() as t:
            y = f(ws)
        gs = t.gradient(y, ws)
        for i, g in enumerate(gs):
            ws[i].assign_sub(rate * g)
        """,
    ),
    (
        "items of a dict",
        "with tf.GradientTape() as t:\n    y = f(p)\ng = «t.gradient(y, [p['w'], p['b']])»\np['w'] -= g[0]\n",
        "with tf.GradientTape() as t:\n    y = f(p)\ng = t.gradient(y, [p['w'], p['b']])\np['w'].assign_sub(g[0])\n",
    ),
    (
        "a list that is made anew",
        """\
        with tf.GradientTape() as t:
            y = f(ws)
        gs = «t.gradient(y, ws)»
        # down
        ws = [w - rate * g for w, g in zip(ws, gs)]  # all
        """,
        """\
        with tf.GradientTape() as t:
            y = f(ws)
        gs = t.gradient(y, ws)
        # down
        for w, g in zip(ws, gs):
            w.assign_sub(rate * g)  # all
        """,
    ),
    (
        "a global variable, and a variable whose list has a name",
        """\
        def step():
            global w
            with tf.GradientTape() as t:
                y = f(w)
            sources = [w]
            (g,) = «t.gradient(y, sources)»
            w = w - g
        """,
        """\
        def step():
            global w
            with tf.GradientTape() as t:
                y = f(w)
            sources = [w]
            (g,) = t.gradient(y, sources)
            w.assign_sub(g)
        """,
    ),
    (
        "in another function, where the new value is made of the old one",
        """\
        class Trainer:
            def apply(self, g):
                self.w = self.w - g
                self.rate = 1

            def step(self):
                with tf.GradientTape() as t:
                    y = f(self.w)
                self.apply(«t.gradient(y, self.w)»)
        """,
        """\
        class Trainer:
            def apply(self, g):
                self.w.assign_sub(g)
                self.rate = 1

            def step(self):
                with tf.GradientTape() as t:
                    y = f(self.w)
                self.apply(t.gradient(y, self.w))
        """,
    ),
]

NO_OPS = [
    ("nothing that rebinds", "w.assign_sub(dw)\n"),
    ("another name", "v = w - dw\n"),
    ("a chain of targets", "v = w = w - dw\n"),
    ("a tuple whose second value sees the first", "w, b = w - dw, b - w\n"),
    ("a tuple that is taken apart", "w, b = update(w, b)\n"),
    ("a tuple with another name in it", "w, v = w - dw, v + 1\n"),
    ("a new variable", "w = tf.Variable(w - dw)\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(AFTER))
def test_the_lines_after_the_call(before: str, after: str, asked: Callable[..., list[str]]) -> None:
    head = _ASK.replace("«", "").replace("»", "")
    assert asked(VariableOverwritten(), _ASK + before, "unwatched")[0] == head + after


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, asked: Callable[..., list[str]]) -> None:
    assert asked(VariableOverwritten(), before, "unwatched")[0] == dedent(after)


@pytest.mark.parametrize("after", _named(NO_OPS))
def test_nothing_is_offered(after: str, asked: Callable[..., list[str]]) -> None:
    assert asked(VariableOverwritten(), _ASK + after, "unwatched") == []


def test_what_stands_before_the_call_without_the_old_value_stays(asked: Callable[..., list[str]]) -> None:
    assert asked(VariableOverwritten(), f"w = start()\nb = f(a)\n{_ASK}", "unwatched") == []


def test_each_alone_comes_later(asked: Callable[..., list[str]]) -> None:
    texts = asked(VariableOverwritten(), f"{_ASK}w = w - dw\nb = b - db\n", "unwatched")
    assert [t.splitlines()[-2:] for t in texts] == [
        ["w.assign_sub(dw)", "b.assign_sub(db)"],
        ["w.assign_sub(dw)", "b = b - db"],
        ["w = w - dw", "b.assign_sub(db)"],
    ]


RUNS = [
    ("a difference", "w = w - 0.5 * g"),
    ("clipping", "w = tf.clip_by_value(w - 0.5 * g, -9.0, 9.0)"),
    ("two statements", "w = w - 0.25 * g; w = w - 0.25 * g"),
    ("a value made before", "new = w - 0.5 * g\n    w = new"),
]


@pytest.mark.parametrize("update", _named(RUNS))
def test_the_second_step_has_its_gradient_on_tensorflow(
    update: str, asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    marked = (
        "import tensorflow as tf\nw = tf.Variable([3.0, -2.0])\nfor _ in range(2):\n"
        "    with tf.GradientTape() as t:\n        y = tf.reduce_sum(w * w * w) / 3.0\n"
        f"    g = «t.gradient(y, w)»\n    if g is None:\n        break\n    {update}\n"
    )
    after = run(asked(VariableOverwritten(), marked, "unwatched")[0])
    assert run(marked)["g"] is None
    assert after["g"].numpy().tolist() == pytest.approx([2.25, 16.0])
    assert isinstance(after["w"], type(run("import tensorflow as tf\nv = tf.Variable(1.0)\n")["v"]))


def test_a_variable_of_keras_lets_itself_be_replaced_by_an_augmented_assignment(
    asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    marked = (
        "import keras\nimport tensorflow as tf\nw = keras.Variable([3.0, -2.0])\nfor _ in range(2):\n"
        "    with tf.GradientTape() as t:\n        y = tf.reduce_sum(w * w)\n"
        "    g = «t.gradient(y, w)»\n    if g is None:\n        break\n    w -= 0.25 * g\n"
    )
    assert run(marked)["g"] is None
    assert run(asked(VariableOverwritten(), marked, "unwatched")[0])["g"].numpy().tolist() == [3.0, -2.0]


def test_lists_have_their_gradients_on_tensorflow(
    asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    marked = (
        "import tensorflow as tf\nws = [tf.Variable(3.0), tf.Variable(-2.0)]\nfor _ in range(2):\n"
        "    with tf.GradientTape() as t:\n        y = ws[0] ** 2 + ws[1] ** 2\n"
        "    gs = «t.gradient(y, ws)»\n    if None in gs:\n        break\n"
        "    ws = [w - 0.25 * g for w, g in zip(ws, gs)]\n"
    )
    assert run(marked)["gs"] == [None, None]
    assert [float(g) for g in run(asked(VariableOverwritten(), marked, "unwatched")[0])["gs"]] == [3.0, -2.0]


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(VariableOverwritten)
    head = "import tensorflow as tf\nx, y = tf.ones(3), tf.ones(3)\nw = tf.Variable(2.0)\n"
    call = "tape.gradient(loss, w)"
    assert asked(VariableOverwritten(), head + bad.replace(call, f"«{call}»"), "unwatched")[0] == head + good
    with pytest.raises(TypeError, match="NoneType"):
        run(head + bad)
    assert float(run(head + good)["gradient"]) == pytest.approx(2 * 0.8 * 0.8)
