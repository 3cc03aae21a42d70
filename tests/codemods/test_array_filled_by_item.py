"""GF128: items that stay tensors, in a list or in a tensor that is made anew."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from gradfix.values import FileReport, Fix
from gradfix_codemods.array_filled_by_item import ArrayFilledByItem

HEAD = "import numpy as np\nimport tensorflow as tf\nprint(np.pi)\n"
# Each case: a sentence, the text before with the line marked, the first rewrite.
REWRITES = [
    (
        "one after the other",
        """\
        errors = np.zeros(3, dtype=np.float32)  # one each
        for i in range(3):
            e = y[i] - p[i]
            «errors[i] = e * e»  # squared
        loss = tf.reduce_mean(errors)
        """,
        """\
        errors = []  # one each
        for i in range(3):
            e = y[i] - p[i]
            errors.append(e * e)  # squared
        errors = tf.stack(errors)
        loss = tf.reduce_mean(errors)
        """,
    ),
    (
        "counted by enumerate",
        "def f(xs):\n    out = np.empty(len(xs))\n    for i, x in enumerate(xs):\n        «out[i] = g(x)»\n"
        "    return out\n",
        "def f(xs):\n    out = []\n    for i, x in enumerate(xs):\n        out.append(g(x))\n    out = tf.stack(out)\n"
        "    return out\n",
    ),
    (
        "in rows and columns",
        "K = np.zeros((2, 2))\nfor i in range(2):\n    for j in range(2):\n        «K[i, j] = k(x[i], x[j])»\n",
        "K = np.zeros((2, 2))\nfor i in range(2):\n    for j in range(2):\n"
        "        K = tf.tensor_scatter_nd_update(K, [[i, j]], [tf.cast(k(x[i], x[j]), K.dtype)])\n",
    ),
    (
        "added to",
        "bins = np.zeros(2)\nfor x in xs:\n    «bins[int(x)] += w * x»\n",
        "bins = np.zeros(2)\nfor x in xs:\n"
        "    bins = tf.tensor_scatter_nd_update(bins, [[int(x)]], [bins[int(x)] + tf.cast(w * x, bins.dtype)])\n",
    ),
    (
        "looked at in the loop",
        "s = np.zeros(3)\nfor i in range(3):\n    «s[i] = w * s[i - 1]»\n",
        "s = np.zeros(3)\nfor i in range(3):\n"
        "    s = tf.tensor_scatter_nd_update(s, [[i]], [tf.cast(w * s[i - 1], s.dtype)])\n",
    ),
    (
        "from the second on",
        "s = np.ones(3)\nfor i in range(1, 3):\n    «s[i] = w * i»\n",
        "s = np.ones(3)\nfor i in range(1, 3):\n"
        "    s = tf.tensor_scatter_nd_update(s, [[i]], [tf.cast(w * i, s.dtype)])\n",
    ),
]

NO_OPS = [
    ("a slice", "s = np.zeros(3)\n«s[1:] = w»\n"),
    ("a list", "s = [0, 0]\n«s[0] = w»\n"),
    ("an array that is given", "def f(s):\n    «s[0] = w»\n"),
    ("made anew in between", "s = np.zeros(3)\ns = np.ones(3)\n«s[0] = w»\n"),
    ("an attribute", "self.s = np.zeros(3)\n«self.s[0] = w»\n"),
    ("two targets", "s = np.zeros(3)\n«s[0] = t = w»\n"),
]


@pytest.mark.parametrize(("before", "after"), [pytest.param(*case[1:], id=case[0]) for case in REWRITES])
def test_the_first_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(ArrayFilledByItem(), HEAD + dedent(before))[0] == HEAD + dedent(after)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NO_OPS])
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(ArrayFilledByItem(), HEAD + text) == []


def test_then_what_numpy_does_with_the_array(offered: Callable[..., list[str]]) -> None:
    before = "def f(x):\n    s = np.zeros(2)\n    «s[0] = w * x»\n    return np.sum(s)\n"
    first, second = offered(ArrayFilledByItem(), HEAD + before)
    assert "return np.sum(s)" in first
    assert second == first.replace("np.sum(s)", "tf.reduce_sum(s)")


KERNEL = dedent("""\
    import numpy as np
    import tensorflow as tf

    width = tf.Variable(0.7)
    x = tf.constant([1.0, 2.0, 3.5])


    def kernel(x):
        K = np.zeros((3, 3), dtype=np.float32)
        for i in range(3):
            for j in range(3):
                K[i, j] = tf.exp(-width * (x[i] - x[j]) ** 2)
        return np.linalg.det(K)


    for _ in range(2):
        with tf.GradientTape() as tape:
            loss = tf.square(kernel(x) - 0.5)
        step = tape.gradient(loss, width)
        width.assign_sub(0.1 * step)
    """)


def test_a_matrix_is_filled_and_used_in_tensorflow(repaired: Callable[..., FileReport]) -> None:
    report = repaired(KERNEL)
    assert [(f.rule, f.fix, f.place.line) for f in report.findings] == [("array-filled-by-item", Fix.PROVED, 12)]
    (new,) = report.patched.values()
    assert "K = tf.tensor_scatter_nd_update(K, [[i, j]], [tf.cast(" in new
    assert "return tf.linalg.det(K)" in new
