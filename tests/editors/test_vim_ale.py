"""Vim with ALE, without a terminal."""

from __future__ import annotations

import subprocess

import pytest

from tests.editors.conftest import AFTER, BREAK, HERE, Edit, Session
from tests.programs import missing, program

pytestmark = pytest.mark.editor


@pytest.fixture(scope="module")
def vim(edit: Edit) -> Session:
    found = "execute empty(globpath(&packpath, 'pack/*/opt/ale')) ? 'cquit' : 'quit'"
    if subprocess.run([program("vim"), "-N", "-u", "NONE", "-es", "-c", found]).returncode:
        missing("Vim has no ALE")
    start = ["-N", "-n", "-i", "NONE", "--not-a-term", "-T", "dumb"]
    # $SETTINGS stands in the place of the user's vimrc; the driver comes when all is loaded
    command = f'exec {program("vim")} {" ".join(start)} -u "$SETTINGS" -c "source {HERE / "ale.vim"}"'
    return edit(["sh", "-c", command], "Vim: ALE", ".vim")


@pytest.mark.parametrize("name", ["tides.py", "saved.py", "ignored.py", "typed.py", "endless.py"])
def test_files_are_saved_as_the_proof_has_them(vim: Session, name: str) -> None:
    assert vim.saved(name) == AFTER[name], vim.seen


def test_what_is_shown_stands_on_its_line(vim: Session) -> None:
    shown = vim.seen["diagnostics"]["tides.py"]
    assert shown["code"] == "GF101"
    assert BREAK in shown["line"]


def test_no_process_stays_behind_not_even_of_a_run(vim: Session) -> None:
    assert any("gradfix-lsp" in command for command in vim.commands)
    assert not vim.left
