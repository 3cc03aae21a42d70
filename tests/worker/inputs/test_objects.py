"""What is made up besides tensors: receivers, models, optimizers, plain values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("tensorflow")

from gradfix.worker import inputs

PlanFor = Callable[..., inputs.Plan]

pytestmark = pytest.mark.filterwarnings("ignore")


def test_model_and_optimizer_out_of_a_factory_with_arguments(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_method_of_a_trainer_whose_constructor_takes_a_model(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_train_step_of_a_keras_model_that_a_factory_compiles(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_train_step_of_a_keras_model_that_nothing_compiles(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_the_inner_step_of_a_factory(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_teacher_and_student(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_a_method_must_fill_the_memory_first(plan_for: PlanFor) -> None:
    plan = plan_for(
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


def test_a_module_without_keras(plan_for: PlanFor) -> None:
    plan = plan_for(
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
    assert plan.arguments["y"]["shape"] == [4, 1], "other shapes are broadcast in silence"
    assert plan.arguments["learning_rate"] == {"kind": "value", "value": 0.01}


def test_a_loss_function_as_a_parameter(plan_for: PlanFor) -> None:
    plan_for(
        """
        def build_model(input_shape, num_classes):
            return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(num_classes)])

        def step(model, loss_fn, optimizer, x, y):
            with tf.GradientTape() as tape:
                loss = loss_fn(y, model(x))
            optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    """,
    )


def test_a_configuration_object(plan_for: PlanFor) -> None:
    plan = plan_for(
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
