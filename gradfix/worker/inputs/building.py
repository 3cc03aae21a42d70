"""Builds the values that specs describe: the same numbers at every run."""

from __future__ import annotations

import functools
import random
import types
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from .specs import Namespace, Spec


def rng_for(name: str) -> np.random.Generator:
    """The number generator of one name: the same at every run."""
    return np.random.Generator(np.random.PCG64(zlib.crc32(name.encode("utf-8"))))


def resolve(namespace: Namespace, name: str) -> Any:
    """The object that a dotted name of the module stands for."""
    first, *rest = name.split(".")
    return functools.reduce(getattr, rest, namespace[first])


def build(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    """Make the value that `spec` describes."""
    try:
        builder = _BUILDERS[spec["kind"]]
    except KeyError:
        raise ValueError(f"unknown kind of made-up value: {spec.get('kind')!r}") from None
    return builder(spec, namespace, rng)


def build_args(args: Mapping[str, Spec], namespace: Namespace) -> dict[str, Any]:
    """Make the values of several named arguments."""
    return {name: build(spec, namespace, rng_for(name)) for name, spec in args.items()}


def _delivered(array: np.ndarray[Any, Any], spec: Spec) -> Any:
    dtype = tf.as_dtype(spec.get("dtype", "float32"))
    if spec.get("as") == "array":
        return array if dtype == tf.string else array.astype(dtype.as_numpy_dtype)
    if dtype == tf.string:
        return tf.constant(array.tolist())
    tensor = tf.constant(array.astype(dtype.as_numpy_dtype))
    return tf.Variable(tensor) if spec.get("as") == "variable" else tensor


def _tensor(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    dtype = tf.as_dtype(spec.get("dtype", "float32"))
    shape = tuple(spec["shape"])
    low, high = spec.get("low", 0), spec.get("high")
    if dtype == tf.string:
        return _delivered(np.full(shape, "word", dtype=object), spec)
    if dtype == tf.bool:
        return _delivered(rng.integers(0, 2, size=shape), spec)
    if dtype.is_integer:
        return _delivered(rng.integers(low, 2 if high is None else high, size=shape), spec)
    return _delivered(np.asarray(rng.uniform(low, 1.0 if high is None else high, size=shape)), spec)


def _one_hot(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    *rows, classes = spec["shape"]
    return _delivered(np.eye(classes)[rng.integers(0, classes, size=tuple(rows))], spec)


def _call(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    made = resolve(namespace, spec["name"])(**build_args(spec.get("args", {}), namespace))
    for step in spec.get("then", ()):
        getattr(made, step["name"])(**build_args(step.get("args", {}), namespace))
    if "item" in spec:
        return made[spec["item"]]
    return picked(made, spec["pick"]) if spec.get("pick") else made


def picked(made: Any, name: str) -> Any:
    """The inner function called `name` out of what its factory returned."""
    parts = made.values() if isinstance(made, dict) else made if isinstance(made, (tuple, list)) else (made,)
    functions = [part for part in parts if callable(part)]
    for function in functions:
        if getattr(getattr(function, "python_function", function), "__name__", "") == name:
            return function
    if len(functions) == 1:
        return functions[0]
    raise LookupError(f"the factory did not return {name}")


def _name(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    found = resolve(namespace, spec["name"])
    return found[: spec["rows"]] if "rows" in spec else found


def _first(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    element = next(iter(resolve(namespace, spec["name"])))
    return functools.reduce(lambda part, key: part[key], spec["path"], element)


def _optimizer(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    return getattr(tf.keras.optimizers, spec.get("name", "SGD"))(spec.get("learning_rate", 0.01))


def _loss(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    return getattr(tf.keras.losses, spec.get("name", "MeanSquaredError"))(**spec.get("options", {}))


def _model(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    state = random.getstate()  # Keras draws the seeds of its initializers from here
    try:
        layers, shape, dtype = tf.keras.layers, tuple(spec.get("input", (8,))), spec.get("dtype", "float32")
        stack = [tf.keras.Input(shape, dtype=dtype)]
        if len(shape) != 1:
            stack.append(layers.Flatten(dtype=dtype))
        stack += [layers.Dense(8, activation="tanh", dtype=dtype), layers.Dense(spec.get("output", 1), dtype=dtype)]
        return tf.keras.Sequential(stack)
    finally:
        random.setstate(state)


def _batches(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    elements = [build(spec["element"], namespace, rng) for _ in range(spec.get("count", 2))]
    if spec.get("as") == "list":
        return elements
    parts = [tf.data.Dataset.from_tensors(_tuples(element)) for element in elements]
    return functools.reduce(lambda joined, part: joined.concatenate(part), parts)


def _tuples(value: Any) -> Any:
    """Lists as tuples: a dataset would stack a list into one tensor."""
    if isinstance(value, (list, tuple)):
        return tuple(_tuples(part) for part in value)
    return {key: _tuples(part) for key, part in value.items()} if isinstance(value, dict) else value


def _items(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    made = [build(item, namespace, rng) for item in spec["items"]]
    return tuple(made) if spec["kind"] == "tuple" else made


def _dict(spec: Spec, namespace: Namespace, rng: np.random.Generator) -> Any:
    return {key: build(item, namespace, rng) for key, item in spec["items"].items()}


_BUILDERS: dict[str, Callable[[Spec, Namespace, np.random.Generator], Any]] = {
    "tensor": _tensor,
    "one_hot": _one_hot,
    "value": lambda spec, namespace, rng: spec["value"],
    "bag": lambda spec, namespace, rng: types.SimpleNamespace(**_dict(spec, namespace, rng)),
    "shape": lambda spec, namespace, rng: tuple(spec["value"]),
    "name": _name,
    "first": _first,
    "call": _call,
    "optimizer": _optimizer,
    "loss": _loss,
    "model": _model,
    "batches": _batches,
    "tuple": _items,
    "list": _items,
    "dict": _dict,
}
