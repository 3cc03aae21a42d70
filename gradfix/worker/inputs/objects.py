"""Models, optimizers, losses, configurations and plain values, out of what the module has and can make."""

from __future__ import annotations

import ast
import contextlib
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from . import building, telling
from .choices import mixtures
from .definitions import Function, dotted, methods
from .following import uses_of
from .layers import flat_layers, has, is_model
from .losses import losses
from .module import Module
from .plans import Outcome
from .roles import role
from .scalars import scalars
from .specs import Spec
from .uses import Use, parameters
from .variables import variables
from .vocabulary import words

Found = tuple[Spec, Any]
"""How to get an object, and the object."""


class Objects:
    """Looks at what the module has, and tries what its factories and classes make.

    `pictures` says whether a model that has to be made up should take images.
    """

    def __init__(self, module: Module, attempt: Callable[[Callable[[], Any]], Outcome], pictures: bool) -> None:
        self.module, self.attempt, self.pictures = module, attempt, pictures
        self.failure = ""
        self._deepest = 0
        self._models: list[Found] | None = None

    def made(self, spec: Spec) -> Any:
        """What a spec builds, or None."""
        box: list[Any] = []
        namespace = self.module.namespace
        outcome = self.attempt(lambda: box.append(building.build(spec, namespace, building.rng_for("self"))))
        if not box and outcome.error:
            self.failure = f"{telling.describe('it', spec)[4:]} raises {type(outcome.error).__name__}"
        return box[0] if box else None

    def models(self) -> list[Found]:
        """Every model that the module has or can make, with how to get it: live ones, factories, classes."""
        if self._models is not None:
            return self._models
        tree, skip, namespace = self.module.tree, self.module.function, self.module.namespace
        self._models = found = [
            ({"kind": "name", "name": name}, value)
            for name, value in list(namespace.items())
            if is_model(value) and not name.startswith("__")
        ]
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        likely = r"Model\b|Sequential\b|Input\(|applications|load_model" + "".join(rf"|\b{c.name}\(" for c in classes)
        for node in tree.body:
            if isinstance(node, Function) and node is not skip:
                text = ast.unparse(node)
                known = "".join(rf"|\b{spec['name']}\(" for spec, _ in found if spec["kind"] == "call")
                if re.search(likely + known, text) and not re.search(r"GradientTape|\.fit\(|yield|\.minimize\(", text):
                    found += self._models_of(node.name, node, None)
        for owner in classes:
            cls = namespace.get(owner.name)
            if isinstance(cls, type) and issubclass(cls, (tf.keras.layers.Layer, tf.Module)):
                found += self._models_of(owner.name, methods(tree, owner).get("__init__"), owner)
        parts = self._parts(found)  # what other makers are made of is rarely what a step wants
        found.sort(key=lambda one: (one[0]["name"] in parts, not isinstance(one[1], tf.keras.Model)))
        return found

    def _models_of(self, name: str, code: Function | None, owner: ast.ClassDef | None) -> list[Found]:
        """The model, or the models, that a factory or class makes with the first arguments that make any."""
        for args in self.arguments(name, code, owner):
            spec: Spec = {"kind": "call", "name": name, "args": args}
            value = self.made(spec)
            if is_model(value):
                return [(spec, value)]
            if isinstance(value, (tuple, list)) and any(is_model(part) for part in value):
                return [({**spec, "item": i}, part) for i, part in enumerate(value) if is_model(part)]
        return []

    def _parts(self, found: list[Found]) -> set[str]:
        """What the functions and classes that make models call themselves."""
        return {
            dotted(call.func)
            for node in self.module.tree.body
            if isinstance(node, (Function, ast.ClassDef)) and node is not self.module.function
            if any(spec["name"] == node.name for spec, _ in found)
            for call in ast.walk(node)
            if isinstance(call, ast.Call) and dotted(call.func) != node.name
        }

    def plain(self) -> list[Found]:
        """Objects of the module's other classes: live ones, and what their constructors make."""
        found: list[Found] = []
        tree, namespace = self.module.tree, self.module.namespace
        for owner in (node for node in tree.body if isinstance(node, ast.ClassDef)):
            cls = namespace.get(owner.name)
            if isinstance(cls, type) and not issubclass(cls, (tf.keras.layers.Layer, tf.Module, BaseException)):
                live = [({"kind": "name", "name": n}, v) for n, v in namespace.items() if isinstance(v, cls)]
                init = methods(tree, owner).get("__init__")
                for args in itertools.islice(self.arguments(owner.name, init, owner) if not live else (), 2):
                    spec: Spec = {"kind": "call", "name": owner.name, "args": args}
                    if (value := self.made(spec)) is not None:
                        live.append((spec, value))
                        break
                found += live
        return found

    def arguments(
        self, name: str, code: Function | None, owner: ast.ClassDef | None = None
    ) -> Iterator[dict[str, Spec]]:
        """Ways to fill the required parameters of a factory or class, the likeliest first."""
        if code is None or self._deepest > 3:
            yield {}
            return
        self._deepest += 1
        try:
            wanted = {key: use for key, use in uses_of(self.module.tree, code, owner).items() if not use.optional}
            text = ast.unparse(code)
            options = {
                key: self._written(name, code, key, owner) + self.options(use, text) for key, use in wanted.items()
            }
        finally:
            self._deepest -= 1
        yield from mixtures({key: found or [{"kind": "value", "value": 4}] for key, found in options.items()}, 8)

    def _written(self, name: str, code: Function, key: str, owner: ast.ClassDef | None) -> list[Spec]:
        """What the file itself gives for a parameter where it calls the factory, so far as it is a plain value."""
        order = list(parameters(code, owner is not None))
        found: list[Spec] = []
        for call in ast.walk(self.module.tree):
            if isinstance(call, ast.Call) and dotted(call.func) == name:
                given = dict(zip(order, call.args, strict=False)) | {
                    str(word.arg): word.value for word in call.keywords
                }
                with contextlib.suppress(ValueError, TypeError):
                    node = given.get(key)
                    held: Any = (
                        self.module.namespace.get(node.id)
                        if isinstance(node, ast.Name)
                        else ast.literal_eval(node or "")
                    )
                    if isinstance(held, (int, float, str)):
                        found.append({"kind": "value", "value": held})
                    elif isinstance(held, tuple) and all(isinstance(part, int) for part in held):
                        found.append({"kind": "shape", "value": list(held)})
        return found

    def options(self, use: Use, text: str = "") -> list[Spec]:
        """Candidates for a parameter that wants an object or a plain value; empty for one that wants tensors."""
        kind = role(use)
        if kind in ("tensor", "tuple", "dict", "dataset", "object") and (
            found := variables(use, self.module, self.arguments, self.made)
        ):
            return found
        if kind in ("model", "object"):
            return self._holders(use, kind, text)
        if kind == "optimizer":
            return [{"kind": "optimizer", "name": "SGD"}, {"kind": "optimizer", "name": "Adam"}]
        if kind == "loss":
            return losses(self.module.namespace)
        if kind == "layer name":
            layers = [layer for _, model in self.models() for layer in flat_layers(model) if layer is not model]
            layers.sort(key=lambda layer: "conv" not in type(layer).__name__.lower())
            return [{"kind": "value", "value": layer.name} for layer in layers[:8]]
        return scalars(use, self.module.constants(), text) if kind == "scalar" else []

    def _holders(self, use: Use, kind: str, text: str) -> list[Spec]:
        """Objects with the attributes that the code reads, those of a similar name first; else a made-up one."""

        def fitting(found: list[Found]) -> list[Found]:
            return [one for one in found if all(has(one[1], trait) for trait in use.attributes)]

        models = self.models() if kind == "model" else []
        ranked = fitting(models) or fitting(self.plain()) or models
        ranked = sorted(ranked, key=lambda one: -len(words(one[0]["name"]) & words(use.name)))
        if kind == "object" and not ranked:
            constants = self.module.constants()
            items = {trait: scalars(Use((trait,)), constants, text)[0] for trait in sorted(use.attributes)}
            return [{"kind": "bag", "items": items}]
        made_up: Spec = {"kind": "model", "input": [28, 28, 1] if self.pictures else [8], "output": 1}
        return [spec for spec, _ in ranked] or [made_up]
