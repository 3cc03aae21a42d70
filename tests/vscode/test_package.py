"""The extension for Visual Studio Code as a package."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from gradfix import __version__
from tests.programs import program
from tests.vscode.conftest import EXTENSION, HERE, ROOT

MANIFEST: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text())
PROPERTIES: dict[str, dict[str, Any]] = MANIFEST["contributes"]["configuration"]["properties"]
OWN = {"interpreter", "serverPath", "trace.server"}
NOT_OURS = {"python", "exclude", "force-exclude", "unsafe-fixes", "jobs", "output-format"}
"""Keys of configuration files that say nothing to an editor, or that `gradfix.interpreter` stands for."""


def test_the_package_has_what_it_needs_and_no_more(vsix: Path) -> None:
    with zipfile.ZipFile(vsix) as package:
        assert sorted(name for name in package.namelist() if name.startswith("extension/")) == [
            "extension/LICENSE.txt",
            "extension/changelog.md",
            "extension/dist/extension.js",
            "extension/dist/licenses.txt",
            "extension/images/icon.png",
            "extension/package.json",
            "extension/readme.md",
        ]
        assert json.loads(package.read("extension/package.json"))["version"] == __version__
        assert b"gradfix.checkNow" in package.read("extension/dist/extension.js")
        assert b"\nvscode-languageclient " in package.read("extension/dist/licenses.txt")
        icon = package.read("extension/images/icon.png")
    assert struct.unpack(">II", icon[16:24]) == (256, 256)
    assert vsix.stat().st_size < 400_000


def test_no_file_names_a_package_index() -> None:
    for file in (EXTENSION / "package-lock.json", EXTENSION / ".npmrc", EXTENSION / "package.json"):
        text = file.read_text()
        assert '"resolved"' not in text
        assert "registry=" not in text.replace("-", "")
    assert len(json.loads((EXTENSION / "package-lock.json").read_text())["packages"]) > 10


def test_the_settings_are_those_of_configuration_files() -> None:
    known = json.loads((ROOT / "docs" / "gradfix.schema.json").read_text())["properties"]
    ours = {key.removeprefix("gradfix.") for key in PROPERTIES} - OWN
    assert {_kebab(key) for key in ours} == set(known) - NOT_OURS
    for key in ours:
        here, there = PROPERTIES[f"gradfix.{key}"], known[_kebab(key)]
        assert here["description"] == there["description"]
        for detail in ("enum", "items", "additionalProperties", "minimum"):
            assert here.get(detail) == there.get(detail), key
        if "type" in there:
            assert here["type"] == there["type"]
    listed = re.search(r"const KEYS = \[(.*?)\]", (EXTENSION / "src" / "settings.ts").read_text(), re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"'(\w+)'", listed[1])) == ours


@pytest.mark.parametrize("command", [c["command"] for c in MANIFEST["contributes"]["commands"]])
def test_each_command_that_is_offered_is_there(command: str) -> None:
    assert f"registerCommand('{command}'" in (EXTENSION / "src" / "commands.ts").read_text()


def test_what_an_untrusted_workspace_says_of_programs_is_left_out() -> None:
    limited = MANIFEST["capabilities"]["untrustedWorkspaces"]
    assert limited["supported"] == "limited"
    assert set(limited["restrictedConfigurations"]) == {"gradfix.interpreter", "gradfix.serverPath"}


def test_each_folder_is_told_its_own_interpreter(installed: Path) -> None:
    """One whose interpreter is the server's is told none, and so is the window, whose settings hold for that folder."""
    given = {
        "server": "/a/.venv/bin/python",
        "folders": ["/a", "/b", "/c"],
        "selected": {"": "/usr/bin/python3", "/a": "/a/.venv/bin/python", "/b": "/b/.venv/bin/python"},
        "set": {"/c": {"interpreter": "${workspaceFolder}/env/python", "timeout": 9}},
    }
    esbuild = installed / "extension" / "node_modules" / "esbuild"
    command = [program("node"), str(HERE / "folders.mjs"), str(EXTENSION / "src" / "settings.ts"), str(esbuild)]
    done = subprocess.run([*command, json.dumps(given)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    other, third = {"python": "/b/.venv/bin/python"}, {"timeout": 9, "python": "/c/env/python"}
    assert json.loads(done.stdout) == [{}, {}, other, third]


def _kebab(key: str) -> str:
    return re.sub("[A-Z]", lambda capital: f"-{capital[0].lower()}", key)
