"""A break is named where it is: in a helper, a layer, a class, another module, the function of a graph."""

from __future__ import annotations

import pytest

from tests.worker.trace.conftest import Row, Tracer, breaks

HELPERS: list[Row] = [
    (
        "a helper that is called by a helper",
        """
        def inner(e):
            return «np.abs(e)»
        def outer(a, b):
            e = a - b
            return tf.reduce_mean(inner(e))
        with tf.GradientTape() as tape:
            loss = outer(w, x)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.abs")],
    ),
    (
        "a closure",
        """
        def make(scale):
            def loss(v):
                return tf.reduce_sum(«np.exp(v)» * scale)
            return loss
        f = make(2.0)
        with tf.GradientTape() as tape:
            loss = f(w)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.exp")],
    ),
    (
        "a lambda",
        """
        f = lambda v: tf.reduce_sum(«np.sqrt(v)»)
        with tf.GradientTape() as tape:
            loss = f(w)
        tape.gradient(loss, [w])
        """,
        [("left-tensorflow", "np.sqrt")],
    ),
    (
        "a layer's call",
        """
        class Scale(keras.layers.Layer):
            def build(self, shape):
                self.k = self.add_weight(shape=(2,), initializer="ones", name="k")
            def call(self, v):
                return v * «np.asarray(self.k)»
        layer = Scale()
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(x[None]))
        tape.gradient(loss, layer.trainable_variables)
        """,
        [("left-tensorflow", "np.asarray")],
    ),
    (
        "a layer in a model",
        """
        class Cut(keras.layers.Layer):
            def call(self, v):
                return tf.constant(«v.numpy()»)
        model = keras.Sequential([keras.layers.Dense(2), Cut()])
        model.build((1, 2)) if False else None
        with tf.GradientTape() as tape:
            y = x[None]
            for layer in model.layers:
                y = layer(y)
            loss = tf.reduce_sum(y)
        tape.gradient(loss, model.layers[0].trainable_variables)
        """,
        [("left-tensorflow", ".numpy()")],
    ),
    (
        "a Lambda layer",
        """
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.d = keras.layers.Dense(2)
                self.cut = keras.layers.Lambda(lambda v: «tf.stop_gradient(v)»)
            def call(self, v):
                return self.cut(self.d(v))
        net = Net()
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(net(x[None]))
        tape.gradient(loss, net.trainable_variables)
        """,
        [("stopped", "tf.stop_gradient")],
    ),
    (
        "a method of a class",
        """
        class Trainer:
            def __init__(self):
                self.v = w
            @staticmethod
            def size(v):
                return «np.sum(v)»
            def loss(self):
                return tf.convert_to_tensor(self.size(self.v * 2.0))
            def step(self):
                with tf.GradientTape() as tape:
                    loss = self.loss()
                return tape.gradient(loss, [self.v])
        Trainer().step()
        """,
        [("left-tensorflow", "np.sum")],
    ),
    (
        "a model's train_step under fit",
        """
        class Net(keras.Model):
            def __init__(self):
                super().__init__()
                self.d = keras.layers.Dense(1)
            def call(self, v):
                return self.d(v)
            def train_step(self, data):
                a, b = data
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean(«np.square(self(a) - b)»)
                grads = tape.gradient(loss, self.trainable_variables)
                self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
                return {"loss": loss}
        net = Net()
        net.compile("sgd", run_eagerly=True)
        net.fit(np.ones((4, 2), "float32"), np.ones((4, 1), "float32"), verbose=0)
        """,
        [("left-tensorflow", "np.square")],
    ),
]


@breaks(HELPERS)
def test_the_break_in_a_helper_is_named(traced: Tracer, program: str, kinds: list[tuple[str, str]]) -> None:
    found, places = traced(program)
    assert found.kinds == kinds
    assert found.places == places


def test_a_break_in_a_local_module_is_named(traced: Tracer) -> None:
    found, places = traced(
        """
        import helper
        from layers import Cut
        with tf.GradientTape() as tape:
            loss = helper.loss(w, x) + tf.reduce_sum(Cut()(u))
        tape.gradient(loss, [w, u])
        """,
        helper="""
            import numpy as np
            import tensorflow as tf
            def loss(a, b):
                größe = "ä"; e = «np.subtract(a, b)»
                return tf.reduce_sum(e)
        """,
        layers="""
            import keras
            import tensorflow as tf
            class Cut(keras.layers.Layer):
                def call(self, v):
                    return «tf.stop_gradient(v)»
        """,
    )
    assert found.kinds == [("left-tensorflow", "np.subtract"), ("stopped", "tf.stop_gradient")]
    assert found.places == places


GRAPHS = [
    (
        "a NumPy function of a symbolic tensor",
        """
        @tf.function
        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(«np.square(w * x)»)
            return tape.gradient(loss, [w])
        step()
        """,
        "NotImplementedError",
        ("left-tensorflow", "np.square"),
    ),
    (
        ".numpy() of a symbolic tensor",
        """
        @tf.function
        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(«(w * x).numpy()»)
            return tape.gradient(loss, [w])
        step()
        """,
        "AttributeError",
        ("left-tensorflow", ".numpy()"),
    ),
    (
        "a helper that the graph's function calls",
        """
        def loss_of(v):
            return tf.reduce_sum(«np.abs(v)»)
        @tf.function
        def step(v):
            with tf.GradientTape() as tape:
                loss = loss_of(w * v)
            return tape.gradient(loss, [w])
        step(x)
        """,
        "NotImplementedError",
        ("left-tensorflow", "np.abs"),
    ),
    (
        "a graph that is traced and gives None",
        """
        @tf.function
        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(«tf.round(w)»)
            return tape.gradient(loss, [w])[0] is None
        step()
        """,
        "",
        ("not-differentiable", "tf.round"),
    ),
]


@pytest.mark.parametrize(("program", "error", "kind"), [pytest.param(*case[1:], id=case[0]) for case in GRAPHS])
def test_a_graph_leads_to_the_same_finding(
    traced: Tracer,
    program: str,
    error: str,
    kind: tuple[str, str],
) -> None:
    found, places = traced(program)
    assert (found.look.written.trouble.type if found.look.written.trouble else "") == error
    assert found.look.written is not found.look.eager
    assert (found.kinds, found.places) == ([kind], places)
