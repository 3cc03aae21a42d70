"""What a proof rests on, and whether that is still as it was."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path

from gradfix.rules import GROUP

LARGE = 1 << 20
"""Bytes from which a file is known by its size and time, not by its content."""
VARIABLES = ("TF_", "XLA_", "KERAS_", "CUDA_", "PYTHON", "OMP_", "GRADFIX_")
"""How the environment variables begin that TensorFlow, Keras and Python heed."""
PACKAGES = Path(__file__).parent.parent
CODEMODS = "gradfix_codemods"


def stamp(path: str) -> str:
    """What a file holds, in a few characters; "" for one that is not there or cannot be read."""
    try:
        about = os.stat(path)
        if about.st_size > LARGE:
            return f"{about.st_size} {about.st_mtime_ns}"
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except (OSError, ValueError):
        return ""


def names_in(folder: str) -> str:
    """The names in a folder, in a few characters: a new file there may be imported or read in another's place."""
    try:
        names = sorted(e.name for e in os.scandir(folder) if not e.name.startswith(".") and e.name != "__pycache__")
    except OSError:
        return ""
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()


def time_of(path: str) -> int:
    """When a file, or a folder's list of names, was changed; 0 for none."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0


def interpreter(python: str) -> list[object]:
    """The identity of an interpreter without starting it: where it is, its file, its environment's settings."""
    path = os.path.abspath(shutil.which(python) or python)
    real = os.path.realpath(path)
    settings = os.path.join(os.path.dirname(os.path.dirname(path)), "pyvenv.cfg")
    return [path, real, time_of(real), stamp(settings)]


@functools.cache
def ourselves() -> tuple[str, ...]:
    """gradfix itself: each of its files with size and time, so that a change of the source counts; and all codemods."""
    found = []
    for top in (PACKAGES, *_codemods()):
        for folder, below, files in os.walk(str(top)):
            below[:] = sorted(name for name in below if name != "__pycache__")
            for name in sorted(files):
                about = os.stat(os.path.join(folder, name))
                found.append(f"{name} {about.st_size} {about.st_mtime_ns}")
    for point in sorted(entry_points(group=GROUP)):
        found.append(f"{point.name} {point.value} {point.dist.version if point.dist else ''}")
    return tuple(found)


def _codemods() -> Iterable[str]:
    """The folder of gradfix's own codemods, found without importing LibCST."""
    from importlib.util import find_spec

    spec = find_spec(CODEMODS)
    return spec.submodule_search_locations or () if spec else ()


def variables() -> list[tuple[str, str]]:
    """The environment variables that count."""
    return sorted((k, v) for k, v in os.environ.items() if k.startswith(VARIABLES))
