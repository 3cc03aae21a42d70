"""Operations that stop a gradient on purpose, have none, or give integers."""

from __future__ import annotations

from tests.worker.trace.conftest import Row, Tracer, breaks

STOPPED: list[Row] = [
    (
        "stop_gradient by another name",
        """
        from tensorflow import stop_gradient as frozen
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(«frozen(w)» * x)
        tape.gradient(loss, [w])
        """,
        [("stopped", "tf.stop_gradient")],
    ),
    (
        "stop_gradient of Keras",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(«keras.ops.stop_gradient(w * 1.0)» * x)
        tape.gradient(loss, [w])
        """,
        [("stopped", "keras.ops.stop_gradient")],
    ),
]

NOT_DIFFERENTIABLE: list[Row] = [
    (
        "argmax",
        """
        with tf.GradientTape() as tape:
            best = «tf.argmax(w)»
            loss = tf.reduce_sum(tf.cast(best, tf.float32))
        tape.gradient(loss, [w])
        """,
        [("not-differentiable", "tf.argmax")],
    ),
    (
        "a comparison",
        """
        with tf.GradientTape() as tape:
            hits = «w > x»
            loss = tf.reduce_mean(tf.cast(hits, tf.float32))
        tape.gradient(loss, [w])
        """,
        [("not-differentiable", ">")],
    ),
    (
        "rounding",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(«tf.round(w * x)»)
        tape.gradient(loss, [w])
        """,
        [("not-differentiable", "tf.round")],
    ),
    (
        "a comparison is named where it alone takes a source, and not where it only chooses",
        """
        with tf.GradientTape() as tape:
            mask = tf.cast(«w > x», tf.float32)
            big = np.where(u > 0, 1.0, 0.5)
            loss = tf.reduce_sum(mask * «np.where(u > 0, u, -u)» * big)
        tape.gradient(loss, [w, u])
        """,
        [("not-differentiable", ">"), ("left-tensorflow", "np.where")],
    ),
    (
        "a variable that is made of a tensor",
        """
        with tf.GradientTape() as tape:
            y = «tf.Variable(w * x)»
            loss = tf.reduce_sum(y)
        tape.gradient(loss, [w])
        """,
        [("not-differentiable", "tf.Variable")],
    ),
    (
        "an operation whose gradient is all zeros is not taken for a break of another's",
        """
        with tf.GradientTape() as tape:
            s = tf.sign(w) * 0.0
            loss = tf.reduce_sum(«np.abs(s)»)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.abs")],
    ),
]

WRONG_DTYPE: list[Row] = [
    (
        "a cast to integers",
        """
        with tf.GradientTape() as tape:
            y = «tf.cast(w * x, tf.int32)»
            loss = tf.reduce_sum(tf.cast(y, tf.float32))
        tape.gradient(loss, [w])
        """,
        [("wrong-dtype", "tf.cast")],
    ),
    (
        "a variable of integers",
        """
        n = «tf.Variable([1, 2])»
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.cast(n, tf.float32) * x)
        tape.gradient(loss, [n])
        """,
        [("wrong-dtype", "")],
    ),
]


@breaks([*STOPPED, *NOT_DIFFERENTIABLE, *WRONG_DTYPE])
def test_the_operation_is_named(traced: Tracer, program: str, kinds: list[tuple[str, str]]) -> None:
    found, places = traced(program)
    assert found.kinds == kinds
    assert found.places == places
