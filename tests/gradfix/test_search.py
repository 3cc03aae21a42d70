"""The search tries rewrites until no gradient is missing; codemods are made up here, TensorFlow is real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from gradfix.breaks import Break
from gradfix.prove import search as module
from gradfix.prove.search import Candidate, Outcome, Propose, search
from gradfix.run.lab import Lab, Texts, subject_of
from gradfix.run.messages import Entry, Limits, Request
from gradfix.run.pool import Pool

HEAD = """\
import numpy as np
import tensorflow as tf
w = tf.Variable([1.0, -2.0], name="w")
u = tf.Variable([3.0, 4.0], name="u")
x = tf.constant([0.5, -1.5])
"""
Searched = Callable[[str, Propose], tuple[Outcome, str]]
Swap = tuple[str, str]


@pytest.fixture
def searched(tmp_path: Path, pool: Pool) -> Searched:
    """Gives a function that searches a program; beside the outcome stands the patched text."""

    def find(text: str, propose: Propose) -> tuple[Outcome, str]:
        path = tmp_path / "train.py"
        text = HEAD + dedent(text)
        path.write_text(text)
        lab, texts = Lab(pool, subject_of(str(path)), Limits(())), {str(path): text}
        outcome = search(lab, texts, (lab.look(Entry(), texts),), propose)
        return outcome, outcome.texts[str(path)]

    return find


def offering(**answers: list[Swap]) -> Propose:
    """A codemod that answers a break at an operation with texts to put for others; `_` in a name stands for a dot."""

    def propose(texts: Texts, request: Request, cut: Break) -> Iterator[Candidate]:
        (path,) = texts
        for old, new in answers.get(cut.operation.replace(".", "_"), ()):
            assert texts[path].count(old) == 1, old
            text = texts[path].replace(old, new)
            yield Candidate("made-up", "GF000", "a mistake", f"Put {new}", path, text, True)

    return propose


def titles(outcome: Outcome) -> list[str]:
    """The titles of the edits that were taken."""
    return [e.candidate.title for e in outcome.edits]


def refusals(outcome: Outcome) -> list[tuple[str, str]]:
    """What was tried and not taken, with the reason."""
    return [(r.candidate.title, r.why) for r in outcome.refusals]


ONE = """
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(np.square(w))
tape.gradient(loss, [w])
"""


def test_a_rewrite_that_proves_is_the_patch(searched: Searched) -> None:
    outcome, text = searched(ONE, offering(np_square=[("np.square", "tf.square")]))
    assert titles(outcome) == ["Put tf.square"]
    assert text == HEAD + ONE.replace("np.square", "tf.square")
    assert (outcome.broken, outcome.trace, outcome.refusals) == (None, None, ())
    assert [p.verdict for p in outcome.proofs] == ["proved"]
    assert outcome.proofs[0].checks["derivative"].startswith("finite differences agree")
    assert outcome.edits[0].cut.operation == "np.square"


def test_rewrites_that_do_not_help_are_refused_with_their_reasons(searched: Searched) -> None:
    outcome, text = searched(
        ONE,
        offering(
            np_square=[
                ("np.square", "np.abs"),
                ("np.square(w)", "tf.nowhere(w)"),
                ("tape.gradient(loss, [w])", "pass"),
                ("np.square(w)", "tf.square(w) / 0.0"),
                ("np.square", "tf.square"),
            ]
        ),
    )
    assert titles(outcome) == ["Put tf.square"]
    assert "tf.square(w))" in text
    assert refusals(outcome) == [
        ("Put np.abs", "1 of 1 gradients are still missing"),
        ("Put tf.nowhere(w)", "the patched run asks for no gradients"),
        ("Put pass", "the patched run asks for no gradients"),
        ("Put tf.square(w) / 0.0", "a gradient is not finite"),
    ]


def test_a_rewrite_that_asks_for_less_is_refused(searched: Searched) -> None:
    outcome, text = searched(
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.square(w)) + tf.reduce_sum(u)
        tape.gradient(loss, [w, u])
        """,
        offering(np_square=[("[w, u]", "[u]")]),
    )
    assert refusals(outcome) == [("Put [u]", "the patched step asks for fewer sources")]
    assert outcome.broken is not None
    assert "[w, u]" in text


