"""The search for made-up inputs, on steps of many shapes. TensorFlow runs in this process."""

from __future__ import annotations

import ast
import json
import sys
import textwrap
import traceback
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

tf = pytest.importorskip("tensorflow")

from gradfix.worker import invent  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


@dataclass
class Bench:
    """Loads a text as a module and attempts calls into it, as the worker does."""

    path: str
    source: str
    requests: int = 0
    attempts: int = 0

    def load(self) -> dict[str, Any]:
        module = types.ModuleType("made_up_user_module")
        module.__file__ = self.path
        sys.modules[module.__name__] = module
        exec(compile(self.source, self.path, "exec"), module.__dict__)
        return module.__dict__

    def attempt(self, thunk: Callable[[], Any]) -> invent.Outcome:
        before, error = self.requests, None
        self.attempts += 1
        try:
            thunk()
        except Exception as e:
            error = e
        frames = traceback.extract_tb(error.__traceback__) if error else []
        lines = tuple((frame.filename, frame.lineno or 0) for frame in frames if frame.filename == self.path)
        return invent.Outcome(self.requests > before, error, lines)

    def search(self, qualname: str, seconds: float = 20.0) -> invent.Plan | invent.Stuck:
        return invent.invent(ast.parse(self.source), qualname, self.load, self.attempt, seconds)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Bench]]:
    benches: list[Bench] = []
    original = tf.GradientTape.gradient

    def gradient(tape: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1).f_code.co_filename
        for one in benches:
            one.requests += caller == one.path
        return original(tape, *args, **kwargs)

    monkeypatch.setattr(tf.GradientTape, "gradient", gradient)

    def make(source: str) -> Bench:
        path = tmp_path / "training.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        benches.append(Bench(str(path), path.read_text(encoding="utf-8")))
        return benches[-1]

    tf.config.run_functions_eagerly(True)
    yield make
    tf.config.run_functions_eagerly(False)


def plan_for(bench: Callable[[str], Bench], source: str, qualname: str = "step") -> invent.Plan:
    """The plan that is found; it survives JSON, and it still reaches the tape from a fresh module."""
    one = bench("import numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras\n" + textwrap.dedent(source))
    found = one.search(qualname)
    assert isinstance(found, invent.Plan), found
    again = invent.Plan.from_json(json.loads(json.dumps(found.to_json())))
    before = one.requests
    invent.perform(again, one.load(), times=2)
    assert one.requests >= before + 2
    assert all(isinstance(line, str) for line in again.describe())
    return again


def test_images_and_sparse_labels(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        net = keras.Sequential([keras.Input((14, 14, 2)), keras.layers.Flatten(), keras.layers.Dense(6)])
        opt = keras.optimizers.SGD(0.1)
        cross = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

        def step(pixels, kind):
            with tf.GradientTape() as tape:
                loss = cross(kind, net(pixels, training=True))
            opt.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
    """,
    )
    assert plan.arguments["pixels"]["shape"] == [4, 14, 14, 2]
    assert plan.arguments["kind"] == {"kind": "tensor", "dtype": "int32", "shape": [4], "low": 0, "high": 6}
    assert plan.describe() == ["pixels: float32[4, 14, 14, 2] (made up)", "kind: int32[4] < 6"]


def test_model_and_optimizer_out_of_a_factory_with_arguments(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        def make_tower(units, n_classes=5):
            a = keras.Input((9,))
            return keras.Model(a, keras.layers.Dense(n_classes, "softmax")(keras.layers.Dense(units)(a)))

        def step(model, optimizer, batch_x, batch_y):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(keras.losses.categorical_crossentropy(batch_y, model(batch_x)))
            optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    """,
    )
    assert plan.arguments["model"]["name"] == "make_tower"
    assert plan.arguments["optimizer"]["kind"] == "optimizer"
    assert plan.arguments["batch_y"]["kind"] == "one_hot"
    assert plan.arguments["batch_y"]["shape"] == [4, 5]
    assert plan.describe()[:2] == ["model: make_tower(units=8)", "optimizer: SGD"]


