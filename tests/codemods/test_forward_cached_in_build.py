"""GF121: a tensor that was kept is computed where it is used."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.forward_cached_in_build import ForwardCachedInBuild

# Each case: a sentence, the text before with its cut marked, the rewrite.
REWRITES = [
    (
        "what it is made of becomes an attribute, and its comments go along",
        """\
        class Layer(tf.keras.layers.Layer):
            def build(self, shape):
                n = int(shape[-1])
                self.w = self.add_weight(shape=(n,))
                index = [[(j - i) % n for j in range(n)] for i in range(n)]
                # the matrix
                self.m = «tf.stack([tf.gather(self.w, row) for row in index], axis=0)»  # circulant

            def call(self, x):
                x = prepare(x)

                return tf.matmul(x, self.m) + tf.reduce_sum(self.m)
        """,
        """\
        class Layer(tf.keras.layers.Layer):
            def build(self, shape):
                n = int(shape[-1])
                self.w = self.add_weight(shape=(n,))
                self.index = [[(j - i) % n for j in range(n)] for i in range(n)]

            def call(self, x):
                x = prepare(x)

                # the matrix
                m = tf.stack([tf.gather(self.w, row) for row in self.index], axis=0)  # circulant
                return tf.matmul(x, m) + tf.reduce_sum(m)
        """,
    ),
    (
        "a part of what is kept is the cut; a method has the name already",
        """\
        class A:
            def __init__(self):
                self.k = None
                self.k = 2.0 * «tf.exp(self.w)»

            def f(self, k):
                if k:
                    return self.k
                return k

            def g(self):
                return self.k
        """,
        """\
        class A:
            def __init__(self):
                self.k = None

            def f(self, k):
                k_now = 2.0 * tf.exp(self.w)
                if k:
                    return k_now
                return k

            def g(self):
                k_now = 2.0 * tf.exp(self.w)
                return k_now
        """,
    ),
    (
        "a tensor at the level of the module",
        """\
        w = tf.Variable(1.0)
        scale = «tf.exp(w)»


        def model(x):
            \"\"\"Scales.\"\"\"
            return scale * x
        """,
        """\
        w = tf.Variable(1.0)


        def model(x):
            \"\"\"Scales.\"\"\"
            scale = tf.exp(w)
            return scale * x
        """,
    ),
    (
        "made of a parameter, which is kept in its place",
        "class A:\n    def __init__(self, v):\n        self.k = «f(v)»\n    def g(self):\n        return self.k\n",
        "class A:\n    def __init__(self, v):\n        self.v = v\n    def g(self):\n        k = f(self.v)\n"
        "        return k\n",
    ),
    (
        "made of a parameter that is kept already",
        "class A:\n    def __init__(self, net, v):\n        self.inner = net\n        self.k = «f(net.w)»\n"
        "    def g(self):\n        return self.k\n",
        "class A:\n    def __init__(self, net, v):\n        self.inner = net\n"
        "    def g(self):\n        k = f(self.inner.w)\n        return k\n",
    ),
    (
        "into the block of a function's own tape",
        """\
        w = start()
        # positive
        scale = «tf.exp(w)»


        def step(x):
            y = 2 * x
            with tf.GradientTape() as tape:
                error = x - y
                loss = scale * error
            return tape.gradient(loss, w)
        """,
        """\
        w = start()


        def step(x):
            y = 2 * x
            with tf.GradientTape() as tape:
                error = x - y
                # positive
                scale = tf.exp(w)
                loss = scale * error
            return tape.gradient(loss, w)
        """,
    ),
    (
        "into the block in a loop, of a module or of a function",
        "def train():\n    s = «tf.exp(w)»\n    for x in xs:\n        with tf.GradientTape() as t:\n"
        "            y = s * x\n        g = t.gradient(y, w)\n    print(s)\n",
        "def train():\n    s = tf.exp(w)\n    for x in xs:\n        with tf.GradientTape() as t:\n"
        "            s = tf.exp(w)\n            y = s * x\n        g = t.gradient(y, w)\n    print(s)\n",
    ),
    (
        "one that the module uses itself stays there as well",
        "scale = «tf.exp(w)»\ndef model(x):\n    return scale * x\nprint(scale)\n",
        "scale = tf.exp(w)\ndef model(x):\n    scale = tf.exp(w)\n    return scale * x\nprint(scale)\n",
    ),
]

NO_OPS = [
    ("no function uses it", "s = «tf.exp(w)»\nprint(s)\n"),
    ("a name of a function", "def f():\n    s = «tf.exp(w)»\n    return s\n"),
    ("it is given another value elsewhere", "s = «tf.exp(w)»\ns = 1\ndef f(x):\n    return s\n"),
    ("a function has a name that it is made of", "s = «tf.exp(w)»\ndef f(w):\n    return s\n"),
    ("a lambda uses it", "s = «tf.exp(w)»\nf = lambda: s\n"),
    (
        "what it is given has an attribute's name",
        "class A:\n    def __init__(self, v):\n        self.v = 2 * v\n        self.k = «f(v)»\n"
        "    def g(self):\n        return self.k\n",
    ),
    (
        "a metric uses it too, after the block beside it: what moves is not computed twice",
        "def step(x):\n    p = «model(x)»\n    with tf.GradientTape() as t:\n        y = f(p)\n"
        "    g = t.gradient(y, model.trainable_variables)\n    metric(p)\n",
    ),
    ("its own block uses it", "with tf.GradientTape() as t:\n    s = «tf.exp(w)»\n    y = s\n"),
    (
        "something outside of the class reads it",
        "class A:\n    def __init__(self):\n        self.k = «f(1)»\n    def g(self):\n        return self.k\nA().k\n",
    ),
    (
        "what it is made of has an attribute's name",
        "class A:\n    def __init__(self):\n        v = 1\n        self.v = 2\n        self.k = «f(v)»\n"
        "    def g(self):\n        return self.k\n",
    ),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(ForwardCachedInBuild(), before, "outside-tape") == [dedent(after)]


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(ForwardCachedInBuild(), text, "outside-tape") == []


def test_a_tensor_of_the_module_on_tensorflow(
    offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    marked = (
        "import tensorflow as tf\nw = tf.Variable(3.0)\nsquare = «w * w»\ndef f(x):\n    return x * square\n"
        "with tf.GradientTape() as t:\n    y = f(2.0)\ng = t.gradient(y, w)\n"
    )
    before, after = run(marked), run(offered(ForwardCachedInBuild(), marked, "outside-tape")[0])
    assert before["g"] is None
    assert float(after["g"]) == 12.0
    assert float(after["y"]) == float(before["y"])


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(ForwardCachedInBuild)
    head = "import tensorflow as tf\n"
    marked = head + bad.replace("tf.exp(self.w)", "«tf.exp(self.w)»")
    assert offered(ForwardCachedInBuild(), marked, "outside-tape") == [head + good]
    assert run(head + bad)["grads"] is None
    assert float(run(head + good)["grads"]) == pytest.approx(3 * 7.389056)