def test_a_rewrite_that_asks_for_other_variables_than_the_optimizer_moves_is_refused(searched: Searched) -> None:
    outcome, _ = searched(
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.square(w)) + tf.reduce_sum(u)
        grads = tape.gradient(loss, [w])
        tf.keras.optimizers.SGD(0.1).apply_gradients(zip(grads, [w]))
        """,
        offering(np_square=[("gradient(loss, [w])", "gradient(loss, [u])"), ("np.square", "tf.square")]),
    )
    why = "the optimizer is handed the new gradients for other variables"
    assert refusals(outcome) == [("Put gradient(loss, [u])", why)]
    assert titles(outcome) == ["Put tf.square"]


def test_gradients_that_the_optimizer_cannot_use_are_refused(searched: Searched) -> None:
    outcome, _ = searched(
        """
        sgd, w = tf.keras.optimizers.SGD(0.1), w * 1.0
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.square(w))
        grads = tape.gradient(loss, [w])
        sgd.apply_gradients(zip(grads, [w]))
        """,
        offering(np_square=[("loss = tf.reduce_sum(np", "tape.watch(w); loss = tf.reduce_sum(tf")]),
    )
    ((_, why),) = refusals(outcome)
    assert why.startswith("the patched run stops with ")
    assert not outcome.edits


def test_where_nothing_helps_the_first_break_is_told_and_the_text_stays(searched: Searched) -> None:
    outcome, text = searched(ONE, offering(np_square=[("np.square", "np.abs"), ("np.square", "np.sinh")]))
    assert text == HEAD + ONE
    assert (outcome.edits, outcome.proofs) == ((), ())
    assert outcome.broken is not None
    assert outcome.broken.missing == (0,)
    assert outcome.trace is not None
    assert [b.operation for b in outcome.trace.breaks] == ["np.square"]
    assert [title for title, _ in refusals(outcome)] == ["Put np.abs", "Put np.sinh"]


def test_where_no_codemod_answers_the_break_is_told_all_the_same(searched: Searched) -> None:
    outcome, text = searched(ONE, offering())
    assert text == HEAD + ONE
    assert outcome.refusals == ()
    assert outcome.trace is not None
    assert [b.kind for b in outcome.trace.breaks] == ["left-tensorflow"]


SERIES = """
with tf.GradientTape() as tape:
    a = np.square(w)
    b = tf.identity(a)
    loss = tf.reduce_sum(np.abs(b))
tape.gradient(loss, [w])
"""


def test_breaks_in_series_are_mended_one_after_the_other(searched: Searched) -> None:
    outcome, text = searched(SERIES, offering(np_square=[("np.square", "tf.square")], np_abs=[("np.abs", "tf.abs")]))
    assert titles(outcome) == ["Put tf.square", "Put tf.abs"]
    assert text == HEAD + SERIES.replace("np.", "tf.")
    assert [p.verdict for p in outcome.proofs] == ["proved"]


def test_breaks_beside_each_other_are_mended_one_after_the_other(searched: Searched) -> None:
    program = """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.square(w)) + tf.reduce_sum(np.exp(u))
        tape.gradient(loss, [w, u])
    """
    outcome, text = searched(program, offering(np_square=[("np.square", "tf.square")], np_exp=[("np.exp", "tf.exp")]))
    assert sorted(titles(outcome)) == ["Put tf.exp", "Put tf.square"]
    assert "np.square" not in text
    assert "np.exp" not in text


def test_a_series_of_which_the_end_cannot_be_mended_leaves_the_text_as_it_was(searched: Searched) -> None:
    outcome, text = searched(SERIES, offering(np_square=[("np.square", "tf.square")]))
    assert text == HEAD + SERIES
    assert outcome.edits == ()
    assert outcome.trace is not None
    assert [b.operation for b in outcome.trace.breaks] == ["np.square"]


def test_an_edit_that_a_later_one_makes_needless_is_taken_back(searched: Searched) -> None:
    outcome, text = searched(
        SERIES,
        offering(
            np_square=[("np.square", "tf.square")],
            np_abs=[("np.abs(b)", "tf.abs(tf.square(w))")],
        ),
    )
    assert titles(outcome) == ["Put tf.abs(tf.square(w))"]
    assert text == HEAD + SERIES.replace("np.abs(b)", "tf.abs(tf.square(w))")
    assert "np.square" in text


def test_two_edits_that_are_both_needed_stay(searched: Searched) -> None:
    outcome, _ = searched(SERIES, offering(np_square=[("np.square", "tf.square")], np_abs=[("np.abs", "tf.abs")]))
    assert len(outcome.edits) == 2


def test_an_edit_that_mends_both_at_once_is_enough(searched: Searched) -> None:
    whole = "tf.abs(tf.square(w))"
    outcome, text = searched(
        SERIES,
        offering(np_square=[("np.abs(b)", whole), ("np.square", "tf.square")], np_abs=[("np.abs", "tf.abs")]),
    )
    assert titles(outcome) == [f"Put {whole}"]
    assert text == HEAD + SERIES.replace("np.abs(b)", whole)


def test_steps_that_are_broken_in_the_same_way_are_all_mended(searched: Searched) -> None:
    outcome, text = searched(
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.square(w))
        tape.gradient(loss, [w])
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.exp(u))
        tape.gradient(loss, [u])
        """,
        offering(np_square=[("np.square", "tf.square")], np_exp=[("np.exp", "tf.exp")]),
    )
    assert titles(outcome) == ["Put tf.square", "Put tf.exp"]
    assert [e.request.index for e in outcome.edits] == [0, 1]
    assert "np.square" not in text
    assert "np.exp" not in text


