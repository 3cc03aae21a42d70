"""Data of the module that the step is meant for: arrays that are called like a parameter, datasets it is fed from."""

from __future__ import annotations

import ast

import numpy as np
import tensorflow as tf

from .definitions import dotted
from .module import Module
from .specs import Spec
from .uses import Use


def module_data(use: Use, module: Module, batch: int) -> list[Spec]:
    """Arrays and tensors of the module which are called the same, as `x_train` is for `x`."""
    found: list[Spec] = []
    if len(use.path) > 1:
        return found
    given, name = _given(use, module), use.name
    stems = {*given, f"{name}_train", f"train_{name}", name, f"{name}s", f"train_{name}s", f"{name}_data"}
    lowered = {stem.lower() for stem in stems}
    for called, value in module.namespace.items():
        if called.lower() in lowered and isinstance(value, (np.ndarray, tf.Tensor)):
            rows = {"rows": batch} if len(value.shape) and value.shape[0] > batch else {}
            found.append({"kind": "name", "name": called, **rows})
    for loop in ast.walk(module.tree):
        if isinstance(loop, (ast.For, ast.comprehension)):
            source, target = _looped(loop)
            if isinstance(module.namespace.get(source), tf.data.Dataset):
                items = target.elts if isinstance(target, ast.Tuple) else [target]
                for index, item in enumerate(items):
                    if dotted(item) in given | {name}:
                        found.append({"kind": "first", "name": source, "path": [index] if len(items) > 1 else []})
    return found


def _given(use: Use, module: Module) -> set[str]:
    """The names that the file itself passes for a parameter where it calls the function."""
    function = module.function
    order = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args) if arg.arg not in ("self", "cls")]
    names = set()
    for call in ast.walk(module.tree):
        if isinstance(call, ast.Call) and dotted(call.func).rsplit(".", 1)[-1] == function.name:
            given = {
                **dict(zip(order, call.args, strict=False)),
                **{str(word.arg): word.value for word in call.keywords},
            }
            names |= {dotted(given[use.name])} if use.name in given else set()
    return names - {""}


def _looped(loop: ast.For | ast.comprehension) -> tuple[str, ast.expr]:
    """What a loop goes through, without `enumerate` and methods such as `take`, and what its elements are called."""
    target, source = loop.target, loop.iter
    while isinstance(source, ast.Call):
        if isinstance(source.func, ast.Attribute):
            source = source.func.value
            continue
        name = dotted(source.func)
        if name not in ("enumerate", "iter", "tqdm") or not source.args:
            break
        if name == "enumerate" and isinstance(target, ast.Tuple):
            target = target.elts[-1]
        source = source.args[0]
    return dotted(source), target
