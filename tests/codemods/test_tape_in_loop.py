"""GF129: the tape that is asked after a loop is opened around it."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.tape_in_loop import TapeInLoop

# Each case: a sentence, the text before with the call that asks marked, the rewrite.
REWRITES = [
    (
        "a loop of a function, with its comments",
        """\
        def step(xs):
            loss = 0.0

            # from word to word
            for x in xs:
                h = 2 * x
                # recorded
                with tf.GradientTape() as tape:  # anew
                    # what is learned
                    y = f(
                        x,
                        h,
                    )

                    loss += y
                    # the end of the block
                # the next one
                h = y
            return «tape.gradient(loss, w)»
        """,
        """\
        def step(xs):
            loss = 0.0

            # from word to word
            with tf.GradientTape() as tape:  # anew
                for x in xs:
                    h = 2 * x
                    # recorded
                    # what is learned
                    y = f(
                        x,
                        h,
                    )

                    loss += y
                    # the end of the block
                    # the next one
                    h = y
            return tape.gradient(loss, w)
        """,
    ),
    (
        "a while of a module, asked in a block below it",
        "while go():\n    with tf.GradientTape(persistent=True) as t:\n        y = f(w)\nif ready:\n"
        "    for v in vs:\n        g = «t.gradient(y, v)»\n",
        "with tf.GradientTape(persistent=True) as t:\n    while go():\n        y = f(w)\nif ready:\n"
        "    for v in vs:\n        g = t.gradient(y, v)\n",
    ),
]

NO_OPS = [
    (
        "a loop in which the tape is asked",
        "for x in xs:\n    with tf.GradientTape() as t:\n        y = f(x)\n    h = t.gradient(y, x)\n"
        "g = «t.gradient(y, w)»\n",
    ),
    ("no loop", "with tf.GradientTape() as t:\n    y = f(x)\ng = «t.gradient(y, w)»\n"),
    ("another tape", "for x in xs:\n    with tf.GradientTape() as s:\n        y = f(x)\ng = «t.gradient(y, w)»\n"),
    (
        "two blocks",
        "for x in xs:\n    with tf.GradientTape() as t:\n        y = f(x)\n    with tf.GradientTape() as t:\n"
        "        y = f(x)\ng = «t.gradient(y, w)»\n",
    ),
    ("a function between", "for x in xs:\n    with tape() as t:\n        y = f(x)\ng = lambda: «t.gradient(y, w)»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_rewrite(before: str, after: str, asked: Callable[..., list[str]]) -> None:
    assert asked(TapeInLoop(), before, "wrong-tape") == [dedent(after)]


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, asked: Callable[..., list[str]]) -> None:
    assert asked(TapeInLoop(), text, "wrong-tape") == []
