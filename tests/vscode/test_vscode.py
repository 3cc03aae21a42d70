"""Real training files in VS Code, with the real server and the real worker. Screenshots are in build/screenshots."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.vscode.conftest import ROOT, CodeServer

pytestmark = pytest.mark.editor

FIXTURE = ROOT / "fixtures" / "loss_after_the_block"
MOVE = "Move the loss into the tape (gradfix loss-outside-tape)"
IGNORE = "Ignore loss-outside-tape on this line (gradfix)"


def test_the_light_bulb_offers_a_fix_that_leaves_the_proved_bytes(code_server: CodeServer, tmp_path: Path) -> None:
    shutil.copy(FIXTURE / "before.py", tmp_path / "train.py")
    told = code_server.story("fix", tmp_path, file="train.py", line=24, title=MOVE)
    assert told == {"offered": [MOVE, IGNORE]}
    assert (tmp_path / "train.py").read_bytes() == (FIXTURE / "after.py").read_bytes()
