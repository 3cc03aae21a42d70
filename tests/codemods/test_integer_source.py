"""GF116: what the gradient is asked of is made of floats."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.integer_source import IntegerSource

_TF = "import tensorflow as tf\n"

# Each case: a sentence, the text before with its cut marked, the first rewrite.
REWRITES = [
    (
        "a variable of a number",
        "w = «tf.Variable(2, name='w')»  # start\n",
        "w = tf.Variable(2.0, name='w')  # start\n",
    ),
    (
        "one of several in a dict",
        "c = {'a': «tf.Variable(1)», 'b': tf.Variable(2)}\n",
        "c = {'a': tf.Variable(1.0), 'b': tf.Variable(2)}\n",
    ),
    (
        "a list of numbers, some with a sign",
        "w = «tf.Variable([[1, -2], [+3, 4.5]])»\n",
        "w = tf.Variable([[1.0, -2.0], [+3.0, 4.5]])\n",
    ),
    (
        "a variable of a name",
        "w = «tf.Variable(START, name='w')»\n",
        "w = tf.Variable(START, dtype=tf.float32, name='w')\n",
    ),
    (
        "a variable by keywords",
        "w = «tf.Variable(name='w', initial_value=START)»\n",
        "w = tf.Variable(name='w', initial_value=START, dtype=tf.float32)\n",
    ),
    (
        "a variable in lines of its own",
        "w = «tf.Variable(\n    START,\n    name='w',\n)»\n",
        "w = tf.Variable(\n    START,\n    dtype=tf.float32,\n    name='w',\n)\n",
    ),
    ("a dtype that is written", "w = «tf.Variable(2, dtype=tf.int64)»\n", "w = tf.Variable(2, dtype=tf.float32)\n"),
    (
        "a dtype in quotes",
        "w = «layer.add_weight(shape=(2,), dtype='uint8')»\n",
        "w = layer.add_weight(shape=(2,), dtype='float32')\n",
    ),
    ("a constant", "x = «tf.constant([1, 2])»\n", "x = tf.constant([1.0, 2.0])\n"),
    (
        "a constant with a dtype by position",
        "x = «tf.constant([1, 2], tf.int32)»\n",
        "x = tf.constant([1, 2], tf.float32)\n",
    ),
    (
        "an image",
        "x = «tf.convert_to_tensor(image[None])»\n",
        "x = tf.cast(tf.convert_to_tensor(image[None]), tf.float32)\n",
    ),
    ("a range", "x = «tf.range(5)»\n", "x = tf.range(5.0)\n"),
    ("a cast", "x = «tf.cast(x, tf.int32)»\n", "x = tf.cast(x, tf.float32)\n"),
    (
        "an array that becomes one of integers",
        "import numpy as np\nx = «x.astype(np.uint8)»\n",
        "import numpy as np\nx = x.astype(np.float32)\n",
    ),
    ("the name of a variable", "w = tf.Variable(2)\ny = f(«w»)\n", "w = tf.Variable(2.0)\ny = f(w)\n"),
]

NO_OPS = [
    ("a variable of floats", "w = tf.Variable(2.0)\ny = f(«w»)\n", "not-differentiable"),
    ("a number", "w = «2»\n", "wrong-dtype"),
    ("an operation that has no gradient", "y = «tf.round(x)»\n", "not-differentiable"),
    ("labels whose dtype alone is read", "y = tf.constant([1])\np = «tf.cast(p, y.dtype)»\n", "wrong-dtype"),
    ("a dtype that nothing tells", "w = «layer.add_weight(dtype=kind())»\n", "wrong-dtype"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(IntegerSource(), _TF + before, "wrong-dtype")[0] == _TF + after


@pytest.mark.parametrize(("text", "kind"), _named(NO_OPS))
def test_nothing_is_offered(text: str, kind: str, offered: Callable[..., list[str]]) -> None:
    assert offered(IntegerSource(), _TF + text, kind) == []


def test_a_weights_dtype_is_followed_to_the_default_of_a_parameter(offered: Callable[..., list[str]]) -> None:
    text = dedent("""\
        import keras

        class Scale(keras.layers.Layer):
            def __init__(self, kind="int32", **kwargs):
                super().__init__(**kwargs)
                self.kind = kind

            def build(self, shape):
                self.scale = self.add_weight(shape=shape[1:], dtype=self.kind, trainable=True)

            def call(self, x):
                return x * «keras.ops.cast(self.scale, x.dtype)»
        """)
    (rewritten,) = offered(IntegerSource(), text, "not-differentiable")
    plain = text.replace("«", "").replace("»", "")
    assert rewritten == plain.replace('kind="int32"', 'kind="float32"')
    handed = text.replace('"int32"', "None") + "Scale(kind='int64')\n"
    (given,) = offered(IntegerSource(), handed, "not-differentiable")
    assert given.endswith("Scale(kind='float32')\n")


def test_the_name_of_an_image_that_is_handed_in_is_cast_before_the_block(asked: Callable[..., list[str]]) -> None:
    text = """\
        import tensorflow as tf
        def attack(image):
            # one step
            with tf.GradientTape() as tape:
                tape.watch(image)
                loss = f(tf.cast(image, tf.float32))
            return «tape.gradient(loss, image)»
        """
    assert asked(IntegerSource(), text, "wrong-dtype")[0].splitlines()[2:5] == [
        "    image = tf.cast(image, tf.float32)",
        "    # one step",
        "    with tf.GradientTape() as tape:",
    ]


def test_a_variable_has_three_ways_to_floats(offered: Callable[..., list[str]]) -> None:
    texts = offered(IntegerSource(), f"{_TF}w = «tf.Variable(2)»\n", "wrong-dtype")
    assert [t.splitlines()[-1] for t in texts] == [
        "w = tf.Variable(2.0)",
        "w = tf.Variable(2, dtype=tf.float32)",
        "w = tf.Variable(tf.cast(2, tf.float32))",
    ]


def test_a_variable_of_keras_has_its_dtype_as_text(offered: Callable[..., list[str]]) -> None:
    text = "import keras\nw = «keras.Variable(START)»\n"
    assert offered(IntegerSource(), text, "wrong-dtype")[0].endswith('keras.Variable(START, dtype="float32")\n')


RUNS = [
    ("a number", "w = «tf.Variable(3)»\n"),
    ("a name", "START = 3\nw = «tf.Variable(START)»\n"),
    ("an array", "import numpy as np\nw = «tf.Variable(np.array(3))»\n"),
    ("a tensor that is watched", "w = «tf.constant(3)»\n"),
    ("an image that is watched", "import numpy as np\nw = «tf.convert_to_tensor(np.uint8(3))»\n"),
    ("a dtype", "w = «tf.Variable(3, dtype=tf.int64)»\n"),
]


@pytest.mark.parametrize("made", _named(RUNS))
def test_the_gradient_is_there_on_tensorflow(
    made: str, offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    step = "with tf.GradientTape() as t:\n    t.watch(w)\n    y = tf.cast(w, tf.float32) ** 2\ng = t.gradient(y, w)\n"
    marked = f"{_TF}{made}{step}"
    before, after = run(marked), run(offered(IntegerSource(), marked, "wrong-dtype")[0])
    assert before["g"] is None
    assert float(after["g"]) == 6.0
    assert float(after["y"]) == float(before["y"])


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(IntegerSource)
    call = "tf.Variable(2)"
    assert offered(IntegerSource(), _TF + bad.replace(call, f"«{call}»"), "wrong-dtype")[0] == _TF + good
    assert run(_TF + bad)["grads"] is None
    assert float(run(_TF + good)["grads"]) == 2.0
