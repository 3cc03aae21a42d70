"""docs/obstacles.md is true: what it names exists, and no fixture that something is made up for is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "obstacles.md").read_text()
SHOWN = {
    name
    for line in TEXT.splitlines()
    if line.startswith("| ")
    for name in re.findall(r"`(\w+)`", line.rsplit("|", 2)[1])
}
FIXTURES = {path.parent.name: json.loads(path.read_text()) for path in (ROOT / "fixtures").glob("*/expected.json")}


def test_what_the_page_names_exists() -> None:
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    unknown = {n for n in SHOWN if n not in FIXTURES and f"def {n}(" not in tests}
    assert not unknown
    assert len(SHOWN) > 50


def test_every_obstacle_has_something_that_shows_it() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("| ") and "---" not in line]
    assert all(
        re.search(r"`\w+`", line.rsplit("|", 2)[1]) for line in rows if not line.startswith(("| Obstacle", "| Shape"))
    )


def test_fixtures_that_something_is_made_up_for_are_on_the_page() -> None:
    made_up = {name for name, expected in FIXTURES.items() if expected.get("made_up")}
    assert made_up <= SHOWN
