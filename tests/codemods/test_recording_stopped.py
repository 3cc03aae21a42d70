"""GF123: what the target needs comes out of the block that stops the recording."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from gradfix_codemods.recording_stopped import RecordingStopped

# Each case: a sentence, the text before with its cut marked, the rewrite.
REWRITES = [
    (
        "a block with its comments",
        """\
        with tf.GradientTape() as tape:
            # the forward pass
            with tape.stop_recording():  # faster
                # hidden
                y = «g(f(w))»  # out
            loss = y * y
        """,
        """\
        with tf.GradientTape() as tape:
            # the forward pass
            # faster
            # hidden
            y = g(f(w))  # out
            loss = y * y
        """,
    ),
    (
        "a body in the line of the with",
        "with tf.GradientTape() as t:\n    with t.stop_recording(): y = «f(w)»; z = y  # both\n    loss = z\n",
        "with tf.GradientTape() as t:\n    y = f(w); z = y  # both\n    loss = z\n",
    ),
    (
        "one of several items",
        "with tf.name_scope('f'), t.stop_recording():\n    y = «f(w)»\n",
        "with tf.name_scope('f'):\n    y = f(w)\n",
    ),
    (
        "a block that calls the function with the cut",
        "def f(w):\n    return «w * w»\nwith tf.GradientTape() as t:\n    with t.stop_recording():\n        y = f(w)\n",
        "def f(w):\n    return w * w\nwith tf.GradientTape() as t:\n    y = f(w)\n",
    ),
    (
        "a block in a branch, with a branch in it",
        "if a:\n    with t.stop_recording():\n        if b:\n            y = «f(w)»\n        else:\n"
        "            y = w\n",
        "if a:\n    if b:\n        y = f(w)\n    else:\n        y = w\n",
    ),
]

NO_OPS = [
    ("no such block", "with tf.GradientTape() as t:\n    y = «f(w)»\n"),
    ("beside such a block", "with t.stop_recording():\n    log()\ny = «f(w)»\n"),
    ("a function of that name", "with stop_recording():\n    y = «f(w)»\n"),
]


def _named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=case[0]) for case in cases]


@pytest.mark.parametrize(("before", "after"), _named(REWRITES))
def test_the_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(RecordingStopped(), before, "recording-stopped") == [dedent(after)]


@pytest.mark.parametrize("text", _named(NO_OPS))
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(RecordingStopped(), text, "recording-stopped") == []


def test_what_stands_beside_it_stays_where_that_is_possible(offered: Callable[..., list[str]]) -> None:
    text = "# a\nwith t.stop_recording():\n    log(x)\n    y = «f(w)»\n    # later\n    log(y)\n    log(z)\n"
    after, before, whole = offered(RecordingStopped(), text, "recording-stopped")
    assert after == ("# a\nlog(x)\ny = f(w)\nwith t.stop_recording():\n    # later\n    log(y)\n    log(z)\n")
    assert before == "# a\nwith t.stop_recording():\n    log(x)\ny = f(w)\n# later\nlog(y)\nlog(z)\n"
    assert whole == "# a\nlog(x)\ny = f(w)\n# later\nlog(y)\nlog(z)\n"


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], offered: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(RecordingStopped)
    head = "import tensorflow as tf\nw = tf.Variable(2.0)\n"
    marked = head + bad.replace("y = w * w", "y = «w * w»")
    assert offered(RecordingStopped(), marked, "recording-stopped") == [head + good]
    assert run(head + bad)["grads"] is None
    assert float(run(head + good)["grads"]) == 32.0
