"""What is found in a text that is typed on is what is found in it at once."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from gradfix.scan.steps import parsed_after
from gradfix.scan.suspects import find_suspects
from gradfix.scan.suspects.follower import Follower, Kept

FIXTURES = sorted((Path(__file__).parent.parent.parent / "fixtures").glob("*/before.py"))
BEHIND = ("  # x", ".numpy()", " + 1", "0", "; print(tape)", "")
ABOVE = ("tape = None", "import numpy as np", "y = tf.stop_gradient(y)", "raise SystemExit", "x = [x]", "# x", "")


def _typed_on(lines: list[str], number: int, choice: random.Random) -> list[str]:
    """One line more or less, or another one."""
    lines, line = list(lines), lines[number]
    space = line[: len(line) - len(line.lstrip())]
    if choice.random() < 0.7:
        lines[number] = line + choice.choice(BEHIND)
    elif choice.random() < 0.7:
        lines[number] = space + choice.choice(ABOVE)
    else:
        lines.insert(number, space + choice.choice(ABOVE))
    return lines


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
def test_a_text_that_is_typed_on_has_the_suspects_that_it_has_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    choice, follower, resumed, found = random.Random(11), Follower(), 0, 0
    following = Kept.following

    def counted(kept: Kept) -> object:
        nonlocal resumed
        resumed += 1
        return following(kept)

    monkeypatch.setattr(Kept, "following", counted)
    for path in FIXTURES:
        text = path.read_text()
        for place in range(2):
            number = choice.randrange(len(text.split("\n")))
            for _ in range(5):
                new = "\n".join(_typed_on(text.split("\n"), number, choice))
                try:
                    parsed_after(text, new)
                    suspects = find_suspects.__wrapped__(new)
                except (SyntaxError, ValueError):
                    continue
                assert follower.find(new) == suspects, (path, place, new)
                text, found = new, found + len(suspects)
    assert resumed > 200
    assert found > 400


def test_lists_too_deep_to_be_kept_are_followed_all_the_same() -> None:
    deep = "import tensorflow as tf\nx = [0]\n" + "x = [x]\n" * 600
    asks = (
        "v = tf.Variable(1.0)\nwith tf.GradientTape() as tape:\n    y = v * 1.0\nz = y * 2.0\ng = tape.gradient(z, v)\n"
    )
    follower, text = Follower(), deep + asks
    for more in ("1", "2", "3"):
        new = text + f"last = {more}\n"
        parsed_after(text + "last = 0\n", new)
        assert [s.code for s in follower.find(new)] == ["GF101"]


ASKS = """\
import tensorflow as tf
v = tf.Variable(1.0)
with tf.GradientTape() as tape:
    y = v * 1.0
z = y * 2.0
g = tape.gradient(z, v)
"""
FITS = """\
import tensorflow as tf
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.compile(loss=lambda y, p: tf.stop_gradient(p))
model.fit([1.0], [1.0])
"""
DESCRIBED = """\
import tensorflow as tf
inputs = tf.keras.Input((3,))
hidden = tf.keras.layers.Dense(4)(inputs)
last = 0
model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(hidden))
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(model(tf.ones((2, 3))))
g = tape.gradient(loss, model.trainable_variables)
"""


@pytest.mark.parametrize(
    ("text", "last", "codes"),
    [
        (ASKS + "last = 0\n", "last = 1", ["GF101"]),
        (ASKS + "last = 0\n", "last = g is None", []),  # says of a question above that None is expected
        (FITS + "last = 0\n", "last = 1", ["GF103"]),
        (FITS + "last = 0\n", "last = 0  # add_loss", []),  # so may the layers do
        (DESCRIBED, "last = 1", []),
        (DESCRIBED, "hidden = tf.stop_gradient(hidden)", ["GF103"]),
    ],
)
def test_what_is_typed_below_may_say_something_of_what_stands_above(text: str, last: str, codes: list[str]) -> None:
    follower, before = Follower(), text
    for typed in ("last = 2", "last = 3", last):  # twice, so that what stands above is kept
        new = text.replace("last = 0", typed)
        parsed_after(before, new)
        found, before = follower.find(new), new
        assert found == find_suspects.__wrapped__(new)
    assert [s.code for s in found] == codes
