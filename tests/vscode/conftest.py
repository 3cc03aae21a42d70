"""The extension as it is packaged, in VS Code as it is: code-server, which Chromium shows. Both are there once."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.programs import missing, program

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
EXTENSION = ROOT / "editors" / "vscode"
SHOTS = ROOT / "build" / "screenshots"
"""Screenshots stay here to be looked at; git ignores the folder."""
ENVIRONMENT = dict(os.environ)
"""As it is before tests have a cache of their own: what is installed is found there."""


@pytest.fixture(scope="session")
def installed() -> Path:
    """The folder with what `tests/vscode/install` has installed."""
    command = [str(HERE / "install"), "--path"]
    shown = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout
    folder = Path(shown.strip())
    if not (folder / "ready").exists():
        missing("tests/vscode/install has not been run")
    return folder


@pytest.fixture(scope="session")
def vsix(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `.vsix` that `npm run package` makes of a fresh copy, with the packages that `npm ci` has installed."""
    folder = tmp_path_factory.mktemp("extension") / "vscode"
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (folder / "node_modules").symlink_to(installed / "extension" / "node_modules")
    command = [program("npm"), "run", "package"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "dist" / "gradfix.vsix"


@dataclass(frozen=True)
class CodeServer:
    """A code-server with the extension: its address, and the folder of the user's data."""

    url: str
    data: Path
    installed: Path

    def story(self, name: str, folder: Path, settings: dict[str, Any] | None = None, **given: Any) -> Any:
        """Has a story of stories.mjs told in a folder, and gives what it comes to. It has five minutes."""
        usual = {
            "security.workspace.trust.enabled": False,
            "python.defaultInterpreterPath": sys.executable,
            "files.autoSave": "off",
            "workbench.startupEditor": "none",
            "extensions.autoCheckUpdates": False,
            "extensions.autoUpdate": False,
            "remote.autoForwardPorts": False,
            "update.mode": "none",
        }
        (self.data / "User" / "settings.json").write_text(json.dumps({**usual, **(settings or {})}))
        SHOTS.mkdir(parents=True, exist_ok=True)
        everything = {
            "story": name,
            "url": self.url,
            "folder": str(folder),
            "shots": str(SHOTS),
            "chromium": program("chromium", "google-chrome"),
            "modules": str(self.installed),
            **given,
        }
        command = [program("node"), str(HERE / "stories.mjs"), json.dumps(everything)]
        teller = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        try:
            told, _ = teller.communicate(timeout=300)
        finally:
            _end(teller)
        assert teller.returncode == 0, f"{name}: see what is above, and {SHOTS / name}-failed.png"
        return json.loads(told)


@pytest.fixture(scope="session")
def code_server(installed: Path, vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodeServer]:
    """VS Code with the extension, which serves one browser after the other."""
    folder = tmp_path_factory.mktemp("vscode")
    data = folder / "data"
    (data / "User").mkdir(parents=True)
    command = [str(installed / "node_modules" / ".bin" / "code-server")]
    command += [f"--user-data-dir={data}", f"--extensions-dir={folder / 'extensions'}"]
    nowhere = {"serviceUrl": "http://127.0.0.1:9", "itemUrl": "", "resourceUrlTemplate": ""}  # it asks for extensions
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder), "EXTENSIONS_GALLERY": json.dumps(nowhere)}
    environment["PATH"] = os.pathsep.join(p for p in os.get_exec_path() if not (Path(p) / "gradfix-lsp").exists())
    for package in (vsix, _packed(HERE / "python", folder)):
        subprocess.run([*command, f"--install-extension={package}"], env=environment, check=True, timeout=120)
    options = ["--auth=none", "--bind-addr=127.0.0.1:0", "--disable-telemetry", "--disable-update-check"]
    log = folder / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [*command, *options], env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield CodeServer(_address(log, server), data, installed)
    finally:
        _end(server)


def _packed(extension: Path, folder: Path) -> Path:
    """An extension of plain files as a package."""
    package = folder / f"{extension.name}.vsix"
    with zipfile.ZipFile(package, "w") as file:
        for each in extension.iterdir():
            file.write(each, f"extension/{each.name}")
    return package


def _address(log: Path, server: subprocess.Popen[bytes]) -> str:
    """Where the server listens, as soon as it says so."""
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        found = re.search(r"listening on (http://\S+)", log.read_text())
        if found:
            return found[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _end(process: subprocess.Popen[Any]) -> None:
    """Ends a process with all of its group."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            return
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            continue
