"""Tries a level of isolation in a child that may die."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable


def refusal_of(attempt: Callable[[str], int]) -> str:
    """Why a level is not to be had on this machine, "" where it is.

    `attempt` is called in a child with a folder to use up, and returns its exit code or raises what speaks against it.
    """
    if sys.platform != "linux":
        return "needs Linux"
    with tempfile.TemporaryDirectory(prefix="gradfix-probe-") as scratch, tempfile.TemporaryFile() as said:
        pid = os.fork()
        if pid == 0:
            try:
                os._exit(attempt(scratch))
            except BaseException as e:
                os.write(said.fileno(), str(e).encode())
                os._exit(1)
        ended = os.waitpid(pid, 0)[1]
        said.seek(0)
        return said.read().decode("utf-8", "replace")[:300] or ("" if ended == 0 else "the probe died")
