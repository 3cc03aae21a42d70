"""Emacs with Eglot, in a batch."""

from __future__ import annotations

import pytest

from tests.editors.conftest import AFTER, BREAK, HERE, Edit, Session
from tests.programs import program

pytestmark = pytest.mark.editor


@pytest.fixture(scope="module")
def emacs(edit: Edit) -> Session:
    return edit([program("emacs"), "-q", "--batch", "-l", str(HERE / "eglot.el")], "Emacs: Eglot", ".el")


@pytest.mark.parametrize("name", ["tides.py", "saved.py", "ignored.py", "endless.py"])
def test_files_are_saved_as_the_proof_has_them(emacs: Session, name: str) -> None:
    assert emacs.saved(name) == AFTER[name], emacs.seen


def test_what_is_shown_lies_under_what_it_is_about(emacs: Session) -> None:
    assert emacs.seen["diagnostics"]["tides.py"] == BREAK


def test_a_step_tells_where_point_rests_what_the_proof_of_its_fix_saw(emacs: Session) -> None:
    assert "all 4 sources have a gradient" in emacs.seen["hover"]


def test_no_process_stays_behind_not_even_of_a_run(emacs: Session) -> None:
    assert any("gradfix-lsp" in command for command in emacs.commands)
    assert not emacs.left
