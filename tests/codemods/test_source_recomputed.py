"""GF110: the block computes with the tensor that the gradient is asked for."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix.values import FileReport
from gradfix_codemods.source_recomputed import SourceRecomputed

# Each case: a sentence, the text before with the call marked, the first rewrite.
REWRITES = [
    (
        "an expression in the block that is equal",
        """\
        for _ in range(rounds):
            adv = x + eta
            with tf.GradientTape() as tape:
                # clean and noisy
                loss = error(y, model(( x+eta ), training=False))
            g = «tape.gradient(loss, adv)»
            adv = adv + tf.sign(g)
        """,
        """\
        for _ in range(rounds):
            adv = x + eta
            with tf.GradientTape() as tape:
                tape.watch(adv)
                # clean and noisy
                loss = error(y, model(( adv ), training=False))
            g = tape.gradient(loss, adv)
            adv = adv + tf.sign(g)
        """,
    ),
    (
        "each of several places, in a list of sources",
        "z = f(x)\nwith tf.GradientTape() as t:\n    y = g(f(x)) * f( x )\nd = «t.gradient(y, [z])»\n",
        "z = f(x)\nwith tf.GradientTape() as t:\n    t.watch(z)\n    y = g(z) * z\nd = t.gradient(y, [z])\n",
    ),
    (
        "a copy whose original is used",
        "v = tf.identity(x)\nwith tf.GradientTape() as t:\n    y = f(x, x=x)\nd = «t.gradient(y, v)»\n",
        "v = tf.identity(x)\nwith tf.GradientTape() as t:\n    t.watch(v)\n    y = f(v, x=v)\nd = t.gradient(y, v)\n",
    ),
    (
        "a variable made of a tensor needs no watching",
        "v = tf.Variable(x)\nwith tf.GradientTape() as t:\n    y = f(x)\nd = «t.gradient(y, v)»\n",
        "v = tf.Variable(x)\nwith tf.GradientTape() as t:\n    y = f(v)\nd = t.gradient(y, v)\n",
    ),
    (
        "one that is computed in the call",
        "with tf.GradientTape() as t:\n    # far\n    y = g(layer(x))\nd = «t.gradient(y, [w, layer( x )])»\n",
        "with tf.GradientTape() as t:\n    # far\n    layer_output = layer( x )\n    y = g(layer_output)\n"
        "d = t.gradient(y, [w, layer_output])\n",
    ),
    (
        "what the block made is not made again after it",
        """\
        with tf.GradientTape() as tape:
            h = encoder(x)
            loss = error(head(h))
        # for the map
        h = encoder(x)
        g = «tape.gradient(loss, h)»
        """,
        """\
        with tf.GradientTape() as tape:
            h = encoder(x)
            loss = error(head(h))
        # for the map
        g = tape.gradient(loss, h)
        """,
    ),
    (
        "what is made after the block alone is made in it",
        """\
        with tf.GradientTape() as tape:
            x = prepare(x)
            loss = error(head(encoder(x)))
        h = encoder(x)
        g = «tape.gradient(loss, h)»
        """,
        """\
        with tf.GradientTape() as tape:
            x = prepare(x)
            h = encoder(x)
            loss = error(head(h))
        g = tape.gradient(loss, h)
        """,
    ),
]

NO_OPS = [
    (
        "a source that nothing else equals",
        "z = f(x)\nwith tf.GradientTape() as t:\n    y = g(x)\nd = «t.gradient(y, z)»\n",
    ),
    (
        "a source of another function",
        "def h():\n    z = f(x)\nwith tf.GradientTape() as t:\n    y = f(x)\nd = «t.gradient(y, z)»\n",
    ),
    ("a source that the block makes", "z = f(x)\nwith tf.GradientTape() as t:\n    z = f(x)\nd = «t.gradient(z, z)»\n"),
    (
        "an equal expression before the block",
        "z = f(x)\na = f(x)\nwith tf.GradientTape() as t:\n    y = g(a)\nd = «t.gradient(y, z)»\n",
    ),
    ("no tape", "z = f(x)\nd = «t.gradient(y, z)»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, asked: Callable[..., list[str]]) -> None:
    assert asked(SourceRecomputed(), before, "never-used")[0] == dedent(after)


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, asked: Callable[..., list[str]]) -> None:
    assert asked(SourceRecomputed(), text, "never-used") == []


RUNS = [
    ("before the block", "z = x + 1.0\nwith tf.GradientTape() as t:\n    y = (x + 1.0) ** 2\ng = «t.gradient(y, z)»\n"),
    (
        "a copy",
        "z = tf.Variable(x + 1.0)\nx = x + 1.0\nz = tf.identity(x)\nwith tf.GradientTape() as t:\n"
        "    y = x**2\ng = «t.gradient(y, z)»\n",
    ),
    (
        "twice",
        "v = tf.Variable(x)\nwith tf.GradientTape() as t:\n    z = v + 1.0\n    y = z**2\nz = v + 1.0\n"
        "g = «t.gradient(y, z)»\n",
    ),
    (
        "after the block",
        "v = tf.Variable(x)\nwith tf.GradientTape() as t:\n    y = (v + 1.0) ** 2\nz = v + 1.0\n"
        "g = «t.gradient(y, z)»\n",
    ),
]


@pytest.mark.parametrize("body", _named(RUNS))
def test_the_gradient_is_there_on_tensorflow(
    body: str, asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    marked = f"import tensorflow as tf\nx = tf.constant(2.0)\n{body}"
    before, after = run(marked), run(asked(SourceRecomputed(), marked, "never-used")[0])
    assert before["g"] is None
    assert float(after["g"]) == 6.0
    assert float(after["y"]) == float(before["y"])


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(SourceRecomputed)
    head = "import tensorflow as tf\nx, noise = tf.ones(3), tf.ones(3)\nmodel = tf.square\n"
    call = "tape.gradient(loss, x_adv)"
    assert asked(SourceRecomputed(), head + bad.replace(call, f"«{call}»"), "never-used")[0] == head + good
    assert run(head + bad)["grads"] is None
    assert run(head + good)["grads"].numpy().tolist() == pytest.approx([4 / 3] * 3)


def test_a_source_that_the_call_computes_is_watched_where_it_must_be(repaired: Callable[..., FileReport]) -> None:
    text = (
        "import tensorflow as tf\nx, w = tf.constant([1.0, 2.0]), tf.Variable([3.0, 4.0])\n"
        "with tf.GradientTape() as tape:\n    loss = tf.reduce_sum(tf.square(x / 2.0 * w))\n"
        "slope = tape.gradient(loss, x / 2.0)\n"
    )
    (new,) = repaired(text).patched.values()
    assert "    source = x / 2.0\n    tape.watch(source)\n" in new
    assert "slope = tape.gradient(loss, source)\n" in new
