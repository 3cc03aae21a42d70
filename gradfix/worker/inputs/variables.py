"""Variables that are handed to the step: those of models in plain functions, kept in dicts, lists and tuples."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import tensorflow as tf

from .definitions import Function
from .module import Module
from .specs import Spec
from .uses import Use
from .vocabulary import words

Arguments = Callable[[str, Function], Iterator[dict[str, Spec]]]
Made = Callable[[Spec], Any]


def variables(use: Use, module: Module, arguments: Arguments, made: Made) -> list[Spec]:
    """What the module has that holds variables and is called like the parameter; else what its factories make."""
    named = words(use.name)
    live: list[Spec] = [
        {"kind": "name", "name": name}
        for name, value in module.namespace.items()
        if _alike(words(name), named) and is_of_variables(value)
    ]
    live.sort(key=lambda spec: spec["name"] != use.name)
    if live or not _looks_so(use, module):
        return live
    found: list[Spec] = []
    for node in module.tree.body:
        if isinstance(node, Function) and node is not module.function and "Variable(" in ast.unparse(node):
            for args in itertools.islice(arguments(node.name, node), 2):
                spec: Spec = {"kind": "call", "name": node.name, "args": args}
                if is_of_variables(made(spec)):
                    found.append(spec)
                    break
    return sorted(found, key=lambda spec: not _alike(words(spec["name"]), named))


def is_of_variables(value: Any) -> bool:
    """Whether a value is a variable, or a structure of nothing but variables."""
    if not isinstance(value, (tf.Variable, dict, list, tuple)) or isinstance(value, tf.Module):
        return isinstance(value, tf.Variable)
    parts = tf.nest.flatten(value)
    return bool(parts) and all(isinstance(part, tf.Variable) for part in parts)


def _alike(some: set[str], others: set[str]) -> bool:
    """Whether names share a word, or the beginning of a long one: `params` and `init_parameters`."""
    return any(
        a == b or (min(len(a), len(b)) > 3 and (a.startswith(b) or b.startswith(a))) for a in some for b in others
    )


def _looks_so(use: Use, module: Module) -> bool:
    """Whether the step asks for gradients by the parameter, or by what it takes out of it."""
    for call in ast.walk(module.function):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "gradient":
            sources = [*call.args[1:], *(word.value for word in call.keywords if word.arg == "sources")]
            if any(isinstance(part, ast.Name) and part.id == use.path[0] for s in sources for part in ast.walk(s)):
                return not use.called
    return False
