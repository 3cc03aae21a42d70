"""Tests that share something dear run in one process: else each process makes it anew, and nobody is told."""

from __future__ import annotations

import pytest


def test_groups_are_known_to_what_deals_tests_out(request: pytest.FixtureRequest) -> None:
    """pytest-xdist tells a group by what it has hung on to a test's name."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("tests are not dealt out in groups: `-n auto --dist loadgroup`")
    assert request.node.nodeid.endswith("test_together.py ")
