"""`--help`: plain, in groups, complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from gradfix.cli import app
from gradfix.settings.options import OPTIONS
from tests.command import gradfix

DOCS = Path(__file__).parents[1] / "docs"
# In no group of --help, or in no file of settings: what is meant for one call only.
OF_FILES_ONLY = {"per-file-ignores", "inputs"}


@pytest.fixture(scope="module")
def text() -> str:
    done = gradfix("--help")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _long() -> list[str]:
    command = typer.main.get_command(app)
    return [option for param in command.params for option in param.opts if option.startswith("--")]


def test_every_option_is_in_a_group_with_its_explanation(text: str) -> None:
    parts = re.split(r"(?m)^(\w+):$", text)[1:]
    groups = zip(parts[::2], parts[1::2], strict=True)
    found = {name: re.findall(r"(?m)^  (?:-\w, )?(--[\w-]+)", body) for name, body in groups}
    assert list(found) == ["Arguments", "Fixes", "Files", "Rules", "Runs", "Configuration", "Output", "General"]
    assert sorted(option for options in found.values() for option in options) == sorted({*_long(), "--help"})
    assert found["Fixes"] == ["--diff", "--apply", "--unsafe-fixes"]
    assert all(ord(c) < 128 for c in text), "no frames of rich"


def test_every_key_of_a_configuration_file_is_an_option_and_is_explained() -> None:
    keys = {option.key for option in OPTIONS}
    assert {f"--{key}" for key in keys - OF_FILES_ONLY} <= set(_long())
    page = (DOCS / "configuration.md").read_text()
    assert set(re.findall(r"(?m)^\| `([a-z][a-z-]+)` \|", page)) == keys


def test_every_option_is_on_the_page_of_the_command_line() -> None:
    page = (DOCS / "command-line.md").read_text() + (DOCS / "configuration.md").read_text()
    assert [option for option in _long() if f"`{option}" not in page and f"{option} " not in page] == []
