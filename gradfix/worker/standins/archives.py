"""Archives that are not there: unpacking one leaves nothing behind, and its files are made up when they are read."""

from __future__ import annotations

import ast
import functools
import io
import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from types import FrameType
from typing import Any

from . import contents, folders
from .files import Files
from .guards import tree_of

MEMBERS = 8
"""Files in an archive whose names the code asks for."""


class Member:
    """`TarInfo` and `ZipInfo`, as far as people look at them."""

    def __init__(self, name: str) -> None:
        self.name = self.filename = name
        self.size = self.file_size = 1024

    def isfile(self) -> bool:
        """There are no folders."""
        return True

    def isdir(self) -> bool:
        """There are no folders."""
        return False

    is_dir = isdir


class Invented:
    """A zip or tar file whose members are invented as they are asked for. `frame` is of the code that opened it."""

    def __init__(self, path: str, frame: FrameType) -> None:
        tree = tree_of(frame.f_code.co_filename)
        text = ast.unparse(tree) if tree is not None else ""
        stem = os.path.basename(path).partition(".")[0]
        self.frame = frame
        self.members = [f"{stem}/{stem}_{i}{folders.suffix(text, path)}" for i in range(MEMBERS)]

    def __enter__(self) -> Invented:
        return self

    def __exit__(self, *args: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Member]:
        return iter(self.infolist())

    def namelist(self) -> list[str]:
        """Names of members."""
        return list(self.members)

    def infolist(self) -> list[Member]:
        """Members."""
        return [Member(name) for name in self.members]

    getnames, getmembers = namelist, infolist

    def getmember(self, name: str) -> Member:
        """One member."""
        return Member(name)

    def read(self, member: Any, *_: Any, **__: Any) -> bytes:
        """What a member holds."""
        name = str(getattr(member, "name", member))
        made = contents.of_file(name, self.frame)
        if made is None:
            raise KeyError(f"There is no item named {name!r} in the archive")
        return made

    def open(self, member: Any, *_: Any, **__: Any) -> io.BytesIO:
        """A member as a file."""
        return io.BytesIO(self.read(member))

    extractfile = open

    def _nothing(self, *_: Any, **__: Any) -> None:
        return None

    extractall = extract = close = printdir = testzip = _nothing


def install(files: Files) -> None:
    """Wraps what opens archives, and what clears away what came out of them."""
    opened: Any = tarfile.open
    original = zipfile.ZipFile

    def invented(path: Any, frame: FrameType) -> Invented:
        files.notes.say(f"the archive {files.shown(path)}", "one whose files are made up when they are read")
        return Invented(os.fspath(path), frame)

    @functools.wraps(opened)
    def tar(name: Any = None, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        frame = files.due(name) if mode.startswith("r") else None
        return opened(name, mode, *args, **kwargs) if frame is None else invented(name, frame)

    class ZipFile(original):  # type: ignore[misc, valid-type]
        """A zip file that may be a stand-in."""

        def __new__(cls, file: Any = None, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            frame = files.due(file) if mode == "r" else None
            return object.__new__(cls) if frame is None else invented(file, frame)

    tarfile.open = tar
    setattr(zipfile, "ZipFile", ZipFile)  # noqa: B010 - a type checker takes the name for a type
    _clearing(files)


def _clearing(files: Files) -> None:
    """Nothing is to be removed where nothing was unpacked."""
    for owner, name in ((shutil, "rmtree"), (os, "remove"), (os, "unlink"), (shutil, "unpack_archive")):
        setattr(owner, name, _passing(getattr(owner, name), name, files))


def _passing(original: Any, name: str, files: Files) -> Any:
    @functools.wraps(original)
    def clear(path: Any, *args: Any, **kwargs: Any) -> Any:
        # A link that leads nowhere is there, though what it leads to is not.
        if os.path.islink(path) or files.due(path) is None:
            return original(path, *args, **kwargs)
        files.notes.say(f"{name}({files.shown(path)})", "nothing: it is not there")
        return None

    return clear
