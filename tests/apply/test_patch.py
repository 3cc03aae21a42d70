"""Applying a patch: all files or none, each as it was but for its bytes; what stands in the way is one line."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import NoReturn

import pytest

from gradfix.apply import journal, patch
from gradfix.apply.patch import Unwritten, apply_patch
from gradfix.values import Rewritten

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def files(tmp_path: Path) -> list[Rewritten]:
    """Two files that hold what their patch expects."""
    (tmp_path / "lib").mkdir()
    for name in ("a.py", "lib/b.py"):
        (tmp_path / name).write_bytes(b"old")
    return [Rewritten(str(tmp_path / name), b"old", b"new\r\n", "") for name in ("a.py", "lib/b.py")]


def _bytes(files: list[Rewritten]) -> list[bytes]:
    return [Path(f.path).read_bytes() for f in files]


def _tree(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def test_a_patch_writes_all_of_its_files_and_leaves_nothing_else(files: list[Rewritten], tmp_path: Path) -> None:
    assert apply_patch(files) is None
    assert _bytes(files) == [b"new\r\n", b"new\r\n"]
    assert _tree(tmp_path) == ["a.py", "lib", "lib/b.py"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o751, 0o4755])
def test_the_mode_is_kept(mode: int, files: list[Rewritten]) -> None:
    os.chmod(files[1].path, mode)
    assert apply_patch(files) is None
    assert stat.S_IMODE(os.stat(files[1].path).st_mode) == mode


@AS_ROOT
def test_the_owner_is_kept(files: list[Rewritten]) -> None:
    os.chown(files[0].path, 12345, 54321)
    assert apply_patch(files) is None
    about = os.stat(files[0].path)
    assert (about.st_uid, about.st_gid) == (12345, 54321)


@AS_ROOT
def test_a_file_whose_owner_could_not_be_kept_is_left(files: list[Rewritten], tmp_path: Path) -> None:
    for path in (files[0].path, files[1].path):
        os.chmod(path, 0o666)
    os.chmod(tmp_path, 0o755)
    os.chmod(tmp_path / "lib", 0o777)
    code = textwrap.dedent(f"""\
        import os
        from gradfix.apply.patch import apply_patch
        from gradfix.values import Rewritten
        file = {files[1]!r}
        os.chdir({str(tmp_path)!r})
        os.chroot(".")  # the folders above may be closed to others
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        print(apply_patch([Rewritten("/lib/b.py", file.before, file.after, "")]).message)
    """)
    call = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert call.stdout == "belongs to another user or group, and would not any more\n", call.stderr
    assert _bytes(files) == [b"old", b"old"]
    assert _tree(tmp_path) == ["a.py", "lib", "lib/b.py"]


def test_the_target_of_a_link_is_written(files: list[Rewritten], tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to("lib/b.py")
    assert apply_patch([Rewritten(str(link), b"old", b"new", "")]) is None
    assert os.readlink(link) == "lib/b.py"
    assert (tmp_path / "lib" / "b.py").read_bytes() == b"new"


def test_a_file_that_somebody_has_changed_is_not_touched_and_neither_are_the_others(
    files: list[Rewritten], tmp_path: Path
) -> None:
    Path(files[1].path).write_bytes(b"theirs")
    before = os.stat(files[1].path)
    assert apply_patch(files) == Unwritten(files[1].path, "changed meanwhile")
    assert _bytes(files) == [b"old", b"theirs"]
    after = os.stat(files[1].path)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    os.unlink(files[1].path)
    assert apply_patch(files) == Unwritten(files[1].path, "changed meanwhile: it is gone")
    assert _tree(tmp_path) == ["a.py", "lib"]


def test_a_file_that_changes_while_the_others_are_written_is_not_touched(
    files: list[Rewritten], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = os.replace

    def replace(source: str, target: str) -> None:
        real(source, target)
        if target == files[0].path and Path(target).read_bytes() == b"new\r\n":
            Path(files[1].path).write_bytes(b"theirs")

    monkeypatch.setattr(os, "replace", replace)
    assert apply_patch(files) == Unwritten(files[1].path, "changed meanwhile")
    assert _bytes(files) == [b"old", b"theirs"]
    assert _tree(tmp_path) == ["a.py", "lib", "lib/b.py"]


def test_what_has_no_write_permission_is_left_by_root_too(files: list[Rewritten], tmp_path: Path) -> None:
    os.chmod(files[1].path, 0o444)
    assert apply_patch(files) == Unwritten(files[1].path, "is read-only")
    os.chmod(files[1].path, 0o644)
    os.chmod(tmp_path / "lib", 0o555)
    assert apply_patch(files) == Unwritten(files[1].path, "is in a folder that is read-only")
    os.chmod(tmp_path / "lib", 0o755)
    assert _bytes(files) == [b"old", b"old"]
    assert _tree(tmp_path) == ["a.py", "lib", "lib/b.py"]


@pytest.mark.parametrize("name", ["", "no/a.py", "loop", "a\0", "lib", "pipe"])
def test_what_is_no_file_is_one_line(name: str, files: list[Rewritten], tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    before = _tree(tmp_path)
    problem = apply_patch([files[0], Rewritten(str(tmp_path / name), b"old", b"new", "")])
    assert isinstance(problem, Unwritten)
    assert "\n" not in problem.message
    assert _tree(tmp_path) == before
    assert _bytes(files) == [b"old", b"old"]


@pytest.mark.parametrize("step", ["open", "fsync", "chmod", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_step_that_fails_leaves_nothing(
    files: list[Rewritten], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(number, os.strerror(number), "some name")

    monkeypatch.setattr(os, step, fail)
    problem = apply_patch(files)
    monkeypatch.undo()
    assert problem == Unwritten(files[0].path, os.strerror(number))
    assert _bytes(files) == [b"old", b"old"]
    assert _tree(tmp_path) == ["a.py", "lib", "lib/b.py"]


def test_a_patch_that_is_interrupted_leaves_nothing(
    files: list[Rewritten], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace

    def replace(source: str, target: str) -> None:
        if target == files[1].path:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        apply_patch(files)
    assert _bytes(files) == [b"old", b"old"]
    assert _tree(tmp_path) == ["a.py", "lib", "lib/b.py"]


FULL = """\
import ctypes, json, os, resource, sys
from gradfix.apply.patch import apply_patch
from gradfix.values import Rewritten

