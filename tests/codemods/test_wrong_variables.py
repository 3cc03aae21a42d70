"""GF114: asked for are the variables of the model that made the target, as they are when it was made."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.wrong_variables import WrongVariables

# Each case: a sentence, the text before with the call marked, the first rewrite.
REWRITES = [
    (
        "a list that was taken too early, also where the optimizer has it",
        """\
        variables = model.trainable_variables
        for x in xs:
            with tf.GradientTape() as tape:
                loss = f(model(x))
            grads = «tape.gradient(loss, variables)»
            opt.apply_gradients(zip(grads, variables))
        print(len(variables))
        """,
        """\
        variables = model.trainable_variables
        for x in xs:
            with tf.GradientTape() as tape:
                loss = f(model(x))
            grads = tape.gradient(loss, model.trainable_variables)
            opt.apply_gradients(zip(grads, model.trainable_variables))
        print(len(variables))
        """,
    ),
    (
        "lists of two models under an attribute",
        """\
        class T:
            def __init__(self, a, b):
                self.a, self.b = a, b
                self.vs = self.a.weights + self.b.weights

            def step(self, x):
                with tf.GradientTape() as t:
                    y = self.a(self.b(x))
                g = «t.gradient(y, self.vs)»
                self.opt.apply_gradients(zip(g, self.vs))
        """,
        """\
        class T:
            def __init__(self, a, b):
                self.a, self.b = a, b

            def step(self, x):
                with tf.GradientTape() as t:
                    y = self.a(self.b(x))
                g = t.gradient(y, self.a.weights + self.b.weights)
                self.opt.apply_gradients(zip(g, self.a.weights + self.b.weights))
        """,
    ),
    (
        "another model's variables",
        """\
        with tf.GradientTape() as tape:
            q = self.model(x)
            loss = tf.reduce_mean(q)
        g = «tape.gradient(loss, self.target.trainable_variables)»
        self.opt.apply_gradients(zip(g, self.model.trainable_variables))
        """,
        """\
        with tf.GradientTape() as tape:
            q = self.model(x)
            loss = tf.reduce_mean(q)
        g = tape.gradient(loss, self.model.trainable_variables)
        self.opt.apply_gradients(zip(g, self.model.trainable_variables))
        """,
    ),
    (
        "another model's variables, not where the optimizer is handed other gradients",
        """\
        net = made()
        with tf.GradientTape() as tape:
            c = tf.reduce_mean(critic(x))
        h = tape.gradient(c, critic.weights)
        a.apply_gradients(zip(h, critic.weights))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(net.call(x))
        g = «tape.gradient(loss, critic.weights)»
        b.apply_gradients(zip(g, critic.weights))
        """,
        """\
        net = made()
        with tf.GradientTape() as tape:
            c = tf.reduce_mean(critic(x))
        h = tape.gradient(c, critic.weights)
        a.apply_gradients(zip(h, critic.weights))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(net.call(x))
        g = tape.gradient(loss, net.weights)
        b.apply_gradients(zip(g, net.weights))
        """,
    ),
    (
        "another model's variables, handed to the optimizer too",
        "a.fit(x)\nwith tf.GradientTape() as t:\n    y = a.call(x)\ng = «t.gradient(y, b.weights)»\n"
        "o.apply_gradients(zip(g, b.weights))\n",
        "a.fit(x)\nwith tf.GradientTape() as t:\n    y = a.call(x)\ng = t.gradient(y, a.weights)\n"
        "o.apply_gradients(zip(g, a.weights))\n",
    ),
    (
        "statistics among the variables",
        "with tf.GradientTape() as t:\n    y = m(x)\ng = «t.gradient(y, m.variables)»\n"
        "o.apply_gradients(zip(g, m.variables))\n",
        "with tf.GradientTape() as t:\n    y = m(x)\ng = t.gradient(y, m.trainable_variables)\n"
        "o.apply_gradients(zip(g, m.trainable_variables))\n",
    ),
]

REWRITES.append(
    (
        "pairs with the gradients, and the line goes that nothing reads any more",
        """\
        def fit(model, x):
            # all of them
            ws = model.trainable_weights
            with tf.GradientTape() as t:
                y = model(x)
            gs = «t.gradient(y, ws)»
            for w, g in zip(ws, gs):
                w.assign_sub(g)
        """,
        """\
        def fit(model, x):
            # all of them
            with tf.GradientTape() as t:
                y = model(x)
            gs = t.gradient(y, model.trainable_weights)
            for w, g in zip(model.trainable_weights, gs):
                w.assign_sub(g)
        """,
    )
)

NO_OPS = [
    (
        "what the model gave before the block goes into the other one in it",
        "d.fit()\nfake = g(z, training=True)\nwith tf.GradientTape() as t:\n    y = d([fake, x])\n"
        "s = «t.gradient(y, g.trainable_weights)»\n",
    ),
    (
        "a model that is gone with the step",
        "for x in xs:\n    a = build()\n    with tf.GradientTape() as t:\n        y = a(x)\n"
        "    g = «t.gradient(y, b.trainable_weights)»\n",
    ),
    (
        "variables of the model that is called",
        "b.fit()\nwith tf.GradientTape() as t:\n    y = b(x)\ng = «t.gradient(y, b.trainable_weights)»\n",
    ),
    (
        "the model is called, and another one too",
        "a.fit()\nwith tf.GradientTape() as t:\n    y = b(x) + a(x)\ng = «t.gradient(y, b.trainable_weights)»\n",
    ),
    (
        "another function is called, no model",
        "with tf.GradientTape() as t:\n    y = f(x)\ng = «t.gradient(y, b.trainable_weights)»\n",
    ),
    ("a list of variables", "with tf.GradientTape() as t:\n    y = f(x)\ng = «t.gradient(y, [w, b])»\n"),
    (
        "a name that stands for no list of a model",
        "vs = [w, b]\nwith tf.GradientTape() as t:\n    y = f(x)\ng = «t.gradient(y, vs)»\n",
    ),
    (
        "a list that names a parameter of another function",
        "def f(m):\n    global vs\n    vs = m.weights\ndef g():\n    return «t.gradient(y, vs)»\n",
    ),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, asked: Callable[..., list[str]]) -> None:
    assert asked(WrongVariables(), before, "never-used")[0] == dedent(after)


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, asked: Callable[..., list[str]]) -> None:
    assert asked(WrongVariables(), text, "never-used") == []


def test_a_list_taken_too_early_on_tensorflow(
    asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    marked = (
        "import tensorflow as tf\nm = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer='ones')])\n"
        "vs = m.trainable_variables\nwith tf.GradientTape() as t:\n    y = m(tf.constant([[2.0]]))\n"
        "g = «t.gradient(y, vs)»\n"
    )
    assert run(marked)["g"] == []
    assert [float(g.numpy().sum()) for g in run(asked(WrongVariables(), marked, "no-sources")[0])["g"]] == [2.0, 1.0]


def test_statistics_on_tensorflow(asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]) -> None:
    marked = (
        "import tensorflow as tf\n"
        "m = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.BatchNormalization()])\n"
        "with tf.GradientTape() as t:\n    y = m(tf.ones((3, 2)), training=True)\ng = «t.gradient(y, m.variables)»\n"
    )
    assert run(marked)["g"].count(None) == 2
    assert len([g for g in run(asked(WrongVariables(), marked, "never-used")[0])["g"] if g is not None]) == 2


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(WrongVariables)
    head = dedent("""\
        import tensorflow as tf
        x, y = tf.ones((2, 3)), tf.ones((2, 1))
        online, target = (tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)]) for _ in range(2))
        target.set_weights(online.get_weights())
        """)
    call = "tape.gradient(loss, target.trainable_variables)"
    assert asked(WrongVariables(), head + bad.replace(call, f"«{call}»"), "never-used")[0] == head + good
    assert run(head + bad)["grads"] == [None, None]
    assert None not in run(head + good)["grads"]