def test_input_signature(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        w = tf.Variable(tf.ones([11, 2]))

        @tf.function(input_signature=[tf.TensorSpec([None, 11], tf.float32), tf.TensorSpec([None], tf.int64)])
        def step(a, b):
            with tf.GradientTape() as tape:
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(b, a @ w)
            return tape.gradient(loss, w)
    """,
    )
    assert plan.arguments["a"]["shape"] == [4, 11]
    assert plan.arguments["b"]["dtype"] == "int64"


def test_dict_batch(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        net = keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)])

        def step(batch):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((net(batch["features"]) - batch["price"]) ** 2 * batch["weight"][:, None])
            return tape.gradient(loss, net.trainable_variables)
    """,
    )
    items = plan.arguments["batch"]["items"]
    assert items["features"]["shape"] == [4, 5]
    assert items["price"]["shape"] == [4, 1]
    assert items["weight"]["shape"] == [4]


def test_tuple_batch(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        net = keras.Sequential([keras.Input((6, 2)), keras.layers.LSTM(3), keras.layers.Dense(2)])
        huber = keras.losses.Huber()

        def step(batch):
            series, future = batch
            with tf.GradientTape() as tape:
                loss = huber(future, net(series))
            return tape.gradient(loss, net.trainable_variables)
    """,
    )
    assert [item["shape"] for item in plan.arguments["batch"]["items"]] == [[4, 6, 2], [4, 2]]


def test_functional_model_with_embeddings(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        who = keras.Input((1,), dtype="int32", name="who")
        what = keras.Input((1,), dtype="int32", name="what")
        left = keras.layers.Flatten()(keras.layers.Embedding(13, 3)(who))
        right = keras.layers.Flatten()(keras.layers.Embedding(7, 3)(what))
        net = keras.Model([who, what], keras.layers.Dot(1)([left, right]))

        def step(inputs, stars):
            with tf.GradientTape() as tape:
                loss = keras.losses.MeanSquaredError()(stars, net(inputs))
            return tape.gradient(loss, net.trainable_variables)
    """,
    )
    assert [item["high"] for item in plan.arguments["inputs"]["items"]] == [13, 7]
    assert plan.arguments["stars"]["shape"] == [4, 1]


def test_subclassed_unbuilt_model_through_a_factory(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        class Shy(keras.Model):
            def __init__(self, classes):
                super().__init__()
                self.conv = keras.layers.Conv2D(4, 3, strides=4)
                self.flat = keras.layers.Flatten()
                self.head = keras.layers.Dense(classes)

            def call(self, x, training=False):
                return self.head(self.flat(self.conv(x)))

        def build():
            return Shy(3)

        def step(model, optimizer, samples, labels):
            with tf.GradientTape() as tape:
                logits = model(samples, training=True)
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    """,
    )
    assert len(plan.arguments["samples"]["shape"]) == 4
    assert plan.arguments["labels"]["high"] == 3


def test_method_of_a_trainer_whose_constructor_takes_a_model(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        def tower():
            return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])

        class Coach:
            def __init__(self, net, optimizer, clip=1.0):
                self.net, self.optimizer, self.clip = net, optimizer, clip
                self.loss = keras.losses.MeanAbsoluteError()

            def learn(self, a, b):
                with tf.GradientTape() as tape:
                    loss = self.loss(b, self.net(a))
                grads = tape.gradient(loss, self.net.trainable_variables)
                self.optimizer.apply_gradients(zip(grads, self.net.trainable_variables))
    """,
        "Coach.learn",
    )
    assert plan.receiver is not None
    assert plan.receiver["args"]["net"]["name"] == "tower"
    assert plan.arguments["a"]["shape"] == [4, 3]
    assert plan.arguments["b"]["shape"] == [4, 2]


