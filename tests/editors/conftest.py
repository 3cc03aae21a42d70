"""Real editors with the settings that docs/editors.md gives, and what became of a broken project in them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.programs import missing

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
NAMES = {"heights": "𠮷高", "error": "誤差"}
"""Names with characters that take another number of bytes in UTF-8, and of units in UTF-16, than there are."""


def fixture(name: str, which: str) -> bytes:
    """The bytes of a fixture's file before or after its fix."""
    return (ROOT / "fixtures" / name / f"{which}.py").read_bytes()


def tides(which: str) -> bytes:
    """A fixture with text that is not ASCII above the break, before it in its line, and within it."""
    text = re.sub(r"\b(heights|error)\b", lambda word: NAMES[word[0]], fixture("loss_after_the_block", which).decode())
    return f"# Gezeiten 🌊 für Ægir\n{text}".encode()


def stars(which: str) -> bytes:
    """Another fixture, with the line ends of DOS."""
    return fixture("variable_made_of_the_prediction", which).replace(b"\n", b"\r\n")


BROKEN = fixture("loss_after_the_block", "before")
BEFORE = {
    "tides.py": tides("before"),
    "saved.py": stars("before"),
    "ignored.py": BROKEN,
    "typed.py": BROKEN,
    "endless.py": BROKEN.replace(b"with tf", b"while True:\n    pass\nwith tf"),
}
AFTER = {
    "tides.py": tides("after"),
    "saved.py": stars("after"),
    "ignored.py": BROKEN.replace(b"predicted))\n", b"predicted))  # gradfix: ignore[loss-outside-tape]\n"),
    "typed.py": BROKEN + b"# the moon\n",
    "endless.py": BEFORE["endless.py"],
}
BREAK = "𠮷高 - predicted"
"""What the tides' diagnostic is about."""


def documented(heading: str) -> str:
    """All code blocks of a section of docs/editors.md, one after the other."""
    text = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^### {re.escape(heading)}\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL)
    blocks = re.findall(r"^```\w+\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert blocks
    return "".join(blocks)


@dataclass(frozen=True)
class Session:
    """What an editor has left: the project's files, what its driver wrote down, and which processes it had."""

    folder: Path
    seen: dict[str, Any]
    commands: frozenset[str]
    left: frozenset[str]

    def saved(self, name: str) -> bytes:
        """The bytes of a file of the project."""
        return (self.folder / name).read_bytes()


Edit = Callable[[list[str], str, str], Session]


@pytest.fixture(scope="module")
def edit(tmp_path_factory: pytest.TempPathFactory) -> Edit:
    """Gives a function that runs an editor in a broken project: its command, a section of the docs, a file's ending.

    The driver finds the settings in $SETTINGS, writes what it has seen to $SEEN as JSON, and ends the editor.
    """

    if not Path("/proc/self/stat").exists():
        pytest.skip("needs /proc")

    def run(command: list[str], heading: str, ending: str) -> Session:
        home = tmp_path_factory.mktemp("home")
        folder = home / "project"
        folder.mkdir()
        for name, data in BEFORE.items():
            (folder / name).write_bytes(data)
        (folder / "pyproject.toml").write_text("[project]\nname = 'tides'\n")
        (folder / ".venv").symlink_to(sys.prefix)
        settings, seen = home / f"settings{ending}", home / "seen.json"
        settings.write_text(documented(heading), encoding="utf-8")
        environment = {
            **os.environ,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "LC_ALL": "C.UTF-8",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SETTINGS": str(settings),
            "SEEN": str(seen),
        }
        with (home / "output").open("wb") as output:
            editor = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            family = _Family(editor.pid)
            try:
                editor.wait(240)
            finally:
                editor.kill()
                editor.wait()
                family.done.set()
        said = (home / "output").read_text(errors="replace")[-4000:]
        assert seen.exists(), said
        story = json.loads(seen.read_text(encoding="utf-8"))
        if "missing" in story:
            missing(f"the editor has no {story['missing']}")
        assert not story.get("error"), (story, said)
        return Session(folder, story, frozenset(family.commands()), frozenset(family.left()))

    return run


class _Family:
    """The processes that descend from one, as often as one looks."""

    def __init__(self, pid: int) -> None:
        self.known: dict[tuple[int, str], str] = {(pid, _started(pid)): "the editor"}
        self.done = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self.done.wait(0.2):
            pids = {pid for pid, _ in self.known}
            for folder in Path("/proc").glob("[0-9]*"):
                pid = int(folder.name)
                try:
                    parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                    started = _started(pid)
                    if parent in pids and started:
                        self.known[pid, started] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                except (OSError, ValueError):
                    continue

    def commands(self) -> set[str]:
        return set(self.known.values())

    def left(self, seconds: float = 20) -> set[str]:
        """Those that are still there after some seconds."""
        end = time.monotonic() + seconds
        while True:
            alive = {command for (pid, started), command in self.known.items() if _started(pid) == started}
            if not alive or time.monotonic() > end:
                return alive
            time.sleep(0.1)


def _started(pid: int) -> str:
    """When a process was started; "" if it is gone."""
    try:
        state, *more = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state in "ZX" else more[18]
