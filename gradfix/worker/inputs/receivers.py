"""Ways to get an instance of the class whose method is the step."""

from __future__ import annotations

import ast
import itertools
import re

import tensorflow as tf

from .definitions import Function, dotted, methods
from .objects import Objects
from .specs import Spec
from .uses import parameters


def receivers(objects: Objects, owner: ast.ClassDef) -> list[Spec]:
    """One that the module has, a factory which returns one, its constructor."""
    module = objects.module
    cls = module.namespace.get(owner.name)
    if not isinstance(cls, type):
        return []
    found: list[Spec] = [{"kind": "name", "name": n} for n, v in module.namespace.items() if isinstance(v, cls)]
    for node in module.tree.body:
        text = ast.unparse(node)
        if isinstance(node, Function) and node is not module.function and re.search(rf"\b{owner.name}\(", text):
            for args in itertools.islice(objects.arguments(node.name, node), 2):
                spec: Spec = {"kind": "call", "name": node.name, "args": args}
                if not re.search(r"GradientTape|\.fit\(", text) and isinstance(objects.made(spec), cls):
                    found.append(spec)
                    break
    for args in objects.arguments(owner.name, methods(module.tree, owner).get("__init__"), owner):
        spec = {"kind": "call", "name": owner.name, "args": args}
        if objects.made(spec) is not None:
            compiled = issubclass(cls, tf.keras.Model)
            found += [*_compiled(objects, spec, owner), spec] if compiled else [spec]
    return found


def _compiled(objects: Objects, spec: Spec, owner: ast.ClassDef) -> list[Spec]:
    """The receiver after `compile`."""
    own = methods(objects.module.tree, owner).get("compile")
    args: dict[str, Spec] = {"optimizer": {"kind": "optimizer"}, "loss": {"kind": "value", "value": "mse"}}
    ways = itertools.islice(objects.arguments("compile", own, owner), 2) if own else [args]
    return [{**spec, "then": [{"name": "compile", "args": way}]} for way in ways]


def prepared(objects: Objects, spec: Spec, owner: ast.ClassDef, wanted: set[str]) -> list[Spec]:
    """The receiver after a method that fills what the step found missing in it."""
    own = methods(objects.module.tree, owner)
    fills = _fills(own)
    ways: list[tuple[int, Spec]] = []
    for name, node in own.items():
        required = [use for use in parameters(node, True).values() if not use.optional]
        other = name != "__init__" and node is not objects.module.function and not node.args.vararg
        if fills[name] & wanted and other:
            for args in itertools.islice(objects.arguments(name, node, owner), 1):
                then = [*spec.get("then", ()), {"name": name, "args": args}]
                ways.append((len(required), {**spec, "then": then}))
    return [way for _, way in sorted(ways, key=lambda one: one[0])]


def _fills(own: dict[str, Function]) -> dict[str, set[str]]:
    """The attributes of self that each method fills, also through the methods it calls."""
    fills = {name: _filled(node) for name, node in own.items()}
    for _ in range(2):
        for name, node in own.items():
            called = {dotted(call.func)[5:] for call in ast.walk(node) if isinstance(call, ast.Call)}
            fills[name] |= {attr for other in called if other in fills for attr in fills[other]}
    return fills


def _filled(node: ast.AST) -> set[str]:
    """The attributes of self that a method assigns or adds to."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and dotted(part.value) == "self":
            found.add(part.attr)
        elif isinstance(part, ast.Call) and re.fullmatch(
            r"self\.\w+\.(append|extend|add|update|put|push)", dotted(part.func)
        ):
            found.add(dotted(part.func).split(".")[1])
    return found
