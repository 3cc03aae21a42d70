"""GF111: the tape that is asked twice is made persistent."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.tape_not_persistent import TapeNotPersistent

_ASK = "    y = f(w)\na = tape.gradient(y, w)\nb = «tape.gradient(y, w)»\n"

# Each case: a sentence, the head of the block before and after.
HEADS = [
    (
        "a tape without arguments",
        "with tf.GradientTape() as tape:  # one\n",
        "with tf.GradientTape(persistent=True) as tape:  # one\n",
    ),
    (
        "a tape with another argument",
        "with tf.GradientTape(watch_accessed_variables=False) as tape:\n",
        "with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:\n",
    ),
    (
        "one that says no",
        "with tf.GradientTape(persistent=False) as tape:\n",
        "with tf.GradientTape(persistent=True) as tape:\n",
    ),
    ("one that says no by position", "with tf.GradientTape(False) as tape:\n", "with tf.GradientTape(True) as tape:\n"),
    (
        "the second of two in one statement",
        "with tf.name_scope('n'), tf.GradientTape() as tape:\n",
        "with tf.name_scope('n'), tf.GradientTape(persistent=True) as tape:\n",
    ),
    ("one under another name", "with Tape() as tape:\n", "with Tape(persistent=True) as tape:\n"),
    (
        "one that was made before",
        "tape = tf.GradientTape()\nwith tape:\n",
        "tape = tf.GradientTape(persistent=True)\nwith tape:\n",
    ),
    (
        "arguments in lines of their own",
        "with tf.GradientTape(\n    # all by hand\n    watch_accessed_variables=False,\n) as tape:\n",
        "with tf.GradientTape(\n    # all by hand\n    persistent=True,\n"
        "    watch_accessed_variables=False,\n) as tape:\n",
    ),
]

NO_OPS = [
    ("no tape in the file", "def f(tape):\n    return «tape.gradient(y, w)»\n"),
    (
        "one that is persistent already",
        "with tf.GradientTape(persistent=True) as tape:\n    y = f(w)\nb = «tape.gradient(y, w)»\n",
    ),
    ("arguments in a star", "with tf.GradientTape() as tape:\n    y = f(w)\nb = «tape.gradient(*both)»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(HEADS))
def test_the_head_of_the_block(before: str, after: str, asked: Callable[..., list[str]]) -> None:
    rewritten = asked(TapeNotPersistent(), before + _ASK, "tape-used-up")
    assert rewritten == [after + _ASK.replace("«", "").replace("»", "")]


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, asked: Callable[..., list[str]]) -> None:
    assert asked(TapeNotPersistent(), text, "tape-used-up") == []


def test_of_two_blocks_the_one_that_the_call_means(asked: Callable[..., list[str]]) -> None:
    text = dedent("""\
        with tf.GradientTape() as tape:
            y = f(w)
        a = tape.gradient(y, w)
        with tf.GradientTape() as tape:
            z = g(w)
        a, b = tape.gradient(z, w), «tape.gradient(z, v)»
        """)
    (rewritten,) = asked(TapeNotPersistent(), text, "tape-used-up")
    assert [i for i, line in enumerate(rewritten.splitlines()) if "persistent" in line] == [3]


def test_a_tape_that_is_handed_to_a_function_is_looked_for_in_the_file(asked: Callable[..., list[str]]) -> None:
    text = (
        "def ask(tape):\n    return «tape.gradient(y, w)»\nwith tf.GradientTape() as t:\n    y = f(w)\nask(t), ask(t)\n"
    )
    (rewritten,) = asked(TapeNotPersistent(), text, "tape-used-up")
    assert "tf.GradientTape(persistent=True) as t" in rewritten


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(TapeNotPersistent)
    head = "import tensorflow as tf\nw, h = tf.Variable(2.0), tf.Variable(3.0)\n"
    call = "tape.gradient(rim, w)"
    assert asked(TapeNotPersistent(), head + bad.replace(call, f"«{call}»"), "tape-used-up") == [head + good]
    with pytest.raises(RuntimeError, match="non-persistent"):
        run(head + bad)
    names = run(head + good)
    assert (float(names["area_grad"]), float(names["rim_grad"])) == (3.0, 2.0)