def test_train_step_of_a_keras_model_that_a_factory_compiles(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        class Own(keras.Model):
            def __init__(self):
                super().__init__()
                self.d = keras.layers.Dense(1)

            def call(self, x):
                return self.d(x)

            def train_step(self, data):
                x, y = data
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean(tf.square(y - self(x)))
                grads = tape.gradient(loss, self.trainable_variables)
                self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
                return {"loss": loss}

        def compiled():
            m = Own()
            m.compile(optimizer="sgd")
            return m
    """,
        "Own.train_step",
    )
    assert plan.receiver == {"kind": "call", "name": "compiled", "args": {}}
    assert plan.arguments["data"]["kind"] == "tuple"
    assert plan.arguments["data"]["items"][1]["shape"] == [4, 1]


def test_train_step_of_a_keras_model_that_nothing_compiles(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        class Own(keras.Model):
            def __init__(self):
                super().__init__()
                self.d = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])

            def call(self, x):
                return self.d(x)

            def train_step(self, data):
                x, y = data
                with tf.GradientTape() as tape:
                    loss = self.compute_loss(y=y, y_pred=self(x))
                grads = tape.gradient(loss, self.trainable_variables)
                self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
                return {"loss": loss}
    """,
        "Own.train_step",
    )
    assert plan.receiver is not None
    assert plan.receiver["then"][0]["name"] == "compile"


def test_physics_residual(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        net = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)])

        def step(x, t):
            with tf.GradientTape(persistent=True) as tape:
                tape.watch([x, t])
                u = net(tf.concat([x, t], axis=1))
            return tape.gradient(u, t) + u * tape.gradient(u, x)
    """,
    )
    assert plan.arguments["x"]["shape"] == plan.arguments["t"]["shape"] == [4, 1]


def test_saliency_with_an_optional_class(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        net = keras.Sequential([keras.Input((12, 12, 3)), keras.layers.Flatten(), keras.layers.Dense(4)])

        def step(image, class_index=None):
            x = tf.Variable(np.asarray(image, np.float32)[None] if np.ndim(image) == 3 else image)
            with tf.GradientTape() as tape:
                scores = net(x)
                if class_index is None:
                    class_index = int(tf.argmax(scores[0]))
                score = scores[:, class_index]
            return tape.gradient(score, x)
    """,
    )
    assert plan.arguments["image"]["shape"][-3:] == [12, 12, 3]
    assert "class_index" not in plan.arguments


def test_segmentation_with_whole_number_masks(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        a = keras.Input((8, 8, 1))
        net = keras.Model(a, keras.layers.Conv2D(3, 1)(a))
        cross = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

        def step(scan, truth):
            with tf.GradientTape() as tape:
                loss = cross(truth, net(scan))
            return tape.gradient(loss, net.trainable_variables)
    """,
    )
    assert plan.arguments["truth"] == {"kind": "tensor", "dtype": "int32", "shape": [4, 8, 8], "low": 0, "high": 3}


def test_sequence_of_tokens(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        class Reader(keras.Model):
            def __init__(self, vocab_size):
                super().__init__()
                self.e = keras.layers.Embedding(vocab_size, 4)
                self.r = keras.layers.GRU(5, return_sequences=True)
                self.d = keras.layers.Dense(vocab_size)

            def call(self, x):
                return self.d(self.r(self.e(x)))

        reader = Reader(17)
        cross = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

        def step(tokens):
            before, after = tokens[:, :-1], tokens[:, 1:]
            with tf.GradientTape() as tape:
                loss = cross(after, reader(before))
            return tape.gradient(loss, reader.trainable_variables)
    """,
    )
    assert plan.arguments["tokens"]["dtype"].startswith("int")
    assert plan.arguments["tokens"]["high"] <= 17
    assert len(plan.arguments["tokens"]["shape"]) == 2


def test_float64(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        w = tf.Variable(np.ones((5, 1)))

        def step(x, y):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((tf.matmul(x, w) - y) ** 2)
            return tape.gradient(loss, w)
    """,
    )
    assert plan.arguments["x"]["dtype"] == "float64"
    assert plan.arguments["x"]["shape"] == [4, 5]


def test_a_dataset(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

        def step(dataset, epochs, lr):
            optimizer = keras.optimizers.SGD(lr)
            for _ in range(epochs):
                for x, y in dataset.take(1):
                    with tf.GradientTape() as tape:
                        loss = tf.reduce_mean(keras.losses.binary_crossentropy(y, tf.sigmoid(net(x))))
                    grads = tape.gradient(loss, net.trainable_variables)
                    optimizer.apply_gradients(zip(grads, net.trainable_variables))
    """,
    )
    assert plan.arguments["dataset"]["kind"] == "batches"
    assert plan.arguments["dataset"]["element"]["items"][0]["shape"] == [4, 3]
    assert plan.arguments["epochs"] == {"kind": "value", "value": 2}
    assert plan.arguments["lr"] == {"kind": "value", "value": 0.01}


