"""Programs that are no Python packages and that some tests run. Where one is missing these tests are skipped."""

from __future__ import annotations

import os
import shutil

import pytest


def program(name: str, *others: str) -> str:
    """The path of the first of these programs that is there. Else skips the test, or fails it where `.ci/run` asks."""
    found = next(filter(None, map(shutil.which, (name, *others))), None)
    if found is None:
        missing(f"there is no {name}")
    return found or ""


def missing(what: str) -> None:
    """Skips the test for want of something, or fails it where `.ci/run` has promised that all is there."""
    if os.environ.get("GRADFIX_TEST_NOTHING_IS_MISSING"):
        pytest.fail(what)
    pytest.skip(what)
