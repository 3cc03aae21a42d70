"""Notes which files of the project a run opens, so that the host knows when they have changed.

Python tells of each `open` by an audit event (PEP 578), also of one that fails: what is missing may come. It does
not tell of what C++ code opens, TensorFlow's readers among it.
"""

from __future__ import annotations

import os
from typing import Any

from .places import Places

MOST = 2000
"""Files that are noted: a run that reads more goes over a data set of many small ones."""


class Opening:
    """An audit hook, which cannot be taken away again; it hears nothing when it is `over`."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.paths: set[str] = set()
        self.over = False

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Notes the path of an `open` below the project's folder."""
        if event != "open" or self.over or not isinstance(arguments[0], str) or len(self.paths) >= MOST:
            return
        if not arguments[0].endswith((".py", ".pyc")):
            path = os.path.abspath(arguments[0])
            if self.places.owns(path):
                self.paths.add(path)
