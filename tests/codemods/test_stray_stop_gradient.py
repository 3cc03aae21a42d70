"""GF103: a `stop_gradient` at the cut goes, with the line or the layer that was there for it alone."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.stray_stop_gradient import StrayStopGradient

# Each case: a sentence, the text before with its cut marked, the first rewrite.
REWRITES = [
    (
        "the call around an argument goes",
        "import tensorflow as tf\ny = f(«tf.stop_gradient(x)», 1)  # why\n",
        "import tensorflow as tf\ny = f(x, 1)  # why\n",
    ),
    (
        "the line that did nothing else goes with its comment, the one above it stays",
        """\
        import tensorflow as tf

        def step(x):
            with tf.GradientTape() as tape:
                h = encoder(x)
                # the encoder is frozen
                h = «tf.stop_gradient(h)»  # linear probe
                return head(h)
        """,
        """\
        import tensorflow as tf

        def step(x):
            with tf.GradientTape() as tape:
                h = encoder(x)
                # the encoder is frozen
                return head(h)
        """,
    ),
    (
        "blank lines are not doubled where a line goes",
        """\
        import tensorflow as tf
        h = encoder(x)

        h = «tf.stop_gradient(h)»

        y = head(h)
        """,
        """\
        import tensorflow as tf
        h = encoder(x)

        y = head(h)
        """,
    ),
    (
        "a comment at the end of a block stays",
        """\
        import tensorflow as tf
        if probe:
            h = encoder(x)
            # frozen
            h = «tf.stop_gradient(h)»
        y = head(h)
        """,
        """\
        import tensorflow as tf
        if probe:
            h = encoder(x)
            # frozen
        y = head(h)
        """,
    ),
    (
        "a branch is left with pass",
        """\
        import tensorflow as tf
        if probe:
            h = «tf.stop_gradient(h)»
        """,
        """\
        import tensorflow as tf
        if probe:
            pass
        """,
    ),
    (
        "one of several statements in a line goes",
        "import tensorflow as tf\na = 1; h = «tf.stop_gradient(h)»\n",
        "import tensorflow as tf\na = 1\n",
    ),
    (
        "an attribute that is stopped in place",
        "import tensorflow as tf\nself.h = «tf.stop_gradient(self.h)»\ny = self.h\n",
        "import tensorflow as tf\ny = self.h\n",
    ),
    (
        "parentheses are put where precedence needs them",
        "import tensorflow as tf\ny = w * «tf.stop_gradient(a + b)» ** 2\n",
        "import tensorflow as tf\ny = w * (a + b) ** 2\n",
    ),
    (
        "parentheses that are there are enough",
        "import tensorflow as tf\ny = w * («tf.stop_gradient(a + b)»)\nz = tf.abs(y)\n",
        "import tensorflow as tf\ny = w * (a + b)\nz = tf.abs(y)\n",
    ),
    (
        "none where none are needed",
        "import tensorflow as tf\ny = «tf.stop_gradient(a + b)»\nz = tf.abs(y)\n",
        "import tensorflow as tf\ny = a + b\nz = tf.abs(y)\n",
    ),
    (
        "a value over several lines keeps them",
        """\
        import tensorflow as tf
        y = «tf.stop_gradient(
            a
            + b
        )»
        """,
        """\
        import tensorflow as tf
        y = (a
            + b)
        """,
    ),
    (
        "comments in the call stay",
        """\
        import tensorflow as tf
        y = f(
            «tf.stop_gradient(  # frozen
                a + b  # both
            )»,
            c,
        )
        """,
        """\
        import tensorflow as tf
        y = f(
            (  # frozen
                a + b  # both
            ),
            c,
        )
        """,
    ),
    (
        "Keras' own, with its import",
        "import tensorflow as tf\nfrom keras import ops\ny = tf.abs(«ops.stop_gradient(variable=x)»)\n",
        "import tensorflow as tf\ny = tf.abs(x)\n",
    ),
    (
        "the backend's",
        "from tensorflow.keras import backend as K\ny = K.mean(«K.stop_gradient(x)»)\n",
        "from tensorflow.keras import backend as K\ny = K.mean(x)\n",
    ),
    (
        "the backend under a name of one's own",
        "import tensorflow as tf\nK = tf.keras.backend\ny = K.mean(«K.stop_gradient(x)»)\n",
        "import tensorflow as tf\nK = tf.keras.backend\ny = K.mean(x)\n",
    ),
    (
        "by a name from TensorFlow",
        "from tensorflow import GradientTape, stop_gradient as hold\ny = f(«hold(x, name='h')»)\n",
        "from tensorflow import GradientTape\ny = f(x)\n",
    ),
    (
        "of a whole structure",
        "import tensorflow as tf\nstate = «tf.nest.map_structure(tf.stop_gradient, state)»\ny = tf.abs(state)\n",
        "import tensorflow as tf\ny = tf.abs(state)\n",
    ),
    (
        "in a comprehension",
        "import tensorflow as tf\nhs = [«tf.stop_gradient(h)» for h in tf.unstack(hs)]\n",
        "import tensorflow as tf\nhs = [h for h in tf.unstack(hs)]\n",
    ),
    (
        "what a function returns",
        "import keras\nclass L(keras.Layer):\n    def call(self, x):\n        return «keras.ops.stop_gradient(x)»\n",
        "import keras\nclass L(keras.Layer):\n    def call(self, x):\n        return x\n",
    ),
    (
        "a layer in a chain of calls goes with its line",
        """\
        import tensorflow as tf
        from tensorflow.keras import layers
        h = layers.Dense(3)(x)
        h = layers.Lambda(lambda t: «tf.stop_gradient(t)»)(h)
        y = layers.Dense(1)(h)
        """,
        """\
        import tensorflow as tf
        from tensorflow.keras import layers
        h = layers.Dense(3)(x)
        y = layers.Dense(1)(h)
        """,
    ),
    (
        "a layer between two others goes from the expression",
        "from keras import layers, ops\ny = layers.Dense(1)(«layers.Lambda(ops.stop_gradient)(h)»)\n",
        "from keras import layers\ny = layers.Dense(1)(h)\n",
    ),
    (
        "a layer in a list goes with its line, comments of its neighbours stay",
        """\
        import tensorflow as tf
        model = tf.keras.Sequential([
            tf.keras.layers.Dense(3),  # below
            tf.keras.layers.Lambda(lambda t: «tf.stop_gradient(t)»),  # frozen
            # the head
            tf.keras.layers.Dense(1),
        ])
        """,
        """\
        import tensorflow as tf
        model = tf.keras.Sequential([
            tf.keras.layers.Dense(3),  # below
            # the head
            tf.keras.layers.Dense(1),
        ])
        """,
    ),
    (
        "the last layer of a list in one line",
        "import tensorflow as tf\nm = tf.keras.Sequential([a, «tf.keras.layers.Lambda(tf.stop_gradient)»])\n",
        "import tensorflow as tf\nm = tf.keras.Sequential([a])\n",
    ),
    (
        "a layer that is added to a model",
        "import tensorflow as tf\nm.add(a)\nm.add(«tf.keras.layers.Lambda(tf.stop_gradient)»)\nm.add(b)\ntf.abs(m)\n",
        "import tensorflow as tf\nm.add(a)\nm.add(b)\ntf.abs(m)\n",
    ),
    (
        "a layer that has a name is not called",
        "import tensorflow as tf\nstop = tf.keras.layers.Lambda(tf.stop_gradient)\ny = head(«stop(h)»)\n",
        "import tensorflow as tf\nstop = tf.keras.layers.Lambda(tf.stop_gradient)\ny = head(h)\n",
    ),
]

NO_OPS = [
    ("a function of one's own", "def stop_gradient(x): ...\ny = «stop_gradient(x)»\n"),
    ("a method of that name", "y = «self.stop_gradient(x)»\n"),
    ("another library's", "import jax.lax as tf\ny = «tf.stop_gradient(x)»\n"),
    ("arguments in a star", "import tensorflow as tf\ny = «tf.stop_gradient(*xs)»\n"),
    ("an argument of a name unknown", "import tensorflow as tf\ny = «tf.stop_gradient(what=xs)»\n"),
    ("another function of TensorFlow", "import tensorflow as tf\ny = «tf.round(x)»\n"),
    ("an argument of the call", "import tensorflow as tf\ny = tf.stop_gradient(«x»)\n"),
    ("an expression around the call", "import tensorflow as tf\ny = «x + tf.stop_gradient(r - x)»\n"),
    ("the straight-through trick", "import tensorflow as tf\ny = x + «tf.stop_gradient(r - x)»\n"),
    ("a layer that does more", "import tensorflow as tf\ny = «tf.keras.layers.Lambda(lambda t: t * 2)(x)»\n"),
    ("the only layer of a list", "import keras\nm = f([«keras.layers.Lambda(keras.ops.stop_gradient)»])\n"),
    ("a shadowed name", "import tensorflow as tf\ndef f(tf, x):\n    return «tf.stop_gradient(x)»\n"),
    ("a structure that is mapped otherwise", "import tensorflow as tf\ny = «tf.nest.map_structure(tf.abs, x)»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(StrayStopGradient(), before, "stopped")[0] == dedent(after)


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(StrayStopGradient(), text, "stopped") == []


def test_the_second_choice_for_a_layer_is_to_let_it_pass(offered: Callable[..., list[str]]) -> None:
    text = "import tensorflow as tf\nm = f([a, tf.keras.layers.Lambda(lambda t: «tf.stop_gradient(t)»)])\n"
    assert offered(StrayStopGradient(), text, "stopped") == [
        "import tensorflow as tf\nm = f([a])\n",
        "import tensorflow as tf\nm = f([a, tf.keras.layers.Lambda(lambda t: t)])\n",
    ]


def test_a_layer_is_found_where_the_run_showed_no_place(offered: Callable[..., list[str]]) -> None:
    layers = "import keras\nfrom keras.layers import Lambda\nm = f([a, Lambda(keras.ops.stop_gradient), b])\n"
    text = f"{layers}grads = «tape.gradient(loss, m.trainable_variables)»\n"
    assert [t.splitlines()[-2] for t in offered(StrayStopGradient(), text, "never-used")] == ["m = f([a, b])"]
    assert offered(StrayStopGradient(), text, "stopped") == []


RUNS = [
    ("a call", "y = tf.sin(«tf.stop_gradient(w * w)»)"),
    ("a line", "h = w * w\nh = «tf.stop_gradient(h)»\ny = tf.sin(h)"),
    ("a power", "y = tf.sin(«keras.ops.stop_gradient(-w)» ** 2)"),
    ("a layer", "y = tf.sin(«keras.layers.Lambda(keras.ops.stop_gradient)(w * w)»)"),
    ("a structure", "(h,) = «tf.nest.map_structure(tf.stop_gradient, (w * w,))»\ny = tf.sin(h)"),
]


@pytest.mark.parametrize("body", _named(RUNS))
def test_the_gradient_is_there_on_tensorflow(
    body: str, offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    head = "import keras\nimport tensorflow as tf\nw = tf.Variable([0.5, -1.0])\n"
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    marked = f"{head}with tf.GradientTape() as tape:\n{lines}g = tape.gradient(y, w)\n"
    before, after = run(marked), run(offered(StrayStopGradient(), marked, "stopped")[0])
    assert before["g"] is None
    assert after["g"].numpy().tolist() == pytest.approx([2 * 0.5 * 0.9689124, 2 * -1.0 * 0.5403023])
    assert after["y"].numpy().tolist() == before["y"].numpy().tolist()


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(StrayStopGradient)
    head = dedent("""\
        import tensorflow as tf
        x, y = tf.ones((3, 2)), tf.ones((3, 1))
        encoder = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(2)])
        head = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
        """)
    call = "tf.stop_gradient(encoder(x))"
    rewritten = offered(StrayStopGradient(), head + bad.replace(call, f"«{call}»"), "stopped")[0]
    assert rewritten == head + good
    assert [g is None for g in run(head + bad)["grads"]] == [True, True, False, False]
    assert all(g is not None for g in run(rewritten)["grads"])
