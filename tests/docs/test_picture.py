"""The terminal in the README is what the command prints now."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
if sys.platform == "win32":
    pytest.skip("there is no pty", allow_module_level=True)


@pytest.fixture(scope="module")
def picture() -> dict[str, Any]:
    """The script that draws."""
    return runpy.run_path(str(ROOT / "docs" / "picture.py"))


def test_the_picture_shows_what_a_run_prints(picture: dict[str, Any]) -> None:
    """`python docs/picture.py` draws it anew."""
    shown = picture["shown"]()
    assert "\x1b[32m+    error = " in shown, "a terminal shows diffs in colour"
    assert picture["lines_of"](picture["PICTURE"].read_text()) == picture["lines_of"](picture["drawn"](shown))


def test_the_picture_shows_the_command_of_the_readme(picture: dict[str, Any]) -> None:
    (command,) = re.findall(r"<!-- ci: run -->\n```sh\n(.+)\n```", (ROOT / "README.md").read_text())
    first = picture["lines_of"](picture["PICTURE"].read_text())[0]
    assert command.endswith(f"/{first.removeprefix('$ ')}")
    assert picture["PICTURE"].relative_to(ROOT).as_posix() in (ROOT / "README.md").read_text()


def test_the_picture_holds_text_that_a_terminal_wraps_and_no_control_characters(picture: dict[str, Any]) -> None:
    long = "x" * (picture["COLUMNS"] + 1)
    lines = picture["lines_of"](picture["drawn"](f"\x1b[31m{long}\x1b[0m\n<a&b>\n"))
    assert lines[1:] == [long[:-1], "x", "<a&b>"]


def test_what_the_picture_of_the_architecture_names_is_there() -> None:
    texts = ElementTree.parse(ROOT / "docs" / "assets" / "architecture.svg").iter("{http://www.w3.org/2000/svg}text")
    named = [text.text for text in texts if re.fullmatch(r"[a-z]+(/|\.py)", text.text or "")]
    assert len(named) == 5
    assert not [name for name in named if not any((ROOT / folder / str(name)).exists() for folder in (".", "gradfix"))]
