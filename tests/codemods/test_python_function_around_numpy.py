"""GF108: the function itself is called, with its body in TensorFlow's words."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.python_function_around_numpy import PythonFunctionAroundNumpy

REWRITES = [
    (
        "the values of the parameters stay in their tensors",
        """\
        import numpy as np
        import tensorflow as tf

        def pinball(truth, guess):
            truth, guess = truth.numpy(), guess.numpy()
            error = truth - guess  # signed
            return np.mean(np.maximum(0.9 * error, -0.1 * error)).astype(np.float32)

        def loss(truth, guess):
            return «tf.py_function(pinball, inp=[truth, guess], Tout=tf.float32)»
        """,
        """\
        import tensorflow as tf

        def pinball(truth, guess):
            error = truth - guess  # signed
            return tf.cast(tf.reduce_mean(tf.maximum(0.9 * error, -0.1 * error)), tf.float32)

        def loss(truth, guess):
            return pinball(truth, guess)
        """,
    ),
    (
        "a lambda in the call",
        "import numpy as np\nimport tensorflow as tf\ny = «tf.numpy_function(lambda a: np.abs(a), [x], tf.float32)»\n",
        "import tensorflow as tf\ny = (lambda a: tf.abs(a))(x)\n",
    ),
    (
        "a method, whose constants stay NumPy's",
        """\
        import numpy as np
        import tensorflow as tf

        class Loss:
            def inner(self, a, b):
                scale = np.sqrt(2.0)
                return np.sum(np.square(a - b)) / scale

            def __call__(self, a, b):
                return «tf.numpy_function(func=self.inner, inp=(a, b), Tout=tf.float32)»
        """,
        """\
        import numpy as np
        import tensorflow as tf

        class Loss:
            def inner(self, a, b):
                scale = np.sqrt(2.0)
                return tf.reduce_sum(tf.square(a - b)) / scale

            def __call__(self, a, b):
                return self.inner(a, b)
        """,
    ),
    (
        "a function from elsewhere is called as it is",
        "import tensorflow as tf\nfrom losses import f\ny = «tf.py_function(f, [x], tf.float32)»\n",
        "import tensorflow as tf\nfrom losses import f\ny = f(x)\n",
    ),
]

NO_OPS = [
    ("several outputs come in a list", "import tensorflow as tf\ny = «tf.py_function(f, [x], [tf.float32])»\n"),
    ("inputs that are not written out", "import tensorflow as tf\ny = «tf.py_function(f, xs, tf.float32)»\n"),
    ("inputs with a star", "import tensorflow as tf\ny = «tf.py_function(f, [*xs], tf.float32)»\n"),
    ("a star", "import tensorflow as tf\ny = «tf.py_function(*all)»\n"),
    ("a function of one's own", "y = «py_function(f, [x], t)»\n"),
    ("another wrapper", "import tensorflow as tf\ny = «tf.function(f)»\n"),
    ("a function that is given nothing", "import tensorflow as tf\ny = «tf.numpy_function(f, [], tf.float32)»\n"),
    (
        "a function that draws at random",
        """\
        import numpy as np
        import tensorflow as tf

        def play(steps):
            return np.array([np.random.rand() for _ in range(steps)])

        y = «tf.numpy_function(play, [n], tf.float32)»
        """,
    ),
    (
        "a function that moves an environment on, in a method that it calls",
        """\
        import numpy as np
        import tensorflow as tf

        class Player:
            def world(self, action):
                self.state = self.state + action
                return np.sum(self.state)

            def play(self, steps):
                return np.array([self.world(1.0) for _ in range(steps)])

            def improve(self):
                return «tf.numpy_function(self.play, [3], tf.float32)»
        """,
    ),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(PythonFunctionAroundNumpy(), before)[0] == dedent(after)


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(PythonFunctionAroundNumpy(), text) == []


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(PythonFunctionAroundNumpy)
    head = dedent("""\
        import numpy as np
        import tensorflow as tf
        x, y = tf.ones((3, 2)), tf.ones((3, 1))
        model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
        """)
    call = "tf.numpy_function(absolute, [y, model(x)], tf.float32)"
    rewritten = offered(PythonFunctionAroundNumpy(), head + bad.replace(call, f"«{call}»"))[0]
    assert rewritten == head.replace("import numpy as np\n", "") + good
    assert run(head + bad)["grads"] == [None, None]
    assert all(g is not None for g in run(rewritten)["grads"])
