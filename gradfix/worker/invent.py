"""Makes up inputs for a function that nothing calls, until it gets as far as asking a tape for gradients.

First what is an object (the receiver, models, optimizers, scalars), then, for each choice of those, tensors: an
ordered list of candidates for each, best first, with TensorFlow's own complaints as the guide.
"""

from __future__ import annotations

import ast
import contextlib
import heapq
import inspect
import itertools
import json
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from . import specs, uses
from .specs import Spec
from .uses import Use

MOST_ATTEMPTS = 80
_EXPECTED = re.compile(
    r"non-persistent GradientTape|No gradients provided|NoneType|None values not supported|None for gradient"
    r"|gradients? (?:is|are) None"
)


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt. `lines` are the places of the user's frames of the error, innermost last."""

    reached: bool
    error: BaseException | None
    lines: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Plan:
    """How to call the function: on which receiver (or out of which factory), with which made-up arguments."""

    qualname: str
    receiver: Spec | None
    arguments: dict[str, Spec]

    def to_json(self) -> dict[str, Any]:
        return {"qualname": self.qualname, "receiver": self.receiver, "arguments": self.arguments}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Plan:
        return Plan(data["qualname"], data["receiver"], dict(data["arguments"]))

    def describe(self) -> list[str]:
        """What was made up, a line for each value."""
        label = "factory" if "<locals>" in self.qualname else "self"
        lines = [specs.describe(label, self.receiver)] if self.receiver else []
        return lines + [specs.describe(name, spec) for name, spec in self.arguments.items()]


@dataclass(frozen=True)
class Stuck:
    """Why no inputs were found, in one sentence, and what the user can give."""

    reason: str


def target(plan: Plan, namespace: Mapping[str, Any]) -> tuple[Callable[..., Any], Any]:
    """The function that the plan calls, and its receiver, made afresh."""
    *_, last = plan.qualname.split(".")
    if plan.receiver is None:
        return specs.resolve(namespace, plan.qualname), None
    receiver = specs.build(plan.receiver, namespace, specs.rng_for("self"))
    return (receiver if "<locals>" in plan.qualname else getattr(receiver, last)), receiver


