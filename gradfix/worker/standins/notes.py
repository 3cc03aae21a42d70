"""What stand-ins share: telling once that one took a place, whose frame asks, and numbers of their own."""

from __future__ import annotations

import functools
import sys
import zlib
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from ..places import Places

HERE = __name__.rpartition(".")[0] + "."
"""How the names of the stand-ins' own modules begin."""
WRAPPED = f"{__name__.partition('.')[0]}.wrapped"
"""The module that stands between AutoGraph and what it calls while a run is traced."""
ROWS = 256
"""Examples in what is made up: enough for a few batches of what people use."""


def words(text: str) -> tuple[str, ...]:
    """The words of a text: long lists of names read better that way."""
    return tuple(text.split())


class Needs(ModuleNotFoundError):
    """A value of a package that is not there is needed for the result. Its text is one line."""

    def __init__(self, package: str, why: str = "") -> None:
        text = f"needs the package {package}, which is not installed in the worker's Python"
        super().__init__(f"{text} ({why})" if why else text, name=package)


Needs.__name__ = Needs.__qualname__ = "ModuleNotFoundError"  # what people know it by


class Notes:
    """Tells of each stand-in once, with the line of the user's that met it first."""

    def __init__(self, places: Places, emit: Callable[[dict[str, Any]], None]) -> None:
        self.places, self.emit = places, emit
        self.said: set[str] = set()

    def say(self, what: str, given: str, *, frame: FrameType | None = None, **more: Any) -> None:
        """Emits the event, unless `what` was told already. `frame` is for those that run in other threads."""
        if what not in self.said:
            self.said.add(what)
            place = self.places.of_frame(frame or sys._getframe(1))
            self.emit({"event": "standin", "what": what, "given": given, "place": place, **more})

    def owns(self, frame: FrameType) -> bool:
        """Whether a frame runs the user's code, AutoGraph's version of it included."""
        return self.places.at(frame.f_code, frame.f_lineno) is not None

    def asker(self, through: tuple[str, ...] = ()) -> FrameType | None:
        """The frame of the user's that called a stand-in, directly or through modules whose names start so.

        What a library asks for on its own account is not the user's: it gets an honest answer.
        """
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if self.owns(frame):
                return frame
            name = str(frame.f_globals.get("__name__", ""))
            if not name.startswith((HERE, WRAPPED, *through)) and frame.f_globals.get("__name__") != __name__:
                return None
            frame = frame.f_back
        return None

    def user(self) -> FrameType | None:
        """The innermost frame of the user's, whatever is between."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and not self.owns(frame):
            frame = frame.f_back
        return frame


def numbers(name: str) -> np.random.Generator:
    """Random numbers that belong to a name: the same in every run, and nobody else's state is touched."""
    return np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))


def replace(changes: dict[Any, Any], part: str) -> None:
    """Puts new functions in place of old ones wherever loaded modules refer to them whose names have that part."""
    where = references(part)
    for old, new in changes.items():
        for space, key in where.get(id(old), ()):
            if space.get(key) is old:
                space[key] = new


@functools.cache
def references(part: str) -> dict[int, list[tuple[dict[str, Any], str]]]:
    """Where loaded modules refer to functions and classes, by identity: made once, by the warm parent.

    A child that looked through all modules would copy much of the memory that it shares.
    """
    found: dict[int, list[tuple[dict[str, Any], str]]] = {}
    for name, module in list(sys.modules.items()):
        space = getattr(module, "__dict__", None)
        if part not in name or not isinstance(space, dict):
            continue
        for key, value in list(space.items()):
            if callable(value):
                found.setdefault(id(value), []).append((space, key))
    return found
