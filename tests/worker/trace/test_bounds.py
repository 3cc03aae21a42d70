"""What is followed is bounded: long loops, and the memory that a trace may take."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from gradfix.run.lab import Lab, subject_of
from gradfix.run.messages import Entry, Limits
from gradfix.run.pool import Pool
from tests.worker.trace.conftest import HEAD, Tracer


def test_a_loop_of_many_turns_is_followed_in_its_first_ones(traced: Tracer) -> None:
    found, places = traced(
        """
        for i in range(100_000):
            y = i * 2
        with tf.GradientTape() as tape:
            parts = []
            for i in range(3_000):
                parts.append(«np.float32(w[0])» if i < 5 else np.float32(0))
            loss = tf.reduce_sum(parts)
        tape.gradient(loss, [w])
        """
    )
    assert (found.kinds, found.places) == ([("left-tensorflow", "np.float32")], places)


def test_a_window_that_takes_too_much_memory_is_ended(tmp_path: Path, pool: Pool) -> None:
    path = tmp_path / "train.py"
    text = HEAD + dedent(
        """
        y = tf.ones((250, 1000)) * w[0]
        for i in range(3_000):
            y = tf.sin(y)
        print("not here")
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(np.abs(w)) + tf.reduce_sum(y) * 0.0
        tape.gradient(loss, [w])
        """
    )
    path.write_text(text)
    lab = Lab(pool, subject_of(str(path)), Limits(()))
    trace = {"index": 0, "start": 0, "missing": [0], "memory": 200_000_000}
    run = lab.run(Entry(), {str(path): text}, eager=True, trace=trace)
    assert run.death == ""
    assert run.trouble is None
    assert run.event("trace") is None
    assert "not here" not in run.output


def test_what_is_followed_is_bounded_in_memory(tmp_path: Path, pool: Pool) -> None:
    path = tmp_path / "train.py"
    text = HEAD + dedent(
        """
        import resource
        with tf.GradientTape() as tape:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            for i in range(1_500):
                a = np.ones((250, 1000), "float32") * i
            print("GREW", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
            loss = tf.reduce_sum(np.abs(w)) + a[0, 0] * 0.0
        tape.gradient(loss, [w])
        """
    )
    path.write_text(text)
    lab = Lab(pool, subject_of(str(path)), Limits(()))
    run = lab.run(Entry(), {str(path): text}, eager=True, trace={"index": 0, "start": 0, "missing": [0]})
    assert run.event("trace") is not None
    grown = int(run.output.split("GREW")[1].split()[0])
    assert grown < 400
