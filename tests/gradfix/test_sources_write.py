"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import NoReturn

import pytest

from gradfix.sources import Unwritten, write_atomically


def test_write_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o751)
    assert write_atomically(str(path), b"new\r\n", b"old") is None
    assert path.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert os.listdir(tmp_path) == ["a.py"]


def test_write_keeps_the_owner(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
    owner = path.stat().st_uid
    assert write_atomically(str(path), b"new") is None
    assert path.stat().st_uid == owner


def test_write_goes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.py").write_bytes(b"")
    link = tmp_path / "link.py"
    link.symlink_to("real/a.py")
    assert write_atomically(str(link), b"new", b"") is None
    assert os.readlink(link) == "real/a.py"
    assert (tmp_path / "real" / "a.py").read_bytes() == b"new"
    assert os.listdir(tmp_path / "real") == ["a.py"]


def test_write_makes_a_new_file_as_the_umask_says(tmp_path: Path) -> None:
    (tmp_path / "like").write_bytes(b"")
    assert write_atomically(str(tmp_path / "new.py"), b"new") is None
    assert (tmp_path / "new.py").stat().st_mode == (tmp_path / "like").stat().st_mode


def test_write_leaves_a_file_that_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"theirs")
    before = path.stat()
    assert write_atomically(str(path), b"new", b"old") == Unwritten(str(path), "changed meanwhile")
    assert path.read_bytes() == b"theirs"
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    gone = str(tmp_path / "gone.py")
    assert write_atomically(gone, b"new", b"old") == Unwritten(gone, "changed meanwhile")
    assert os.listdir(tmp_path) == ["a.py"]


@pytest.mark.parametrize("step", ["open", "fsync", "chmod", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_write_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(number, os.strerror(number), "some name")

    monkeypatch.setattr(os, step, fail)
    assert write_atomically(str(path), b"new", b"old") == Unwritten(str(path), os.strerror(number))
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.py"]


def test_write_that_is_interrupted_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(str(path), b"new")
    assert os.listdir(tmp_path) == ["a.py"]


def test_write_asks_for_the_permission_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert write_atomically(str(path), b"new") == Unwritten(str(path), "is read-only")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("name", ["", "no/a.py", "loop", "a\0"])
def test_write_to_what_is_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    path = str(tmp_path / name)
    problem = write_atomically(path, b"new")
    assert isinstance(problem, Unwritten)
    assert "\n" not in problem.message
    assert os.listdir(tmp_path) == ["loop"]
