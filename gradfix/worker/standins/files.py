"""Files that are not there: what the user's code opens to read, and no other, gets made-up contents."""

from __future__ import annotations

import builtins
import functools
import io
import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from . import arrays, contents, guards
from .notes import Notes

PASSING = (
    "pathlib",
    "codecs",
    "gzip",
    "bz2",
    "lzma",
    "fileinput",
    "glob",
    "fnmatch",
    "os",
    "argparse",
    "click",
    "typer",
)
"""Modules that open files in the user's name."""


class Files:
    """Knows what may be made up, and what was: an entry of a made-up folder is made up too."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.folders: set[str] = set()
        self.made: set[str] = set()

    def path(self, value: Any) -> str | None:
        """A path as text, None for what is none."""
        if isinstance(value, (str, os.PathLike)):
            name = os.fspath(value)
            return name if isinstance(name, str) and name else None
        return None

    def due(self, value: Any, errors: frozenset[str] = guards.FILE) -> FrameType | None:
        """The frame of the user's that needs a file that is not there and is not ready to miss it, else None."""
        name = self.path(value)
        if name is None or os.path.exists(name):
            return None
        if name in self.made:
            return self.notes.user()
        frame = self.notes.asker(PASSING)
        if frame is None or guards.ready(self.notes, frame, errors):
            return None
        return frame

    def shown(self, value: Any) -> str:
        """A path for people: short, and without the machine's folders."""
        name = os.path.relpath(os.fspath(value)) if os.path.isabs(os.fspath(value)) else os.fspath(value)
        return repr(name if not name.startswith("..") else os.path.basename(name))


def install(files: Files, pickled: Callable[[str, FrameType], Any]) -> None:
    """Wraps what opens files. `pickled` gives what stands in for a file that holds a pickle."""
    _wrap_open(files, pickled)
    np.load = _wrapped(np.load, "numpy.load", arrays.loaded, files)
    for name in ("loadtxt", "genfromtxt"):
        setattr(np, name, _wrapped(getattr(np, name), f"numpy.{name}", arrays.table, files))


def _wrap_open(files: Files, pickled: Callable[[str, FrameType], Any]) -> None:
    original = builtins.open

    @functools.wraps(original)
    def opening(file: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> Any:
        try:
            return original(file, mode, *args, **kwargs)
        except (FileNotFoundError, NotADirectoryError):
            if not isinstance(mode, str) or set(mode) & set("wax+"):
                raise
            frame = files.due(file)
            if frame is not None and mode in ("rb", "br") and (made := pickled(os.fspath(file), frame)) is not None:
                return made
            data = contents.of_file(os.fspath(file), frame) if frame is not None else None
            if data is None:
                raise
            binary = "b" in mode
            files.notes.say(f"the file {files.shown(file)}", f"{len(data)} made-up bytes: {contents.described(data)}")
            if binary:
                return _Bytes(data, os.fspath(file))
            return _Text(data.decode(), os.fspath(file))

    builtins.open = opening
    io.open = opening


class _Bytes(io.BytesIO):
    """Made-up bytes with the name of a file."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name: Any = name
        self.mode: Any = "rb"


class _Text(io.StringIO):
    """Made-up text with the name of a file."""

    def __init__(self, data: str, name: str) -> None:
        super().__init__(data)
        self.name: Any = name
        self.mode: Any = "r"

    encoding = "utf-8"


def _wrapped(original: Callable[..., Any], what: str, make: Callable[..., Any], files: Files) -> Callable[..., Any]:
    """A reader whose first argument is a path."""

    @functools.wraps(original)
    def read(*args: Any, **kwargs: Any) -> Any:
        value: Any = args[0] if args else kwargs.get("fname", kwargs.get("file"))
        frame = files.due(value)
        if frame is None:
            return original(*args, **kwargs)
        options = {k: v for k, v in kwargs.items() if k not in ("fname", "file")}
        made = make(os.fspath(value), frame, *args[1:], **options)
        if made is None:
            return original(*args, **kwargs)
        files.notes.say(f"{what}({files.shown(value)})", arrays.described(made))
        return made

    return read


def replaced(owner: Any, name: str, new: Any) -> None:
    """Sets an attribute of a module, and of those that have taken the old one from it."""
    old = getattr(owner, name)
    setattr(owner, name, new)
    module = sys.modules.get(getattr(old, "__module__", "") or "")
    if module is not None and getattr(module, name, None) is old:
        setattr(module, name, new)


def missing(files: Files, names: Any) -> list[str]:
    """The paths of an argument, where all of them are missing and a stand-in is due."""
    if hasattr(names, "numpy"):
        names = [n.decode() for n in np.atleast_1d(names.numpy())]
    listed = list(names) if isinstance(names, (list, tuple)) else [names]
    plain = [files.path(n) for n in listed]
    if not plain or any(n is None for n in plain) or any(os.path.exists(n) for n in plain if n):
        return []
    return [n for n in plain if n] if files.due(plain[0]) is not None else []
