"""GF105: a value stays in its tensor, and what NumPy did to the number is done to the tensor."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix.values import FileReport
from gradfix_codemods.numpy_method import NumpyMethod

# Each case: a sentence, the text before with its cut marked, the first rewrite.
REWRITES = [
    (
        "the method goes from the expression",
        "import tensorflow as tf\nloss = tf.reduce_mean(y - «model(x).numpy()»)\n",
        "import tensorflow as tf\nloss = tf.reduce_mean(y - model(x))\n",
    ),
    (
        "a line that did nothing else goes",
        "def f(y, p):\n    # a number\n    p = «p.numpy()»  # eager only\n    return y - p\n",
        "def f(y, p):\n    # a number\n    return y - p\n",
    ),
    (
        "a line of two that did nothing else goes with the second rewrite",
        "def f(y, p):\n    y, p = y, «p.numpy()»\n    return y - p\n",
        "def f(y, p):\n    return y - p\n",
    ),
    ("float", "loss = «float(tf_mean(e))»\n", "loss = tf_mean(e)\n"),
    ("item", "loss = (-e).mean() + «loss.item()» * 2\n", "loss = (-e).mean() + loss * 2\n"),
    ("a value in parentheses", "loss = 2 * «(a + b).numpy()»\n", "loss = 2 * (a + b)\n"),
    ("a sum in float", "loss = 2 * «float(a + b)»\n", "loss = 2 * (a + b)\n"),
    ("one getter after the other", "for v in «p.numpy()».tolist():\n    f(v)\n", "for v in p:\n    f(v)\n"),
    (
        "a constant of it",
        "import tensorflow as tf\ny = x * tf.constant(«self.scale.numpy()»)\n",
        "import tensorflow as tf\ny = x * self.scale\n",
    ),
    (
        "a constant of a dtype",
        "import tensorflow as tf\ny = x * tf.constant(«f(x).numpy()», tf.float32)\n",
        "import tensorflow as tf\ny = x * tf.constant(f(x), tf.float32)\n",
    ),
    ("float around a getter", "loss = a + float(«f(x).numpy()»)\n", "loss = a + f(x)\n"),
    (
        "Keras' functions, with their import",
        "from keras import ops\ny = f(«ops.convert_to_numpy(x)»)\n",
        "y = f(x)\n",
    ),
    (
        "the backend's",
        "from tensorflow.keras import backend as K\ny = K.abs(«K.get_value(x)»)\n",
        "from tensorflow.keras import backend as K\ny = K.abs(x)\n",
    ),
    (
        "NumPy's double",
        "import numpy as np\ny = f(«np.float64(x)», np.pi)\n",
        "import numpy as np\nimport tensorflow as tf\ny = f(tf.cast(x, tf.float64), np.pi)\n",
    ),
    (
        "Python's math",
        "import math\nimport tensorflow as tf\ny = «math.sqrt(x)»\n",
        "import tensorflow as tf\ny = tf.sqrt(x)\n",
    ),
    (
        "a name from math",
        "from math import log, pi\nimport tensorflow as tf\ny = «log(x)» / pi\n",
        "from math import pi\nimport tensorflow as tf\ny = tf.math.log(x) / pi\n",
    ),
]

NO_OPS = [
    ("a getter with arguments", "y = «x.item(0)»\n"),
    ("float of nothing", "y = «float()»\n"),
    ("a function of one's own called float", "from mine import float\ny = «float(x)»\n"),
    ("a function of math without a counterpart", "import math\ny = «math.floor(x)»\n"),
    ("a function of a module", "import mine\ny = «mine.numpy()»\n"),
    ("another method", "y = «x.result()»\n"),
    ("an attribute", "y = «x.numpy»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(NumpyMethod(), before)[0] == dedent(after)


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(NumpyMethod(), text) == []


def test_the_numpy_calls_that_the_tensor_meets_go_along(offered: Callable[..., list[str]]) -> None:
    texts = offered(
        NumpyMethod(),
        """\
        import numpy as np
        import tensorflow as tf

        def psnr(truth, guess):
            guess = «guess.numpy()»
            error = np.mean(np.square(truth - guess), axis=1)
            history.append(error.item())
            print(f"{error.mean():.3f}", np.max(truth))
            return -10 * np.log10(1 / np.maximum(error, 1e-8))
        """,
    )
    assert texts[1] == dedent("""\
        import numpy as np
        import tensorflow as tf

        def psnr(truth, guess):
            error = tf.reduce_mean(tf.square(truth - guess), axis=1)
            history.append(float(error))
            print(f"{tf.reduce_mean(error):.3f}", np.max(truth))
            return -10 * (tf.math.log(1 / tf.maximum(error, 1e-8)) / tf.math.log(10.0))
        """)


def test_then_in_double_precision(offered: Callable[..., list[str]]) -> None:
    assert offered(NumpyMethod(), "import tensorflow as tf\nz = y - «x.numpy()»\n") == [
        "import tensorflow as tf\nz = y - x\n",
        "import tensorflow as tf\nz = y - tf.cast(x, tf.float64)\n",
    ]


def test_an_index_of_two_names_may_be_one_of_arrays(offered: Callable[..., list[str]]) -> None:
    head = "import tensorflow as tf\nt = {}\n"
    gathered = head.format("self.t") + "loss = f(tf.gather_nd(t, tf.stack([a, b.c], axis=-1)))\n"
    assert gathered in offered(NumpyMethod(), head.format("«self.t.numpy()»") + "loss = f(t[a, b.c])\n")
    for index in ("a, 0", "a, :", "..., a", "a"):
        assert "stack" not in "".join(offered(NumpyMethod(), head.format("«self.t.numpy()»") + f"x = t[{index}]\n"))


LISTS = [
    (
        "numbers in a list",
        "loss = f(tf.constant([float(a), «float(b)», c, 1.0]))\n",
        "loss = f(tf.convert_to_tensor([a, b, c, 1.0]))\n",
    ),
    (
        "a list of its own, with a dtype",
        "xs = [«a.numpy()», b.numpy()]\nloss = f(np.array(xs, dtype=np.float32))\n",
        "xs = [a, b]\nloss = f(tf.cast(xs, tf.float32))\n",
    ),
    (
        "one for each turn",
        "loss = f(tf.constant([«float(g(x))» for x in xs]))\n",
        "loss = f(tf.convert_to_tensor([g(x) for x in xs]))\n",
    ),
    (
        "a list that grows, beside one that is kept for people",
        "xs = []\nxs.append(«float(a)»)\nxs.append(float(b))\nlog.append(float(a))\nloss = f(tf.constant(xs))\n",
        "xs = []\nxs.append(a)\nxs.append(b)\nlog.append(float(a))\nloss = f(tf.convert_to_tensor(xs))\n",
    ),
]


@pytest.mark.parametrize(("before", "after"), _named(LISTS))
def test_what_is_in_a_list_together_stays_a_tensor(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    head = "import numpy as np\nimport tensorflow as tf\nprint(np.pi)\n"
    assert head + after in offered(NumpyMethod(), head + before)


def test_a_number_that_is_returned_or_added_up_stays_one(offered: Callable[..., list[str]]) -> None:
    texts = offered(
        NumpyMethod(),
        """\
        import numpy as np
        import tensorflow as tf

        def step(x):
            global total
            p = «model(x).numpy()»
            loss = np.mean(p)
            total += float(loss)
            return float(loss), loss.item()
        """,
    )
    assert [line.strip() for line in texts[1].splitlines()[-3:]] == [
        "loss = tf.reduce_mean(p)",
        "total += float(loss)",
        "return float(loss), float(loss)",
    ]


def test_last_the_number_is_taken_where_it_is_kept(offered: Callable[..., list[str]]) -> None:
    texts = offered(
        NumpyMethod(),
        """\
        def step(x):
            loss = «float(f(x))»
            g = tape.gradient(loss, w)
            self.total += loss
            history.append(loss)
            print(loss, round(loss, 3))
            return loss
        """,
    )
    assert texts[0].splitlines()[1:] == [
        "    loss = f(x)",
        "    g = tape.gradient(loss, w)",
        "    self.total += loss",
        "    history.append(loss)",
        "    print(loss, round(loss, 3))",
        "    return loss",
    ]
    assert texts[-1].splitlines()[1:] == [
        "    loss = f(x)",
        "    g = tape.gradient(loss, w)",
        "    self.total += float(loss)",
        "    history.append(float(loss))",
        "    print(loss, round(float(loss), 3))",
        "    return loss",
    ]


RUNS = [
    ("a method", "y = tf.sin(«(w * w).numpy()»)"),
    ("a number", "y = [tf.sin(«float(v)») for v in tf.unstack(w * w)]"),
    ("math", "y = [«math.sin(v)» for v in tf.unstack(w * w)]"),
    ("a double", "y = tf.sin(«(w * w).numpy()» * tf.ones(2, tf.float64))"),
    ("a chain", "y = np.sin(«(w * w).numpy()»).reshape((2, 1))"),
]


@pytest.mark.parametrize("body", _named(RUNS))
def test_one_rewrite_has_the_right_gradient_on_tensorflow(
    body: str, offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    head = "import math\nimport numpy as np\nimport tensorflow as tf\nw = tf.Variable([0.5, -1.0])\n"
    tail = "    loss = tf.add_n([tf.reduce_sum(tf.cast(v, tf.float32)) for v in y])\ng = tape.gradient(loss, w)\n"
    marked = f"{head}with tf.GradientTape() as tape:\n    {body}\n{tail}"
    assert run(marked)["g"] is None
    for text in offered(NumpyMethod(), marked):
        try:
            gradient = run(text)["g"]
        except Exception:  # a dtype that does not fit, or not the whole chain: the verifier goes on to the next
            continue
        if gradient is not None:
            assert gradient.numpy().tolist() == pytest.approx([2 * 0.5 * 0.9689124, 2 * -1.0 * 0.5403023])
            return
    pytest.fail("no rewrite has a gradient")


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(NumpyMethod)
    head = dedent("""\
        import tensorflow as tf
        x, y = tf.ones((3, 2)), tf.ones((3, 1))
        model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
        """)
    rewritten = offered(NumpyMethod(), head + bad.replace("model(x).numpy()", "«model(x).numpy()»"))[0]
    assert rewritten == head + good
    assert run(head + bad)["grads"] == [None, None]
    assert all(g is not None for g in run(rewritten)["grads"])


def test_a_value_that_is_lost_beside_one_that_came_back_is_no_proof(repaired: Callable[..., FileReport]) -> None:
    text = dedent("""\
        import numpy as np
        import tensorflow as tf
        w = tf.Variable([1.0, 2.0])
        with tf.GradientTape() as tape:
            a = float(w[0] * 2.0)
            b = w[1].numpy()
            loss = tf.reduce_sum(np.array([1.0, a, b]) ** 2)
        grad = tape.gradient(loss, w)
        """)
    (new,) = repaired(text).patched.values()
    assert "b = w[1]\n" in new, "the gradient of the second weight would be zero, as if it had no part in the loss"
