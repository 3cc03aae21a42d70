"""Keeps the reports of files that were run, one file an entry, in the platform's cache folder."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace

from platformdirs import user_cache_dir

from gradfix import __version__
from gradfix.account import Account
from gradfix.cache.evidence import interpreter, names_in, ourselves, stamp, time_of, variables
from gradfix.cache.plain import of_plain, to_plain
from gradfix.config import OutputFormat, Settings
from gradfix.run.messages import Versions
from gradfix.sources import Source
from gradfix.values import FileReport, Verdict

MOST = 2000
"""Entries that are kept, the latest used: some ten thousand bytes each."""
SUFFIX = ".json"


@dataclass(frozen=True)
class Entry:
    """A report, the versions that made it, and what it rests on.

    `files` have their `stamp`, "" for one that was not there; `names` the names in folders; `folders` are those of
    installed packages, with the time of their last change.
    """

    report: FileReport
    versions: Versions
    files: dict[str, str]
    names: dict[str, str]
    folders: dict[str, int]

    def holds(self) -> bool:
        """Whether nothing of that has changed."""
        return (
            all(time_of(path) == time for path, time in self.folders.items())
            and all(stamp(path) == known for path, known in self.files.items())
            and all(names_in(path) == known for path, known in self.names.items())
        )


class Cache:
    """Entries in one folder. Any number of processes may use it: each file is written beside and renamed."""

    def __init__(self, folder: str = "") -> None:
        self.folder = folder or os.path.join(user_cache_dir("gradfix"), "proofs")

    def find(self, source: Source, settings: Settings) -> Entry | None:
        """The entry of a file that still holds. One that is damaged counts as none."""
        path = self._path(source, settings)
        try:
            with open(path, "rb") as file:
                head, _, body = file.read().partition(b"\n")
            if hashlib.sha256(body).hexdigest().encode() != head:
                return None
            entry: Entry = of_plain(Entry, json.loads(body))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        if not entry.holds():
            return None
        with contextlib.suppress(OSError):  # so that the latest used is kept longest
            os.utime(path)
        return replace(entry, report=replace(entry.report, cached=True))

    def keep(
        self, source: Source, settings: Settings, report: FileReport, account: Account, versions: Versions | None
    ) -> None:
        """Keeps a report, if another run would give the same: none that a death or the clock has made inconclusive."""
        if versions is None or not versions.runs or account.deaths or not account.runs:
            return
        if report.verdict is Verdict.ERROR:
            return
        own = os.path.abspath(source.path)
        loaded = [path for path in account.files if path != own]
        opened = [path for path in account.opened if path != own and path not in account.files]
        if any(time_of(path) > account.began for path in (*loaded, *opened)):
            return  # it changed while it was run
        around = {os.getcwd(), *map(os.path.dirname, (own, *account.files))}
        entry = Entry(
            report,
            versions,
            {path: stamp(path) for path in (*loaded, *opened)},
            {path: names_in(path) for path in around},
            {path: time_of(path) for path in versions.folders},
        )
        self._write(self._path(source, settings), entry)

    def clear(self) -> int:
        """Removes all entries and returns their number."""
        paths = list(self._entries())
        for path in paths:
            with contextlib.suppress(OSError):
                os.unlink(path)
        return len(paths)

    def _path(self, source: Source, settings: Settings) -> str:
        """Where the entry of a file is, whatever its run loads: all else that counts goes into the name."""
        same = replace(settings, jobs=0, output_format=OutputFormat.TEXT)
        key = [
            *(__version__, platform.python_version(), ourselves(), variables(), interpreter(settings.python)),
            *(os.path.abspath(source.path), source.path, os.getcwd(), source.encoding, source.bom, source.text),
            *(source.named, to_plain(same)),
        ]
        name = hashlib.sha256(json.dumps(key).encode()).hexdigest()
        return os.path.join(self.folder, name + SUFFIX)

    def _write(self, path: str, entry: Entry) -> None:
        body = json.dumps(to_plain(entry)).encode()
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
                os.replace(temporary, path)
            except BaseException:
                os.unlink(temporary)
                raise
        except OSError:  # a full disk, a home that is read-only: the next call runs the file once more
            return
        self._forget()

    def _forget(self) -> None:
        """Removes the entries that were not used for longest, where there are too many."""
        paths = list(self._entries())
        for path in sorted(paths, key=time_of)[: max(len(paths) - MOST, 0)]:
            with contextlib.suppress(OSError):
                os.unlink(path)

    def _entries(self) -> Iterator[str]:
        with contextlib.suppress(OSError):
            yield from (e.path for e in os.scandir(self.folder) if e.name.endswith(SUFFIX))
