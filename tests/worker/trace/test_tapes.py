"""What is computed where no tape, or another one, sees it; what a tape does not watch; what took a variable's place."""

from __future__ import annotations

from tests.worker.trace.conftest import Row, Tracer, breaks

OUTSIDE: list[Row] = [
    (
        "a loss after the tape",
        """
        with tf.GradientTape() as tape:
            y = w * x
        loss = «tf.reduce_sum(y)»
        tape.gradient(loss, [w])
        """,
        [("outside-tape", "tf.reduce_sum")],
    ),
    (
        "predictions before the tape",
        """
        y = «w * x»
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(y)
        tape.gradient(loss, [w])
        """,
        [("outside-tape", "*")],
    ),
    (
        "a helper that is called before the tape",
        """
        def predict(v):
            return «v * x»
        y = predict(w)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(y)
        tape.gradient(loss, [w])
        """,
        [("outside-tape", "*")],
    ),
    (
        "a tensor that __init__ made",
        """
        class Net:
            def __init__(self):
                self.v = tf.Variable([1.0, 2.0])
                self.double = «self.v * 2.0»
            def __call__(self, a):
                return a * self.double
        net = Net()
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(net(x))
        tape.gradient(loss, [net.v])
        """,
        [("outside-tape", "*")],
    ),
    (
        "a tensor that a layer's build made",
        """
        class Scaled(keras.layers.Layer):
            def build(self, shape):
                self.k = self.add_weight(shape=(2,), initializer="ones", name="k")
                self.double = «self.k * 2.0»
            def call(self, v):
                return v * self.double
        layer = Scaled()
        layer.build((1, 2))
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x[None]))
        tape.gradient(loss, layer.trainable_variables)
        """,
        [("outside-tape", "*")],
    ),
    # ---------------------------------------------------------------- wrong tape, recording stopped
    (
        "a loss under the other one of two tapes",
        """
        with tf.GradientTape() as first:
            a = tf.reduce_sum(w * x)
        with tf.GradientTape() as second:
            b = «tf.reduce_sum(«w * w»)»
        first.gradient(b, [w])
        """,
        [("wrong-tape", "tf.reduce_sum"), ("wrong-tape", "*")],
    ),
    (
        "recording that is stopped on a persistent tape",
        """
        with tf.GradientTape(persistent=True) as tape:
            y = w * x
            with tape.stop_recording():
                z = «tf.square(y)»
            loss = tf.reduce_sum(z)
        tape.gradient(loss, [w])
        """,
        [("recording-stopped", "tf.square")],
    ),
    (
        "a product where init_scope pauses all tapes, as Keras 2 does for every build",
        """
        with tf.GradientTape() as tape:
            with tf.init_scope():
                y = «w * x»
            loss = tf.reduce_sum(tf.square(y))
        tape.gradient(loss, [w])
        """,
        [("outside-tape", "*")],
    ),
]

UNWATCHED: list[Row] = [
    (
        "a source that is a tensor",
        """
        c = tf.constant([1.0, 2.0])
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(c * x)
        «tape.gradient(loss, [c])»
        """,
        [("unwatched", "")],
    ),
    (
        "a tape that watches no variable by itself",
        """
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            loss = tf.reduce_sum(w * x)
        «tape.gradient(loss, [w])»
        """,
        [("unwatched", "")],
    ),
    (
        "a source that is a new tensor each time it is asked for",
        """
        with tf.GradientTape() as tape:
            loss = «tf.reduce_sum(w * x)»
        tape.gradient(loss, [w * 1.0])
        """,
        [("never-used", "")],
    ),
    (
        "an input that an older tape knows, and one that was made in the window does not",
        """
        outer = tf.GradientTape(persistent=True)
        with outer:
            outer.watch(x)
            with tf.GradientTape() as first:
                loss = tf.reduce_sum(w * x)
            first.gradient(loss, w)
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(w * x)
            «tape.gradient(loss, x)»
        """,
        [("unwatched", "")],
    ),
]