def test_a_step_that_cannot_be_mended_takes_the_others_patch_with_it(searched: Searched) -> None:
    outcome, text = searched(
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.square(w))
        tape.gradient(loss, [w])
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.exp(u))
        tape.gradient(loss, [u])
        """,
        offering(np_square=[("np.square", "tf.square")]),
    )
    assert outcome.edits == ()
    assert "np.square" in text
    assert outcome.broken is not None
    assert outcome.broken.index == 1


def test_another_value_is_unsafe(searched: Searched) -> None:
    outcome, _ = searched(ONE, offering(np_square=[("np.square", "tf.exp")]))
    assert titles(outcome) == ["Put tf.exp"]
    assert [p.verdict for p in outcome.proofs] == ["unsafe"]
    assert "the target's value changes from 5 to " in outcome.proofs[0].why


def test_a_rewrite_that_says_that_it_changes_the_value_is_unsafe_even_where_it_does_not(searched: Searched) -> None:
    plain = offering(np_square=[("np.square", "tf.square")])

    def propose(texts: Texts, request: Request, cut: Break) -> Iterator[Candidate]:
        yield from (replace(c, keeps_value=False) for c in plain(texts, request, cut))

    outcome, _ = searched(ONE, propose)
    assert [p.verdict for p in outcome.proofs] == ["unsafe"]


TWO_WAYS = """
with tf.GradientTape() as tape:
    y = w * w
    loss = tf.reduce_sum(u * tf.round(y) + tf.square(u - tf.stop_gradient({0})))
tape.gradient(loss, [w, u])
"""


@pytest.mark.parametrize(("stopped", "verdict"), [("y", "unsafe"), ("y - u", "proved")])
def test_a_stop_beside_an_operation_without_a_gradient_may_be_meant(
    searched: Searched, stopped: str, verdict: str
) -> None:
    old, plain = f"tf.stop_gradient({stopped})", f"({stopped})"
    offers = offering(tf_stop_gradient=[(old, plain)])

    def propose(texts: Texts, request: Request, cut: Break) -> Iterator[Candidate]:
        yield from (replace(c, completes=True) for c in offers(texts, request, cut))

    outcome, _ = searched(TWO_WAYS.format(stopped), propose)
    assert titles(outcome) == [f"Put {plain}"]
    assert [(p.verdict, "and this stop may be meant" in p.why) for p in outcome.proofs] == [
        (verdict, verdict == "unsafe")
    ]


HALF = """
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(w * w {sign} np.square(w * u))
tape.gradient(loss, [w, u])
"""


@pytest.mark.parametrize(
    ("sign", "completes", "verdict"), [("-", False, "unsafe"), ("-", True, "proved"), ("*", True, "unsafe")]
)
def test_a_gradient_that_lacked_a_part_may_change_where_the_mistake_is_never_meant_and_no_weight_is_held_fixed(
    searched: Searched, sign: str, completes: bool, verdict: str
) -> None:
    offers = offering(np_square=[("np.square", "tf.square")])

    def propose(texts: Texts, request: Request, cut: Break) -> Iterator[Candidate]:
        yield from (replace(c, completes=completes) for c in offers(texts, request, cut))

    outcome, _ = searched(HALF.format(sign=sign), propose)
    assert [p.verdict for p in outcome.proofs] == [verdict]
    assert outcome.proofs[0].checks["others"].startswith("changed: the gradient of w")


def test_gradients_that_come_back_as_lasting_zeros_are_refused(searched: Searched) -> None:
    outcome, text = searched(
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.sign(w) * x)
        tape.gradient(loss, [w])
        """,
        offering(np_sign=[("np.sign", "tf.sign")]),
    )
    assert refusals(outcome) == [("Put tf.sign", "a gradient that was missing is zero now, wherever its variable is")]
    assert "np.sign" in text
    assert outcome.broken is not None


