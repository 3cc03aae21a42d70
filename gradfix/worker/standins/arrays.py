"""Arrays from files that are not there: `np.load`, `np.loadtxt`, `np.genfromtxt`."""

from __future__ import annotations

import ast
import os
from types import FrameType
from typing import Any

import numpy as np

from . import hints
from .guards import tree_of
from .notes import ROWS


def described(made: Any) -> str:
    """For people."""
    if isinstance(made, Archive):
        return "an archive of random arrays that are made when they are asked for"
    return f"random {made.dtype} values {made.shape}" if isinstance(made, np.ndarray) else type(made).__name__


def assigned(frame: FrameType) -> str:
    """The name that the line of a frame assigns to."""
    tree = tree_of(frame.f_code.co_filename)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Assign) and node.lineno <= frame.f_lineno <= (node.end_lineno or 0):
            target = node.targets[0]
            return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
    return ""


class Archive(dict[str, Any]):
    """An .npz file whose arrays come into being when they are asked for."""

    def __init__(self, frame: FrameType) -> None:
        super().__init__()
        self.hints = hints.of_frame(frame)
        self.f = self

    @property
    def files(self) -> list[str]:
        """The usual names."""
        return list(self) or ["x_train", "y_train", "x_test", "y_test"]

    def __missing__(self, key: str) -> Any:
        self[key] = array(key, self.hints)
        return self[key]

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *args: Any) -> None:
        pass

    def close(self) -> None:
        """Nothing is open."""


def array(name: str, said: hints.Hints) -> Any:
    """Labels or examples, as a name says."""
    if hints.LABELS.match(name):
        return said.labels(name, ROWS)
    return said.features(name, ROWS)


def loaded(path: str, frame: FrameType, *args: Any, **options: Any) -> Any:
    """`np.load`. Pickled objects cannot be made up: None."""
    if path.endswith(".npz") or (not path.endswith(".npy") and taken_by_name(frame)):
        return Archive(frame)
    if path.endswith((".pkl", ".pickle")):
        return None
    stem, name = os.path.basename(path).rpartition(".")[0], assigned(frame)
    return array(name if hints.LABELS.match(name) else stem, hints.of_frame(frame))


def taken_by_name(frame: FrameType) -> bool:
    """Whether the code takes what the line of a frame loads apart by names: `f["x"]`, `f.files`."""
    tree, name = tree_of(frame.f_code.co_filename), assigned(frame)
    for node in ast.walk(tree) if tree is not None else ():
        inside = getattr(node, "value", None)
        here = isinstance(inside, ast.Call) and inside.lineno <= frame.f_lineno <= (inside.end_lineno or 0)
        if not here and (not name or getattr(inside, "id", getattr(inside, "attr", "")) != name):
            continue
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            return isinstance(node.slice.value, str)
        if isinstance(node, ast.Attribute) and node.attr == "files":
            return True
    return False


def parts(frame: FrameType) -> list[str]:
    """The names that the line of a frame takes its value apart into, empty where it does not."""
    tree = tree_of(frame.f_code.co_filename)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Assign) and node.lineno <= frame.f_lineno <= (node.end_lineno or 0):
            target = node.targets[0]
            if isinstance(target, (ast.Tuple, ast.List)):
                return [getattr(t, "id", getattr(t, "attr", "")) for t in target.elts]
    return []


def width(frame: FrameType) -> int:
    """How many numbers a row should have: as many as the code takes apart, else the model's inputs and a label."""
    tree = tree_of(frame.f_code.co_filename)
    said = hints.of_frame(frame)
    most = len(parts(frame))
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and "split" in ast.dump(node.value):
            most = max(most, len(node.targets[0].elts))
    if tree is not None and said.says("csv.reader("):
        most = max(most, _numbered(tree))
    if most:
        return most
    if said.shape and len(said.shape) == 1:
        return said.shape[0] + 1
    return 9


def _numbered(tree: ast.Module) -> int:
    """The parts of a row that the code takes by number: five for `for row in reader: row[:4], row[4]`."""
    loops = [n.target for n in ast.walk(tree) if isinstance(n, (ast.For, ast.comprehension))]
    targets = {target.id for target in loops if isinstance(target, ast.Name)}
    most = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", "") in targets:
            bound = node.slice.upper if isinstance(node.slice, ast.Slice) else node.slice
            if isinstance(bound, ast.Constant) and type(bound.value) is int:
                most = max(most, bound.value + (not isinstance(node.slice, ast.Slice)))
    return most


def rows(frame: FrameType, name: str, count: int = ROWS) -> Any:
    """Rows of numbers whose last is a label."""
    said, columns = hints.of_frame(frame), width(frame)
    made = said_random(name, count, columns)
    if columns > 1:
        labels = np.asarray(said.labels(f"{name} labels", count), dtype="float64")
        made[:, -1] = labels if labels.ndim == 1 else labels.argmax(axis=1)
    return made


def said_random(name: str, count: int, columns: int) -> Any:
    """Numbers with four digits, so that they are the same as text."""
    from .notes import numbers

    return np.round(numbers(name).random((count, columns)), 4)


def table(path: str, frame: FrameType, dtype: Any = float, *args: Any, **options: Any) -> Any:
    """`np.loadtxt`, `np.genfromtxt`."""
    if options.get("names"):
        return _named(path, frame, options["names"])
    made = rows(frame, os.path.basename(path))
    columns = options.get("usecols")
    if isinstance(columns, int):
        made = made[:, columns % made.shape[1]]
    elif columns is not None:
        made = said_random(path, len(made), len(list(columns)))
    elif hints.LABELS.match(assigned(frame)):
        made = made[:, -1]
    if options.get("unpack") and made.ndim == 2:
        made = made.T
    limit = options.get("max_rows")
    made = made[:limit] if limit else made
    return made.astype(dtype) if dtype is not None else made


def _named(path: str, frame: FrameType, names: Any) -> Any:
    """A structured array: `np.genfromtxt(path, names=True)`."""
    from . import columns

    made: dict[str, Any] = columns.table(frame, path)
    if names is not True:
        wanted = [n.strip() for n in names.split(",")] if isinstance(names, str) else [str(n) for n in names]
        made = {n: made[n] if n in made else columns.column(None, n, ROWS) for n in wanted}
    made = {name: values.astype(str) if values.dtype == object else values for name, values in made.items()}
    whole = np.empty(ROWS, dtype=[(name, values.dtype) for name, values in made.items()])
    for name, values in made.items():
        whole[name] = values
    return whole
