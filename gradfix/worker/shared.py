"""What the runs of one file of the user's hand on to one another."""

from __future__ import annotations

from typing import NamedTuple


class Shared(NamedTuple):
    """Open files that the runs of one file of the user's hand on to one another (perturb.py, draining.py)."""

    stash: int
    marks: int
