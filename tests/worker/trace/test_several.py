"""Several breaks in one request: which of them are named, and for which of the sources."""

from __future__ import annotations

from tests.worker.trace.conftest import Row, Tracer, breaks

SEVERAL: list[Row] = [
    (
        "two breaks beside each other",
        """
        with tf.GradientTape() as tape:
            a = «np.square(w)»
            b = tf.constant(«float(tf.reduce_sum(w))»)
            loss = tf.reduce_sum(a) + b
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.square"), ("left-tensorflow", "float")],
    ),
    (
        "one of two sources",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w * x) + tf.reduce_sum(«np.square(u)»)
            seen = np.mean(w)
        tape.gradient(loss, [w, u])
        """,
        [("left-tensorflow", "np.square")],
    ),
    (
        "each source at a place of its own",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(«np.square(u)»)
            loss += tf.reduce_sum(«tf.stop_gradient(w)»)
        tape.gradient(loss, [w, u])
        """,
        [("left-tensorflow", "np.square"), ("stopped", "tf.stop_gradient")],
    ),
    (
        "two breaks in series show the one that is nearer to the sources",
        """
        with tf.GradientTape() as tape:
            a = «np.square(w)»
            loss = tf.reduce_sum(np.abs(a))
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.square")],
    ),
]


@breaks(SEVERAL)
def test_each_break_is_named(traced: Tracer, program: str, kinds: list[tuple[str, str]]) -> None:
    found, places = traced(program)
    assert found.kinds == kinds
    assert found.places == places


def test_a_second_break_shows_when_the_first_is_mended(traced: Tracer) -> None:
    program = """
        with tf.GradientTape() as tape:
            a = {first}
            b = tf.exp(a)
            loss = tf.reduce_sum({second})
        tape.gradient(loss, [w])
    """
    found, places = traced(program.format(first="«np.square(w)»", second="np.abs(b)"))
    assert (found.kinds, found.places) == ([("left-tensorflow", "np.square")], places)
    found, places = traced(program.format(first="tf.square(w)", second="«np.abs(b)»"))
    assert (found.kinds, found.places) == ([("left-tensorflow", "np.abs")], places)


def test_the_missing_sources_alone_are_followed(traced: Tracer) -> None:
    found, places = traced(
        """
        v = tf.Variable([1.0, 1.0])
        with tf.GradientTape() as tape:
            a = tf.stop_gradient(w) + w
            loss = tf.reduce_sum(a * «tf.stop_gradient(v)» + np.mean(x))
        tape.gradient(loss, [w, v, u])
        """
    )
    assert found.request.missing == (1, 2)
    assert (found.kinds, found.places) == ([("stopped", "tf.stop_gradient")], places)