def call_with(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Calls with values by position as far as the signature goes in their order, the rest by name."""
    rest = dict(values)
    args = []
    with contextlib.suppress(TypeError, ValueError):
        for name, parameter in inspect.signature(function).parameters.items():
            if name not in rest or parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
                break
            args.append(rest.pop(name))
    return function(*args, **rest)


def perform(plan: Plan, namespace: Mapping[str, Any], times: int = 2) -> Any:
    """Builds the values of the plan and calls its function `times` times. Gives what the last call returned."""
    function, receiver = target(plan, namespace)  # a tf.function holds its receiver by a weak reference only
    values = specs.build_args(plan.arguments, namespace)
    result = None
    for _ in range(times):
        result = call_with(function, values)
    del receiver
    return result


def invent(
    tree: ast.Module,
    qualname: str,
    load: Callable[[], dict[str, Any]],
    attempt: Callable[[Callable[[], Any]], Outcome],
    limit_seconds: float = 20.0,
) -> Plan | Stuck:
    """Searches for a plan with which `qualname` asks a tape for gradients, and best also ends without an error."""
    chain = uses.find(tree, qualname)
    if not chain or not isinstance(chain[-1], uses.Function):
        return Stuck(f"there is no function {qualname} in this file")
    try:
        return _Search(tree, qualname, chain, load, attempt, limit_seconds).run()
    except Exception as e:  # looking at the objects of user code can raise anything
        said = (str(e).splitlines() or [""])[0][:120]
        return Stuck(f"looking for inputs of {qualname} ended with {type(e).__name__}: {said}; call it in the file")


# ---------------------------------------------------------------------------------------------- what the module offers


def _is_model(value: Any) -> bool:
    if isinstance(value, (type, tf.keras.optimizers.Optimizer, tf.keras.metrics.Metric)):
        return False
    return isinstance(value, (tf.keras.layers.Layer, tf.Module)) and not isinstance(value, tf.Variable)


def _words(name: str) -> set[str]:
    split = re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
    return {word.rstrip("s") for word in re.split(r"[_\W\d]+", split) if word} - {"make", "build", "get", "create"}


def _flat_layers(layer: Any) -> list[Any]:
    return list(layer._flatten_layers()) if hasattr(layer, "_flatten_layers") else [layer]


class _Objects:
    """Models, optimizers, losses, receivers and plain values, out of what the module has."""

    def __init__(self, tree: ast.Module, skip: uses.Function, attempt: Callable[[Callable[[], Any]], Outcome]) -> None:
        self.tree, self.skip, self.attempt = tree, skip, attempt
        self.namespace: dict[str, Any] = {}
        self.deepest = 0
        self.pictures = False
        self.failure = ""
        self._makers: list[tuple[Spec, Any]] | None = None

    def made(self, spec: Spec) -> Any:
        """What a spec builds, or None."""
        box: list[Any] = []
        outcome = self.attempt(lambda: box.append(specs.build(spec, self.namespace, specs.rng_for("self"))))
        if not box and outcome.error:
            self.failure = f"{specs.describe('it', spec)[4:]} raises {type(outcome.error).__name__}"
        return box[0] if box else None

    def constants(self) -> dict[str, Any]:
        return {name: value for name, value in self.namespace.items() if isinstance(value, (int, float, tuple))}

    def models(self) -> list[tuple[Spec, Any]]:
        """Every model that the module has or can make, with how to get it: live ones, factories, classes."""
        if self._makers is not None:
            return self._makers
        self._makers = found = [
            ({"kind": "name", "name": name}, value)
            for name, value in list(self.namespace.items())
            if _is_model(value) and not name.startswith("__")
        ]
        classes = [node for node in self.tree.body if isinstance(node, ast.ClassDef)]
        likely = r"Model\b|Sequential\b|Input\(|applications|load_model" + "".join(rf"|\b{c.name}\(" for c in classes)
        for node in self.tree.body:
            if isinstance(node, uses.Function) and node is not self.skip:
                text = ast.unparse(node)
                known = "".join(rf"|\b{spec['name']}\(" for spec, _ in found if spec["kind"] == "call")
                if re.search(likely + known, text) and not re.search(r"GradientTape|\.fit\(|yield|\.minimize\(", text):
                    self._add(found, node.name, node, None)
        for owner in classes:
            cls = self.namespace.get(owner.name)
            if isinstance(cls, type) and issubclass(cls, (tf.keras.layers.Layer, tf.Module)):
                self._add(found, owner.name, uses.methods(self.tree, owner).get("__init__"), owner)
        nodes = [
            node for node in self.tree.body if isinstance(node, (uses.Function, ast.ClassDef)) and node is not self.skip
        ]
        parts = {  # what other makers are made of is rarely what a step wants
            uses.dotted(call.func)
            for node in nodes
            if any(spec["name"] == node.name for spec, _ in found)
            for call in ast.walk(node)
            if isinstance(call, ast.Call) and uses.dotted(call.func) != node.name
        }
        found.sort(key=lambda one: (one[0]["name"] in parts, not isinstance(one[1], tf.keras.Model)))
        return found

    def plain(self) -> list[tuple[Spec, Any]]:
        """Objects of the module's other classes: live ones, and what their constructors make."""
        found: list[tuple[Spec, Any]] = []
        for owner in (node for node in self.tree.body if isinstance(node, ast.ClassDef)):
            cls = self.namespace.get(owner.name)
            if isinstance(cls, type) and not issubclass(cls, (tf.keras.layers.Layer, tf.Module, BaseException)):
                live = [({"kind": "name", "name": n}, v) for n, v in self.namespace.items() if isinstance(v, cls)]
                init = uses.methods(self.tree, owner).get("__init__")
                for args in itertools.islice(self.arguments(owner.name, init, owner) if not live else (), 2):
                    spec: Spec = {"kind": "call", "name": owner.name, "args": args}
                    if (value := self.made(spec)) is not None:
                        live.append((spec, value))
                        break
                found += live
        return found

    def _add(
        self, found: list[tuple[Spec, Any]], name: str, code: uses.Function | None, owner: ast.ClassDef | None
    ) -> None:
        for args in self.arguments(name, code, owner):
            spec = {"kind": "call", "name": name, "args": args}
            value = self.made(spec)
            if _is_model(value):
                found.append((spec, value))
                return
            if isinstance(value, (tuple, list)) and any(_is_model(part) for part in value):
                found += [({**spec, "item": i}, part) for i, part in enumerate(value) if _is_model(part)]
                return

    def arguments(
        self, name: str, code: uses.Function | None, owner: ast.ClassDef | None = None
    ) -> Iterator[dict[str, Spec]]:
        """Ways to fill the required parameters of a factory or class, the likeliest first."""
        if code is None or self.deepest > 3:
            yield {}
            return
        self.deepest += 1
        try:
            wanted = {key: use for key, use in uses.uses_of(self.tree, code, owner).items() if not use.optional}
            text = ast.unparse(code)
            options = {
                key: self._written(name, code, key, owner) + self.options(use, text) for key, use in wanted.items()
            }
        finally:
            self.deepest -= 1
        yield from _mixtures({key: found or [{"kind": "value", "value": 4}] for key, found in options.items()}, 8)

    def _written(self, name: str, code: uses.Function, key: str, owner: ast.ClassDef | None) -> list[Spec]:
        """What the file itself gives for a parameter where it calls the factory, so far as it is a plain value."""
        order = list(uses.parameters(code, owner is not None))
        found: list[Spec] = []
        for call in ast.walk(self.tree):
            if isinstance(call, ast.Call) and uses.dotted(call.func) == name:
                given = dict(zip(order, call.args, strict=False)) | {
                    str(word.arg): word.value for word in call.keywords
                }
                with contextlib.suppress(ValueError, TypeError):
                    node = given.get(key)
                    held = self.namespace.get(node.id) if isinstance(node, ast.Name) else ast.literal_eval(node or "")
                    if isinstance(held, (int, float, str)):
                        found.append({"kind": "value", "value": held})
                    elif isinstance(held, tuple) and all(isinstance(part, int) for part in held):
                        found.append({"kind": "shape", "value": list(held)})
        return found

    def options(self, use: Use, text: str = "") -> list[Spec]:
        """Candidates for a parameter that wants an object or a plain value; empty for one that wants tensors."""
        kind = uses.role(use)
        if kind in ("model", "object"):
            models = self.models() if kind == "model" else []
            ranked = [one for one in models if all(hasattr(one[1], trait) for trait in use.attributes)]
            ranked = (
                ranked
                or [one for one in self.plain() if all(hasattr(one[1], trait) for trait in use.attributes)]
                or models
            )
            ranked = sorted(ranked, key=lambda one: -len(_words(one[0]["name"]) & _words(use.name)))
            if kind == "object" and not ranked:
                items = {trait: _scalars(Use((trait,)), self.constants(), text)[0] for trait in sorted(use.attributes)}
                return [{"kind": "bag", "items": items}]
            made_up: Spec = {"kind": "model", "input": [28, 28, 1] if self.pictures else [8], "output": 1}
            return [spec for spec, _ in ranked] or [made_up]
        if kind == "optimizer":
            return [{"kind": "optimizer", "name": "SGD"}, {"kind": "optimizer", "name": "Adam"}]
        if kind == "loss":
            return self._losses()
        if kind == "layer name":
            layers = [layer for _, model in self.models() for layer in _flat_layers(model) if layer is not model]
            layers.sort(key=lambda layer: "conv" not in type(layer).__name__.lower())
            return [{"kind": "value", "value": layer.name} for layer in layers[:8]]
        return _scalars(use, self.constants(), text) if kind == "scalar" else []

    def _losses(self) -> list[Spec]:
        own: list[Spec] = []
        for name, value in self.namespace.items():
            function = callable(value) and "loss" in name.lower() and not isinstance(value, type)
            if isinstance(value, tf.keras.losses.Loss) or function:
                own.append({"kind": "name", "name": name})
            elif (
                isinstance(value, type) and issubclass(value, tf.keras.losses.Loss) and value.__module__[:5] != "keras"
            ):
                own.append({"kind": "call", "name": name, "args": {}})
        sparse: Spec = {"kind": "loss", "name": "SparseCategoricalCrossentropy", "options": {"from_logits": True}}
        return [*own, {"kind": "loss", "name": "MeanSquaredError"}, sparse]

    def receivers(self, owner: ast.ClassDef) -> list[Spec]:
        """Ways to get an instance of a class: one that the module has, a factory which returns one, its constructor."""
        cls = self.namespace.get(owner.name)
        if not isinstance(cls, type):
            return []
        found: list[Spec] = [{"kind": "name", "name": n} for n, v in self.namespace.items() if isinstance(v, cls)]
        for node in self.tree.body:
            text = ast.unparse(node)
            if isinstance(node, uses.Function) and node is not self.skip and re.search(rf"\b{owner.name}\(", text):
                for args in itertools.islice(self.arguments(node.name, node), 2):
                    spec: Spec = {"kind": "call", "name": node.name, "args": args}
                    if not re.search(r"GradientTape|\.fit\(", text) and isinstance(self.made(spec), cls):
                        found.append(spec)
                        break
        for args in self.arguments(owner.name, uses.methods(self.tree, owner).get("__init__"), owner):
            spec = {"kind": "call", "name": owner.name, "args": args}
            if self.made(spec) is not None:
                compiled = issubclass(cls, tf.keras.Model)
                found += [*self._compiled(spec, owner), spec] if compiled else [spec]
        return found

    def _compiled(self, spec: Spec, owner: ast.ClassDef) -> list[Spec]:
        own = uses.methods(self.tree, owner).get("compile")
        args: dict[str, Spec] = {"optimizer": {"kind": "optimizer"}, "loss": {"kind": "value", "value": "mse"}}
        ways = itertools.islice(self.arguments("compile", own, owner), 2) if own else [args]
        return [{**spec, "then": [{"name": "compile", "args": way}]} for way in ways]

    def prepared(self, spec: Spec, owner: ast.ClassDef, wanted: set[str]) -> list[Spec]:
        """The receiver after a method that fills what the step found missing in it."""
        own = uses.methods(self.tree, owner)
        fills = {name: _filled(node) for name, node in own.items()}
        for _ in range(2):
            for name, node in own.items():
                called = {uses.dotted(call.func)[5:] for call in ast.walk(node) if isinstance(call, ast.Call)}
                fills[name] |= {attr for other in called if other in fills for attr in fills[other]}
        ways: list[tuple[int, Spec]] = []
        for name, node in own.items():
            required = [use for use in uses.parameters(node, True).values() if not use.optional]
            if fills[name] & wanted and name != "__init__" and node is not self.skip and not node.args.vararg:
                for args in itertools.islice(self.arguments(name, node, owner), 1):
                    then = [*spec.get("then", ()), {"name": name, "args": args}]
                    ways.append((len(required), {**spec, "then": then}))
        return [way for _, way in sorted(ways, key=lambda one: one[0])]


def _filled(node: ast.AST) -> set[str]:
    """The attributes of self that a method assigns or adds to."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and uses.dotted(part.value) == "self":
            found.add(part.attr)
        elif isinstance(part, ast.Call) and re.fullmatch(
            r"self\.\w+\.(append|extend|add|update|put|push)", uses.dotted(part.func)
        ):
            found.add(uses.dotted(part.func).split(".")[1])
    return found


def _mixtures(options: dict[str, list[Spec]], most: int) -> Iterator[dict[str, Spec]]:
    """Choices of one candidate for each name, those with the fewest later candidates first."""
    ranks = itertools.product(*(range(min(len(found), 4)) for found in options.values()))
    for rank in itertools.islice(
        sorted(itertools.islice(ranks, 4096), key=lambda r: (sum(r), max(r, default=0))), most
    ):
        yield {name: found[i] for (name, found), i in zip(options.items(), rank, strict=True)}


def _scalars(use: Use, constants: Mapping[str, Any], text: str = "") -> list[Spec]:
    """Plain Python values by name."""
    name = use.name.lower()
    found: list[Any] = [constants[key] for key in (use.name.upper(), use.name) if key in constants]
    if "shape" in name:
        conv = [[28, 28, 1], [32, 32, 3]] if "Conv" in text else []
        return [{"kind": "shape", "value": shape} for shape in [*conv, [8], [28, 28, 1], [8, 4]]]
    for pattern, values in (
        (r"epoch|step|iter|round|repeat", [2]), (r"batch", [4]), (r"^lr$|learning_rate|_lr$", [0.01]), (r"seed", [0]),
        (r"class|action|label|categor", [3, 10]), (r"vocab|token|user|item", [20]),
        (r"(img|image)_?size|^size|height|resolution", [32, 8]), (r"index|idx|map|unit_?no|channel_?no", [0, 1]),
        (r"dropout|rate|weight|alpha|beta|gamma|tau|eps|coef|lambda|ratio", [0.1, 1]),
        (r"training|verbose|from_logits|^is_|^use_", [True, False]), (r"activation", ["relu"]), (r"name", ["made_up"]),
        (r"temperature|scale", [2.0]), (r"dim|hidden|units|filters|features|channels|latent", [8, 4]),
    ):  # fmt: skip
        if re.search(pattern, name):
            found += values
            break
    if use.annotation.startswith("str"):
        found.append("made_up")
    values = [*found, *([0, 1] if "index" in use.flags else []), 4, 0.5, 1]
    return [{"kind": "value", "value": v} for i, v in enumerate(values) if v not in values[:i] or isinstance(v, bool)]


# ------------------------------------------------------------------------------------------------ candidate tensors


def _floats(shape: tuple[int, ...] | list[int], dtype: str = "float32", **more: Any) -> Spec:
    return {"kind": "tensor", "dtype": dtype, "shape": list(shape), **more}


def _ints(shape: tuple[int, ...] | list[int], high: int, dtype: str = "int32") -> Spec:
    return {"kind": "tensor", "dtype": dtype, "shape": list(shape), "low": 0, "high": max(int(high), 1)}


_IMAGES = re.compile(r"image|img|photo|picture|frame|face|pixel|^pic")
_WHOLE = re.compile(r"(^|_)(ids?|tokens?|users?|items?|words?|seqs?|sequences?|ind(ex|ices)|idx|actions?|class(es)?)$")
_LABELS = re.compile(r"label|target|^y$|^ys?_|y_true|truth|class|answer|actual|_y$")
_OPERATIONS = {kind.__name__ for kind in (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult)} | {"compare", "+"}
_ROWS = re.compile(r"mask|weight|reward|done|length|rating|advantage|score")


@dataclass
class Known:
    """What attempts have taught: the shapes that come out of each callee, and of whatever was called last."""

    outputs: dict[str, Any] = field(default_factory=dict)
    order: list[Any] = field(default_factory=list)


class _Tensors:
    """Candidates for a value that is a tensor, or a structure of tensors fed to a model with several inputs."""

    def __init__(self, objects: _Objects, batch: int, text: str, comments: str, tree: ast.Module) -> None:
        self.objects, self.batch, self.text, self.comments = objects, batch, text, comments
        self.source, self.tree = ast.unparse(tree), tree
        self.signature: dict[str, Spec] = {}

    def thing(self, name: str, live: Mapping[str, Any]) -> Any:
        first, *rest = name.replace("()", "").split(".")
        found = live.get(first, self.objects.namespace.get(first))
        for part in rest:
            found = getattr(found, part, None)
        return found

    def candidates(self, use: Use, live: Mapping[str, Any], known: Known) -> list[Spec]:
        """What the code and the live objects say of one value, the likeliest first; maybe nothing."""
        found: list[Spec] = []
        name, batch = use.name.lower(), self.batch
        if use.path[0] in self.signature and len(use.path) == 1:
            found.append(self.signature[use.path[0]])
        said = specs.from_words(self.text, use.name, batch, self.objects.constants())
        said = said or specs.from_words(self.comments, use.name, batch, self.objects.constants())
        said = said or specs.from_words(self.comments, use.name + "s", batch, self.objects.constants())
        bound = self._bound(use, live)
        evidence = [*self._module_data(use), *self._fed(use, live)]
        loose = said is not None and "shape" not in said
        if said and not loose:
            spec = {"dtype": "float32", **said}
            if spec["dtype"].startswith(("int", "uint")) and "high" not in spec:
                spec.update(low=0, high=bound or self._classes(use, live, known))
                if re.search(rf"{use.name}\b[^,;]*?\bint\b", self.text + self.comments) and "64" not in spec["dtype"]:
                    spec["dtype"] = "int32"
            elif "dtype" not in said and evidence and evidence[0].get("dtype", "")[:3] == "int":
                spec |= {key: evidence[0][key] for key in ("dtype", "low", "high") if key in evidence[0]}
            found.append(spec)
        found += evidence
        labelled = self._targets(use, live, known, bound)
        if re.search(r"(^|_)(mask|weights?)$", name) and not evidence:
            found.append(_floats([batch]))
        if bound:
            found += [spec for spec in labelled if spec.get("dtype", "")[:3] == "int"]
            found += [_ints([batch], bound), _ints([batch, 8], bound), _ints([], bound)]
        found += labelled
        if not found and _WHOLE.search(name):
            high = self._least_embedding(live) or 4
            found += [_ints([batch], high), _ints([batch, 8], high), _ints([batch, 1], high)]
        if not found and _IMAGES.search(name):
            found += [_floats([batch, 28, 28, 1]), _floats([batch, 32, 32, 3]), _floats([28, 28, 3])]
        if not found and _ROWS.search(name):
            found += [_floats([batch]), _floats([batch, 1])]
        if (loose and said and said["dtype"][:3] == "int") or "casts others" in use.flags:
            found = [_ints(spec["shape"], 5) for spec in found if spec.get("shape") is not None] + found
            found = found or [_ints([batch], 5), _ints([batch, 1], 5)]
        if use.attributes & {"assign", "assign_add", "assign_sub"}:
            found = [
                {**spec, "as": "variable"} for spec in found or self.families(use, live) if spec["kind"] == "tensor"
            ]
        if use.attributes & {"astype", "copy", "mean", "std", "ravel", "item", "tolist", "max", "sum"}:
            found = [{**spec, "as": "array"} if spec["kind"] in ("tensor", "one_hot") else spec for spec in found]
        return found

    def families(self, use: Use, live: Mapping[str, Any]) -> list[Spec]:
        """Shapes to try for a value that nothing is known of."""
        batch = self.batch
        shapes = [[batch, 8], [batch, 1], [batch], [], [batch, 28, 28, 1], [batch, 32, 32, 3], [batch, 8, 4]]
        if _IMAGES.search(use.name.lower()):
            shapes = [[batch, 28, 28, 1], [batch, 32, 32, 3], [28, 28, 3], [1, 28, 28, 1], *shapes]
        own: list[Spec] = []
        inside = [held for value in live.values() for held in getattr(value, "__dict__", {}).values()]
        for held in [*live.values(), *inside, *self.objects.namespace.values()]:
            if isinstance(held, tf.keras.Model):
                wanted = [spec for _, spec in (self._inputs(held) or []) if spec["dtype"][:3] != "int"]
                own += [spec for spec in wanted if spec not in own]
        return own[:3] + [_floats(shape) for shape in shapes]

    def _module_data(self, use: Use) -> list[Spec]:
        """Arrays and tensors of the module which are called the same, as `x_train` is for `x`."""
        found: list[Spec] = []
        if len(use.path) > 1:
            return found
        called = self._given(use)
        stems = {
            *called,
            f"{use.name}_train",
            f"train_{use.name}",
            use.name,
            f"{use.name}s",
            f"train_{use.name}s",
            f"{use.name}_data",
        }
        for name, value in self.objects.namespace.items():
            if name.lower() in {stem.lower() for stem in stems} and isinstance(value, (np.ndarray, tf.Tensor)):
                rows = {"rows": self.batch} if len(value.shape) and value.shape[0] > self.batch else {}
                found.append({"kind": "name", "name": name, **rows})
        for loop in ast.walk(self.tree):
            if isinstance(loop, (ast.For, ast.comprehension)):
                source, target = _looped(loop)
                if isinstance(self.objects.namespace.get(source), tf.data.Dataset):
                    items = target.elts if isinstance(target, ast.Tuple) else [target]
                    for index, item in enumerate(items):
                        if uses.dotted(item) in called | {use.name}:
                            found.append({"kind": "first", "name": source, "path": [index] if len(items) > 1 else []})
        return found

    def _given(self, use: Use) -> set[str]:
        """The names that the file itself passes for a parameter where it calls the function."""
        skip = self.objects.skip
        order = [arg.arg for arg in (*skip.args.posonlyargs, *skip.args.args) if arg.arg not in ("self", "cls")]
        names = set()
        for call in ast.walk(self.tree):
            if isinstance(call, ast.Call) and uses.dotted(call.func).rsplit(".", 1)[-1] == skip.name:
                given = {
                    **dict(zip(order, call.args, strict=False)),
                    **{str(word.arg): word.value for word in call.keywords},
                }
                names |= {uses.dotted(given[use.name])} if use.name in given else set()
        return names - {""}

    def _fed(self, use: Use, live: Mapping[str, Any]) -> list[Spec]:
        found: list[Spec] = []
        for callee, where in use.fed:
            layer = self.thing(callee, live)
            if not _is_model(layer) or where[0] not in (0, "inputs", "x"):
                continue
            inputs = self._inputs(layer)
            least = self._least_embedding({"it": layer})
            if inputs is None:
                if least and not _IMAGES.search(use.name.lower()):
                    found += [_ints([self.batch, 8], least), _ints([self.batch], least), _ints([self.batch, 2], least)]
                continue
            inner = where[1:]
            named: dict[Any, Spec] = {i: spec for i, (_, spec) in enumerate(inputs)}
            named |= dict(inputs)
            if inner and inner[0] in named:
                found.append(named[inner[0]])
            elif not inner and len(inputs) > 1:
                listed: Spec = {"kind": "list", "items": [spec for _, spec in inputs]}
                keyed: Spec = {"kind": "dict", "items": dict(inputs)}
                by_name = isinstance(getattr(layer, "_inputs_struct", None), dict) or "keyed" in use.flags
                found += [keyed, listed] if by_name else [listed, keyed, {**listed, "kind": "tuple"}]
            elif len(inputs) == 1:
                found.append(inputs[0][1])
        return [spec for i, spec in enumerate(found) if spec not in found[:i]]

    def _inputs(self, layer: Any) -> list[tuple[str, Spec]] | None:
        """The inputs that a built model or layer takes, by name."""
        try:
            symbolic = layer.inputs if isinstance(layer, tf.keras.Model) else None
        except (AttributeError, ValueError):
            symbolic = None
        flat = _flat_layers(layer)
        if symbolic:
            embeddings = [one for one in flat if isinstance(one, tf.keras.layers.Embedding)]
            return [self._input(one, embeddings) for one in tf.nest.flatten(symbolic)]
        for one in flat:
            weights = one.weights if getattr(one, "built", False) and not getattr(one, "layers", None) else []
            if isinstance(one, tf.keras.layers.Embedding):
                return [("x", _ints([self.batch] if one is layer else [self.batch, 8], one.input_dim))]
            if weights and isinstance(one, tf.keras.layers.Conv2D):
                return [("x", _floats([self.batch, 32, 32, weights[0].shape[2]]))]
            if weights and isinstance(one, (tf.keras.layers.Dense, tf.keras.layers.LSTM, tf.keras.layers.GRU)):
                middle = [] if isinstance(one, tf.keras.layers.Dense) else [8]
                return [("x", _floats([self.batch, *middle, weights[0].shape[0]], one.compute_dtype))]
            if weights:
                return None
        return None

    def _input(self, symbolic: Any, embeddings: list[Any]) -> tuple[str, Spec]:
        dims, dtype = list(symbolic.shape), tf.as_dtype(symbolic.dtype).name
        unknown = 8 if len(dims) < 4 else 32
        shape = [dims[0] or self.batch, *(unknown if dim is None else dim for dim in dims[1:])]
        reached = []
        for one in embeddings:
            with contextlib.suppress(AttributeError, ValueError, RuntimeError):
                if one.input is symbolic:
                    reached.append(one.input_dim)
        whole = dtype.startswith(("int", "uint"))
        name = str(symbolic.name).split(":")[0]
        if whole or reached:
            high = min(reached or [one.input_dim for one in embeddings] or [256 if dtype == "uint8" else 4])
            return name, _ints(shape, high, dtype if whole else "int32")
        return name, _floats(shape, dtype)

    def _least_embedding(self, live: Mapping[str, Any]) -> int | None:
        """The smallest number of rows of the embeddings in sight: ids must be below it."""
        held = [*live.values(), *(self.objects.namespace.values() if "it" not in live else ())]
        layers = [one for value in held if isinstance(value, tf.keras.layers.Layer) for one in _flat_layers(value)]
        return min((one.input_dim for one in layers if isinstance(one, tf.keras.layers.Embedding)), default=None)

    def _bound(self, use: Use, live: Mapping[str, Any]) -> int | None:
        """An exclusive upper bound, where the code takes the value for whole numbers."""
        for op, call in use.ops.items():
            where = {"one_hot": 0, "to_categorical": 0, "gather": 1, "embedding_lookup": 1}.get(op)
            if where is None:
                continue
            others = [*call.args[:where], *call.args[where + 1 :], *(word.value for word in call.keywords)]
            at = call.args[where] if where < len(call.args) else None
            if at is None and op != "one_hot":
                continue
            names = {part.id for part in ast.walk(at) if isinstance(part, ast.Name)} if at is not None else {use.name}
            if op == "gather" and use.name not in names:
                continue
            for other in others[:1]:
                try:
                    value = eval(
                        compile(ast.Expression(other), "<made up>", "eval"), {**self.objects.namespace, **live}
                    )
                    return int(value) if np.ndim(value) == 0 else int(value.shape[0])
                except Exception:  # whatever evaluating a piece of the user's code raises
                    continue
            return 2
        return 2 if "index" in use.flags else None

    def _classes(self, use: Use, live: Mapping[str, Any], known: Known) -> int:
        for _, out in use.targets:
            for shape, _dtype in _leaves_of(self._output(out, live, known)):
                return shape[-1] if len(shape) > 1 and shape[-1] > 1 else 2
        last = next((shape for tree in reversed(known.order) for shape, _ in _leaves_of(tree)), None)
        return last[-1] if last and len(last) > 1 and last[-1] > 1 else 2

    def _output(self, out: uses.Out, live: Mapping[str, Any], known: Known) -> Any:
        tree: Any = known.outputs.get(out.callee)
        if isinstance(self.thing(out.callee, live), tf.keras.losses.Loss) or "loss" in out.callee.lower():
            return (self.batch,), "float32"
        if tree is None and not isinstance(self.thing(out.callee, live), tf.keras.layers.Layer) and known.order:
            tree = known.order[-1]
        for key in out.keys:
            listed = isinstance(tree, list) and isinstance(key, int) and key < len(tree)
            if listed or (isinstance(tree, dict) and key in tree):
                tree = tree[key]
        return tree

    def _targets(self, use: Use, live: Mapping[str, Any], known: Known, bound: int | None) -> list[Spec]:
        """Labels: in the shape that the loss wants for what came out of the model."""
        found: list[Spec] = []
        links = [(text, out) for part in (use, use.parts.get("?")) if part for text, out in part.targets]
        labelled = bool(links) or bool(_LABELS.search(use.name.lower())) or bound is not None
        for text, out in links:
            if _is_model(self.thing(text, live)) and not text.endswith("()"):
                continue
            tree = self._output(out, live, known)
            if isinstance(tree, (dict, list)) and text in _OPERATIONS:
                continue
            if isinstance(tree, dict):
                flat = {key: _leaves_of(part)[0] for key, part in tree.items() if _leaves_of(part)}
                items = {
                    key: self._label(self._kind("", out, live, shape, True), shape) for key, (shape, _) in flat.items()
                }
                found.append({"kind": "dict", "items": {key: made[0] for key, made in items.items()}})
                found.append({"kind": "dict", "items": {key: _floats(shape) for key, (shape, _) in flat.items()}})
            elif isinstance(tree, list):
                made = [
                    self._label(self._kind(text, out, live, shape, True), shape)[0] for shape, _ in _leaves_of(tree)
                ]
                found.append({"kind": "list", "items": made})
            elif tree is not None:
                shape, dtype = tree
                found += self._label(self._kind(text, out, live, shape, False), shape, dtype, "squeezed" in out.flags)
        if labelled and not found:
            for tree in reversed(known.order):
                for shape, dtype in _leaves_of(tree):
                    kind = self._kind(self.source if len(links) == 0 else "", uses.Out(""), live, shape, True)
                    found += self._label(kind, shape, dtype)
            if bound is None and not known.order:
                found = []
        return [spec for i, spec in enumerate(found) if spec not in found[:i]]

    def _kind(self, text: str, out: uses.Out, live: Mapping[str, Any], shape: tuple[int, ...], guess: bool) -> str:
        if "argmax" in out.flags:
            return "argmax"
        thing = self.thing(text, live) if len(text) < 200 and text else None
        words = f"{text} {getattr(thing, '__name__', '')} {type(thing).__name__} {getattr(thing, 'fn', '')}".lower()
        if guess and not text:
            words = self.source.lower()
            if "sparse" in words:
                return "sparse" if len(shape) > 1 and shape[-1] > 1 else "like"
        if re.search(r"binary_?cross|sigmoid_cross|\bbce", words) and not (guess and "sparse" in words):
            return "binary"
        if "sparse" in words:
            return "sparse" if (len(shape) > 1 and shape[-1] > 1) or not guess else "like"
        return "one_hot" if re.search(r"categorical|softmax_cross", words) else "like"

    def _label(self, kind: str, shape: tuple[int, ...], dtype: str = "float32", squeezed: bool = False) -> list[Spec]:
        rows, classes = list(shape[:-1]), shape[-1] if shape else 2
        if dtype[:5] not in ("float", "bfloa"):
            dtype = "float32"
        like = [_floats(rows, dtype), _floats(shape, dtype)] if squeezed and rows else [_floats(shape, dtype)]
        whole = [_ints(rows, classes if classes > 1 else 2)] if rows else []
        if kind == "argmax":
            return [{**spec, "dtype": "int64"} for spec in whole] + like
        if kind == "sparse":
            return whole + like
        if kind == "binary":
            return [_ints(shape, 2) | {"dtype": dtype}, *whole]
        if kind == "one_hot":
            return [{"kind": "one_hot", "dtype": dtype, "shape": list(shape)}, *whole]
        return [*like, *whole, _floats([self.batch], dtype)]


def _looped(loop: ast.For | ast.comprehension) -> tuple[str, ast.expr]:
    """What a loop goes through, without `enumerate` and methods such as `take`, and what its elements are called."""
    target, source = loop.target, loop.iter
    while isinstance(source, ast.Call):
        if isinstance(source.func, ast.Attribute):
            source = source.func.value
            continue
        name = uses.dotted(source.func)
        if name not in ("enumerate", "iter", "tqdm") or not source.args:
            break
        if name == "enumerate" and isinstance(target, ast.Tuple):
            target = target.elts[-1]
        source = source.args[0]
    return uses.dotted(source), target


def _leaves_of(tree: Any) -> list[tuple[tuple[int, ...], str]]:
    if isinstance(tree, dict):
        return [leaf for part in tree.values() for leaf in _leaves_of(part)]
    if isinstance(tree, list):
        return [leaf for part in tree for leaf in _leaves_of(part)]
    return [tree] if tree is not None else []


def _shapes(value: Any) -> Any:
    """The shapes and types in the result of a call: dicts and lists of (shape, dtype)."""
    if isinstance(value, dict):
        return {key: _shapes(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shapes(part) for part in value]
    if isinstance(value, (tf.Tensor, np.ndarray)) and None not in value.shape:
        return tuple(int(dim) for dim in value.shape), tf.as_dtype(value.dtype).name
    return None


@contextlib.contextmanager
def _watched(seen: list[tuple[Any, Any]]) -> Iterator[None]:
    """While it lasts, what the outermost layers return is put in `seen`."""
    original, depth = tf.keras.layers.Layer.__call__, [0]

    def watching(layer: Any, *args: Any, **kwargs: Any) -> Any:
        depth[0] += 1
        try:
            result = original(layer, *args, **kwargs)
        finally:
            depth[0] -= 1
        if not depth[0]:
            seen.append((layer, _shapes(result)))
        return result

    tf.keras.layers.Layer.__call__ = watching
    try:
        yield
    finally:
        tf.keras.layers.Layer.__call__ = original


# ------------------------------------------------------------------------------- what an error says should be different

_NAMED = {"float": "float32", "double": "float64", "half": "float16", "int": "int32", "long": "int64"}
_TYPE = r"(?:tf\.)?(float\d*|double|half|u?int\d+|int|bool)"


_BY_RANK: dict[int, Callable[[int], list[int]]] = {
    2: lambda batch: [batch, 8],
    3: lambda batch: [batch, 8, 4],
    4: lambda batch: [batch, 32, 32, 3],
    5: lambda batch: [batch, 8, 16, 16, 1],
}


def repairs(message: str, spec: Spec, batch: int) -> list[Spec]:
    """How a value of this spec would have to differ, going by an error; nothing if the error is not about it."""
    if spec["kind"] not in ("tensor", "one_hot"):
        if spec["kind"] == "list" and re.search(r"unhashable|list indices|'list' object", message):
            return [{**spec, "kind": "tuple"}]
        return []
    message = message[:2000]
    own, found = list(spec["shape"]), []
    for dims in _mentioned(message):
        if dims != own and _mentions(message, own):
            found.append([batch if dim is None and not i else 8 if dim is None else dim for i, dim in enumerate(dims)])
    if (rank := re.search(r"expected (?:min_)?ndim=(\d+), found ndim=(\d+)", message)) and int(rank.group(2)) == len(
        own
    ):
        wanted = int(rank.group(1))
        found = [_BY_RANK[wanted](batch) if wanted in _BY_RANK else own, *found]
        if wanted == 4:
            found.insert(1, [batch, 28, 28, 1])
    if value := re.search(r"axis (-?\d+) of input shape to have value (\d+)", message):
        found = [*_with_last(own, message, int(value.group(1)), int(value.group(2))), *found]
    if pair := re.search(
        r"In\[0\]:? (?:mismatch In\[1\] shape: )?\[([\d,]+)\],? (?:In\[1\]: |vs\. )?\[([\d,]+)\]", message
    ):
        left, right = ([int(dim) for dim in side.split(",")] for side in pair.groups())
        if left == own:
            found.insert(0, [*own[:-1], right[-2] if len(right) > 1 else right[0]])
        elif right == own:
            found.insert(0, [left[-1], *own[1:]])
    made = [
        {**spec, "kind": "tensor" if shape != own else spec["kind"], "shape": shape}
        for shape in found
        if len(shape) < 6
    ]
    if (
        re.search(
            r"only (?:length-1|size-1|0-dim)|must be a scalar|can only convert an array of size 1|ambiguous", message
        )
        and own
    ):
        made.append({**spec, "kind": "tensor", "shape": []})
    return [*_retyped(message, spec), *made]


def _mentioned(message: str) -> list[list[int | None]]:
    found: list[list[int | None]] = []
    for inside in re.findall(r"[\(\[]((?:(?:\d+|None|\?)\s*,?\s*)+|)[\)\]]", message):
        words = re.findall(r"\d+|None|\?", inside)
        dims = [int(word) if word.isdigit() else None for word in words]
        if dims not in found and all(dim is None or 0 < dim < 5000 for dim in dims):
            found.append(dims)
    return found


def _mentions(message: str, shape: list[int]) -> bool:
    return any(
        len(dims) == len(shape) and all(d in (None, s) for d, s in zip(dims, shape, strict=True)) and any(dims)
        for dims in _mentioned(message)
    )


def _with_last(own: list[int], message: str, axis: int, value: int) -> list[list[int]]:
    """Shapes whose axis has a value that a layer wants, also where the layer stands behind a flattening."""
    if axis != -1 and not 0 < axis < len(own):
        return []
    if _mentions(message, own):
        return [[*own[:axis], value, *(own[axis + 1 :] if axis != -1 else [])]]
    if len(own) == 4:
        sides = [(math.isqrt(value // depth), depth) for depth in (1, 3) if value % depth == 0]
        return [[own[0], side, side, depth] for side, depth in sides if side * side * depth == value]
    for seen in sorted(_flat(message)) if len(own) > 1 else ():  # several values may have been joined
        parts, rest = divmod(seen, own[-1])
        if parts > 1 and not rest and value % parts == 0:
            return [[*own[:-1], value // parts]]
    return []


def _flat(message: str) -> set[int]:
    return {dims[-1] for dims in _mentioned(message) if dims and dims[-1]}


def _retyped(message: str, spec: Spec) -> list[Spec]:
    """The spec with another type, other bounds, or as another kind of array."""
    own = spec.get("dtype", "float32")
    if (
        spec["kind"] == "tensor"
        and own.startswith(("int", "uint"))
        and (
            top := re.search(
                r"not in \[0, (\d+)\)|valid range of \[0, (\d+)\)|out of bounds for axis \d+ with size (\d+)", message
            )
        )
    ):
        return [{**spec, "high": min(spec.get("high") or 99, int(next(filter(None, top.groups()))))}]
    if re.search(r"ndarray' object has no attribute", message):
        return [{**spec, "as": "tensor"}]
    if re.search(r"object has no attribute '(?:assign|_unique_id)|ResourceVariable|not a .*Variable", message):
        return [{**spec, "as": "variable"}]
    if re.search(
        r"EagerTensor.* object has no attribute|EagerTensor' object does not support item assignment", message
    ):
        return [{**spec, "as": "array"}]
    if not re.search(r"dtype|type|tensor but is a|float|double|int", message):
        return []
    named = {_NAMED.get(word, word) for word in re.findall(_TYPE + r"\b", message)}
    found = []
    for dtype in sorted(named - {own}) if own in named or "could not convert" in message.lower() else []:
        whole = dtype.startswith(("int", "uint"))
        bounds = {"low": 0, "high": spec.get("high") if own[:3] == "int" else 2} if whole else {}
        kept = {key: value for key, value in spec.items() if key not in ("low", "high")}
        found.append({**kept, "kind": "tensor" if whole else spec["kind"], "dtype": dtype, **bounds})
    return found


# --------------------------------------------------------------------------------------------------------- the search


@dataclass
class _Frame:
    """One choice of the objects: the receiver and the arguments that are no tensors."""

    receiver: Spec | None
    objects: dict[str, Spec]


@dataclass
class _Try:
    """What one attempt taught."""

    outcome: Outcome
    live: dict[str, Any]
    progress: tuple[int, ...]


class _Search:
    """Frames in order, tensors best first within each."""

    def __init__(
        self,
        tree: ast.Module,
        qualname: str,
        chain: Sequence[uses.Function | ast.ClassDef],
        load: Callable[[], dict[str, Any]],
        attempt: Callable[[Callable[[], Any]], Outcome],
        seconds: float,
    ) -> None:
        self.tree, self.qualname, self.load, self.attempt = tree, qualname, load, attempt
        self.function: uses.Function = chain[-1]  # type: ignore[assignment]
        outer = chain[-2] if len(chain) > 1 else None
        self.owner = outer if isinstance(outer, ast.ClassDef) else None
        self.factory = outer if isinstance(outer, uses.Function) else None
        self.deadline, self.left = time.monotonic() + seconds, MOST_ATTEMPTS
        self.objects = _Objects(tree, self.function, attempt)
        self.uses = uses.uses_of(tree, self.function, self.owner)
        self.known = Known()
        self.last = ""
        self.furthest: tuple[int, ...] = ()
        self.wanted: set[str] = set()
        self.fallback: Plan | None = None

    def run(self) -> Plan | Stuck:
        self._reload()
        self.objects.pictures = any(_IMAGES.search(name) for name in self.uses)
        constants = self.objects.constants()
        sizes = [
            v for k, v in constants.items() if re.fullmatch(r"(?i)(train_)?batch(_?size)?|bs", k) and isinstance(v, int)
        ]
        batch = min(sizes[0], 64) if sizes and sizes[0] > 0 else 4
        around = [
            ast.get_docstring(node) or "" for node in (self.function, self.owner, self.factory, self.tree) if node
        ]
        self.tensors = _Tensors(self.objects, batch, "\n".join(around), _comments(self.objects.namespace), self.tree)
        self.tensors.signature = self._signature()
        frames = list(itertools.islice(self._frames(), 12))
        if not frames:
            return Stuck(self._no_receiver())
        for number, frame in enumerate(frames):
            found = self._search(frame, max(12, 44 - 12 * number))
            if found is None and self.wanted and frame.receiver and self.owner:
                for ready in self.objects.prepared(frame.receiver, self.owner, self.wanted)[:3]:
                    found = found or self._search(_Frame(ready, frame.objects), 12)
            if found or self._over():
                break
        if found := found or self.fallback:
            return found
        made = ", ".join(name for name in self.uses if not self.uses[name].optional) or "a receiver"
        why = f": {self.last}" if self.last else ""
        return Stuck(
            f"no inputs were found with which {self.qualname} gets as far as its gradients (made up: {made}){why}; "
            "call it in the file with real ones, or write their shapes in its docstring"
        )

    def _over(self) -> bool:
        return self.left <= 0 or time.monotonic() > self.deadline

    def _no_receiver(self) -> str:
        what = (
            f"an instance of {self.owner.name}"
            if self.owner
            else "arguments for its factory"
            if self.factory
            else "a model"
        )
        why = f" ({self.objects.failure})" if self.objects.failure else ""
        return (
            f"{what} could not be made up{why}; make one in the file without arguments, or call {self.qualname} there"
        )

    def _reload(self) -> None:
        self.objects.namespace = self.load()
        values = list(self.objects.namespace.values())
        self.unbuilt = any(_is_model(v) and not getattr(v, "built", True) for v in values)

    def _signature(self) -> dict[str, Spec]:
        """The specs that `tf.function(input_signature=...)` writes down."""
        batch = self.tensors.batch
        for mark in self.function.decorator_list:
            for word in mark.keywords if isinstance(mark, ast.Call) else []:
                if word.arg == "input_signature":
                    with contextlib.suppress(Exception):  # a piece of the user's code is evaluated
                        wanted = eval(
                            compile(ast.Expression(word.value), "<made up>", "eval"), dict(self.objects.namespace)
                        )
                        return {name: _of_signature(one, batch) for name, one in zip(self.uses, wanted, strict=False)}
        return {}

    def _frames(self) -> Iterator[_Frame]:
        receivers: list[Spec | None] = [None]
        if self.factory is not None:
            receivers = [
                {"kind": "call", "name": self.factory.name, "args": args, "pick": self.function.name}
                for args in self.objects.arguments(self.factory.name, self.factory)
            ]
        elif self.owner is not None:
            own = self.objects.receivers(self.owner)
            receivers = [*own] if not uses.is_static(self.function) else [{"kind": "name", "name": self.owner.name}]
        options: dict[str, list[Spec]] = {}
        for name, use in self.uses.items():
            if use.optional and uses.role(use) == "scalar":
                big = (
                    isinstance(use.default, ast.Constant)
                    and isinstance(use.default.value, int)
                    and use.default.value > 10
                )
                if big and "counted" in use.flags | {"counted" if "range" in use.ops else ""}:
                    options[name] = [{"kind": "value", "value": 2}]
            elif not use.optional and name not in self.tensors.signature and (found := self.objects.options(use)):
                options[name] = found
        for total in range(8):
            for index, receiver in enumerate(receivers):
                for rank, choice in enumerate(_mixtures(options, 8)):
                    if index + rank == total:
                        yield _Frame(receiver, choice)

    def _structure(self, use: Use) -> Any:
        """A parameter taken apart into leaves, each a tensor or what is fed to a model."""
        kind = uses.role(use)
        if kind == "dataset" and "*" in use.parts:
            plain = not (use.attributes & uses._DATASET_TRAITS or re.search(r"data|ds", use.name.lower()))
            return ("batches", self._structure(use.parts["*"]), "list" if plain or "len" in use.ops else "dataset")
        if kind == "tuple":
            last = max((key for key in use.parts if isinstance(key, int)), default=-1)
            return ("tuple", [self._structure(use.part(index)) for index in range(last + 1)])
        if kind == "dict" and not any(_is_model(self.tensors.thing(text, {})) for text, _ in use.fed):
            return ("dict", {key: self._structure(part) for key, part in use.parts.items() if key not in ("*", "?")})
        return ("leaf", use)

    def _search(self, frame: _Frame, budget: int) -> Plan | None:
        structures = {
            name: self._structure(use)
            for name, use in self.uses.items()
            if name not in frame.objects and not use.optional
        }
        leaves = {use.path: use for structure in structures.values() for use in _leaves(structure)}
        looked = self._live(frame)
        if looked is None:
            return None
        live = looked
        known = self.known = Known()
        queue: list[tuple[tuple[int, ...], float, int, dict[Any, Spec]]] = []
        tried: set[str] = set()
        counter = itertools.count()

        def text(state: dict[Any, Spec]) -> str:
            return json.dumps([[list(path), spec] for path, spec in state.items()], sort_keys=True, default=str)

        def push(progress: tuple[int, ...], cost: float, state: dict[Any, Spec]) -> None:
            if text(state) not in tried:
                heapq.heappush(queue, (tuple(-line for line in progress), cost, next(counter), state))

        def choices(use: Use) -> list[Spec]:
            return self.tensors.candidates(use, live, known) or self.tensors.families(use, live)

        def best() -> dict[Any, Spec]:
            return {path: choices(use)[0] for path, use in leaves.items()}

        for rank in range(6 if leaves else 1):
            state = {}
            for path, use in leaves.items():
                found = choices(use)
                state[path] = found[0 if self.tensors.candidates(use, live, known) else min(rank, len(found) - 1)]
            push((0,), 10.0 * rank, state)
        good: Plan | None = None
        extra = 8
        while queue and budget > 0 and not self._over():
            before, spent, _, state = heapq.heappop(queue)
            if text(state) in tried:
                continue
            tried.add(text(state))
            budget -= 1
            plan = Plan(self.qualname, frame.receiver, self._arguments(frame, structures, state))
            result = self._attempt(plan, leaves)
            live = {**live, **result.live}
            error = result.outcome.error
            if result.outcome.reached:
                settled = error is None or bool(_EXPECTED.search(str(error)))
                if settled:
                    better = [one for one in (best(), _retaken(state, best())) if text(one) not in tried]
                    if good is not None or not better:
                        return plan
                    good, queue = plan, [((), 0.0, next(counter), one) for one in better]
                    continue
                self.fallback = self.fallback or plan
            if good is not None:
                continue
            extra -= self.fallback is not None
            if extra <= 0:
                break
            if self.unbuilt:
                self._reload()
            further = tuple(-line for line in result.progress) < before
            for cost, other in self._neighbours(state, leaves, result, best(), choices):
                push(result.progress or (0,), cost if further else cost + spent, other)
        return good or self.fallback

    def _neighbours(
        self,
        state: dict[Any, Spec],
        leaves: dict[Any, Use],
        result: _Try,
        best: dict[Any, Spec],
        choices: Callable[[Use], list[Spec]],
    ) -> Iterator[tuple[float, dict[Any, Spec]]]:
        """Other states, by how likely the error makes them: cheaper is likelier."""
        error = result.outcome.error
        message = "" if error is None else f"{type(error).__name__}: {error}"
        blamed = self._blamed(result, leaves)
        mends = {path: repairs(message, state[path], self.tensors.batch) for path in leaves}
        learned = {path: best[path] for path in leaves if best[path] != state[path] and leaves[path].targets}
        if learned:
            yield 0.0, {**state, **learned}
        at = {path for path in blamed if mends[path]}
        if len(at) > 1:
            yield 0.2, {**state, **{path: mends[path][0] for path in at}}
            same = [path for path in at if state[path].get("shape") == state[next(iter(at))].get("shape")]
            yield 0.3, {**state, **{path: mends[path][0] for path in same}}
        if re.search(r"broadcast|[Ii]ncompatible|must match|same shape|[Dd]imensions|must be equal", message):
            for path, other in itertools.permutations(leaves, 2):
                one, shape = state[path], state[other].get("shape")
                if shape and one["kind"] == "tensor" and one["shape"] != shape:
                    yield (0.5 if path in blamed else 1.5), {**state, path: {**one, "shape": shape}}
        every = {path: found[0] for path, found in mends.items() if found}
        for path in leaves:
            base = 0.4 if path in blamed else 1.4
            for rank, spec in enumerate(mends[path][:6]):
                yield base + rank * 0.3, {**state, path: spec}
            for rank, spec in enumerate(self._others(choices(leaves[path]), path, leaves)[:9]):
                yield base + 0.5 + rank * 0.6, {**state, path: spec}
        if every:
            yield 1.0, {**state, **every}
        alike: dict[str, list[Any]] = {}
        for path in leaves:
            if choices(leaves[path]) == self.tensors.families(leaves[path], result.live):
                alike.setdefault(json.dumps(state[path], sort_keys=True), []).append(path)
        for paths in alike.values():  # values of which nothing is known are often of one shape
            for rank, spec in enumerate(self.tensors.families(leaves[paths[0]], result.live) if len(paths) > 1 else ()):
                yield 0.6 + rank * 0.4, {**state, **dict.fromkeys(paths, spec)}

    def _others(self, found: list[Spec], path: Any, leaves: dict[Any, Use]) -> list[Spec]:
        known = [json.dumps(spec, sort_keys=True) for spec in found]
        families = self.tensors.families(leaves[path], {})
        return found + [spec for spec in families if json.dumps(spec, sort_keys=True) not in known]

    def _blamed(self, result: _Try, leaves: dict[Any, Use]) -> set[Any]:
        """The leaves that the failing statement of the step names; all of them if it names none."""
        line = result.progress[0] if result.progress else 0
        inside = [
            node
            for node in ast.walk(self.function)
            if isinstance(node, (ast.stmt, ast.expr)) and node is not self.function
        ]
        holding = [
            node for node in inside if node.lineno <= line <= (node.end_lineno or 0) and isinstance(node, ast.stmt)
        ]
        if not holding:
            return set(leaves)
        closest = min(holding, key=lambda node: (node.end_lineno or 0) - node.lineno)
        names = {part.id for part in ast.walk(closest) if isinstance(part, ast.Name)}
        return {path for path, use in leaves.items() if use.name in names or path[0] in names} or set(leaves)

    def _live(self, frame: _Frame) -> dict[str, Any] | None:
        """The objects of a frame, to be looked at."""
        live: dict[str, Any] = {}

        def make() -> None:
            for name, spec in frame.objects.items():
                live[name] = specs.build(spec, self.objects.namespace, specs.rng_for(name))
            function, receiver = target(Plan(self.qualname, frame.receiver, {}), self.objects.namespace)
            live.update(_closure(function))
            live["self"] = receiver

        outcome = self.attempt(make)
        if "self" not in live and outcome.error:
            self.last = f"{type(outcome.error).__name__}: {str(outcome.error)[:160]}"
            return None
        return live

    def _attempt(self, plan: Plan, leaves: dict[Any, Use]) -> _Try:
        self.left -= 1
        live: dict[str, Any] = {}
        seen: list[tuple[Any, Any]] = []
        namespace = self.objects.namespace

        def thunk() -> None:
            function, receiver = target(plan, namespace)
            values = specs.build_args(plan.arguments, namespace)
            live.update({**_closure(function), **{k: v for k, v in values.items() if _is_model(v)}, "self": receiver})
            with _watched(seen):
                call_with(function, values)

        outcome = self.attempt(thunk)
        self._learn(leaves, live, seen)
        first, last = self.function.lineno, self.function.end_lineno or self.function.lineno
        lines = [line for _, line in outcome.lines]
        start = next((i for i, line in enumerate(lines) if first <= line <= last), None)
        progress = tuple(lines[start:]) if start is not None else ()
        if outcome.error is not None:
            text = str(outcome.error).strip().splitlines() or [""]
            if progress >= self.furthest:
                self.furthest, self.last = progress, f"{type(outcome.error).__name__}: {text[0][:160]}"
            self._note_missing(lines)
        return _Try(outcome, live, progress)

    def _note_missing(self, lines: list[int]) -> None:
        """Attributes of self that the failing lines of the class read: a method may have to fill them first."""
        if self.owner is None:
            return
        for part in ast.walk(self.owner):
            if isinstance(part, ast.Attribute) and part.lineno in lines and uses.dotted(part.value) == "self":
                self.wanted.add(part.attr)

    def _learn(self, leaves: dict[Any, Use], live: dict[str, Any], seen: list[tuple[Any, Any]]) -> None:
        everything = [one for use in leaves.values() for one in use.walk()]
        for callee in {out.callee for use in everything for _, out in use.targets}:
            layer = self.tensors.thing(callee, live)
            for called, tree in seen:
                if called is layer and tree is not None:
                    self.known.outputs[callee] = tree
        if seen:
            self.known.order = [tree for _, tree in seen if tree is not None]

    def _arguments(self, frame: _Frame, structures: dict[str, Any], state: dict[Any, Spec]) -> dict[str, Spec]:
        made = {name: _assembled(structure, state) for name, structure in structures.items()}
        return {
            name: frame.objects[name] if name in frame.objects else made[name]
            for name in self.uses
            if name in {**made, **frame.objects}
        }


def _retaken(state: dict[Any, Spec], best: dict[Any, Spec]) -> dict[Any, Spec]:
    """A state with the types that are thought best, in the shapes that have worked."""
    return {
        path: {**best[path], "shape": spec["shape"]} if spec["kind"] == best[path]["kind"] == "tensor" else spec
        for path, spec in state.items()
    }


def _closure(function: Any) -> dict[str, Any]:
    plain = inspect.unwrap(getattr(function, "python_function", function))
    with contextlib.suppress(TypeError, ValueError):
        return dict(inspect.getclosurevars(plain).nonlocals)
    return {}


def _of_signature(wanted: Any, batch: int) -> Spec:
    """A spec out of a TensorSpec, or out of a structure of them."""
    if isinstance(wanted, dict):
        return {"kind": "dict", "items": {key: _of_signature(one, batch) for key, one in wanted.items()}}
    if isinstance(wanted, (list, tuple)):
        kind = "tuple" if isinstance(wanted, tuple) else "list"
        return {"kind": kind, "items": [_of_signature(one, batch) for one in wanted]}
    dims = wanted.shape.as_list() if wanted.shape.rank is not None else [None, 8]
    shape = [(batch if not i else 8) if dim is None else dim for i, dim in enumerate(dims)]
    dtype = wanted.dtype.name
    return _ints(shape, 2, dtype) if wanted.dtype.is_integer else _floats(shape, dtype)


def _leaves(structure: Any) -> list[Use]:
    kind, inner, *_ = structure
    if kind == "leaf":
        return [inner]
    if kind == "batches":
        return _leaves(inner)
    return [leaf for part in (inner.values() if kind == "dict" else inner) for leaf in _leaves(part)]


def _assembled(structure: Any, state: dict[Any, Spec]) -> Spec:
    kind, inner, *more = structure
    if kind == "leaf":
        return state[inner.path]
    if kind == "batches":
        return {"kind": "batches", "element": _assembled(inner, state), "count": 2, "as": more[0]}
    if kind == "dict":
        return {"kind": "dict", "items": {key: _assembled(part, state) for key, part in inner.items()}}
    return {"kind": "tuple", "items": [_assembled(part, state) for part in inner]}


def _comments(namespace: Mapping[str, Any]) -> str:
    """The comments of the module's file, so far as it can be read."""
    unreadable = contextlib.suppress(OSError, TypeError, KeyError, UnicodeDecodeError)
    with unreadable, open(namespace["__file__"], encoding="utf-8") as file:
        return "\n".join(part for line in file if (part := line.partition("#")[2].strip()))
    return ""