def test_the_inner_step_of_a_factory(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        def build():
            return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])

        def make_step(model, optimizer):
            loss_fn = keras.losses.MeanSquaredError()

            @tf.function
            def inner(x, y):
                with tf.GradientTape() as tape:
                    loss = loss_fn(y, model(x))
                grads = tape.gradient(loss, model.trainable_variables)
                optimizer.apply_gradients(zip(grads, model.trainable_variables))
                return loss

            return inner, loss_fn
    """,
        "make_step.<locals>.inner",
    )
    assert plan.receiver is not None
    assert plan.receiver["pick"] == "inner"
    assert plan.arguments["x"]["shape"] == [4, 3]
    assert plan.arguments["y"]["shape"] == [4, 2]


def test_targets_by_the_keys_of_the_outputs(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        a = keras.Input((4,))
        net = keras.Model(a, {"size": keras.layers.Dense(1)(a), "kind": keras.layers.Dense(3)(a)})
        cross = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        LOSSES = {"size": keras.losses.MeanSquaredError(), "kind": cross}

        def step(x, y_true):
            with tf.GradientTape() as tape:
                out = net(x)
                loss = tf.add_n([LOSSES[key](y_true[key], out[key]) for key in LOSSES])
            return tape.gradient(loss, net.trainable_variables)
    """,
    )
    items = plan.arguments["y_true"]["items"]
    assert items["size"]["shape"] == [4, 1]
    assert items["kind"]["dtype"] == "int32"


def test_teacher_and_student(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        def make_teacher():
            return keras.Sequential([keras.Input((6,)), keras.layers.Dense(9), keras.layers.Dense(3)])

        def make_student():
            return keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])

        def step(student, teacher, x, optimizer=None):
            soft = tf.nn.softmax(teacher(x))
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(soft, student(x)))
            return tape.gradient(loss, student.trainable_variables)
    """,
    )
    assert plan.arguments["student"]["name"] == "make_student"
    assert plan.arguments["teacher"]["name"] == "make_teacher"


def test_a_method_must_fill_the_memory_first(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        class Agent:
            def __init__(self, n_obs=3):
                self.n_obs, self.seen = n_obs, []
                self.q = keras.Sequential([keras.Input((n_obs,)), keras.layers.Dense(2)])

            def explore(self, moves=20):
                for _ in range(moves):
                    self.note(np.random.rand(self.n_obs))

            def note(self, obs):
                self.seen.append(obs)

            def replay(self, size=8):
                x = np.stack([self.seen[i] for i in range(size)]).astype("float32")
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean(self.q(x) ** 2)
                return tape.gradient(loss, self.q.trainable_variables)
    """,
        "Agent.replay",
    )
    assert plan.receiver is not None
    assert plan.receiver["then"][0]["name"] == "explore"


def test_generator_noise_and_a_batch_size_of_the_module(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        BATCH_SIZE = 6
        generator = keras.Sequential([keras.Input((5,)), keras.layers.Dense(4)])
        critic = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])

        def step(real, noise):
            fake = generator(noise)
            mix = tf.random.uniform([BATCH_SIZE, 1])
            between = mix * real + (1 - mix) * fake
            with tf.GradientTape() as tape:
                tape.watch(between)
                score = critic(between)
            return tape.gradient(score, between)
    """,
    )
    assert plan.arguments["real"]["shape"] == [6, 4]
    assert plan.arguments["noise"]["shape"] == [6, 5]


def test_an_image_that_must_be_an_array(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        net = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])

        def step(photo, rounds=2):
            photo = photo.astype("float32") / 255.0
            x = tf.convert_to_tensor(photo.reshape(-1, 8, 8, 3))
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = tf.reduce_sum(net(x)[:, 0])
            return tape.gradient(loss, x)
    """,
    )
    assert plan.arguments["photo"]["as"] == "array"


