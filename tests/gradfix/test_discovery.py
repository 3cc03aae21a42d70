"""Which files the paths of one call mean."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradfix.discovery import find_files
from gradfix.sources import Source, Unreadable, read_source


def make_tree(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def test_finds_below_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_tree(tmp_path, "b.py", "a/z.py", "a/b/c.py", "a.py", "a/data.txt", "build_it/x.py", "a/no.pyi")
    make_tree(tmp_path, ".hidden.py", ".git/x.py", "env/pyvenv.cfg", "env/x.py", "conda/conda-meta/x", "conda/x.py")
    make_tree(
        tmp_path,
        "__pycache__/x.py",
        "p.egg-info/x.py",
        "node_modules/x.py",
        "lib/site-packages/x.py",
        "a/build/x.py",
        "dist/x.py",
    )
    names = ["a/b/c.py", "a/z.py", "a.py", "b.py", "build_it/x.py"]
    assert list(find_files(["."])) == names
    assert list(find_files(["./"])) == names
    assert list(find_files([str(tmp_path)])) == [str(tmp_path / name) for name in names]
    assert list(find_files(["a/"])) == ["a/b/c.py", "a/z.py"]


def test_takes_what_is_named_in_order_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_tree(tmp_path, "z.py", "a/x.py", "a/y.py", "script", ".venv/pyvenv.cfg", ".venv/v.py")
    paths = ["z.py", "gone", "script", "./z.py", "a/y.py", "a", "a", ".venv"]
    assert list(find_files(paths)) == [
        "z.py",
        Unreadable("gone", "No such file or directory"),
        "script",
        "a/y.py",
        "a/x.py",
        ".venv/v.py",
    ]


def test_a_path_that_no_system_has() -> None:
    (problem,) = find_files(["a\0"])
    assert isinstance(problem, Unreadable)


def test_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, "tree/a/x.py", "tree/z.py", "outside/o.py", "tree/.hidden/h.py")
    monkeypatch.chdir(tmp_path / "tree")
    Path("a/up").symlink_to("..")
    Path("a/above").symlink_to("../..")
    Path("a/self").symlink_to("self")
    Path("again").symlink_to("a")
    Path("other").symlink_to("../outside")
    (tmp_path / "outside" / "back").symlink_to("../outside")
    Path("link.py").symlink_to("z.py")
    Path("shown.py").symlink_to(".hidden/h.py")
    Path("broken.py").symlink_to("nothing.py")
    found = list(find_files(["."]))
    assert found == ["a/x.py", "broken.py", "other/o.py", "shown.py", "z.py"]
    assert isinstance(read_source("broken.py"), Unreadable)
    assert list(find_files(["link.py", "again"])) == ["link.py", "again/x.py"]


def test_a_link_gives_its_name_where_its_target_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_tree(tmp_path, ".gitignore", "a/kept.py", "a/ignored.py", "env/pyvenv.cfg", "env/lib.py", "build/made.py")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    for number, target in enumerate(("a/kept.py", "a/ignored.py", "env/lib.py", "build/made.py", "build/made.py")):
        Path(f"{number}.py").symlink_to(target)
    assert list(find_files(["."])) == ["1.py", "2.py", "3.py", "a/kept.py"]


def test_a_file_is_named_before_the_folders_behind_it_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_tree(tmp_path, "a/x.py", "a/z/x.py", "b/x.py")
    read: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: read.append(path) or scandir(path))
    found = find_files(["."])
    assert [(next(found), list(read)) for _ in range(3)] == [
        ("a/x.py", [".", "a"]),
        ("a/z/x.py", [".", "a", "a/z"]),
        ("b/x.py", [".", "a", "a/z", "b"]),
    ]


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(tmp_path, "a/x.py", "b/y.py")
    real = os.scandir

    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("a"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert list(find_files([str(tmp_path)])) == [
        Unreadable(str(tmp_path / "a"), "Permission denied"),
        str(tmp_path / "b" / "y.py"),
    ]


def test_file_names_that_are_not_utf8(tmp_path: Path) -> None:
    name = os.path.join(os.fsencode(tmp_path), b"\xff.py")
    with open(name, "wb") as file:
        file.write(b"x = 1\n")
    (path,) = find_files([str(tmp_path)])
    assert path == os.fsdecode(name)
    assert isinstance(read_source(os.fsdecode(name)), Source)


def test_leaves_out_what_git_ignores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_tree(
        tmp_path, "a/keep.py", "a/x_gen.py", "a/b/x_gen.py", "a/b/y_gen.py", "runs/x.py", "a/runs/z.py", "old/x.py"
    )
    (tmp_path / ".gitignore").write_text("*_gen.py\n/runs/\n!\n")
    (tmp_path / "a" / "b" / ".gitignore").write_text("!y_gen.py\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("old\n")
    monkeypatch.chdir(tmp_path)
    assert list(find_files(["."])) == ["a/b/y_gen.py", "a/keep.py", "a/runs/z.py"]
    assert list(find_files(["a"])) == ["a/b/y_gen.py", "a/keep.py", "a/runs/z.py"]
    assert list(find_files(["a/x_gen.py", "runs"])) == ["a/x_gen.py", "runs/x.py"]
    git = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"], capture_output=True, text=True, check=True
    )
    assert sorted(git.stdout.split()) == ["a/b/y_gen.py", "a/keep.py", "a/runs/z.py"]


def test_leaves_out_what_git_ignores_in_a_worktree(tmp_path: Path) -> None:
    tree, git = tmp_path / "tree", tmp_path / "repository"
    make_tree(tmp_path, "tree/x.py", "tree/old/y.py", "repository/info/exclude", "repository/worktrees/tree/commondir")
    (tree / ".git").write_text(f"gitdir: {git}/worktrees/tree\n")
    (git / "worktrees" / "tree" / "commondir").write_text("../..\n")
    (git / "info" / "exclude").write_text("old/\n")
    assert list(find_files([str(tree)])) == [str(tree / "x.py")]


def test_an_ignored_folder_cannot_be_taken_back_in_parts(tmp_path: Path) -> None:
    make_tree(tmp_path, "data/x.py", "z.py")
    (tmp_path / ".gitignore").write_text("data/\n!data/x.py\n")
    assert list(find_files([str(tmp_path)])) == [str(tmp_path / "z.py")]
