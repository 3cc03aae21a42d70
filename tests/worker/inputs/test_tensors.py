"""What is made up for the tensors of a function: shapes, types, structures."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("tensorflow")

from gradfix.worker import inputs

PlanFor = Callable[..., inputs.Plan]

pytestmark = pytest.mark.filterwarnings("ignore")


def test_images_and_sparse_labels(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_input_signature(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_dict_batch(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_tuple_batch(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_functional_model_with_embeddings(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_subclassed_unbuilt_model_through_a_factory(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_physics_residual(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_saliency_with_an_optional_class(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_segmentation_with_whole_number_masks(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_sequence_of_tokens(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_float64(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_a_dataset(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_targets_by_the_keys_of_the_outputs(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_generator_noise_and_a_batch_size_of_the_module(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_an_image_that_must_be_an_array(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_helpers_are_followed(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_what_the_module_itself_feeds_it(plan_for: PlanFor) -> None:
    plan = plan_for(
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
