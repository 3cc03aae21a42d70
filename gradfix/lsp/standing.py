"""The current folder of the server, which may vanish under it."""

from __future__ import annotations

import os


def stand_in(folder: str) -> None:
    """Makes a folder the current one; where it is not there, the first above it that is."""
    while True:
        try:
            os.chdir(folder)
        except OSError:
            above = os.path.dirname(folder)
            if above == folder:
                return
            folder = above
        else:
            return


def stands() -> bool:
    """Whether there is a current folder: one that was made anew under the same name is another."""
    try:
        os.getcwd()
    except OSError:
        return False
    return True
