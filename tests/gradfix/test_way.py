"""The way from a target back to its sources, as a run on TensorFlow tells it for a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradfix.look.way import way_of
from gradfix.run.messages import Request, Run
from gradfix.values import Answer, FileReport, Place, Stop, Verdict

BROKEN = """\
import numpy as np
import tensorflow as tf

w = tf.Variable([[1.0], [2.0]], name="w")
b = tf.Variable([0.5], name="b")


def error(x):
    return np.abs(x)


for _ in range(3):
    with tf.GradientTape() as tape:
        guess = tf.ones((4, 2)) @ w
        loss = tf.reduce_mean(error(guess) + b)
    gradients = tape.gradient(loss, [w, b])
"""


def told(way: tuple[Stop, ...]) -> list[tuple[int, tuple[str, ...], tuple[int, ...], tuple[int, ...]]]:
    """Line, operations, inputs and sources of each stop."""
    return [(s.place.line, s.operations, s.inputs, s.sources) for s in way]


def test_the_way_is_told_line_by_line_before_and_after_the_patch(repaired: Callable[..., FileReport]) -> None:
    report = repaired(BROKEN, pictures=True)
    assert report.verdict is Verdict.FIXED
    (step,) = report.steps
    before, after = step.way_before, step.way_after
    assert told(before) == [
        (16, (), (1,), ()),
        (15, ("tf.reduce_mean", "+"), (2, 5), ()),
        (9, ("np.abs",), (3,), ()),
        (14, ("@",), (4,), ()),
        (4, ("tf.Variable",), (), (0,)),
        (5, ("tf.Variable",), (), (1,)),
    ]
    assert [s.cut for s in before] == ["", "", "`np.abs(x)` leaves TensorFlow, where no tape can follow", "", "", ""]
    assert (before[2].place.column, before[2].place.end_column) == (12, 21)
    assert (before[1].code, before[1].made) == ("        loss = tf.reduce_mean(error(guess) + b)", "float32[]")
    assert (before[3].made, before[3].times) == ("float32[4,1]", 1)
    assert told(after)[2] == (9, ("tf.abs",), (3,), ())
    assert not any(s.cut or s.dry for s in after)
    assert [s.dry for s in before] == [(), (2,), (3,), (4,), (), ()]
    missing, there = step.answers
    assert (missing.name, missing.shape, missing.before, missing.after) == ("w", (2, 1), Answer.MISSING, Answer.THERE)
    assert missing.norm_before is None
    assert round(missing.norm_after or 0.0, 4) == 1.4142
    assert (there.name, there.before, there.norm_before) == ("b", Answer.THERE, there.norm_after)
    # without pictures no way is looked at, and nothing else is different
    plain = repaired(BROKEN)
    assert [s.way_before + s.way_after for s in plain.steps] == [()]
    assert plain.spent.runs + 2 == report.spent.runs
    assert (plain.diff, plain.steps[0].answers) == (report.diff, step.answers)


def test_a_target_without_the_sources_shows_what_it_is_made_of(repaired: Callable[..., FileReport]) -> None:
    report = repaired(
        """\
import tensorflow as tf

w = tf.Variable(1.0)
x = tf.random.normal((4,))
with tf.GradientTape() as tape:
    y = w * x
    loss = tf.reduce_sum(x * x)
tape.gradient(loss, w)
""",
        pictures=True,
    )
    (step,) = report.steps
    assert [s.place.line for s in step.way_before] == [8, 7, 4]
    assert not any(s.sources for s in step.way_before)
    assert [s.cut for s in step.way_before if s.cut] == ["the target does not depend on the sources"]


def test_a_long_way_is_bounded_and_says_what_is_left_out(repaired: Callable[..., FileReport]) -> None:
    lines = "".join(f"    y = tf.abs(y) + {i}.0\n" for i in range(60))
    report = repaired(
        "import tensorflow as tf\n\nw = tf.Variable(2.0)\nwith tf.GradientTape() as tape:\n    y = w * 3.0\n"
        + lines
        + "tape.gradient(y, w)\n",
        pictures=True,
    )
    (step,) = report.steps
    assert len(step.way_before) == 36
    assert sum(s.hidden for s in step.way_before) == 63 - 36
    assert step.way_before[-1].sources == (0,)
    assert all(i + 1 in s.inputs for i, s in enumerate(step.way_before[:-1]))


def test_where_the_gradient_does_not_go_is_told_also_of_a_step_that_is_well(
    repaired: Callable[..., FileReport],
) -> None:
    report = repaired(
        """\
