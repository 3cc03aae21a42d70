"""The journal of a patch: written beside its files before the first is touched, removed when all are written.

docs/architecture.md describes the format. A journal says what to put into files, so one that comes from elsewhere (a
checkout, an archive, another user) must not be followed: it belongs to who runs gradfix, and names its own inode,
which no copy has.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradfix.apply.replace import create, sync

NAME = ".gradfix-journal"
VERSION = 1
TEMPORARY = re.compile(r"\.gradfix-[0-9a-f]{16}\.tmp")


class BadJournal(Exception):
    """Why a journal cannot be followed, in one line."""


@dataclass(frozen=True)
class Entry:
    """A file of a patch: its path (absolute, through no link), a name that is free beside it, its old and new bytes."""

    path: str
    name: str
    before: bytes
    after: bytes

    @property
    def folder(self) -> str:
        """The folder that the file lies in."""
        return os.path.dirname(self.path)

    @property
    def temporary(self) -> str:
        """Where new bytes lie until they are put in place."""
        return os.path.join(self.folder, self.name)


def is_in(folder: str) -> bool:
    """Whether a folder has a journal, or the beginning of one."""
    return any(os.path.lexists(os.path.join(folder, name)) for name in (NAME, NAME + ".tmp"))


def write(folder: str, entries: Sequence[Entry]) -> None:
    """Puts a journal into a folder, whole or not at all, down to the disk. Raises OSError."""
    path = os.path.join(folder, NAME)
    with create(path + ".tmp") as file:
        files = [
            {
                "path": os.path.relpath(entry.path, folder),
                "temporary": entry.name,
                "before": base64.b64encode(entry.before).decode(),
                "after": base64.b64encode(entry.after).decode(),
            }
            for entry in entries
        ]
        content = {"journal": VERSION, "inode": os.fstat(file.fileno()).st_ino, "files": files}
        line = json.dumps(content).encode() + b"\n"
        file.write(line + hashlib.sha256(line).hexdigest().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".tmp", path)
    sync(folder)


def read(folder: str) -> tuple[Entry, ...]:
    """The entries of the journal in a folder; none where it was never completed. Raises BadJournal, OSError."""
    path = os.path.join(folder, NAME)
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise BadJournal("is not a regular file")
        with open(path, "rb") as file:
            about, data = os.fstat(file.fileno()), file.read()
    except FileNotFoundError:
        return ()
    if hasattr(os, "geteuid") and about.st_uid != os.geteuid():
        raise BadJournal("belongs to another user")
    line, _, check = data.partition(b"\n")
    if check.strip() != hashlib.sha256(line + b"\n").hexdigest().encode():
        raise BadJournal("is damaged")
    try:
        content = json.loads(line)
        if content["journal"] != VERSION:
            raise BadJournal("was written by another version of gradfix")
        if content["inode"] != about.st_ino:
            raise BadJournal("was not written here but copied")
        return tuple(_entry(folder, file) for file in content["files"])
    except (ValueError, KeyError, TypeError) as e:
        raise BadJournal("is damaged") from e


def _entry(folder: str, file: dict[str, Any]) -> Entry:
    name = file["temporary"]
    if not TEMPORARY.fullmatch(name):
        raise ValueError(name)
    # Not through links: one that came since would lead elsewhere.
    path = os.path.normpath(os.path.join(folder, file["path"]))
    before, after = (base64.b64decode(file[key], validate=True) for key in ("before", "after"))
    return Entry(path, name, before, after)


def remove(folder: str) -> None:
    """Takes the journal out of a folder, and what is left of one that was not completed. Raises OSError."""
    for name in (NAME + ".tmp", NAME):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, name))
