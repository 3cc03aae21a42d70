"""Archives that are not there: unpacking one leaves nothing behind, and its files are made up when they are read."""

from __future__ import annotations

import functools
import tarfile
import zipfile
from typing import Any

from .files import Files


class Empty:
    """A zip or tar file with nothing in it."""

    def __enter__(self) -> Empty:
        return self

    def __exit__(self, *args: Any) -> None:
        pass

    def __iter__(self) -> Any:
        return iter(())

    def _nothing(self, *_: Any, **__: Any) -> None:
        return None

    def _none(self, *_: Any, **__: Any) -> list[Any]:
        return []

    extractall = extract = close = printdir = testzip = _nothing
    namelist = infolist = getmembers = getnames = _none


def install(files: Files) -> None:
    """Wraps what opens archives."""
    opened: Any = tarfile.open
    original = zipfile.ZipFile

    @functools.wraps(opened)
    def tar(name: Any = None, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if not mode.startswith("r") or files.due(name) is None:
            return opened(name, mode, *args, **kwargs)
        files.notes.say(f"the archive {files.shown(name)}", "one with nothing in it")
        return Empty()

    class ZipFile(original):  # type: ignore[misc, valid-type]
        """A zip file that may be an empty stand-in."""

        def __new__(cls, file: Any = None, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            if mode != "r" or files.due(file) is None:
                return object.__new__(cls)
            files.notes.say(f"the archive {files.shown(file)}", "one with nothing in it")
            return Empty()

    tarfile.open = tar
    setattr(zipfile, "ZipFile", ZipFile)  # noqa: B010 - a type checker takes the name for a type