import tensorflow as tf

w = tf.Variable(2.0)
with tf.GradientTape() as tape:
    y = w * 3.0
    held = tf.stop_gradient(y)
    size = tf.cast(tf.size(y), tf.float32)
    loss = (y - held) * size
tape.gradient(loss, w)
""",
        pictures=True,
    )
    assert report.verdict is Verdict.CLEAN
    way = {s.place.line: s for s in report.steps[0].way_before}
    lines = [s.place.line for s in report.steps[0].way_before]
    assert [lines[i] for i in way[8].inputs] == [7, 6, 5]
    assert not way[8].dry
    assert [lines[i] for i in way[7].dry] == [5]
    assert [lines[i] for i in way[6].dry] == [5]
    assert not way[5].dry


def test_a_way_through_another_file_names_it_before_and_after(
    repaired: Callable[..., FileReport], tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").touch()
    helper = tmp_path / "helper.py"
    helper.write_text("import tensorflow as tf\n\n\ndef error(y):\n    return tf.square(y.numpy())\n")
    report = repaired(
        """\
import tensorflow as tf

import helper

w = tf.Variable(2.0)
with tf.GradientTape() as tape:
    loss = helper.error(w * 3.0)
tape.gradient(loss, w)
""",
        pictures=True,
    )
    (step,) = report.steps
    assert report.verdict is Verdict.FIXED
    for way, code in ((step.way_before, "tf.square(y.numpy())"), (step.way_after, "tf.square(y)")):
        files = [Path(s.place.path).resolve() for s in way]
        assert helper.resolve() in files
        assert way[files.index(helper.resolve())].code == f"    return {code}"


def test_the_gradient_of_a_gradient_goes_around_the_value_that_was_differentiated(
    repaired: Callable[..., FileReport],
) -> None:
    report = repaired(
        """\
import tensorflow as tf

w = tf.Variable(2.0)
x = tf.constant(3.0)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = tf.exp(w * x)
    slope = inner.gradient(y, x)
    loss = tf.square(slope)
outer.gradient(loss, w)
""",
        pictures=True,
    )
    assert report.verdict is Verdict.CLEAN
    ways = {s.line: s.way_before for s in report.steps}
    assert [s.place.line for s in ways[11]] == [11, 10, 9, 8, 3]
    assert not any(s.dry for s in ways[11])


def test_a_line_that_asks_a_tape_hands_on_to_all_that_it_differentiated(repaired: Callable[..., FileReport]) -> None:
    report = repaired(
        """\
import tensorflow as tf

x = tf.constant(3.0)
with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = x * x * x
    slope = inner.gradient(y, x)
