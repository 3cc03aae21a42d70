"""GF126: what follows uses the tensor that a variable is given, not the variable."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from gradfix.values import FileReport, Fix
from gradfix_codemods.state_read_back import StateReadBack

# Each case: a sentence, the text before with the call marked, the text after.
REWRITES = [
    (
        "read in the next line",
        "«state.assign(w * w)»  # kept\ny = f(state, state.shape)\n",
        "state_now = w * w  # kept\nstate.assign(state_now)\ny = f(state_now, state.shape)\n",
    ),
    (
        "added to",
        "«s.assign_add(a - b)»\ny = s.read_value() + s.value()\n",
        "s_now = s + (a - b)\ns.assign(s_now)\ny = s_now + s_now\n",
    ),
    (
        "taken from, by keyword, twice",
        "«s.assign_sub(delta=a)»\ns.assign_sub(b)\ny = s\n",
        "s_now = s - a\ns.assign(s_now)\ns_now = s_now - b\ns.assign(s_now)\ny = s_now\n",
    ),
    (
        "a state of an object, which has its old value before",
        """\
        class Cell:
            def __call__(self, x):
                old = self.h
                # the next one
                «self.h.assign(tf.tanh(self.h + x))»
                return self.h - old

            def reset(self):
                self.h.assign(0.0)
        """,
        """\
        class Cell:
            def __call__(self, x):
                old = self.h
                # the next one
                h_now = tf.tanh(self.h + x)
                self.h.assign(h_now)
                return h_now - old

            def reset(self):
                self.h.assign(0.0)
        """,
    ),
    (
        "a sum that a loop in the block makes",
        """\
        import tensorflow as tf
        total.assign(0.0)
        for x in xs:
            with tf.GradientTape() as tape:
                # all parts
                for part in x:
                    «total.assign_add(w * part)»
                    print(total.numpy())
                loss = total / 3
        """,
        """\
        import tensorflow as tf
        total.assign(0.0)
        for x in xs:
            with tf.GradientTape() as tape:
                # all parts
                total_now = tf.convert_to_tensor(total)
                for part in x:
                    total_now = total_now + w * part
                    total.assign(total_now)
                    print(total.numpy())
                loss = total_now / 3
        """,
    ),
    (
        "a branch that may not be taken",
        "import tensorflow as tf\nif p > best:\n    «best.assign(p)»\nloss = -best\n",
        "import tensorflow as tf\nbest_now = tf.convert_to_tensor(best)\nif p > best_now:\n    best_now = p\n"
        "    best.assign(best_now)\nloss = -best_now\n",
    ),
]

NO_OPS = [
    ("never read", "«s.assign(w)»\ny = f(w)\n"),
    ("read before", "y = f(s)\n«s.assign(w)»\n"),
    ("read by another function", "def f():\n    return s\n«s.assign(w)»\ny = f()\n"),
    ("the result is used", "y = «s.assign(w)»\nz = s\n"),
    ("several in a line", "«s.assign(w)»; y = s\n"),
    ("the weights of a model", "«net.set_weights(ws)»\ny = net(x)\n"),
    ("one of a list", "«ss[0].assign(w)»\ny = ss[0]\n"),
    ("a call of another kind", "«f(s)»\ny = s\n"),
]


@pytest.mark.parametrize(("before", "after"), [pytest.param(*case[1:], id=case[0]) for case in REWRITES])
def test_the_rewrite(before: str, after: str, offered: Callable[..., list[str]]) -> None:
    assert offered(StateReadBack(), dedent(before), "assigned") == [dedent(after)]


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in NO_OPS])
def test_nothing_is_offered(text: str, offered: Callable[..., list[str]]) -> None:
    assert offered(StateReadBack(), text, "assigned") == []


CELL = dedent("""\
    import tensorflow as tf


    class Cell(tf.Module):
        def __init__(self):
            self.w, self.h = tf.Variable(0.5), None
            self.h = tf.Variable(tf.zeros([2]), trainable=False)

        def __call__(self, x):
            self.h.assign(tf.tanh(self.w * x + self.h))
            return self.h * self.h


    def energy(cell, x):
        return tf.reduce_sum(cell(x)) + 0.5


    cell = Cell()
    for _ in range(3):
        with tf.GradientTape() as tape:
            loss = energy(cell, tf.constant([1.0, 2.0]))
        grad = tape.gradient(loss, cell.w)
        {}
    """)


def test_a_state_in_a_module_is_found_from_the_step(repaired: Callable[..., FileReport]) -> None:
    text = CELL.format("cell.w.assign_sub(0.1 * grad)")
    report = repaired(text)
    (finding,) = report.findings
    assert (finding.rule, finding.fix, finding.place.line) == ("state-read-back", Fix.PROVED, 10)
    (new,) = report.patched.values()
    assert "        self.h.assign(h_now)\n        return h_now * h_now\n" in new


def test_a_variable_that_is_read_elsewhere_too_is_only_told(repaired: Callable[..., FileReport]) -> None:
    text = CELL.format("print(grad)").replace("cell(x)) + 0.5", "cell(x) + cell.h)")
    report = repaired(text)
    (finding,) = report.findings
    assert (finding.fix, finding.place.line, report.patched) == (Fix.REFUSED, 10, {})
    assert "the derivative" in finding.help or "finite differences" in finding.help
