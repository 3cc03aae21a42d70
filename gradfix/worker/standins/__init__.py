"""Stand-ins for what a training file needs and this machine lacks: data, packages, files, weights, and time.

What is there is used. What is not is made up, the same in every run, and each is told by an event "standin".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..places import Places
from . import (
    archives,
    datasets,
    downloads,
    files,
    folders,
    keras_files,
    modules,
    notes,
    pickles,
    pipelines,
    raw,
    readers,
    real_packages,
    weights,
)


def prepare() -> None:
    """Looks up, in the warm parent, what all runs need to know of the modules that are there."""
    notes.references("keras")


def install(places: Places, emit: Callable[[dict[str, Any]], None]) -> notes.Notes:
    """Makes all stand-ins ready, and gives what tells of them. Runs no operation, draws no number of the user's."""
    told = notes.Notes(places, emit)
    data = files.Files(told)
    pickles.install(data)
    files.install(data, pickles.opened)
    raw.install(data)
    folders.install(data)
    archives.install(data)
    downloads.install(data)
    readers.install(data)
    weights.install(data)
    notes.replace({**keras_files.install(data), **datasets.install(told)}, "keras")
    modules.install(data)
    real_packages.install(data)
    pipelines.install(told)
    return told