outer.gradient(slope, x)
""",
        pictures=True,
    )
    (way,) = (s.way_before for s in report.steps if s.line == 10)
    assert [s.place.line for s in way] == [10, 9, 8, 3]
    assert way[1].inputs == (2, 3)
    assert not any(s.dry for s in way)


REQUEST = Request(0, "gradient", Place("a.py", 3), 0, 0, False, {}, (), (), "")
STOP: dict[str, Any] = {
    "place": ["a.py", 2, 0, 2, 5],
    "said": "",
    "dtype": "float32",
    "shape": [2],
    "from": [],
    "dry": [],
    "sources": [0],
    "times": 1,
}


@pytest.mark.parametrize(
    "change",
    [
        {"place": ["a.py", "2", 0, 2, 5]},
        {"place": ["a.py"]},
        {"place": 3},
        {"place": None},
        {"from": [7]},
        {"from": None},
        {"dry": None},
        {"sources": ["x"]},
        {"sources": [[]]},
        {"times": "often"},
        {"shape": 3},
        {"dtype": ["x"], "shape": {"a": 1}, "from": ["0"]},
    ],
)
def test_what_user_code_writes_into_the_pipe_is_no_way(change: dict[str, Any]) -> None:
    texts = {"a.py": "import tensorflow as tf\ny = w * 2\ntape.gradient(y, w)\n"}
    good = {"event": "way", "starts": [0], "stops": [STOP]}
    assert [s.place.line for s in way_of(Run(others=(good,)), REQUEST, texts)] == [3, 2]
    bad = {"event": "way", "starts": [0], "stops": [{**STOP, **change}]}
    assert way_of(Run(others=(bad,)), REQUEST, texts) == ()
    assert way_of(Run(others=({"event": "way"},)), REQUEST, texts) == ()


def test_a_fit_shows_the_layers_and_the_loss_that_keras_calls_by_itself(repaired: Callable[..., FileReport]) -> None:
    report = repaired(
        """\
import tensorflow as tf


class Scale(tf.keras.layers.Layer):
    def build(self, shape):
        self.by = self.add_weight(name="by", shape=(1,), initializer="ones")

    def call(self, x):
        return x * self.by


given = tf.keras.Input((4,))
left = tf.keras.Sequential([
    tf.keras.layers.Dense(3),
    tf.keras.layers.Lambda(lambda t: tf.round(t)),
])(given)
right = Scale()(tf.keras.layers.Dense(3)(given))
both = tf.keras.layers.Add()([left, right * 2.0])
model = tf.keras.Model(given, [tf.keras.layers.Dense(1)(both), both])
model.compile(
    "sgd",
    ["mse", tf.keras.losses.Huber()],
)
model.fit(tf.ones((8, 4)), [tf.ones((8, 1)), tf.ones((8, 3))])
""",
        pictures=True,
    )
    (step,) = report.steps
    way = {s.place.line: s for s in step.way_before}
    lines = list(way)
    names = [a.name.rpartition("/")[2] for a in step.answers]
    assert [
        (line, s.operations, [lines[i] for i in s.inputs], [names[i] for i in s.sources]) for line, s in way.items()
    ] == [
        (24, (), [20], []),
        (20, ("mse, Huber",), [19, 18], []),
        (19, ("Dense",), [18], ["kernel", "bias"]),
        (18, ("Add",), [15, 9], []),
        (15, ("tf.round",), [14], []),
        (14, ("Dense",), [], ["kernel", "bias"]),
        (9, ("*",), [17, 6], []),
        (17, ("Dense",), [], ["kernel", "bias"]),
        (6, (".add_weight()",), [], ["by"]),
    ]
    assert [(line, s.cut) for line, s in way.items() if s.cut] == [(15, "`tf.round(t)` has no gradient")]


def test_what_a_layer_before_the_break_returned_is_not_taken_for_the_target(
    repaired: Callable[..., FileReport],
) -> None:
    """The loss is Keras' own: what the user's functions returned last, a live value among it, was taken for it."""
    report = repaired(
        """\
import tensorflow as tf


class Scale(tf.keras.layers.Layer):
    def call(self, x):
        return x * 2.0


model = tf.keras.Sequential([
    tf.keras.layers.Dense(3),
    Scale(),
    tf.keras.layers.Lambda(lambda t: tf.round(t)),
    tf.keras.layers.Dense(1),
])
model.compile("sgd", "mse")
model.fit(tf.ones((8, 4)), tf.ones((8, 1)))
"""
    )
    (finding,) = report.findings
    assert (finding.rule, finding.place.line) == ("rounded-value", 12)
