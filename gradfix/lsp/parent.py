"""Notices that the client's process is gone, also where somebody else holds its end of stdin open."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable


def when_gone(pid: int | None, then: Callable[[], None]) -> None:
    """Has something called by the running loop once a process has ended, if that is one which has led to this one.

    Another one is left alone: a client in another container has a number that means something else here. Where there
    is neither /proc nor pidfd_open (outside of Linux) nothing is noticed.
    """
    if pid is None or not hasattr(os, "pidfd_open") or pid not in _ancestors():
        return
    try:
        end = os.pidfd_open(pid)
    except OSError:  # gone in between: then stdin tells
        return
    asyncio.get_running_loop().add_reader(end, then)


def _ancestors() -> list[int]:
    found, pid = list[int](), os.getppid()
    while pid > 1:
        found.append(pid)
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                pid = int(file.read().rpartition(b")")[2].split()[1])
        except OSError:
            break
    return found
