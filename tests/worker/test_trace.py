"""A traced run names the expression at which the path from the target to its sources is lost, on real TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from gradfix.breaks import Trace
from gradfix.look.diagnose import trace_of
from gradfix.prove.proof import broken_in
from gradfix.run.lab import Lab, Seen, subject_of
from gradfix.run.messages import Entry, Limits, Request
from gradfix.run.pool import Pool

HEAD = """\
import numpy as np
import tensorflow as tf
import keras
w = tf.Variable([1.0, 2.0], name="w")
u = tf.Variable([3.0, 4.0], name="u")
x = tf.constant([0.5, -1.5])
"""


@dataclass(frozen=True)
class Found:
    """What was found of a program's first broken request. `places` are texts: line and range, cut out of the file."""

    trace: Trace
    request: Request
    look: Seen

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """Kind and operation of each break, in the order of their places."""
        return [(b.kind, b.operation) for b in self._sorted]

    @property
    def places(self) -> list[tuple[str, int, int, int, int]]:
        """File, line, column, end line and end column of each break, in that order."""
        here = [b.place for b in self._sorted]
        return [(Path(p.path).name, p.line, p.column, p.end_line, p.end_column) for p in here]

    @property
    def _sorted(self) -> list:  # type: ignore[type-arg]
        return sorted(self.trace.breaks, key=lambda b: (b.place.path, b.place.line, b.place.column))


Tracer = Callable[..., tuple[Found, list[tuple[str, int, int, int, int]]]]


def marked(name: str, text: str) -> tuple[str, list[tuple[str, int, int, int, int]]]:
    """A text without its marks, and the ranges that stood between « and », in order."""
    starts: list[tuple[int, int]] = []
    places: list[tuple[str, int, int, int, int]] = []
    plain, line, column = [], 1, 1
    for character in text:
        if character == "«":
            starts.append((line, column))
        elif character == "»":
            places.append((name, *starts.pop(), line, column))
        else:
            plain.append(character)
            line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
    return "".join(plain), sorted(places)


@pytest.fixture
def traced(tmp_path: Path, pool: Pool) -> Tracer:
    """Gives a function that runs and traces a program; what it gives back has the marked places beside it."""

    def run(text: str, head: str = HEAD, **modules: str) -> tuple[Found, list[tuple[str, int, int, int, int]]]:
        if "keras.ops" in text and pool.versions().keras < "3":
            pytest.skip("keras.ops came with Keras 3")
        expected = []
        for name, module in modules.items():
            plain, places = marked(f"{name}.py", dedent(module))
            (tmp_path / f"{name}.py").write_text(plain)
            expected += places
        plain, places = marked("train.py", head + dedent(text))
        path = tmp_path / "train.py"
        path.write_text(plain)
        lab = Lab(pool, subject_of(str(path)), Limits(()))
        texts = {str(path): plain}
        look = lab.look(Entry(), texts)
        request = broken_in(look)
        assert request is not None, look.written.trouble or "no gradient is missing"
        trace = trace_of(lab.trace(look, request, texts), request, texts)
        return Found(trace, request, look), sorted(expected + places)

    return run


# Each case: a sentence, the program, and kind and operation of each marked place.
BREAKS: list[tuple[str, str, list[tuple[str, str]]]] = [
    # ---------------------------------------------------------------- left TensorFlow
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
    # ---------------------------------------------------------------- lists, dicts, loops
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
    # ---------------------------------------------------------------- helpers, closures, layers, classes
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
    # ---------------------------------------------------------------- outside the tape
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
    # ---------------------------------------------------------------- stopped
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
    # ---------------------------------------------------------------- not differentiable
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
    # ---------------------------------------------------------------- wrong dtype
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
    # ---------------------------------------------------------------- unwatched
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
    # ---------------------------------------------------------------- overwritten
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
    # ---------------------------------------------------------------- two and more
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
    # ---------------------------------------------------------------- persistent and nested tapes, later steps
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


@pytest.mark.parametrize(("program", "kinds"), [pytest.param(p, k, id=name) for name, p, k in BREAKS])
def test_the_break_is_named(
    traced: Tracer,
    program: str,
    kinds: list[tuple[str, str]],
) -> None:
    found, places = traced(program)
    assert found.kinds == kinds
    assert found.places == places


def test_a_break_in_a_local_module_is_named(
    traced: Tracer,
) -> None:
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


NEVER_USED = [
    (
        "a loss that ignores its predictions names the parameter",
        """
        def my_loss(y_true, y_pred):
            return tf.reduce_mean(tf.square(y_true))
        with tf.GradientTape() as tape:
            loss = «my_loss(x, w * x)»
        tape.gradient(loss, [w])
        """,
        "the target does not depend on the sources: `my_loss` never uses its `y_pred`",
    ),
    (
        "a method that ignores what it is given",
        """
        class Losses:
            def hinge(self, predictions, margin=1.0):
                return tf.constant(margin) * 2.0
        losses = Losses()
        with tf.GradientTape() as tape:
            loss = «losses.hinge(w * x)»
        tape.gradient(loss, [w])
        """,
        "the target does not depend on the sources: `.hinge()` never uses its `predictions`",
    ),
    (
        "a target of constants",
        """
        with tf.GradientTape() as tape:
            y = w * x
            loss = «tf.reduce_sum(x)»
        tape.gradient(loss, [w])
        """,
        "the target does not depend on the sources",
    ),
    (
        "a loss that is overwritten in a loop",
        """
        with tf.GradientTape() as tape:
            loss = 0.0
            for v in (w, x):
                loss = «tf.reduce_sum(v * 2.0)»
        tape.gradient(loss, [w])
        """,
        "the target does not depend on the sources",
    ),
]


@pytest.mark.parametrize(("program", "message"), [pytest.param(p, m, id=name) for name, p, m in NEVER_USED])
def test_a_target_that_does_not_depend_on_the_sources(traced: Tracer, program: str, message: str) -> None:
    found, places = traced(program)
    assert [b.kind for b in found.trace.breaks] == ["never-used"]
    assert found.places == places
    assert found.trace.breaks[0].message == message


def test_what_the_target_does_depend_on_is_told(
    traced: Tracer,
) -> None:
    found, _ = traced(
        """
        labels = tf.constant([1.0, 0.0])
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(labels - x))
        tape.gradient(loss, [w])
        """
    )
    assert found.trace.depends == ("tf.constant([0.5, -1.5])", "tf.constant([1.0, 0.0])")


def test_a_second_break_shows_when_the_first_is_mended(
    traced: Tracer,
) -> None:
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


def test_the_missing_sources_alone_are_followed(
    traced: Tracer,
) -> None:
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


def test_a_question_to_a_used_up_tape(
    traced: Tracer,
) -> None:
    found, places = traced(
        """
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w * x * u)
        tape.gradient(loss, [w])
        «tape.gradient(loss, [u])»
        """
    )
    assert (found.kinds, found.places) == ([("tape-used-up", "gradient")], places)


def test_an_empty_list_of_sources(
    traced: Tracer,
) -> None:
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


def test_a_loop_of_many_turns_is_followed_in_its_first_ones(
    traced: Tracer,
) -> None:
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
