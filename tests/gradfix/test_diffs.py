"""Diffs that git and patch apply, to the byte."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradfix.diffs import relative_path, unified_diff

PATCH = shutil.which("patch")

# Found by no configuration of the user and in no repository around the folder.
QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_DIR": os.devnull}
GIT = ["git", "apply", "--whitespace=nowarn"]

CASES = [
    (b"a\nb\nc\n", b"a\nB\nc\n"),
    (b"a\r\nb\r\n", b"a\r\nB\r\n"),
    (b"a\nb", b"a\nb\n"),
    (b"a\nb\n", b"a\nb"),
    (b"a\nb", b"A\nb"),
    (b"", b"a\n"),
    (b"", b"a"),
    (b"# coding: latin-1\n# \xe9\nx\n", b"# coding: latin-1\n# \xe9\ny\n"),
    (b"\xef\xbb\xbfx\n", b"\xef\xbb\xbfy\n"),
    (b"a\x0cb\n\x0c\nc\n", b"a\x0cb\n\x0c\nd\n"),
    ("a\u2028b\nc\x85d\n".encode(), "a\u2028b\nC\x85d\n".encode()),
    (b"a\rb\r\nc\r", b"a\rb\nc\r"),
    (b"".join(b"%d\n" % n for n in range(50)), b"".join(b"%d\n" % (n * (n % 20 > 0)) for n in range(50))),
    (b"--- a\n+++ b\n@@ -1 +1 @@\n", b"--- a\n+++ c\n@@ -1 +1 @@\n"),
]


def apply(folder: Path | str, command: list[str], diff: bytes) -> None:
    result = subprocess.run(
        command, cwd=folder, input=diff, env={**os.environ, **QUIET}, capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr + result.stdout


@pytest.mark.parametrize(("before", "after"), CASES)
@pytest.mark.parametrize("tool", ["git", "patch"])
def test_tools_apply_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str, before: bytes, after: bytes
) -> None:
    if tool == "patch" and not PATCH:
        pytest.skip("patch is not installed")
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "pkg" / "a.py"
    file.parent.mkdir()
    file.write_bytes(before)
    apply(tmp_path, GIT if tool == "git" else ["patch", "-p1"], unified_diff("pkg/a.py", before, after))
    assert file.read_bytes() == after


@pytest.mark.parametrize(
    "name",
    [
        "with space.py",
        'quote".py',
        'both " and space.py',
        "back\\slash.py",
        "modèle.py",
        "モデル 1.py",
        "tab\t.py",
        "line\nend.py",
        "b/a/b.py",
        "dev 2024-01-01 00:00:00.py",
        os.fsdecode(b"\xff\xfe.py"),
    ],
)
@pytest.mark.parametrize("tool", ["git", "patch"])
def test_tools_find_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str, name: str) -> None:
    if tool == "patch" and not PATCH:
        pytest.skip("patch is not installed")
    if tool == "patch" and "\n" in name:
        pytest.skip("patch refuses names with a line end")
    monkeypatch.chdir(tmp_path)
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"a\n")
    diff = unified_diff(str(file), b"a\n", b"b\n")
    assert diff.isascii()
    apply(tmp_path, GIT if tool == "git" else ["patch", "-p1"], diff)
    assert file.read_bytes() == b"b\n"


LINES = st.lists(
    st.tuples(
        st.sampled_from([b"", b"a", b"b", b"  c", b"\x0c", b"\xe9", b"-- x", b"+", b"\\ No", b"\xe2\x80\xa8", b"@@"]),
        st.sampled_from([b"\n", b"\r\n", b"\r"]),
    ).map(b"".join),
    max_size=25,
).map(b"".join)
FILES = st.builds(bytes.__add__, LINES, st.sampled_from([b"", b"end", b" ", b"\r"]))


@settings(deadline=None, max_examples=150)
@given(FILES, FILES)
def test_git_apply_gives_the_bytes_after(before: bytes, after: bytes) -> None:
    diff = unified_diff("a.py", before, after)
    assert bool(diff) == (before != after)
    if not diff:
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.py")
        file.write_bytes(before)
        apply(folder, GIT, diff)
        assert file.read_bytes() == after


def test_looks_like_git() -> None:
    assert unified_diff("a.py", b"1\n2\n3\n4\n5\n6\n7", b"1\n2\n3\n4\nfive\n6\n7") == (
        b"--- a/a.py\n+++ b/a.py\n@@ -2,6 +2,6 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n\\ No newline at end of file\n"
    )
    assert unified_diff('x "y.py', b"", b"1\n").startswith(b'--- "a/x \\"y.py"\t\n+++ "b/x \\"y.py"\t\n@@ -0,0 +1 @@\n')
    assert b'"a/mod\\303\\250le.py"\n' in unified_diff("modèle.py", b"", b"1\n")


def test_blank_lines_of_a_long_file_stay_context() -> None:
    lines = [b"x%d\n\n" % n for n in range(200)]
    changed = [*lines[:100], b"A\n\n", b"B\n\n", *lines[102:]]
    diff = unified_diff("a.py", b"".join(lines), b"".join(changed))
    assert b"-x100\n+A\n \n-x101\n+B\n \n" in diff


def test_names_are_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work" / "pkg").mkdir(parents=True)
    (tmp_path / "link").symlink_to("work")
    monkeypatch.chdir(tmp_path / "work")
    work = str(tmp_path / "work")
    assert relative_path("./pkg/../pkg/a.py") == "pkg/a.py"
    assert relative_path(f"{work}/pkg/a.py") == "pkg/a.py"
    assert relative_path(f"{tmp_path}/link/pkg/a.py") == "pkg/a.py"
    assert relative_path("pkg/a.py", f"{work}/pkg") == "a.py"
    assert relative_path("pkg/a.py", str(tmp_path / "link")) == "pkg/a.py"
    assert relative_path("../workmate/a.py") == str(tmp_path / "workmate" / "a.py").lstrip("/")
    assert relative_path("pkg/a.py", "/") == f"{work}/pkg/a.py".lstrip("/")


def test_a_link_to_a_file_keeps_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").symlink_to("b.py")
    assert relative_path("a.py") == "a.py"