def test_a_module_without_keras(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        class Line(tf.Module):
            def __init__(self):
                super().__init__()
                self.w = tf.Variable(tf.ones([3, 1]))
                self.b = tf.Variable([0.0])

            def __call__(self, x):
                return tf.matmul(x, self.w) + self.b

        def step(model, x, y, learning_rate):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(y - model(x)))
            for g, v in zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables):
                v.assign_sub(learning_rate * g)
    """,
    )
    assert plan.arguments["model"]["name"] == "Line"
    assert plan.arguments["x"]["shape"] == [4, 3]


def test_helpers_are_followed(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        encoder = keras.Sequential([keras.Input((10,)), keras.layers.Dense(3)])

        def embed(batch):
            return encoder(tf.cast(batch, tf.float32))

        def triplet(anchor, positive, negative):
            near = tf.reduce_sum((embed(anchor) - embed(positive)) ** 2, -1)
            far = tf.reduce_sum((embed(anchor) - embed(negative)) ** 2, -1)
            return tf.reduce_mean(tf.maximum(near - far + 1.0, 0.0))

        def step(a, p, n):
            with tf.GradientTape() as tape:
                loss = triplet(a, p, n)
            return tape.gradient(loss, encoder.trainable_variables)
    """,
    )
    assert {tuple(spec["shape"]) for spec in plan.arguments.values()} == {(4, 10)}


def test_a_loss_function_as_a_parameter(bench: Callable[[str], Bench]) -> None:
    plan_for(
        bench,
        """
        def build_model(input_shape, num_classes):
            return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(num_classes)])

        def step(model, loss_fn, optimizer, x, y):
            with tf.GradientTape() as tape:
                loss = loss_fn(y, model(x))
            optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    """,
    )


def test_a_step_that_fails_after_its_gradients_is_reached(bench: Callable[[str], Bench]) -> None:
    one = bench("""
        import tensorflow as tf
        w = tf.Variable(1.0)

        def step(x):
            with tf.GradientTape() as tape:
                loss = tf.constant(2.0)
            return tape.gradient(loss, w) * 2.0
    """)
    assert isinstance(one.search("step"), invent.Plan)
    assert one.attempts < 12


def test_stuck_says_what_to_give(bench: Callable[[str], Bench]) -> None:
    one = bench("""
        def step(gizmo):
            raise RuntimeError("no way " + gizmo.frobnicate())
    """)
    found = one.search("step", seconds=5)
    assert isinstance(found, invent.Stuck)
    assert "step" in found.reason
    assert "docstring" in found.reason
    missing = one.search("nothing")
    assert isinstance(missing, invent.Stuck)


def test_what_the_module_itself_feeds_it(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        net = keras.Sequential([keras.layers.Dense(3)])
        train_ds = tf.data.Dataset.from_tensor_slices((np.ones((8, 7), "f"), np.ones(8, "i"))).batch(2)
        cross = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

        def step(x, y):
            with tf.GradientTape() as tape:
                loss = cross(y, net(x))
            return tape.gradient(loss, net.trainable_variables)

        def main():
            for number, (features, kinds) in enumerate(train_ds.take(3)):
                step(features, kinds)
        """,
    )
    assert plan.arguments["x"] == {"kind": "first", "name": "train_ds", "path": [0]}
    assert plan.arguments["y"] == {"kind": "first", "name": "train_ds", "path": [1]}


def test_a_configuration_object(bench: Callable[[str], Bench]) -> None:
    plan = plan_for(
        bench,
        """
        class Trainer:
            def __init__(self, args):
                self.net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(args.hidden)])
                self.optimizer = keras.optimizers.SGD(args.lr)

            def learn(self, x):
                with tf.GradientTape() as tape:
                    loss = tf.reduce_sum(self.net(x))
                grads = tape.gradient(loss, self.net.trainable_variables)
                self.optimizer.apply_gradients(zip(grads, self.net.trainable_variables))
        """,
        "Trainer.learn",
    )
    assert plan.receiver is not None
    assert plan.receiver["args"]["args"]["kind"] == "bag"
