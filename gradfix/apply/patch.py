"""All files of a patch are written or none, also where gradfix is killed in between: then the next start sees to it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradfix.apply import journal, replace
from gradfix.apply.journal import BadJournal, Entry
from gradfix.apply.replace import Refused
from gradfix.sources import reason_of
from gradfix.values import Rewritten

PATIENCE = 10.0
"""Seconds to wait for another gradfix that writes in the same folder: it needs milliseconds."""


@dataclass(frozen=True)
class Unwritten:
    """A file that was left as it was, and why, in one line that does not repeat the path."""

    path: str
    message: str


@dataclass(frozen=True)
class TakenBack:
    """A patch that was interrupted: the files that have their old text again, and those that somebody has changed."""

    files: tuple[str, ...]
    left: tuple[str, ...]


def apply_patch(files: Sequence[Rewritten]) -> Unwritten | None:
    """Writes all files of a patch or, for the reason that is returned, none.

    Each must still hold its `before`. Modes, owners and links are kept: the target of a link is written. What was
    interrupted in the folders earlier is taken back first.
    """
    at = files[0].path
    try:
        entries = [_entry(f) for f in files]
        folders = sorted({e.folder for e in entries})
        for folder in folders:
            if isinstance(problem := take_back(folder), Unwritten):
                return problem
        with _locked(folders):
            for entry in entries:
                at = entry.path
                replace.check(at, entry.before)
            return _write(entries, folders)
    except (Refused, OSError, ValueError) as e:  # ValueError: a null byte in a path
        return Unwritten(at, reason_of(e))


def take_back(folder: str) -> TakenBack | Unwritten | None:
    """Takes back what an interrupted gradfix has left half-written, if a journal in this folder tells of it.

    `folder` leads through no link. A file that holds neither its text before the patch nor that after it was changed by
    somebody, and is left alone. Returns what was put back, why that was not possible, or None for nothing to do.
    """
    if not journal.is_in(folder):
        return None
    at = os.path.join(folder, journal.NAME)
    try:
        others = {e.folder for e in journal.read(folder) if os.path.isdir(e.folder)}
        with _locked(sorted({folder, *others})):
            return _settle(folder)  # reads once more: who had the lock may have been still at it
    except BadJournal as e:
        why = f"{e}: a patch may be half-written; compare its files with your version control, then delete this one"
        return Unwritten(at, why)
    except (Refused, OSError) as e:
        return Unwritten(at, f"a patch is half-written and could not be taken back: {reason_of(e)}")


def _entry(file: Rewritten) -> Entry:
    return Entry(os.path.realpath(file.path), f".gradfix-{os.urandom(8).hex()}.tmp", file.before, file.after)


def _write(entries: Sequence[Entry], folders: Sequence[str]) -> Unwritten | None:
    """The writing itself. All that takes space on the disk comes before the first file is touched."""
    at = entries[0].path
    try:
        for folder in folders:
            journal.write(folder, entries)
        for entry in entries:
            at = entry.path
            replace.stage(at, entry.temporary, entry.after)
        for entry in entries:
            at = entry.path
            replace.put(at, entry.temporary, entry.before)
    except BaseException as e:  # an interruption too
        also = ""
        try:
            _undo(entries)
            _forget(entries, folders)
        except (Refused, OSError) as further:  # the journal is still there
            also = f"; what is written already is taken back at the next start: {reason_of(further)}"
        if isinstance(e, Refused | OSError):
            return Unwritten(at, reason_of(e) + also)
        raise
    _forget(entries, folders)
    return None


def _settle(folder: str) -> TakenBack | None:
    """Follows the journal of a folder, and removes it. Raises BadJournal, Refused, OSError; then the journal stays."""
    entries = journal.read(folder)
    # Where no file has its old text the patch was written as a whole: whatever is there now has come later.
    whole = not any(replace.holds(e.path, e.before) for e in entries)
    done = () if whole else _undo(entries)
    left = () if whole else tuple(e.path for e in entries if not replace.holds(e.path, e.before))
    _forget(entries, sorted({folder, *(e.folder for e in entries if os.path.isdir(e.folder))}))
    return TakenBack(done, left) if done or left else None


def _undo(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Puts the old text into each file that holds the new one, and nothing else. Returns their paths."""
    written = [e for e in entries if replace.holds(e.path, e.after)]
    for entry in written:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(entry.temporary)
        replace.stage(entry.path, entry.temporary, entry.before)
        replace.put(entry.path, entry.temporary, entry.after)
    return tuple(e.path for e in written)


def _forget(entries: Sequence[Entry], folders: Sequence[str]) -> None:
    """Removes temporary files and, once what is in the folders will last, the journals."""
    for entry in entries:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(entry.temporary)
    for folder in folders:
        replace.sync(folder)
    for folder in folders:
        journal.remove(folder)


@contextlib.contextmanager
def _locked(folders: Sequence[str]) -> Iterator[None]:
    """Keeps other gradfixes from writing in these folders. The lock ends with the process, however that ends.

    Raises TimeoutError. Nothing is locked on systems and file systems that cannot lock a folder.
    """
    with contextlib.ExitStack() as stack:
        for folder in folders:  # sorted, so that two cannot wait for each other
            handle = _lock(folder)
            if handle is not None:
                stack.callback(os.close, handle)
        yield


def _lock(folder: str) -> int | None:
    try:
        import fcntl
    except ImportError:
        return None
    handle = os.open(folder, os.O_RDONLY)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError as e:
            if time.monotonic() > end:
                os.close(handle)
                raise TimeoutError("another gradfix is writing in its folder") from e
            time.sleep(0.01)
        except OSError:  # NFS does not lock what is not open for writing
            os.close(handle)
            return None
