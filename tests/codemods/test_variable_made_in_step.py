"""GF125: what was made once, in the place of something new in each step."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix.values import FileReport, Fix
from gradfix_codemods.variable_made_in_step import VariableMadeInStep

# Each case: a sentence, the text before with the call marked, the first rewrite.
REWRITES = [
    (
        "a variable of the same name in a function",
        """\
        w = tf.Variable(1.0)
        def f(x):
            # a start
            w = tf.Variable(1.0)
            return w * x
        with tf.GradientTape() as t:
            y = f(x)
        g = «t.gradient(y, w)»
        """,
        """\
        w = tf.Variable(1.0)
        def f(x):
            # a start
            return w * x
        with tf.GradientTape() as t:
            y = f(x)
        g = t.gradient(y, w)
        """,
    ),
    (
        "the object that holds the variables",
        "def f(x):\n    net = Net(3)\n    return net(x)\nnet = Net(2)\nwith tf.GradientTape() as t:\n    y = f(x)\n"
        "g = «t.gradient(y, [net.a, net.b])»\n",
        "def f(x):\n    return net(x)\nnet = Net(2)\nwith tf.GradientTape() as t:\n    y = f(x)\n"
        "g = t.gradient(y, [net.a, net.b])\n",
    ),
    (
        "one in a loop, while a list has the first",
        "w = tf.Variable(1.0)\nvs = [w]\nfor x in xs:\n    w = tf.Variable(1.0)\n    with tf.GradientTape() as t:\n"
        "        y = w * x\n    g = «t.gradient(y, vs)»\n",
        "w = tf.Variable(1.0)\nvs = [w]\nfor x in xs:\n    with tf.GradientTape() as t:\n"
        "        y = w * x\n    g = t.gradient(y, vs)\n",
    ),
    (
        "a model made in the same way",
        "model = build(3)\nwith tf.GradientTape() as t:\n    net = build( 3 )\n    y = net(x)\n"
        "g = «t.gradient(y, model.trainable_variables)»\n",
        "model = build(3)\nwith tf.GradientTape() as t:\n    net = model\n    y = net(x)\n"
        "g = t.gradient(y, model.trainable_variables)\n",
    ),
    (
        "layers that a class made and never uses, in their order",
        """\
        class Net(tf.keras.Model):
            def __init__(self):
                super().__init__()
                self.a = Dense(2)
                self.b = Dense(2)
                self.c = Dense(1)

            def call(self, x):
                h = Dense(2)(x)
                return self.c(Dense(2)(h))
        with tf.GradientTape() as t:
            y = net(x)
        g = «t.gradient(y, net.weights)»
        """,
        """\
        class Net(tf.keras.Model):
            def __init__(self):
                super().__init__()
                self.a = Dense(2)
                self.b = Dense(2)
                self.c = Dense(1)

            def call(self, x):
                h = self.a(x)
                return self.c(self.b(h))
        with tf.GradientTape() as t:
            y = net(x)
        g = t.gradient(y, net.weights)
        """,
    ),
    (
        "an attribute that each call makes anew",
        """\
        class Net(tf.Module):
            def __init__(self):
                self.n = 3

            def __call__(self, x):

                # the slope
                self.w = tf.Variable(tf.ones([self.n]))  # n of them
                return self.w * x
        with tf.GradientTape() as t:
            y = net(x)
        g = «t.gradient(y, vs)»
        """,
        """\
        class Net(tf.Module):
            def __init__(self):
                self.n = 3
                self.w = tf.Variable(tf.ones([self.n]))  # n of them

            def __call__(self, x):
                return self.w * x
        with tf.GradientTape() as t:
            y = net(x)
        g = t.gradient(y, vs)
        """,
    ),
    (
        "one that is made of what the call is given",
        """\
        class Net(tf.Module):
            def __call__(self, x):
                # a slope
                self.w = tf.Variable(tf.ones(x.shape))
                return self.w * x
        with tf.GradientTape() as t:
            y = net(x)
        g = «t.gradient(y, vs)»
        """,
        """\
        class Net(tf.Module):
            def __call__(self, x):
                # a slope
                if not hasattr(self, "w"):
                    self.w = tf.Variable(tf.ones(x.shape))
                return self.w * x
        with tf.GradientTape() as t:
            y = net(x)
        g = t.gradient(y, vs)
        """,
    ),
]

TAPE = "with tf.GradientTape() as t:\n    y = f(x)\ng = «t.gradient(y, w)»\n"
NO_OPS = [
    ("made once", "w = tf.Variable(1.0)\ndef f(x):\n    return w * x\n" + TAPE),
    ("made again at the same level", "w = tf.Variable(1.0)\nw = tf.Variable(2.0)\n" + TAPE),
    ("the other is in a function of its own", "def g():\n    w = tf.Variable(1.0)\n    return w\n" + TAPE),
    ("a number of the same name", "w = tf.Variable(1.0)\ndef f(x):\n    w = 2.0\n    return w * x\n" + TAPE),
    ("another way of making", "w = build(1)\ndef f(x):\n    w = make(1)\n    return w(x)\n" + TAPE),
    ("layers that are used", "class N:\n    def __init__(self):\n        self.a = D(1)\n    def call(self, x):\n"
     "        return self.a(D(1)(x))\n" + TAPE),
    ("an attribute with a number", "class N:\n    def call(self, x):\n        self.n = len(x)\n" + TAPE),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [pytest.param(*case[1:], id=case[0]) for case in REWRITES])
def test_the_first_rewrite(before: str, after: str, asked: Callable[..., list[str]]) -> None:
    assert asked(VariableMadeInStep(), before, "never-used")[0] == dedent(after)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NO_OPS])
def test_nothing_is_offered(text: str, asked: Callable[..., list[str]]) -> None:
    assert asked(VariableMadeInStep(), text, "never-used") == []


HEAD = "import tensorflow as tf\nx, y = tf.ones((3, 2)), tf.ones((3, 1))\n"
IN_CALL = HEAD + dedent("""\
    class Net(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.out = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
            self.out.build((None, 2))

        def call(self, x):
            return tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")(x)


    net = Net()
    for _ in range(2):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(net(x) - y))
        grads = tape.gradient(loss, net.trainable_variables)
    """)


def test_a_layer_that_each_call_makes_anew(repaired: Callable[..., FileReport], run: Callable[..., Any]) -> None:
    assert run(IN_CALL)["grads"] == [None]
    report = repaired(IN_CALL)
    assert [(f.rule, f.fix) for f in report.findings] == [("variable-made-in-step", Fix.PROVED)]
    made = 'tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")'
    assert list(report.patched.values()) == [IN_CALL.replace(f"return {made}(x)", "return self.out(x)")]


def test_another_start_is_told_as_another_value(repaired: Callable[..., FileReport]) -> None:
    text = HEAD + dedent("""\
        w = tf.Variable(0.5)


        def loss_of(x):
            w = tf.Variable(2.0)
            return tf.reduce_sum(w * x)


        with tf.GradientTape() as tape:
            loss = loss_of(x)
        grad = tape.gradient(loss, w)
        """)
    (finding,) = repaired(text).findings
    assert (finding.rule, finding.fix) == ("variable-made-in-step", Fix.UNSAFE)
