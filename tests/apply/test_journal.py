"""What the next start makes of a journal that an interrupted gradfix has left."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradfix.apply import journal
from gradfix.apply.journal import Entry
from gradfix.apply.patch import TakenBack, Unwritten, take_back
from tests.command import gradfix

NAMES = ("a.py", "b.py", "lib/c.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which a patch of three files was killed after the first."""
    (tmp_path / "lib").mkdir()
    entries = []
    for number, name in enumerate(NAMES):
        temporary = f".gradfix-{number:016x}.tmp"
        entries.append(Entry(str(tmp_path / name), temporary, b"old " + name.encode(), b"new " + name.encode()))
        (tmp_path / name).write_bytes(entries[-1].before)
        Path(entries[-1].temporary).write_bytes(b"half")
    (tmp_path / "a.py").write_bytes(b"new a.py")
    for place in (tmp_path, tmp_path / "lib"):
        journal.write(str(place), entries)
    return tmp_path


def _held(folder: Path) -> list[str]:
    return [(folder / name).read_text() for name in NAMES]


def _tree(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("place", ["", "lib"])
def test_a_patch_is_taken_back_from_whichever_of_its_folders(place: str, folder: Path) -> None:
    assert take_back(str(folder / place)) == TakenBack((str(folder / "a.py"),), ())
    assert _held(folder) == ["old a.py", "old b.py", "old lib/c.py"]
    assert _tree(folder) == ["a.py", "b.py", "lib/c.py"]
    assert take_back(str(folder / place)) is None


def test_a_patch_that_is_there_as_a_whole_stays(folder: Path) -> None:
    for name in NAMES:
        (folder / name).write_text(f"new {name}")
    assert take_back(str(folder)) is None
    assert _held(folder) == ["new a.py", "new b.py", "new lib/c.py"]
    assert _tree(folder) == ["a.py", "b.py", "lib/c.py"]


def test_a_file_that_somebody_has_changed_since_is_left(folder: Path) -> None:
    (folder / "lib" / "c.py").write_text("theirs")
    assert take_back(str(folder)) == TakenBack((str(folder / "a.py"),), (str(folder / "lib" / "c.py"),))
    assert _held(folder) == ["old a.py", "old b.py", "theirs"]
    assert _tree(folder) == ["a.py", "b.py", "lib/c.py"]


def test_the_patched_file_itself_is_left_if_somebody_has_changed_it(folder: Path) -> None:
    (folder / "a.py").write_text("new a.py and theirs")
    assert take_back(str(folder)) == TakenBack((), (str(folder / "a.py"),))
    assert _held(folder) == ["new a.py and theirs", "old b.py", "old lib/c.py"]


def test_files_and_folders_that_are_gone_stay_gone(folder: Path) -> None:
    shutil.rmtree(folder / "lib")
    (folder / "b.py").unlink()
    assert take_back(str(folder)) is None, "no file has its old text: nothing is half-written"
    assert _tree(folder) == ["a.py"]


def test_a_link_that_came_since_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "a.py"
    other.write_text("new a.py")
    (folder / "a.py").unlink()
    (folder / "a.py").symlink_to(other)
    assert take_back(str(folder)) == TakenBack((), (str(folder / "a.py"),))
    assert other.read_text() == "new a.py"


def test_a_moved_project_is_taken_back_where_it_is_now(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    moved = tmp_path_factory.mktemp("elsewhere") / "project"
    os.rename(folder, moved)
    assert take_back(str(moved)) == TakenBack((str(moved / "a.py"),), ())
    assert _held(moved) == ["old a.py", "old b.py", "old lib/c.py"]


def test_a_copied_journal_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    copy = tmp_path_factory.mktemp("elsewhere") / "project"
    shutil.copytree(folder, copy)
    problem = take_back(str(copy))
    assert isinstance(problem, Unwritten)
    assert problem.message.startswith("was not written here but copied: ")
    assert _held(copy) == ["new a.py", "old b.py", "old lib/c.py"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_the_journal_of_another_user_is_not_followed(folder: Path) -> None:
    os.chown(folder / journal.NAME, 12345, 12345)
    problem = take_back(str(folder))
    assert isinstance(problem, Unwritten)
    assert problem.message.startswith("belongs to another user: ")
    assert _held(folder) == ["new a.py", "old b.py", "old lib/c.py"]


def _signed(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    """A change to the content, with a check that fits."""

    def changed(data: bytes) -> bytes:
        content = json.loads(data.partition(b"\n")[0])
        change(content)
        line = json.dumps(content).encode() + b"\n"
        return line + hashlib.sha256(line).hexdigest().encode() + b"\n"

    return changed


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda data: b"",
    "half of it": lambda data: data[: len(data) // 2],
    "all but the check": lambda data: data[: data.index(b"\n") + 1],
    "another byte": lambda data: data.replace(b"before", b"befork", 1),
    "nulls": lambda data: bytes(len(data)),
    "twice": lambda data: data + data,
    "no object": _signed(lambda c: None) and (lambda data: b"[]\n" + hashlib.sha256(b"[]\n").hexdigest().encode()),
    "no files": _signed(lambda c: c.pop("files")),
    "files that are none": _signed(lambda c: c.update(files=[7])),
    "a text that is none": _signed(lambda c: c["files"][0].update(before="?")),
    "a path that is none": _signed(lambda c: c["files"][0].update(path=None)),
    "a temporary file elsewhere": _signed(lambda c: c["files"][0].update(temporary="../lib/c.py")),
    "a temporary file that is not gradfix's": _signed(lambda c: c["files"][0].update(temporary="b.py")),
    "another version": _signed(lambda c: c.update(journal=2)),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_journal_touches_nothing_and_is_one_line(damage: Callable[[bytes], bytes], folder: Path) -> None:
    path = folder / journal.NAME
    path.write_bytes(damage(path.read_bytes()))
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    problem = take_back(str(folder))
    assert isinstance(problem, Unwritten)
    assert problem.path == str(path)
    assert "\n" not in problem.message
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_any_changed_byte_is_noticed(folder: Path) -> None:
    path = folder / journal.NAME
    data = path.read_bytes()
    chance = random.Random(7)
    for _ in range(300):
        at = chance.randrange(len(data) - 1)  # the last one only ends the line
        path.write_bytes(data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :])
        assert isinstance(take_back(str(folder)), Unwritten)
    assert _held(folder) == ["new a.py", "old b.py", "old lib/c.py"]


def test_a_journal_that_was_not_completed_is_removed(tmp_path: Path) -> None:
    (tmp_path / f"{journal.NAME}.tmp").write_bytes(b"{")
    assert take_back(str(tmp_path)) is None
    assert _tree(tmp_path) == []


def test_the_format_is_as_documented(folder: Path) -> None:
    line, check, end = (folder / "lib" / journal.NAME).read_bytes().split(b"\n")
    assert (check.decode(), end) == (hashlib.sha256(line + b"\n").hexdigest(), b"")
    content = json.loads(line)
    assert content["inode"] == (folder / "lib" / journal.NAME).stat().st_ino
    assert sorted(content) == ["files", "inode", "journal"]
    assert content["files"][0] == {
        "path": "../a.py",
        "temporary": ".gradfix-0000000000000000.tmp",
        "before": base64.b64encode(b"old a.py").decode(),
        "after": base64.b64encode(b"new a.py").decode(),
    }


def test_the_next_call_says_what_it_has_taken_back(folder: Path) -> None:
    for name in NAMES:
        (folder / name).write_text(f"x = 0\n# old {name}\n")
    entries = [
        Entry(str(folder / n), f".gradfix-{i:016x}.tmp", (folder / n).read_bytes(), b"x = 1\n")
        for i, n in enumerate(NAMES)
    ]
    journal.write(str(folder / "lib"), entries)
    (folder / journal.NAME).unlink()
    (folder / "a.py").write_bytes(b"x = 1\n")
    (folder / "b.py").write_bytes(b"x = 2\n")
    call = gradfix("--run", "never", "lib/c.py", cwd=folder)
    said = "gradfix: a patch was interrupted; taken back: a.py; left, since somebody has changed it: b.py\n"
    assert (call.returncode, call.stderr) == (0, said)
    assert _held(folder) == ["x = 0\n# old a.py\n", "x = 2\n", "x = 0\n# old lib/c.py\n"]
    assert _tree(folder) == ["a.py", "b.py", "lib/c.py"]


def test_a_damaged_journal_is_an_error_of_the_next_call(folder: Path) -> None:
    for name in NAMES:
        (folder / name).write_text("x = 1\n")
    (folder / journal.NAME).write_text("{}")
    call = gradfix("--run", "never", "a.py", cwd=folder)
    assert call.returncode == 2
    assert call.stderr.startswith("gradfix: error: .gradfix-journal: is damaged: ")
    assert call.stderr.count("\n") == 1
