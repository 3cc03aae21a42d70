"""Applying a patch to four files is killed at hundreds of points: they are all old or all new afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "killed.py"
MEMORY = Path("/dev/shm")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def folder() -> Iterator[str]:
    """A folder in memory where there is one: disks take their time to confirm a write."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as name:
        yield name


def _killed(folder: str, *how: str) -> tuple[dict[str, int], dict[str, int]]:
    command = [sys.executable, str(PROGRAM), folder, *how]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=300).stdout)
    return found["killed"], found["settled"]


@pytest.mark.parametrize(
    ("how", "points", "mixed"),
    [
        # Whether a kill at random hits the moment between two of the files is a matter of luck.
        (["at-random", "250"], 250, set()),
        (["at-each-line"], 250, {"nooo", "nnoo", "nnno"}),
        (["taking-back"], 60, {"nnno", "onno", "oono"}),
    ],
    ids=["at random times", "before each line", "while it is taken back"],
)
def test_of_a_killed_patch_all_is_there_or_nothing_after_the_next_start(
    how: list[str], points: int, mixed: set[str], folder: str
) -> None:
    killed, settled = _killed(folder, *how)
    assert sum(killed.values()) >= points
    assert mixed <= set(killed) <= {"oooo", "nooo", "nnoo", "nnno", "nnnn", "onno", "oono"}, "a file is old or new"
    # After a start with one of the paths, and after starts with all of them; and no other file is left.
    assert set(settled) <= {"oooo oooo", "nnnn nnnn"}
    assert "oooo oooo" in settled
