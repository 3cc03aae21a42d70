"""What the syntax tree tells of a parameter."""

from __future__ import annotations

import ast
import textwrap

import pytest

pytest.importorskip("tensorflow")

from gradfix.worker.inputs import definitions, following, roles, uses


def of(source: str, qualname: str = "step") -> dict[str, uses.Use]:
    tree = ast.parse(textwrap.dedent(source))
    chain = definitions.find(tree, qualname)
    owner = chain[-2] if len(chain) > 1 and isinstance(chain[-2], ast.ClassDef) else None
    function = chain[-1]
    assert isinstance(function, definitions.Function)
    return following.uses_of(tree, function, owner)


def roles_of(source: str, qualname: str = "step") -> dict[str, str]:
    return {name: roles.role(use) for name, use in of(source, qualname).items()}


def test_models_optimizers_losses_and_tensors() -> None:
    assert roles_of("""
        def step(net, tuner, criterion, x, y):
            with tf.GradientTape() as tape:
                loss = criterion(y, net(x))
            tuner.apply_gradients(zip(tape.gradient(loss, net.trainable_variables), net.trainable_variables))
    """) == {"net": "model", "tuner": "optimizer", "criterion": "loss", "x": "tensor", "y": "tensor"}


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ("for x, y in p: f(x, y)", "dataset"),
        ("for x in p.take(2): f(x)", "dataset"),
        ("x, y = p", "tuple"),
        ("f(p['a'], p['b'])", "dict"),
        ("for i in range(p): f(i)", "scalar"),
        ("net.get_layer(p)", "layer name"),
        ("s = net(x)[:, p]", "scalar"),
        ("keras.layers.Dense(p)", "scalar"),
        ("f(p.hidden_units, p.depth)", "object"),
        ("loss = tf.reduce_mean((p - net(x)) ** 2)", "tensor"),
        ("f(tf.one_hot(p, 3))", "tensor"),
        ("p.minimize(lambda: 1)", "optimizer"),
        ("f(p[0], p[1])", "tuple"),
        ("x, y = unpack_x_y_sample_weight(p)", "tuple"),
    ],
)
def test_roles(body: str, role: str) -> None:
    assert roles_of(f"def step(p):\n    {body}")["p"] == role


@pytest.mark.parametrize(
    ("note", "role"),
    [("keras.Model", "model"), ("tf.Tensor", "tensor"), ("int", "scalar"), ("tf.data.Dataset", "dataset")],
)
def test_annotations(note: str, role: str) -> None:
    assert roles_of(f"def step(p: {note}): pass")["p"] == role


def test_parts_have_the_names_that_the_code_gives_them() -> None:
    batch = of("def step(batch):\n    pixels, kinds = batch\n    net(pixels)")["batch"]
    assert [batch.parts[i].name for i in (0, 1)] == ["pixels", "kinds"]
    assert batch.parts[0].fed == [("net", (0,))]


def test_feeding_through_casts_lists_and_dicts() -> None:
    found = of("""
        def step(a, b, c):
            a = tf.cast(a, tf.float32)
            self_net([tf.convert_to_tensor(a), b])
            net.predict({"text": c})
    """)
    assert found["a"].fed[-1] == ("self_net", (0, 0))
    assert found["b"].fed[-1] == ("self_net", (0, 1))
    assert found["c"].fed[-1] == ("net", (0, "text"))


def test_helpers_of_the_module_are_followed() -> None:
    found = of("""
        def forward(values):
            return net(values / 2)

        def error(truth, guess):
            return tf.reduce_mean(tf.square(truth - guess))

        def step(x, y):
            return error(y, forward(x))
    """)
    assert found["x"].fed[-1][0] == "net"
    assert ("Sub", uses.Out("net")) in found["y"].targets


def test_methods_and_what_a_constructor_keeps_are_followed() -> None:
    source = """
        class Coach:
            def __init__(self, thing, other):
                self.thing, self.other = thing, other

            def _forward(self, v):
                return self.thing(v)

            def learn(self, x):
                loss = self._forward(x)
                self.other.apply_gradients([])
                return tape.gradient(loss, self.thing.trainable_variables)
    """
    assert roles_of(source, "Coach.__init__") == {"thing": "model", "other": "optimizer"}
    assert of(source, "Coach.learn")["x"].fed == [("self.thing", (0,))]


def test_the_parts_of_an_output_and_what_became_of_them() -> None:
    found = of("""
        def step(x, a, b, c):
            mean, spread = net(x)
            f = a - spread
            g = tf.equal(b, tf.argmax(net(x), -1))
            h = cross(c, net(x)["kind"])
    """)
    assert found["a"].targets == [("Sub", uses.Out("net", (1,)))]
    assert found["b"].targets == [("tf.equal", uses.Out("net", (), frozenset({"argmax"})))]
    assert found["c"].targets == [("cross", uses.Out("net", ("kind",)))]


def test_a_cast_of_another_value_to_its_type() -> None:
    found = of("def step(x, y):\n    e = tf.cast(net(x), y.dtype)\n    return y - e")
    assert "casts others" in found["y"].flags


def test_finding_nested_definitions() -> None:
    tree = ast.parse("class A:\n    def b(self):\n        def c(): pass\n        return c\n")
    assert [getattr(node, "name", "") for node in definitions.find(tree, "A.b.<locals>.c")] == ["A", "b", "c"]
    assert definitions.find(tree, "A.z") == []


def test_a_slice_beside_an_index_takes_a_batch_apart() -> None:
    batch = of("def step(batch):\n    pair, same = batch[:2], batch[2]\n    loss = cross(same, net(pair))")["batch"]
    assert roles.role(batch) == "tuple"
    assert batch.parts[1].fed == [("net", (0, 1))]
    assert batch.parts[2].targets == [("cross", uses.Out("net"))]
