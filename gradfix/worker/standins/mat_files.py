"""MATLAB's files that are not there: `scipy.io.loadmat`, with SciPy or without it."""

from __future__ import annotations

import ast
import functools
import os
from types import FrameType
from typing import Any

import numpy as np

from . import arrays, hints
from .files import Files
from .guards import tree_of
from .notes import numbers

SIZES = (32, 16, 8, 8)
"""Points along each coordinate."""
FLAT = ("flatten", "ravel", "squeeze")
RATE = 16_000


class Matlab(dict[str, Any]):
    """Arrays of two dimensions or more. Those that the code flattens are columns; where several coordinates are
    flattened, what is left are values on their grid."""

    def __init__(self, frame: FrameType) -> None:
        super().__init__()
        self.hints = hints.of_frame(frame)
        tree = tree_of(frame.f_code.co_filename)
        flat = _flattened(tree) if tree is not None else set()
        plain = [name for name in sorted(flat) if not hints.LABELS.match(name)]
        self.axes = sorted(plain, key=lambda name: name.lower() in ("t", "tt", "time"))  # time comes last

    def __missing__(self, key: str) -> Any:
        if key.startswith("__"):
            raise KeyError(key)
        if hints.LABELS.match(key) and key not in self.axes:
            made = arrays.array(key, self.hints)
            self[key] = made[:, None] if made.ndim == 1 else made
        elif len(self.axes) > 1:
            sizes = dict(zip(self.axes, SIZES, strict=False))
            shape = (sizes.get(key, 8), 1) if key in self.axes else tuple(sizes.values())
            self[key] = np.linspace(0, 1, shape[0])[:, None] if key in self.axes else numbers(key).random(shape)
        else:
            self[key] = np.asarray(arrays.array(key, self.hints), "float64")
        return self[key]


def _flattened(tree: ast.Module) -> set[str]:
    """Names of `data["x"].flatten()` and `np.squeeze(data["x"])`."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in FLAT:
            continue
        for inner in (node.func.value, *node.args):
            if isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.Constant):
                found.add(str(inner.slice.value))
    return found


def names(files: Files) -> dict[str, Any]:
    """`scipy.io` without SciPy: of a file that is not there. Others need the package."""

    def absent(*_: Any, **__: Any) -> Any:
        from .notes import Needs

        raise Needs("scipy", "scipy.io reads a file that is there")

    return {"loadmat": reader(absent, files), "read": sound(absent, files), "savemat": lambda *a, **k: None}


def reader(original: Any, files: Files) -> Any:
    """`loadmat`."""

    @functools.wraps(original)
    def loadmat(file_name: Any, *args: Any, **kwargs: Any) -> Any:
        frame = files.due(file_name)
        if frame is None:
            return original(file_name, *args, **kwargs)
        files.notes.say(f"scipy.io.loadmat({files.shown(file_name)})", "random arrays, made when they are asked for")
        return Matlab(frame)

    return loadmat


def sound(original: Any, files: Files) -> Any:
    """`scipy.io.wavfile.read`."""

    @functools.wraps(original)
    def read(filename: Any, *args: Any, **kwargs: Any) -> Any:
        if files.due(filename) is None:
            return original(filename, *args, **kwargs)
        files.notes.say(f"scipy.io.wavfile.read({files.shown(filename)})", "a second of noise")
        noise = numbers(os.path.basename(os.fspath(filename))).integers(-(2**15), 2**15, RATE)
        return RATE, noise.astype("int16")

    return read