folder, how, size = sys.argv[1:]
if how == "a full disk":
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10020000):
        sys.exit(77)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    if libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, f"size={size}k".encode()):
        sys.exit(77)
else:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size) * 1024, int(size) * 1024))
files = []
for name in ("a.py", "b.py"):
    with open(f"{folder}/{name}", "wb") as file:
        file.write(b"o" * 8000)
    files.append(Rewritten(f"{folder}/{name}", b"o" * 8000, b"n" * 30000, ""))
problem = apply_patch(files)
untouched = all(open(f.path, "rb").read() == f.before for f in files)
print(json.dumps([problem and problem.message, untouched, sorted(os.listdir(folder))]))
"""


@pytest.mark.parametrize(
    ("how", "size", "why"),
    [
        # The journal takes 104 kB, each new file 30.
        ("a full disk", 64, "No space left on device"),
        ("a full disk", 140, "No space left on device"),
        ("a full disk", 175, "No space left on device"),
        ("a limit", 64, "File too large"),
        ("a limit", 20, "File too large"),
    ],
)
def test_a_full_disk_is_one_line(how: str, size: int, why: str, tmp_path: Path) -> None:
    call = subprocess.run([sys.executable, "-c", FULL, tmp_path, how, str(size)], capture_output=True, text=True)
    if call.returncode == 77:
        pytest.skip("no user namespaces here")
    assert call.returncode == 0, call.stderr
    assert json.loads(call.stdout) == [why, True, ["a.py", "b.py"]]


def test_a_full_disk_has_room_for_the_patch_when_it_is_large_enough(tmp_path: Path) -> None:
    call = subprocess.run([sys.executable, "-c", FULL, tmp_path, "a full disk", "400"], capture_output=True, text=True)
    if call.returncode == 77:
        pytest.skip("no user namespaces here")
    assert json.loads(call.stdout) == [None, False, ["a.py", "b.py"]]


def test_another_gradfix_at_work_is_waited_for(
    files: list[Rewritten], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(patch, "PATIENCE", 0.1)
    handle = os.open(tmp_path / "lib", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert apply_patch(files) == Unwritten(files[0].path, "another gradfix is writing in its folder")
    os.close(handle)
    assert apply_patch(files) is None


def test_a_journal_that_cannot_be_followed_keeps_the_next_patch_off(files: list[Rewritten], tmp_path: Path) -> None:
    (tmp_path / "lib" / journal.NAME).write_text("something else")
    problem = apply_patch(files)
    assert problem is not None
    assert (problem.path, problem.message.split(":")[0]) == (str(tmp_path / "lib" / journal.NAME), "is damaged")
    assert _bytes(files) == [b"old", b"old"]
