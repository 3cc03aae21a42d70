"""Takes a run's own process into the level of the sandbox that was chosen."""

from __future__ import annotations

import os
from typing import Any

from ..overlay import write_down
from . import kernel, landlock
from .audit import Audit
from .choose import AUDIT, FULL, LANDLOCK
from .scratch import Scratch

__all__ = ["AUDIT", "FULL", "LANDLOCK", "go_in", "shows_gpus"]

Written = tuple[str, str]
"""What paths begin with inside, and what is to be said in its place."""


def shows_gpus() -> bool:
    """Whether the host wants user code to see GPUs."""
    return os.environ.get("CUDA_VISIBLE_DEVICES") != "-1"


def go_in(level: str, request: dict[str, Any], scratch: str) -> tuple[dict[str, Any], Written]:
    """Takes this process into a level; gives the request as it reads from there, and how paths are to be told.

    In the namespaces of `full` it is already in the view. Raises OSError where the kernel refuses.
    """
    if level == FULL:
        write_down(request["overlay"])
        kernel.drop_privileges()
    if level not in (LANDLOCK, AUDIT):
        return request, ("", "")
    copy = Scratch(scratch)
    request = copy.fill(request)
    write_down(request["overlay"])
    if level == LANDLOCK:
        landlock.restrict(copy.folder, shows_gpus())
    Audit(copy.folder, files=level == AUDIT).install()
    return request, (copy.files, "")
