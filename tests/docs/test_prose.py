"""What the documentation names in passing is there: options, extras, files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradfix.toml import read_toml
from tests.docs.desk import Desk
from tests.docs.listings import ROOT, pages

TOP = ("benchmarks", "codemods", "docs", "editors", "fixtures", "gradfix", "tests")


def spans(pattern: str) -> set[str]:
    """What fits a pattern within backticks, on all pages."""
    found = (re.findall(rf"`({pattern})`", (ROOT / page).read_text(encoding="utf-8")) for page in pages())
    return {span for of_page in found for span in of_page}


def test_options_are_there(tmp_path: Path) -> None:
    calls = spans(r"gradfix [^`\n]*")
    assert len(calls) > 10
    _, helped = Desk(tmp_path).run("gradfix --help")
    named = {option for call in calls for option in re.findall("--[a-z-]+[a-z]", call.partition(" -- ")[0])}
    assert not {option for option in named if option not in helped}


def test_extras_are_there() -> None:
    texts = "".join((ROOT / page).read_text(encoding="utf-8") for page in pages())
    named = {name for names in re.findall(r"'(?:gradfix|\.)\[([a-z,]+)\]'", texts) for name in names.split(",")}
    assert {"docs", "lsp", "tensorflow"} <= named
    assert named <= set(read_toml(ROOT / "pyproject.toml")["project"]["optional-dependencies"])


def test_files_and_folders_are_there() -> None:
    named = spans(rf"(?:{'|'.join(TOP)})/[\w./-]*(?:/|\.[a-z]+)")
    assert len(named) > 10
    assert not {name for name in named if not (ROOT / name).exists()}


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/protocol.md"])
def test_modules_are_there(page: str) -> None:
    there = {f"/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "gradfix").rglob("*.py")}
    named = set(re.findall(r"`([\w/]+\.py)`", (ROOT / page).read_text(encoding="utf-8")))
    assert named
    assert not {name for name in named if not any(path.endswith(f"/{name}") for path in there)}
