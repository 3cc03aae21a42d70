"""Terms that a target lost in silence are found, and mended where that is asked for; healthy code stays silent."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from gradfix.scan.terms import may_lose_a_term
from gradfix.values import FileReport, Fix, Verdict

HEAD = """\
import numpy as np
import tensorflow as tf

w = tf.Variable([0.4, -0.3, 0.2])
u = tf.Variable(0.7)
x, y = tf.random.normal((16, 3)), tf.random.normal((16,))


def error():
    return tf.reduce_mean(tf.square(tf.linalg.matvec(x, w) * u - y))


"""
LOST = [
    pytest.param(
        """\
        with tf.GradientTape() as tape:
            predicted = tf.linalg.matvec(x, w)
            loss = error() + np.mean(np.abs(predicted))
        g = tape.gradient(loss, [w, u])
        """,
        "numpy-on-path",
        "np.mean(np.abs(predicted))",
        "tf.reduce_mean(tf.abs(predicted))",
        id="a penalty that NumPy works out",
    ),
    pytest.param(
        """\
        with tf.GradientTape() as tape:
            ridge = float(tf.reduce_sum(w**2))
            loss = error() + 0.5 * ridge
        g = tape.gradient(loss, [w, u])
        """,
        "numpy-method",
        "float(tf.reduce_sum(w**2))",
        "tf.reduce_sum(w**2)",
        id="a weight decay that became a float",
    ),
    pytest.param(
        """\
        with tf.GradientTape() as tape:
            loss = error()
            loss += 0.1 * tf.reduce_sum(tf.square(w)).numpy()
        g = tape.gradient(loss, [w, u])
        """,
        "numpy-method",
        "tf.reduce_sum(tf.square(w)).numpy()",
        "tf.reduce_sum(tf.square(w))",
        id="a term that is added to the loss later",
    ),
]
HEALTHY = [
    pytest.param(
        """\
        with tf.GradientTape() as tape:
            each = tf.square(tf.linalg.matvec(x, w) * u - y)
            weights = np.exp(-each.numpy())
            loss = tf.reduce_sum(weights / weights.sum() * each)
        g = tape.gradient(loss, [w, u])
        """,
        id="weights of the examples that are held fixed",
    ),
    pytest.param(
        """\
        with tf.GradientTape() as tape:
            loss = error()
            print("mean absolute", np.mean(np.abs(tf.linalg.matvec(x, w))))
        g = tape.gradient(loss, [w, u])
        history = [float(loss)]
        """,
        id="a metric inside the block",
    ),
    pytest.param(
        """\
        with tf.GradientTape() as tape:
            predicted = tf.linalg.matvec(x, w) * u
            loss = tf.reduce_mean(tf.square(predicted - y)) + tf.reduce_mean(tf.stop_gradient(predicted))
            loss += 0.0 * np.float32(len(x))
        g = tape.gradient(loss, [w, u])
        """,
        id="a term behind stop_gradient",
    ),
    pytest.param(
        """\
        with tf.GradientTape() as tape:
            margin = np.mean(y.numpy())
            loss = error() + margin
        g = tape.gradient(loss, [w, u])
        """,
        id="NumPy on the labels",
    ),
    pytest.param(
        """\
        baseline = 0.0
        for _ in range(3):
            with tf.GradientTape() as tape:
                loss = error() - baseline
            g = tape.gradient(loss, [w, u])
            baseline = 0.9 * baseline + 0.1 * float(loss)
        """,
        id="a baseline from the turn before",
    ),
]


@pytest.mark.parametrize(("block", "rule", "old", "new"), LOST)
def test_a_lost_term_is_mended_where_that_is_asked_for(
    block: str, rule: str, old: str, new: str, repaired: Callable[..., FileReport]
) -> None:
    text = HEAD + dedent(block)
    report = repaired(text, unsafe_fixes=True)
    assert (report.verdict, [f.rule for f in report.findings]) == (Verdict.FIXED, [rule]), report.reason
    assert report.findings[0].fix is Fix.UNSAFE
    assert "a term of the target has no part in its gradients" in report.findings[0].message
    expected = text.replace(old, new)
    if "np." in block:  # nothing else needs it
        expected = expected.replace("import numpy as np\n", "")
    assert list(report.patched.values()) == [expected]
    assert report.steps[0].checks["derivative"].startswith("finite differences agree")


def test_without_being_asked_for_it_is_told_only(repaired: Callable[..., FileReport]) -> None:
    report = repaired(HEAD + dedent(LOST[0].values[0]))  # type: ignore[arg-type]
    assert (report.verdict, report.patched, report.findings[0].fix) == (Verdict.ADVICE, {}, Fix.UNSAFE)
    assert "gradients that are there change, since they lacked a term" in report.reason


def test_where_no_rewrite_helps_there_is_advice(repaired: Callable[..., FileReport]) -> None:
    block = """\
    def outside(values):
        return np.interp(values, [-1.0, 0.0, 1.0], [2.0, 0.0, 1.0]).sum().astype("float32")


    with tf.GradientTape() as tape:
        loss = error() + tf.numpy_function(outside, [w], tf.float32)
    g = tape.gradient(loss, [w, u])
    """
    report = repaired(HEAD + dedent(block), unsafe_fixes=True)
    assert (report.verdict, [f.rule for f in report.findings]) == (Verdict.ADVICE, ["black-box"]), report.findings
    assert "has no part in its gradients" in report.findings[0].message


@pytest.mark.parametrize("block", HEALTHY)
def test_healthy_code_is_passed_over(block: str, repaired: Callable[..., FileReport]) -> None:
    report = repaired(HEAD + dedent(block))
    assert (report.verdict, report.findings) == (Verdict.CLEAN, ()), report.reason
    assert report.steps


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("import numpy as np\nprint(np.mean([1]))\n", False),
        ("import numpy as np\ndef f(p):\n    return np.mean(p)\n", True),
        ("def f(p):\n    return p.numpy()\n", True),
        ("def f(p):\n    return float(p)\n", True),
        ("def numpy_free(p):\n    return p\n", False),
    ],
)
def test_which_texts_are_looked_at(text: str, may: bool) -> None:
    assert may_lose_a_term(text) is may


def test_a_patch_that_leaves_a_term_out_is_refused_where_a_step_does_not_show_it(
    repaired: Callable[..., FileReport],
) -> None:
    """A median stays as it is when the largest and the smallest element move: finite differences agree."""
    report = repaired(
        "import numpy as np\nimport tensorflow as tf\nw = tf.Variable([1.0, 2.0, 4.0])\n"
        "with tf.GradientTape() as tape:\n    loss = np.percentile(w, 50) + np.ptp(w)\ntape.gradient(loss, w)\n"
    )
    assert report.verdict.value == "advice"
    assert [f.fix for f in report.findings][:1] == [Fix.REFUSED]
    assert "the gradients lack a term: `np.percentile(w, 50)`" in report.findings[0].help
