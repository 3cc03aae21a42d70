"""Bare numbers in files that are not there: `np.fromfile`, `np.memmap`, in the shape that the code gives them."""

from __future__ import annotations

import ast
import functools
import math
import os
from types import FrameType
from typing import Any

import numpy as np

from . import hints
from .contents import idx
from .files import Files
from .guards import tree_of
from .notes import ROWS, numbers

MOST = 1 << 22
"""Numbers in one made-up array: the rows of a longer one are all the same, and take no memory."""
LENGTH = 1 << 14
"""Numbers where nothing says how many."""


def install(files: Files) -> None:
    """Wraps both."""
    _fromfile(files)
    _memmap(files)


def _fromfile(files: Files) -> None:
    original = np.fromfile

    @functools.wraps(original)
    def fromfile(file: Any, dtype: Any = float, count: int = -1, sep: str = "", offset: int = 0, **rest: Any) -> Any:
        if hasattr(file, "getvalue") and hasattr(file, "read"):  # made-up bytes: NumPy asks for a real file
            file.seek(offset, 1)
            kind = np.dtype(dtype)
            data = file.read() if count < 0 else file.read(count * kind.itemsize)
            return np.frombuffer(data[: len(data) // kind.itemsize * kind.itemsize], kind).copy()
        frame = files.due(file)
        if frame is None:
            return original(file, dtype, count, sep, offset, **rest)
        name = os.path.basename(os.fspath(file))
        if "ubyte" in name:
            made = np.frombuffer(idx(name)[offset:], dtype)[: count if count >= 0 else None].copy()
        else:
            made = values(name, np.dtype(dtype), (count if count >= 0 else length(frame),), frame)
        files.notes.say(f"numpy.fromfile({files.shown(file)})", f"random {made.dtype} values {made.shape}")
        return made

    setattr(np, "fromfile", fromfile)  # noqa: B010 - an overloaded function to mypy


def _memmap(files: Files) -> None:
    original: Any = np.memmap

    class memmap(original):  # type: ignore[misc]
        """A mapped file, or random numbers in memory."""

        def __new__(cls, filename: Any, dtype: Any = np.uint8, mode: str = "r+", *args: Any, **options: Any) -> Any:
            frame = files.due(filename) if not mode.startswith("w") else None
            if frame is None:
                return original.__new__(cls, filename, dtype, mode, *args, **options)
            shape = options.get("shape", args[1] if len(args) > 1 else None)
            shape = (length(frame),) if shape is None else tuple(np.atleast_1d(shape).tolist())
            made = values(os.path.basename(os.fspath(filename)), np.dtype(dtype), shape, frame)
            files.notes.say(f"numpy.memmap({files.shown(filename)})", f"random {made.dtype} values {made.shape}")
            return made

    setattr(np, "memmap", memmap)  # noqa: B010 - a type checker takes the name for a type


def values(name: str, kind: np.dtype[Any], shape: tuple[int, ...], frame: FrameType) -> np.ndarray[Any, Any]:
    """Random numbers of a type: bytes up to 255, other whole numbers up to what the code's words or classes go to."""
    generator, said = numbers(name), hints.of_frame(frame)
    drawn = shape if math.prod(shape) <= MOST else (1, *shape[1:])
    if kind.kind in "iub":
        top = 256 if kind.itemsize == 1 else said.count if hints.LABELS.search(name) else said.words or 100
        made = generator.integers(0, min(top, 256) if kind.itemsize == 1 else top, drawn).astype(kind)
    else:
        made = generator.random(drawn).astype(kind)
    return made if drawn == shape else np.broadcast_to(made, shape)


def length(frame: FrameType) -> int:
    """So many that the shapes which the code gives its arrays fit."""
    tree = tree_of(frame.f_code.co_filename)
    if tree is None:
        return LENGTH
    known = hints.constants(tree)
    rows = 1
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") != "reshape":
            continue
        given = node.args[0].elts if node.args and isinstance(node.args[0], (ast.Tuple, ast.List)) else node.args
        sizes = [hints.whole(size, known) for size in given]
        here = node.lineno <= frame.f_lineno <= (node.end_lineno or 0)
        if None in sizes or not sizes:
            open_ = [s for s in sizes if s is not None and s > 0]
            rows = math.lcm(rows, math.prod(open_)) if open_ else rows
        elif here and all(s and s > 0 for s in sizes):
            return math.prod(s for s in sizes if s)
    return rows * ROWS if 1 < rows <= MOST // 8 else LENGTH
