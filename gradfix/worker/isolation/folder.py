"""Where runs write: a folder for each warm parent, with one below it for each run. The next start removes what is left.

A run's keeper removes its folder. Where keeper and parent are killed in one go, nobody is left to do so: each parent
holds a lock in its folder, and whoever finds a folder whose lock is free may remove it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile

try:
    import fcntl
except ImportError:  # Windows: nothing is swept there
    fcntl = None  # type: ignore[assignment]

from .keeper import remove
from .scratch import OURS

LOCK = "lock"


class Folder:
    """The folder of one warm parent."""

    def __init__(self) -> None:
        sweep(tempfile.gettempdir())
        self.path = tempfile.mkdtemp(prefix=OURS)
        self.lock = _locked(self.path)
        self.runs = 0

    def place(self) -> str:
        """A new folder for one run."""
        self.runs += 1
        path = os.path.join(self.path, str(self.runs))
        os.makedirs(path, 0o700)  # also where somebody has cleared the temporary folder meanwhile
        return path

    def let_go(self) -> None:
        """In a run: user code holds no lock."""
        if self.lock is not None:
            os.close(self.lock)

    def close(self) -> None:
        """Removes the folder."""
        remove(self.path)


def _locked(folder: str) -> int | None:
    """The open lock file of a folder; None where somebody else holds it, or the system has no such locks."""
    if fcntl is None:
        return None
    lock = os.open(os.path.join(folder, LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def sweep(folder: str) -> None:
    """Removes what warm parents of this user that are gone have left in a folder."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(OURS) or not entry.is_dir(follow_symlinks=False):
                continue
            with contextlib.suppress(OSError):
                if entry.stat(follow_symlinks=False).st_uid != os.getuid():
                    continue
                lock = _locked(entry.path) if os.path.exists(os.path.join(entry.path, LOCK)) else None
                if lock is not None:
                    remove(entry.path)
                    os.close(lock)