def test_a_gradient_that_is_not_the_derivative_is_refused(searched: Searched) -> None:
    lie = "__import__('helper').lying_square"
    program = """
        import sys, types
        from tensorflow.python.eager import record
        helper = sys.modules["helper"] = types.ModuleType("helper")
        def lying_square(v):
            v = tf.convert_to_tensor(v)
            with tf.GradientTape.stop_recording(tape):
                y = tf.square(v)
            record.record_operation("Square", [y], [v], lambda dy: [dy * 17.0])
            return y
        helper.lying_square = lying_square
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.square(w))
        tape.gradient(loss, [w])
    """
    outcome, text = searched(program, offering(np_square=[("np.square(w)", f"{lie}(w)")]))
    ((title, why),) = refusals(outcome)
    assert "lying_square" in title
    assert why.startswith("the new gradients are not the derivative of the target: finite differences differ by ")
    assert "np.square(w)" in text


def test_of_several_that_prove_the_one_of_fewer_lines_is_taken(searched: Searched) -> None:
    longer = ("np.square(w))", "tf.square(w))\n    w.shape")
    outcome, text = searched(ONE, offering(np_square=[longer, ("np.square(w)", "tf.pow(w, 2)")]))
    assert titles(outcome) == ["Put tf.pow(w, 2)"]
    assert outcome.refusals == ()
    assert "tf.square" not in text


def test_a_target_that_depends_in_two_ways_is_not_proved_by_one_of_them(searched: Searched) -> None:
    outcome, text = searched(
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.square(w)) + tf.reduce_sum(np.exp(w))
        tape.gradient(loss, [w])
        """,
        offering(np_square=[("np.square", "tf.square")], np_exp=[("np.exp", "tf.exp")]),
    )
    assert sorted(titles(outcome)) == ["Put tf.exp", "Put tf.square"]
    assert "np." not in text.split("GradientTape")[1]
    assert outcome.proofs[0].checks["derivative"].startswith("finite differences agree")


def test_a_gradient_that_is_zero_since_the_target_does_not_depend_is_no_reason_to_refuse(searched: Searched) -> None:
    outcome, _ = searched(
        """
        b = tf.Variable(0.5)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.square(w) + b) - tf.reduce_sum(np.square(x) + b)
        tape.gradient(loss, [w, b])
        """,
        offering(np_square=[("np.square(w)", "tf.square(w)")]),
    )
    assert titles(outcome) == ["Put tf.square(w)"]


def test_no_more_rewrites_are_run_than_is_said(searched: Searched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TRIES", 3)
    swaps = [("np.square(w)", f"np.square(w) + {i}.0 - {i}.0") for i in range(1, 20)]
    outcome, _ = searched(ONE, offering(np_square=swaps))
    assert len(outcome.refusals) == 3
    assert outcome.broken is not None


def test_no_more_edits_are_taken_than_is_said(searched: Searched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_EDITS", 1)
    outcome, text = searched(SERIES, offering(np_square=[("np.square", "tf.square")], np_abs=[("np.abs", "tf.abs")]))
    assert outcome.edits == ()
    assert text == HEAD + SERIES


def test_a_rewrite_of_a_graph_is_proved_as_a_graph(searched: Searched) -> None:
    program = """
        @tf.function
        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(np.square(w * x))
            return tape.gradient(loss, [w])
        step()
    """
    outcome, _ = searched(
        program,
        offering(
            np_square=[("np.square(w * x)", "tf.square((w * x).numpy() * 0 + w * x)"), ("np.square", "tf.square")]
        ),
    )
    assert titles(outcome) == ["Put tf.square"]
    assert outcome.looks[0].written.requests[0].graph
    assert not outcome.looks[0].eager.requests[0].graph
    assert len(outcome.refusals) == 1


def test_gradients_that_nothing_confirms_may_lack_what_a_factor_outside_hides(searched: Searched) -> None:
    """Kinks at each step size keep finite differences from a verdict, and a factor of the source is worked out outside.

    A simulator of tables and events in NumPy was called proved so, though its angle had no part in the gradients.
    """
    outcome, _ = searched(
        """
        v = tf.Variable(0.28, name="v")
        with tf.GradientTape() as tape:
            moved = np.multiply(1.0, v)
            loss = moved * float(tf.cos(v))
            for kink in (2e-5, 1.5e-4, 1.5e-3, 1e-2):
                loss += 0.04 * tf.clip_by_value(moved - 0.28, -kink, kink)
        tape.gradient(loss, [v])
        """,
        offering(np_multiply=[("np.multiply(1.0, v)", "tf.multiply(1.0, v)")]),
    )
    ((title, why),) = refusals(outcome)
    assert (title, titles(outcome)) == ("Put tf.multiply(1.0, v)", [])
    assert why.startswith("not conclusive: finite differences differ by ")
    assert why.endswith(", and `float(tf.cos(v))` leaves TensorFlow, where no tape can follow")
