"""Made-up values: the same at every run, told to the user in one line, and no global random state touched."""

from __future__ import annotations

import random
import types
from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from gradfix.worker.inputs import building, telling  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")


def made(spec: dict[str, Any], name: str = "x", **namespace: Any) -> Any:
    return building.build(spec, namespace, building.rng_for(name))


FLOATS = {"kind": "tensor", "dtype": "float32", "shape": [4, 3]}
INTS = {"kind": "tensor", "dtype": "int32", "shape": [50], "low": 0, "high": 7}


def test_the_same_name_gives_the_same_values_and_another_name_others() -> None:
    assert np.array_equal(made(FLOATS), made(FLOATS))
    assert not np.array_equal(made(FLOATS), made(FLOATS, "y"))


def test_global_random_states_stay_as_they_are() -> None:
    before = random.getstate(), np.random.get_state()[1].copy()  # type: ignore[union-attr]
    made(FLOATS)
    made({"kind": "model", "input": [4, 4, 1], "output": 2})
    assert random.getstate() == before[0]
    assert np.array_equal(np.random.get_state()[1], before[1])  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "uint8", "bool", "string"])
def test_types(dtype: str) -> None:
    value = made({"kind": "tensor", "dtype": dtype, "shape": [2, 2]})
    assert tf.is_tensor(value)
    assert value.dtype == tf.as_dtype(dtype)
    assert value.shape == (2, 2)


def test_bounds_of_whole_numbers_exclude_the_upper() -> None:
    assert set(np.asarray(made(INTS))) == set(range(7))


def test_bounds_of_floats() -> None:
    value = np.asarray(made({**FLOATS, "low": -2.0, "high": -1.0}))
    assert value.min() >= -2.0
    assert value.max() <= -1.0


def test_arrays_and_variables() -> None:
    assert isinstance(made({**FLOATS, "as": "array"}), np.ndarray)
    assert isinstance(made({**FLOATS, "as": "variable"}), tf.Variable)


def test_one_hot_rows_hold_a_single_one() -> None:
    value = np.asarray(made({"kind": "one_hot", "dtype": "float32", "shape": [2, 5, 3]}))
    assert value.shape == (2, 5, 3)
    assert np.array_equal(value.sum(-1), np.ones((2, 5)))


def test_names_and_their_rows() -> None:
    holder = types.SimpleNamespace(data=np.arange(10))
    assert made({"kind": "name", "name": "holder.data"}, holder=holder) is holder.data
    assert list(made({"kind": "name", "name": "holder.data", "rows": 2}, holder=holder)) == [0, 1]


def test_calls_with_arguments_then_methods() -> None:
    class Box:
        def __init__(self, size: int) -> None:
            self.size, self.full = size, False

        def fill(self, what: int) -> None:
            self.full = what == 3

    then = [{"name": "fill", "args": {"what": {"kind": "value", "value": 3}}}]
    spec = {"kind": "call", "name": "Box", "args": {"size": {"kind": "value", "value": 2}}, "then": then}
    assert made(spec, Box=Box).size == 2
    assert made(spec, Box=Box).full
    assert telling.describe("self", spec) == "self: Box(size=2), then .fill(...)"


def test_an_inner_function_is_picked_by_its_name() -> None:
    def make() -> tuple[Any, Any]:
        def other() -> int:
            return 1

        @tf.function
        def step() -> int:
            return 2

        return other, step

    assert made({"kind": "call", "name": "make", "args": {}, "pick": "step"}, make=make)() == 2
    with pytest.raises(LookupError):
        made({"kind": "call", "name": "make", "args": {}, "pick": "nothing"}, make=make)


def test_structures_and_batches() -> None:
    pair = {
        "kind": "tuple",
        "items": [{"kind": "list", "items": [FLOATS, FLOATS]}, {"kind": "dict", "items": {"y": INTS}}],
    }
    value = made(pair)
    assert isinstance(value, tuple)
    assert isinstance(value[0], list)
    assert value[1]["y"].shape == (50,)
    assert len(list(made({"kind": "batches", "element": pair, "count": 3}))) == 3
    listed = made({"kind": "batches", "element": FLOATS, "count": 2, "as": "list"})
    assert isinstance(listed, list)
    assert not np.array_equal(listed[0], listed[1])


def test_objects_of_keras() -> None:
    assert isinstance(made({"kind": "optimizer", "name": "Adam"}), tf.keras.optimizers.Adam)
    assert isinstance(made({"kind": "loss", "name": "Huber"}), tf.keras.losses.Huber)
    assert made({"kind": "model", "input": [4, 4, 1], "output": 2}).output_shape == (None, 2)
    assert made({"kind": "bag", "items": {"lr": {"kind": "value", "value": 0.1}}}).lr == 0.1


@pytest.mark.parametrize(
    ("spec", "line"),
    [
        ({"kind": "tensor", "dtype": "float32", "shape": [4, 28, 28, 1]}, "x: float32[4, 28, 28, 1] (made up)"),
        ({"kind": "tensor", "dtype": "int32", "shape": [4], "high": 10}, "x: int32[4] < 10"),
        ({"kind": "one_hot", "shape": [4, 3]}, "x: one-hot float32[4, 3] (made up)"),
        ({"kind": "optimizer", "name": "SGD"}, "x: SGD"),
        ({"kind": "value", "value": "conv1"}, "x: 'conv1'"),
        ({"kind": "call", "name": "make", "args": {"n": {"kind": "value", "value": 7}}}, "x: make(n=7)"),
        ({"kind": "batches", "element": FLOATS, "count": 2}, "x: 2 batches of float32[4, 3]"),
        ({"kind": "tuple", "items": [FLOATS, INTS]}, "x: (float32[4, 3], int32[50] < 7)"),
    ],
)
def test_lines_for_the_user(spec: dict[str, Any], line: str) -> None:
    assert telling.describe("x", spec) == line


def test_an_unknown_kind() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        made({"kind": "mystery"})
