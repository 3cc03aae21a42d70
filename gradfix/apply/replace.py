"""One file gets new bytes in one step: a reader sees the old bytes or the new ones, never a part."""

from __future__ import annotations

import contextlib
import io
import os
import stat


class Refused(Exception):
    """Why a file is not written, in one line that does not repeat its path."""


def check(path: str, expected: bytes) -> None:
    """Raises Refused where a file must not be written: no regular file, read-only, or not what was read before.

    `path` leads through no link. Root may write everywhere; but whoever took the write permission away meant it.
    """
    try:
        mode = os.lstat(path).st_mode
        if not stat.S_ISREG(mode):
            raise Refused("is not a regular file")
        if not mode & 0o222 or not os.access(path, os.W_OK):
            raise Refused("is read-only")
        folder = os.path.dirname(path)
        if not os.stat(folder).st_mode & 0o222 or not os.access(folder, os.W_OK):
            raise Refused("is in a folder that is read-only")
    except FileNotFoundError as e:
        raise Refused("changed meanwhile: it is gone") from e
    if not holds(path, expected):
        raise Refused("changed meanwhile")


def stage(path: str, temporary: str, data: bytes) -> None:
    """Writes what a file is to hold into a new file beside it, down to the disk, with the mode and owner of the file.

    Raises Refused where the owner cannot be kept (only root may give files away), OSError.
    """
    like = os.stat(path)
    # Closed to others until it has the mode of the file it replaces.
    with create(temporary) as file:
        file.write(data)
        file.flush()
        if hasattr(os, "chown"):
            try:
                os.chown(temporary, like.st_uid, like.st_gid)
            except PermissionError as e:
                raise Refused("belongs to another user or group, and would not any more") from e
        os.chmod(temporary, stat.S_IMODE(like.st_mode))
        os.fsync(file.fileno())


def put(path: str, temporary: str, expected: bytes) -> None:
    """Puts a staged file in place of another that holds `expected`. Raises Refused where it does not, OSError.

    Other hard links to the file keep the old bytes.
    """
    # As late as can be: what an editor saves between this look and the replacement is lost.
    if not holds(path, expected):
        raise Refused("changed meanwhile")
    os.replace(temporary, path)


def create(path: str) -> contextlib.AbstractContextManager[io.BufferedWriter]:
    """Opens a file that must not exist yet, for its owner only. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def holds(path: str, data: bytes) -> bool:
    """Whether a file holds exactly these bytes; False where it is gone, or a link leads elsewhere by now.

    Raises OSError where it cannot be read.
    """
    try:
        if os.path.realpath(path) != path or not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        with open(path, "rb") as file:
            return file.read(len(data) + 1) == data
    except (FileNotFoundError, NotADirectoryError):
        return False


def sync(folder: str) -> None:
    """Makes new names in a folder last through a power cut. Not every system can; the files are whole either way."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
