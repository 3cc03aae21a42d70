"""The fallback for a view of the file system: a copy of the project, in which a run works and which is thrown away.

The copy lies below the scratch folder under its own absolute path, with the home folder and the current one beside it
as far as they are small: what is large, or not the project's own, is a symbolic link to the original, which the levels
that use this do not let be written.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
from typing import Any

LARGE = 1 << 20
"""Bytes from which on a file is linked, not copied."""
MOST_BYTES, MOST_FILES = 32 << 20, 1500
"""What is copied of a project in all. Python's own files are copied beyond that."""
MOST_LINKS = 500
OURS = "gradfix-run-"
"""Scratch folders of this and other runs."""
FOREIGN = (".git", ".hg", ".tox", ".venv", "venv", "node_modules", "site-packages", "__pycache__", ".mypy_cache")
"""Folders that are linked as they are."""
WRITTEN_AT_HOME = (".cache", ".config", ".keras", ".local", ".local/share", ".matplotlib")
"""Folders at home in which programs put something new."""
HOMES = ("HOME", "USERPROFILE")
TEMPORARY = ("TMPDIR", "TEMP", "TMP")
CACHES = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "MPLCONFIGDIR", "KERAS_HOME")


class Scratch:
    """The folder `folder`, filled for one run."""

    def __init__(self, folder: str) -> None:
        self.folder = os.path.realpath(folder)
        self.files = os.path.join(self.folder, "files")
        self.copied: list[str] = []
        self.bytes, self.count = MOST_BYTES, MOST_FILES

    def fill(self, request: dict[str, Any]) -> dict[str, Any]:
        """Copies what a request needs, moves there, and gives the request with its paths in the copy."""
        root, cwd = request["root"], request["cwd"]
        self.copy(root)
        if not _below(cwd, root):
            self.beside(cwd)
            self.copied.append(cwd)
        self.surroundings()
        os.chdir(self.inside(cwd))
        changed = {
            key: [self.inside(p) for p in request[key]] if isinstance(request[key], list) else self.inside(request[key])
            for key in ("path", "root", "cwd", "search", "argv")
        }
        sys.path[:] = [self.inside(p) for p in sys.path]  # an editable installation of the project itself
        overlay = {self.inside(path): text for path, text in request["overlay"].items()}
        return {**request, **changed, "overlay": overlay}

    def inside(self, path: str) -> str:
        """Where a path of the project is in the copy; another path stays as it is."""
        return self.files + path if any(_below(path, top) for top in self.copied) else path

    def copy(self, root: str) -> None:
        """Copies a project, the nearest files first."""
        os.makedirs(self.files + root)
        self.copied.append(root)
        waiting = [root]
        for folder in waiting:  # grows as it goes
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith(OURS):
                        continue
                    with contextlib.suppress(OSError):
                        if self.one(entry, root):
                            waiting.append(entry.path)

    def one(self, entry: os.DirEntry[str], root: str) -> bool:
        """Copies or links one entry of a project; whether it is a folder that is to be gone through."""
        new = self.files + entry.path
        if entry.is_symlink():
            target = os.readlink(entry.path)
            os.symlink(self.files + target if _below(target, root) else target, new)
            return False
        if entry.is_dir():
            own = entry.name not in FOREIGN and not os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))
            if own and self.count > 0:
                os.mkdir(new)
                return True
            os.symlink(entry.path, new)
            return False
        facts = entry.stat()
        if not stat.S_ISREG(facts.st_mode):
            if stat.S_ISFIFO(facts.st_mode):
                os.mkfifo(new)
            return False
        fits = self.count > 0 and facts.st_size < min(LARGE, self.bytes)
        if fits or entry.name.endswith(".py"):
            shutil.copy2(entry.path, new)
            self.bytes, self.count = self.bytes - facts.st_size, self.count - 1
        else:
            os.symlink(entry.path, new)
        return False

    def beside(self, folder: str) -> None:
        """A folder of which only the entries are new: each that is not there yet is a link to the original."""
        os.makedirs(self.files + folder, exist_ok=True)
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for _, entry in zip(range(MOST_LINKS), entries, strict=False):
                if not os.path.lexists(self.files + entry.path) and not _below(self.folder, entry.path):
                    os.symlink(entry.path, self.files + entry.path)

    def surroundings(self) -> None:
        """Points the home, temporary and cache folders into the scratch folder."""
        home = os.path.expanduser("~")
        for name in WRITTEN_AT_HOME:
            if os.path.isdir(os.path.join(home, name)):
                os.makedirs(os.path.join(self.files + home, name), exist_ok=True)
        for name in reversed(WRITTEN_AT_HOME):
            if os.path.isdir(os.path.join(home, name)):
                self.beside(os.path.join(home, name))
        self.beside(home)
        temporary = os.path.join(self.folder, "tmp")
        os.mkdir(temporary)
        os.environ.update(dict.fromkeys(HOMES, self.files + home), **dict.fromkeys(TEMPORARY, temporary))
        for name in CACHES:
            os.environ.pop(name, None)
        tempfile.tempdir = None  # asked for again


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))
