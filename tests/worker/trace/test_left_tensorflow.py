"""A value that leaves TensorFlow is named where it leaves: in an expression, in a loop, into a list or a dict."""

from __future__ import annotations

from tests.worker.trace.conftest import Row, Tracer, breaks

EXPRESSIONS: list[Row] = [
    (
        "a NumPy function in the loss",
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(«np.square(w)»)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.square")],
    ),
    (
        "a NumPy function that was imported by its name",
        """
        from numpy import abs as absolute
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(«absolute(w * 2.0)»)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.abs")],
    ),
    (
        "a method that gives an array",
        """
        with tf.GradientTape() as tape:
            y = «(w * x).numpy()»
            loss = tf.reduce_sum(y ** 2)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", ".numpy()")],
    ),
    (
        "float of a tensor",
        """
        with tf.GradientTape() as tape:
            loss = tf.constant(«float(tf.reduce_sum(w))») * 2.0
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "float")],
    ),
    (
        "a target that is a Python float",
        """
        with tf.GradientTape() as tape:
            loss = «float(tf.reduce_sum(w))» * 2.0
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "float")],
    ),
    (
        "a target that is an array",
        """
        with tf.GradientTape() as tape:
            loss = «np.mean(w * x)»
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.mean")],
    ),
    (
        "a model's predict",
        """
        model = keras.Sequential([keras.layers.Dense(1)])
        model.build((None, 2))
        with tf.GradientTape() as tape:
            p = «model.predict(x[None], verbose=0)»
            loss = tf.reduce_mean(tf.square(p))
        tape.gradient(loss, model.trainable_variables)
        """,
        [("left-tensorflow", ".predict()")],
    ),
    (
        "np.where with other things around it that are harmless",
        """
        with tf.GradientTape() as tape:
            e = w - x
            weight = np.where(x > 0, 2.0, 1.0)
            tall = np.max(e)
            loss = tf.reduce_sum(weight * «np.where(e > 0, e, -e)»)
            print(float(loss), tall)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.where")],
    ),
    (
        "an expression over several lines after letters of two bytes",
        """
        with tf.GradientTape() as tape:
            größe = "äöü", «np.multiply(
                w,
                2.0,
            )»
            loss = tf.reduce_sum(größe[1])
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.multiply")],
    ),
    (
        "numpy_function",
        """
        with tf.GradientTape() as tape:
            y = «tf.numpy_function(lambda a: a * np.float32(2), [w * 1.0], tf.float32)»
            loss = tf.reduce_sum(y)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "tf.numpy_function")],
    ),
    (
        "numpy_function whose function is given nothing and looks at the variable itself",
        """
        seen = []
        def play():
            for _ in range(3):
                seen.append((w * x).numpy())
            return np.sum(seen)
        with tf.GradientTape() as tape:
            loss = «tf.numpy_function(play, [], tf.float32)» * 2.0
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "tf.numpy_function")],
    ),
    (
        "py_function whose function leaves TensorFlow",
        """
        def double(a):
            return a.numpy() * 2
        with tf.GradientTape() as tape:
            y = «tf.py_function(double, [w * 1.0], tf.float32)»
            loss = tf.reduce_sum(y)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "tf.py_function")],
    ),
]

LISTS_AND_LOOPS: list[Row] = [
    (
        "a mean that is appended in a loop",
        """
        losses = []
        with tf.GradientTape() as tape:
            for i in range(3):
                losses.append(«np.mean(w * float(i))»)
            loss = tf.reduce_sum(losses)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.mean")],
    ),
    (
        "a list comprehension",
        """
        with tf.GradientTape() as tape:
            parts = [«np.sum(w * k)» for k in (1.0, 2.0)]
            loss = tf.add_n([tf.constant(p) for p in parts])
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.sum")],
    ),
    (
        "a generator expression with a condition",
        """
        with tf.GradientTape() as tape:
            loss = tf.constant(0.0)
            for part in («np.sum(w * k)» for k in (1.0, 2.0) if k > 1):
                loss = loss + part
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.sum")],
    ),
    (
        "a dict of losses, of which one leaves",
        """
        with tf.GradientTape() as tape:
            losses = {"label": tf.reduce_sum(x), "fit": «np.linalg.norm(w)»}
            loss = losses["label"] + losses["fit"]
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.linalg.norm")],
    ),
    (
        "a dict comprehension",
        """
        with tf.GradientTape() as tape:
            parts = {name: «np.max(w * k)» for name, k in (("a", 1.0), ("b", 2.0))}
            loss = tf.reduce_sum(list(parts.values()))
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.max")],
    ),
    (
        "a sum in a dict's item",
        """
        total = {"loss": 0.0}
        with tf.GradientTape() as tape:
            for i in range(3):
                total["loss"] += «np.mean(w * float(i))»
            loss = tf.convert_to_tensor(total["loss"])
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.mean")],
    ),
    (
        "a sum in an attribute",
        """
        class Total:
            value = 0.0
        total = Total()
        with tf.GradientTape() as tape:
            for i in range(3):
                total.value += «float(tf.reduce_sum(w))»
            loss = tf.convert_to_tensor(total.value)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "float")],
    ),
    (
        "an array that is filled item by item",
        """
        out = np.zeros(2, "float32")
        with tf.GradientTape() as tape:
            for i in range(2):
                out[i] = «float(w[i] * 2.0)»
            loss = tf.reduce_sum(out)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "float")],
    ),
    (
        "an array that takes a tensor",
        """
        out = np.zeros((2, 2), "float32")
        with tf.GradientTape() as tape:
            for i in range(2):
                «out[i] = w * 2.0»
            loss = tf.reduce_sum(out)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "")],
    ),
    (
        "a while loop",
        """
        with tf.GradientTape() as tape:
            y, n = w, 0
            while n < 3:
                y = «np.tanh(y)» if n == 1 else tf.tanh(y)
                n += 1
            loss = tf.reduce_sum(y)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.tanh")],
    ),
    (
        "a tuple that is taken apart",
        """
        def both(v):
            return tf.reduce_sum(v), «np.prod(v)»
        with tf.GradientTape() as tape:
            _, loss = both(w * 2.0)
            loss = tf.constant(loss)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.prod")],
    ),
]


@breaks(EXPRESSIONS)
def test_the_expression_that_leaves_is_named(traced: Tracer, program: str, kinds: list[tuple[str, str]]) -> None:
    found, places = traced(program)
    assert found.kinds == kinds
    assert found.places == places


@breaks(LISTS_AND_LOOPS)
def test_what_leaves_on_its_way_through_a_loop_is_named(
    traced: Tracer, program: str, kinds: list[tuple[str, str]]
) -> None:
    found, places = traced(program)
    assert found.kinds == kinds
    assert found.places == places
