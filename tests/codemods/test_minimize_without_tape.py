"""GF127: a tape for `minimize`, or in its place."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from gradfix.values import FileReport, Fix
from gradfix_codemods.minimize_without_tape import MinimizeWithoutTape

HEAD = "import tensorflow as tf\n"
# Each case: a sentence, the kind of break, the text before with the call marked, the first rewrite.
REWRITES = [
    (
        "a tape that is there is handed over",
        "no-tape",
        "with tf.GradientTape() as t:\n    y = f(x)\n«opt.minimize(y, [w])»\n",
        "with tf.GradientTape() as t:\n    y = f(x)\nopt.minimize(y, [w], tape=t)\n",
    ),
    (
        "a tape that is there is asked, as Keras 3 wants it",
        "no-minimize",
        "with tf.GradientTape() as t:\n    y = f(x)\n\n# down\nself.opt.minimize(«y», var_list=ws)  # a step\n",
        "with tf.GradientTape() as t:\n    y = f(x)\n\n# down\ngrads = t.gradient(y, ws)\n"
        "self.opt.apply_gradients(zip(grads, ws))  # a step\n",
    ),
    (
        "a call becomes a function",
        "no-tape",
        "«opt.minimize(f(x) + 1.0, var_list=[w])»\n",
        "opt.minimize(lambda: f(x) + 1.0, var_list=[w])\n",
    ),
    (
        "the last step goes into a block",
        "no-tape",
        """\
        for x in xs:

            # how far off
            loss = f(x)
            print(loss)
            «opt.minimize(loss, [w])»
        """,
        """\
        for x in xs:

            with tf.GradientTape() as tape:
                # how far off
                loss = f(x)
            print(loss)
            opt.minimize(loss, [w], tape=tape)
        """,
    ),
    (
        "a function is called in a block",
        "no-minimize",
        "def loss():\n    return f(w)\n\n\n# down\n«opt.minimize(loss, [w])»\n",
        "def loss():\n    return f(w)\n\n\n# down\nwith tf.GradientTape() as tape:\n    loss_now = loss()\n"
        "grads = tape.gradient(loss_now, [w])\nopt.apply_gradients(zip(grads, [w]))\n",
    ),
    (
        "so is a lambda, with other names where those are taken",
        "no-minimize",
        "tape = loss = grads = 1\n«opt.minimize(lambda: f(w), [w])»\n",
        "tape = loss = grads = 1\nwith tf.GradientTape() as tape_2:\n    loss_now = (lambda: f(w))()\n"
        "loss_grads = tape_2.gradient(loss_now, [w])\nopt.apply_gradients(zip(loss_grads, [w]))\n",
    ),
]
LADDER = "import a\nx = load()\np = g(x)\nn = 1\nloss = f(p)\n«opt.minimize(loss, [w])»\n"

NO_OPS = [
    ("a tape is handed over", "no-tape", "«opt.minimize(loss, [w], tape=t)»\n"),
    ("no variables", "no-tape", "«opt.minimize(loss)»\n"),
    ("the loss is a parameter", "no-tape", "def step(loss):\n    «opt.minimize(loss, [w])»\n"),
    ("what it gives is used, on Keras 3", "no-minimize", "loss = f(x)\nstep = «opt.minimize(loss, [w])»\n"),
    ("another method", "no-tape", "«opt.maximize(loss, [w])»\n"),
    ("several in a line", "no-tape", "loss = f(x); «opt.minimize(loss, [w])»\n"),
]


@pytest.mark.parametrize(("kind", "before", "after"), [pytest.param(*case[1:], id=case[0]) for case in REWRITES])
def test_the_first_rewrite(kind: str, before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(MinimizeWithoutTape(), HEAD + dedent(before), kind)[0] == HEAD + dedent(after)


@pytest.mark.parametrize(("kind", "text"), [pytest.param(*case[1:], id=case[0]) for case in NO_OPS])
def test_nothing_is_offered(kind: str, text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(MinimizeWithoutTape(), HEAD + text, kind) == []


def test_ever_more_steps_go_into_the_block(offered: Callable[..., list[str]]) -> None:
    texts = offered(MinimizeWithoutTape(), HEAD + LADDER, "no-tape")
    firsts = [text.partition("as tape:\n")[2].splitlines()[0].strip() for text in texts]
    assert firsts == ["loss = f(p)", "p = g(x)", "x = load()"]


FIRST_STEPS = HEAD + dedent("""\
    w = tf.Variable([1.0, 2.0])
    optimizer = {}
    for _ in range(3):
        error = w * w - 2.0
        loss = tf.reduce_sum(tf.square(error))
        optimizer.minimize({}, [w])
    """)


@pytest.mark.parametrize(
    ("optimizer", "loss"),
    [
        pytest.param("tf.keras.optimizers.SGD(0.01)", "loss", id="as Keras has it"),
        pytest.param("tf.keras.optimizers.SGD(0.01)", "tf.reduce_sum(tf.square(w - 1.0))", id="an expression"),
        pytest.param("tf.compat.v1.train.AdamOptimizer()", "tf.reduce_sum(w * w)", id="TensorFlow 1"),
    ],
)
def test_the_exception_leads_to_a_step_that_trains(
    optimizer: str, loss: str, repaired: Callable[..., FileReport]
) -> None:
    text = FIRST_STEPS.format(optimizer, loss)
    report = repaired(text)
    assert [(f.rule, f.fix, f.place.line) for f in report.findings] == [("minimize-without-tape", Fix.PROVED, 7)]
    assert "the run stops with" in report.findings[0].message
    (new,) = report.patched.values()
    assert ("error" in new.partition("as tape:")[2]) == (loss == "loss"), "both steps are recorded"
    assert {step.checks["update"] for step in report.steps} == {"one update moves 1 of 1 variables"}


def test_another_object_without_the_method_is_no_finding(repaired: Callable[..., FileReport]) -> None:
    text = HEAD + "class Solver:\n    pass\n\n\nw = tf.Variable(1.0)\nSolver().minimize(w * w, [w])\n"
    assert repaired(text).findings == ()
