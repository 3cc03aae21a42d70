"""GF122: asked is the tape that nothing asks yet."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.tape_not_persistent import TapeNotPersistent
from gradfix_codemods.wrong_tape import WrongTape

# Each case: a sentence, the text before with the call marked, the first rewrite.
REWRITES = [
    (
        "the tape of the second of two blocks",
        """\
        def step():
            with tf.GradientTape() as gen_tape:
                gen_loss = f(w)
            with tf.GradientTape() as disc_tape:
                disc_loss = g(w)
            a = gen_tape.gradient(gen_loss, gw)
            b = «gen_tape.gradient(disc_loss, dw)»  # copied
        """,
        """\
        def step():
            with tf.GradientTape() as gen_tape:
                gen_loss = f(w)
            with tf.GradientTape() as disc_tape:
                disc_loss = g(w)
            a = gen_tape.gradient(gen_loss, gw)
            b = disc_tape.gradient(disc_loss, dw)  # copied
        """,
    ),
    (
        "two tapes of one statement",
        "with GradientTape() as a, GradientTape() as b:\n    y = f(w)\ng = a.gradient(y, w)\nh = «a.gradient(y, v)»\n",
        "with GradientTape() as a, GradientTape() as b:\n    y = f(w)\ng = a.gradient(y, w)\nh = b.gradient(y, v)\n",
    ),
    (
        "the nearest of those that are left, under an attribute",
        "with tf.GradientTape() as self.a:\n    y = f(w)\nwith tf.GradientTape() as self.b:\n"
        "    z = f(y)\nh = «t.gradient(z, v)»\n",
        "with tf.GradientTape() as self.a:\n    y = f(w)\nwith tf.GradientTape() as self.b:\n"
        "    z = f(y)\nh = self.b.gradient(z, v)\n",
    ),
]

NO_OPS = [
    ("one tape", "with tf.GradientTape() as t:\n    y = f(w)\ng = «t.gradient(y, w)»\n"),
    (
        "a tape that is asked already",
        "with tf.GradientTape() as a, tf.GradientTape() as b:\n    y = f(w)\nb.jacobian(y, w)\n"
        "g = «a.gradient(y, w)»\n",
    ),
    (
        "a tape of another function",
        "def f():\n    with tf.GradientTape() as a:\n        y = f(w)\ng = «t.gradient(y, w)»\n",
    ),
    ("a block of another kind", "with open(path) as a:\n    y = f(w)\ng = «t.gradient(y, w)»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_first_rewrite(before: str, after: str, asked: Callable[..., list[str]]) -> None:
    assert asked(WrongTape(), before, "wrong-tape")[0] == dedent(after)


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, asked: Callable[..., list[str]]) -> None:
    assert asked(WrongTape(), text, "wrong-tape") == []


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(WrongTape)
    head = "import tensorflow as tf\nw = tf.Variable(2.0)\n"
    call = "area_tape.gradient(rim, w)"
    marked = head + bad.replace(call, f"«{call}»")
    assert asked(WrongTape(), marked, "tape-used-up") == [head + good]
    assert asked(TapeNotPersistent(), marked, "tape-used-up") == [], "the idle tape was meant"
    with pytest.raises(RuntimeError, match="non-persistent"):
        run(head + bad)
    assert float(run(head + good)["rim_grad"]) == 4.0
