"""Real training files in VS Code, with the real server and the real worker. Screenshots are in build/screenshots."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Mark
from tests.vscode.conftest import ROOT, CodeServer

pytestmark = pytest.mark.editor

FIXTURE = ROOT / "fixtures" / "loss_after_the_block"
MOVE = "Move the loss into the tape (gradfix loss-outside-tape)"
IGNORE = "Ignore loss-outside-tape on this line (gradfix)"
LINE = 24
SERVER = Path(sys.executable).parent / "gradfix-lsp"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a broken training file."""
    folder = tmp_path / "tides"
    folder.mkdir()
    shutil.copy(FIXTURE / "before.py", folder / "train.py")
    return folder


def test_the_light_bulb_offers_a_fix_that_leaves_the_proved_bytes(code_server: CodeServer, project: Path) -> None:
    told = code_server.story("fix", project, file="train.py", line=LINE, title=MOVE)
    assert told["offered"] == [MOVE, IGNORE]
    assert told["said"] == "gradfix: train.py: no gradient is missing"
    assert told["heading"] == "No gradient is missing"
    assert (project / "train.py").read_bytes() == (FIXTURE / "after.py").read_bytes()


def test_the_button_of_the_progress_ends_the_run(
    code_server: CodeServer, project: Path, tmp_path: Path, mark: Mark
) -> None:
    sleeper = _script(tmp_path / "sleeper", f"exec -a {mark.name} sleep 600")
    settings = {"gradfix.interpreter": str(sleeper), "gradfix.serverPath": str(SERVER)}
    code_server.story("cancel", project, settings, file="train.py", line=LINE, title=MOVE)
    assert mark.goes()
    assert (project / "train.py").read_bytes() == (FIXTURE / "before.py").read_bytes()


def test_what_is_saved_is_fixed_first_with_the_settings_of_the_docs(code_server: CodeServer, project: Path) -> None:
    code_server.story("save", project, _on_save(), file="train.py", typed="# high tide")
    assert (project / "train.py").read_bytes() == (FIXTURE / "after.py").read_bytes() + b"# high tide"


def test_nothing_runs_before_a_workspace_is_trusted_and_then_the_same_server_offers_fixes(
    code_server: CodeServer, project: Path, tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    server = _script(tmp_path / "server", f'echo started >>"{starts}"; exec "{SERVER}"')
    settings = {
        "security.workspace.trust.enabled": True,
        "security.workspace.trust.startupPrompt": "never",
        "gradfix.serverPath": str(server),
        "gradfix.interpreter": sys.executable,
    }
    told = code_server.story("trust", project, settings, file="train.py", line=LINE, title=MOVE)
    assert told == {"before": [IGNORE], "after": [MOVE, IGNORE]}
    assert starts.read_text() == "started\n"


def test_notebooks_are_fixed_in_the_right_cells_also_when_they_are_saved(
    code_server: CodeServer, tmp_path: Path
) -> None:
    fixtures = {
        "train": "notebook_with_the_loss_in_the_next_cell",
        "where": "notebook_with_numpy_where_in_a_helper_cell",
    }
    for name, fixture in fixtures.items():
        shutil.copy(ROOT / "fixtures" / fixture / "before.ipynb", tmp_path / f"{name}.ipynb")
    train, where = {"file": "train.ipynb", "cell": "reduce_mean"}, {"other": "where.ipynb", "first": "default_rng"}
    told = code_server.story("notebook", tmp_path, _on_save(), title=MOVE, typed="  # by the sea", **train, **where)
    assert told["offered"][:2] == [MOVE, IGNORE]
    for name, fixture in fixtures.items():
        after = (ROOT / "fixtures" / fixture / "after.ipynb").read_text()
        saved = (tmp_path / f"{name}.ipynb").read_text()
        if name == "where":
            assert saved.count("  # by the sea") == 1
            saved = saved.replace("  # by the sea", "")
        assert [c["source"] for c in json.loads(saved)["cells"]] == [c["source"] for c in json.loads(after)["cells"]]


def test_the_server_is_that_of_the_selected_environment(code_server: CodeServer, project: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    python = bare / "bin" / "python"
    settings = {"python.defaultInterpreterPath": str(python)}
    told = code_server.story("environment", project, settings, file="train.py", python=sys.executable)
    assert told["said"].startswith(
        f'gradfix: gradfix is not installed in {python}. Install it with: "{python}" -m pip install "gradfix[lsp]"'
    )
    assert any("Fix all missing gradients" in row for row in told["offered"])


def _on_save() -> Any:
    """The settings of the docs for safe fixes whenever a file is saved."""
    page = (ROOT / "docs" / "editors.md").read_text()
    (listing,) = re.findall(r"```json\n(\{[^`]*codeActionsOnSave[^`]*)```", page)
    return json.loads(listing)


def _script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)
    return path
