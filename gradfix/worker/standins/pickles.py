"""Pickles that are not there: arrays, where the code shows how it takes them apart. Other objects cannot be made up."""

from __future__ import annotations

import ast
import functools
import io
import os
import pickle
from types import FrameType
from typing import Any

import numpy as np

from . import arrays, hints
from .files import Files
from .guards import tree_of
from .notes import ROWS, numbers

LOADERS = ("pickle", "cPickle", "pkl", "joblib", "dill")
CIFAR = ("data_batch", "test_batch")
"""How the files of CIFAR-10 for Python are called: their format is known."""


class Pickled(io.BytesIO):
    """An opened file that holds a pickle, as far as anybody asks `pickle`."""

    def __init__(self, name: str, frame: FrameType) -> None:
        super().__init__(b"")
        self.name, self.frame = name, frame


class Batch(dict[Any, Any]):
    """One file of CIFAR-10: rows of 3072 bytes and a list of labels, under names of text or of bytes."""

    def __missing__(self, key: Any) -> Any:
        name = key.decode() if isinstance(key, bytes) else str(key)
        if name == "data":
            self[key] = numbers("cifar data").integers(0, 256, (ROWS, 3072), dtype="uint8")
        elif name == "filenames":
            self[key] = [f"picture_{i}.png" for i in range(ROWS)]
        else:
            self[key] = [i % 10 for i in range(ROWS)]
        return self[key]


class Keyed(arrays.Archive):
    """A dict of arrays, whose names may be bytes."""

    def __missing__(self, key: Any) -> Any:
        self[key] = arrays.array(key.decode() if isinstance(key, bytes) else str(key), self.hints)
        return self[key]


def install(files: Files) -> None:
    """Wraps `pickle.load`; `open` asks `opened`."""
    original = pickle.load

    @functools.wraps(original)
    def load(file: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(file, Pickled):
            return original(file, *args, **kwargs)
        made = contents(file.name, file.frame)
        files.notes.say(f"the pickle {files.shown(file.name)}", described(made))
        return made

    pickle.load = load


def names(files: Files) -> dict[str, Any]:
    """`joblib`, where it is absent."""

    def load(path: Any, *_: Any, **__: Any) -> Any:
        frame = files.due(path)
        made = contents(os.fspath(path), frame) if frame is not None else None
        if made is None:
            raise FileNotFoundError(path)
        files.notes.say(f"joblib.load({files.shown(path)})", described(made))
        return made

    def delayed(function: Any) -> Any:
        return lambda *args, **kwargs: functools.partial(function, *args, **kwargs)

    class Parallel:
        """Calls in a row."""

        def __init__(self, *_: Any, **__: Any) -> None:
            pass

        def __call__(self, calls: Any) -> list[Any]:
            return [call() for call in calls]

    nothing: dict[str, Any] = {"dump": lambda *a, **k: [], "cpu_count": lambda *a, **k: 1}
    return {"load": load, "delayed": delayed, "Parallel": Parallel, **nothing}


def opened(path: str, frame: FrameType) -> Pickled | None:
    """A file for `pickle.load`, None where the code unpickles nothing, or objects that are no data."""
    return Pickled(path, frame) if contents(path, frame) is not None else None


def contents(path: str, frame: FrameType) -> Any:
    """What a pickle holds, by what the code does with it: arrays one by one, by name, or alone. None: not known."""
    name = os.path.basename(path)
    if name.startswith(CIFAR):
        return Batch()
    tree = tree_of(frame.f_code.co_filename)
    said = hints.of_frame(frame)
    taken = _taken(tree, frame) if tree is not None else None
    if taken == "by name":
        return Keyed(frame)
    if isinstance(taken, list):
        return tuple(arrays.array(part, said) for part in taken)
    if isinstance(taken, str):
        stem = name.rpartition(".")[0] or name
        return arrays.array(taken if hints.LABELS.match(taken) else stem, said)
    return None


def described(made: Any) -> str:
    """For people."""
    if isinstance(made, dict):
        return "random arrays, made when they are asked for"
    listed = made if isinstance(made, tuple) else (made,)
    return "random arrays " + ", ".join(str(a.shape) for a in listed)


def _taken(tree: ast.Module, frame: FrameType) -> Any:
    """How the nearest loading at or after a line is used: a list of names, "by name", one name, or None."""
    uses = [n for n in ast.walk(tree) if isinstance(n, (ast.Assign, ast.Return)) and _loads(n.value)]
    uses.sort(key=lambda n: (n.lineno < frame.f_lineno and (n.end_lineno or 0) < frame.f_lineno, n.lineno))
    if not uses:
        return None
    nearest = uses[0]
    if isinstance(nearest, ast.Return):
        return "by name"
    target = nearest.targets[0]
    if isinstance(target, (ast.Tuple, ast.List)):
        return [getattr(t, "id", getattr(t, "attr", f"part_{i}")) for i, t in enumerate(target.elts)]
    name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
    for node in ast.walk(tree):
        owner = getattr(node, "value", None)
        if not isinstance(owner, (ast.Name, ast.Attribute)) or name != getattr(owner, "id", getattr(owner, "attr", "")):
            continue
        if isinstance(node, ast.Subscript) and isinstance(getattr(node.slice, "value", None), (str, bytes)):
            return "by name"
        if isinstance(node, ast.Return):
            return "by name"
        if isinstance(node, ast.Attribute) and not hasattr(np.ndarray, node.attr):
            return None  # an object with methods of its own
    return name


def _loads(value: ast.expr | None) -> bool:
    """Whether an expression is `pickle.load(...)` or the like."""
    if not isinstance(value, ast.Call):
        return False
    function = value.func
    if isinstance(function, ast.Attribute):
        return function.attr == "load" and getattr(function.value, "id", "") in LOADERS
    return False