OVERWRITTEN: list[Row] = [
    (
        "a variable that the first step has replaced by a tensor",
        """
        v = tf.Variable([1.0, 2.0])
        for step in range(3):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(v * v)
            g = tape.gradient(loss, [v])[0]
            v = «v - 0.1 * g»
        """,
        [("overwritten", "-")],
    ),
    (
        "variables that one assignment has replaced, and one that it has not",
        """
        a, b, c = tf.Variable(1.0), tf.Variable(2.0), tf.Variable(3.0)
        for step in range(3):
            with tf.GradientTape() as tape:
                loss = a * b * c
            da, db, dc = tape.gradient(loss, [a, b, c])
            a, b = «a - 0.1 * da», «b - 0.1 * db»
        """,
        [("overwritten", "-"), ("overwritten", "-")],
    ),
    (
        "a variable of an object that clipping has replaced",
        """
        class Net:
            def __init__(self):
                self.v = tf.Variable([1.0, 2.0])
            def step(self):
                with tf.GradientTape() as tape:
                    loss = tf.reduce_sum(self.v * self.v)
                g = tape.gradient(loss, self.v)
                self.v.assign_sub(0.1 * g)
                self.v = «tf.clip_by_value(self.v, 0.0, 1.0)»
        net = Net()
        for _ in range(3):
            net.step()
        """,
        [("overwritten", "tf.clip_by_value")],
    ),
]

MANY_QUESTIONS: list[Row] = [
    (
        "the second question to a persistent tape",
        """
        with tf.GradientTape(persistent=True) as tape:
            good = tf.reduce_sum(w * x)
            bad = tf.reduce_sum(«np.abs(w)»)
        tape.gradient(good, [w])
        tape.gradient(bad, [w])
        """,
        [("left-tensorflow", "np.abs")],
    ),
    (
        "the outer one of nested tapes",
        """
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = tf.reduce_sum(w ** 3)
            g = inner.gradient(y, w)
            loss = tf.reduce_sum(tf.constant(«g.numpy()») ** 2)
        outer.gradient(loss, [w])
        """,
        [("left-tensorflow", ".numpy()")],
    ),
    (
        "an inner gradient that is asked for after the outer tape",
        """
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = tf.reduce_sum(w ** 3)
        g = «inner.gradient(y, w)»
        outer.gradient(g, [w])
        """,
        [("outside-tape", ".gradient()")],
    ),
    (
        "a branch that only the second step takes",
        """
        for step in range(3):
            with tf.GradientTape() as tape:
                y = w * x
                if step == 1:
                    y = «np.abs(y)»
                loss = tf.reduce_sum(y)
            tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.abs")],
    ),
]


@breaks(OUTSIDE)
def test_what_the_tape_does_not_see_is_named(traced: Tracer, program: str, kinds: list[tuple[str, str]]) -> None:
    found, places = traced(program)
    assert found.kinds == kinds
    assert found.places == places


@breaks(UNWATCHED)
def test_what_no_tape_watches_is_named(traced: Tracer, program: str, kinds: list[tuple[str, str]]) -> None:
    found, places = traced(program)
    assert found.kinds == kinds
    assert found.places == places


@breaks(OVERWRITTEN)
def test_what_took_the_place_of_a_variable_is_named(traced: Tracer, program: str, kinds: list[tuple[str, str]]) -> None:
    found, places = traced(program)
    assert found.kinds == kinds
    assert found.places == places


@breaks(MANY_QUESTIONS)
def test_the_break_of_a_later_question_is_named(traced: Tracer, program: str, kinds: list[tuple[str, str]]) -> None:
    found, places = traced(program)
    assert found.kinds == kinds
    assert found.places == places


def test_a_question_to_a_used_up_tape(traced: Tracer) -> None:
    found, places = traced(
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w * x * u)
        tape.gradient(loss, [w])
        «tape.gradient(loss, [u])»
        """
    )
    assert (found.kinds, found.places) == ([("tape-used-up", "gradient")], places)


def test_an_empty_list_of_sources(traced: Tracer) -> None:
    found, places = traced(
        """
        model = keras.Sequential()
        «weights = model.trainable_variables»
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w)
        tape.gradient(loss, weights)
        """
    )
    assert (found.kinds, found.places) == ([("no-sources", "gradient")], places)
