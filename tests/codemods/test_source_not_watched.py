"""GF109: the asked tape is told to watch what it is asked for, in its own block, before it is used."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.source_not_watched import SourceNotWatched

# Each case: a sentence, the text before with the call marked, the first rewrite.
REWRITES = [
    (
        "a tensor, at the start of the block, above its comments",
        """\
        with tf.GradientTape() as tape:  # the scores
            # once for all classes
            scores = model(x)
        g = «tape.gradient(scores, x)»
        """,
        """\
        with tf.GradientTape() as tape:  # the scores
            tape.watch(x)
            # once for all classes
            scores = model(x)
        g = tape.gradient(scores, x)
        """,
    ),
    (
        "a list of one is that one",
        "with tf.GradientTape() as t:\n\ty = f(x)\ng = «t.gradient(y, [x])»[0]\n",
        "with tf.GradientTape() as t:\n\tt.watch(x)\n\ty = f(x)\ng = t.gradient(y, [x])[0]\n",
    ),
    (
        "several sources are watched together",
        "with tf.GradientTape() as t:\n    u = f(x, y)\ng = «t.gradient(u, [x, self.y])»\n",
        "with tf.GradientTape() as t:\n    t.watch([x, self.y])\n    u = f(x, y)\ng = t.gradient(u, [x, self.y])\n",
    ),
    (
        "sources in a dict, by keyword",
        "with tf.GradientTape() as t:\n    u = f(x)\ng = «t.gradient(sources={'a': x, 'b': y}, target=u)»\n",
        "with tf.GradientTape() as t:\n    t.watch([x, y])\n    u = f(x)\n"
        "g = t.gradient(sources={'a': x, 'b': y}, target=u)\n",
    ),
    (
        "a list that has a name before the block",
        "at = [x, y]\nwith tf.GradientTape() as t:\n    u = f(x, y)\ng = «t.gradient(u, at)»\n",
        "at = [x, y]\nwith tf.GradientTape() as t:\n    t.watch(at)\n    u = f(x, y)\ng = t.gradient(u, at)\n",
    ),
    (
        "a list that gets its name after the block",
        "with tf.GradientTape() as t:\n    u = f(x, y)\nat = [x, y]\ng = «t.gradient(u, at)»\n",
        "with tf.GradientTape() as t:\n    t.watch([x, y])\n    u = f(x, y)\nat = [x, y]\ng = t.gradient(u, at)\n",
    ),
    (
        "variables of a model among them are watched anyway",
        "with tf.GradientTape() as t:\n    u = f(x)\ng = «t.gradient(u, [x] + model.trainable_variables)»\n",
        "with tf.GradientTape() as t:\n    t.watch(x)\n    u = f(x)\n"
        "g = t.gradient(u, [x] + model.trainable_variables)\n",
    ),
    (
        "a source that the block makes is watched where it is made",
        """\
        with tf.GradientTape() as tape:
            noise = draw()
            x = image + noise
            scores = model(x)
        g = «tape.gradient(scores, x)»
        """,
        """\
        with tf.GradientTape() as tape:
            noise = draw()
            x = image + noise
            tape.watch(x)
            scores = model(x)
        g = tape.gradient(scores, x)
        """,
    ),
    (
        "also where a block in the block makes it",
        """\
        with tf.GradientTape() as tape:
            with tf.name_scope("in"):
                x = image + noise
                h = model(x)
            scores = head(h)
        g = «tape.gradient(scores, x)»
        """,
        """\
        with tf.GradientTape() as tape:
            with tf.name_scope("in"):
                x = image + noise
                tape.watch(x)
                h = model(x)
            scores = head(h)
        g = tape.gradient(scores, x)
        """,
    ),
    (
        "of two nested tapes the one that is asked",
        """\
        def residual(x):
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    u = model(x)
                u_x = inner.gradient(u, x)
            u_xx = «outer.gradient(u_x, x)»
            return u_xx + u
        """,
        """\
        def residual(x):
            with tf.GradientTape() as outer:
                outer.watch(x)
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    u = model(x)
                u_x = inner.gradient(u, x)
            u_xx = outer.gradient(u_x, x)
            return u_xx + u
        """,
    ),
    (
        "two tapes of one statement",
        "with tf.GradientTape() as a, tf.GradientTape() as b:\n    y = f(x)\ng = «b.gradient(y, x)»\n",
        "with tf.GradientTape() as a, tf.GradientTape() as b:\n    b.watch(x)\n    y = f(x)\ng = b.gradient(y, x)\n",
    ),
    (
        "a body in the line of the with",
        "with tf.GradientTape() as t: y = f(x); z = y\ng = «t.gradient(z, x)»\n",
        "with tf.GradientTape() as t: t.watch(x); y = f(x); z = y\ng = t.gradient(z, x)\n",
    ),
    (
        "a source made at the end of a body in the line of the with",
        "with tf.GradientTape() as t: x = f(1)\ng = «t.gradient(x, x)»\n",
        "with tf.GradientTape() as t: x = f(1); t.watch(x)\ng = t.gradient(x, x)\n",
    ),
    (
        "the nearest of two blocks with a tape of that name",
        """\
        with tf.GradientTape() as tape:
            y = f(x)
        with tf.GradientTape() as tape:
            z = g(x)
        g = «tape.gradient(z, x)»
        with tf.GradientTape() as tape:
            y = f(x)
        """,
        """\
        with tf.GradientTape() as tape:
            y = f(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            z = g(x)
        g = tape.gradient(z, x)
        with tf.GradientTape() as tape:
            y = f(x)
        """,
    ),
    (
        "a call that stands in the block itself",
        "with tf.GradientTape(persistent=True) as t:\n    y = f(x)\n    g = «t.gradient(y, x)»\n",
        "with tf.GradientTape(persistent=True) as t:\n    t.watch(x)\n    y = f(x)\n    g = t.gradient(y, x)\n",
    ),
    (
        "a tape that is entered by its name, in a class",
        "self.tape = tf.GradientTape()\nwith self.tape:\n    y = f(x)\ng = «self.tape.jacobian(y, x)»\n",
        "self.tape = tf.GradientTape()\nwith self.tape:\n    self.tape.watch(x)\n    y = f(x)\n"
        "g = self.tape.jacobian(y, x)\n",
    ),
    (
        "a watch that came too late moves up, with its comment",
        "with tf.GradientTape() as t:\n    y = f(x)\n    # the input\n    t.watch(x)  # here\ng = «t.gradient(y, x)»\n",
        "with tf.GradientTape() as t:\n    # the input\n    t.watch(x)  # here\n    y = f(x)\ng = t.gradient(y, x)\n",
    ),
    (
        "a watch of what the name stood for before moves down",
        "with tf.GradientTape() as t:\n    t.watch(x)\n    x = x / 255.0\n    y = f(x)\ng = «t.gradient(y, x)»\n",
        "with tf.GradientTape() as t:\n    x = x / 255.0\n    t.watch(x)\n    y = f(x)\ng = t.gradient(y, x)\n",
    ),
    (
        "a tape that watches no variable by itself, asked for a model's",
        "with tf.GradientTape(watch_accessed_variables=False) as t:\n    y = m(x)\n"
        "g = «t.gradient(y, m.trainable_variables)»\n",
        "with tf.GradientTape() as t:\n    y = m(x)\ng = t.gradient(y, m.trainable_variables)\n",
    ),
    (
        "that argument goes from among others",
        """\
        with tf.GradientTape(
            persistent=True,  # asked twice
            watch_accessed_variables=False,
        ) as t:
            y = m(x)
        g = «t.gradient(y, m.trainable_variables)»
        """,
        """\
        with tf.GradientTape(
            persistent=True,  # asked twice
        ) as t:
            y = m(x)
        g = t.gradient(y, m.trainable_variables)
        """,
    ),
    (
        "a variable by name on such a tape is watched",
        "with tf.GradientTape(watch_accessed_variables=False) as t:\n    y = w * x\ng = «t.gradient(y, w)»\n",
        "with tf.GradientTape(watch_accessed_variables=False) as t:\n    t.watch(w)\n    y = w * x\n"
        "g = t.gradient(y, w)\n",
    ),
]

NO_OPS = [
    ("a source without a name", "with tf.GradientTape() as t:\n    y = f(x)\ng = «t.gradient(y, f(x))»\n"),
    (
        "variables that a tape watches by itself",
        "with tf.GradientTape() as t:\n    y = m(x)\ng = «t.gradient(y, m.variables)»\n",
    ),
    ("arguments in a star", "with tf.GradientTape() as t:\n    y = f(x)\ng = «t.gradient(*both)»\n"),
    ("a tape that no with enters", "g = «t.gradient(y, x)»\n"),
    ("no sources at all", "with tf.GradientTape() as t:\n    y = f(x)\ng = «t.gradient(y)»\n"),
    ("no call of a tape", "with tf.GradientTape() as t:\n    y = f(x)\ng = «t.numpy()»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, asked: Callable[..., list[str]]) -> None:
    assert asked(SourceNotWatched(), before, "unwatched")[0] == dedent(after)


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, asked: Callable[..., list[str]]) -> None:
    assert asked(SourceNotWatched(), text, "unwatched") == []


def test_each_source_alone_comes_later(asked: Callable[..., list[str]]) -> None:
    text = "with tf.GradientTape() as t:\n    u = f(x, w)\ng = «t.gradient(u, [x, w])»\n"
    watches = [t.splitlines()[1].strip() for t in asked(SourceNotWatched(), text, "unwatched")]
    assert watches[:3] == ["t.watch([x, w])", "t.watch(x)", "t.watch(w)"]


def test_what_is_no_tensor_yet_is_made_one_last(asked: Callable[..., list[str]]) -> None:
    text = "import tensorflow as tf\nwith tf.GradientTape() as t:\n    y = f(x)\ng = «t.gradient(y, x)»\n"
    lines = asked(SourceNotWatched(), text, "unwatched")[-1].splitlines()[2:4]
    assert lines == ["    x = tf.convert_to_tensor(x)", "    t.watch(x)"]


def test_the_second_choice_for_a_models_variables_is_to_watch_their_values(asked: Callable[..., list[str]]) -> None:
    text = "with tf.GradientTape(watch_accessed_variables=False) as t:\n    y = m(x)\ng = «t.gradient(y, m.weights)»\n"
    second = asked(SourceNotWatched(), text, "unwatched")[1]
    assert second.splitlines()[1] == "    t.watch([v.value for v in m.weights])"


RUNS = [
    ("a tensor", "with tf.GradientTape() as t:\n    y = x * x\ng = «t.gradient(y, x)»\n"),
    ("made in the block", "with tf.GradientTape() as t:\n    z = x * 1.0\n    y = z * z\ng = «t.gradient(y, z)»\n"),
    ("watched too late", "with tf.GradientTape() as t:\n    y = x * x\n    t.watch(x)\ng = «t.gradient(y, [x])»[0]\n"),
    (
        "the outer one of two",
        "with tf.GradientTape() as a:\n    with tf.GradientTape() as b:\n        b.watch(x)\n        y = x**3 / 3.0\n"
        "    d = b.gradient(y, x)\ng = «a.gradient(d, x)»\n",
    ),
    (
        "a variable",
        "v = tf.Variable(x)\nwith tf.GradientTape(watch_accessed_variables=False) as t:\n    y = v * v\n"
        "g = «t.gradient(y, v)»\n",
    ),
    (
        "a variable of Keras",
        "m = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1, use_bias=False)])\n"
        "m.set_weights([x])\n"
        "with tf.GradientTape(watch_accessed_variables=False) as t:\n    y = m(tf.constant([[6.0]]))\n"
        "g = «t.gradient(y, m.trainable_variables)»\ng = g and g[0]\n",
    ),
]


@pytest.mark.parametrize("body", _named(RUNS))
def test_the_gradient_is_there_on_tensorflow(
    body: str, asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    marked = f"import tensorflow as tf\nx = tf.constant([[3.0]])\n{body}"
    after = run(asked(SourceNotWatched(), marked, "unwatched")[0])
    assert run(marked)["g"] is None
    assert after["g"].numpy().tolist() == [[6.0]]


def test_a_variable_of_keras_is_watched_by_its_value(
    asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    marked = f"import tensorflow as tf\nx = tf.constant([[3.0]])\n{RUNS[-1][1]}"
    assert run(asked(SourceNotWatched(), marked, "unwatched")[1])["g"].numpy().tolist() == [[6.0]]


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(SourceNotWatched)
    head = dedent("""\
        import tensorflow as tf
        image = tf.ones((1, 3))
        model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2, kernel_initializer="ones")])
        """)
    call = "tape.gradient(best, image)"
    assert asked(SourceNotWatched(), head + bad.replace(call, f"«{call}»"), "unwatched")[0] == head + good
    assert run(head + bad)["grads"] is None
    assert run(head + good)["grads"].numpy().tolist() == [[1.0, 1.0, 1.0]]
