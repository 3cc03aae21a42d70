"""Reading and writing files."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradfix.scan.prefilter import is_without_a_step, may_hold_a_step
from gradfix.sources import (
    Source,
    Unreadable,
    line_edits,
    parse_source,
    read_source,
)


@pytest.mark.parametrize(
    ("data", "text", "encoding", "bom"),
    [
        (b"", "", "utf-8", False),
        (b"x = 1\r\ny = 2\n", "x = 1\r\ny = 2\n", "utf-8", False),
        (b"\xef\xbb\xbfx = '\xc3\xa9'\n", "x = 'é'\n", "utf-8", True),
        (
            b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
            "# -*- coding: latin-1 -*-\nx = 'é'\n",
            "iso-8859-1",
            False,
        ),
        (
            b"#!/usr/bin/python\n# coding: cp1252\n# \x80\n",
            "#!/usr/bin/python\n# coding: cp1252\n# €\n",
            "cp1252",
            False,
        ),
        (b"if x:\n\ty = 1\n\x0cz = 2", "if x:\n\ty = 1\n\x0cz = 2", "utf-8", False),
        ("x = '\u2028'\n".encode(), "x = '\u2028'\n", "utf-8", False),
        (b"x = '\\d'\n", "x = '\\d'\n", "utf-8", False),
    ],
)
def test_reads_and_gives_back_the_same_bytes(tmp_path: Path, data: bytes, text: str, encoding: str, bom: bool) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    source = read_source(str(path))
    assert source == Source(str(path), text, encoding, bom)
    assert source.encode(source.text) == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = 1\ny = '\xe9'\nz = 3\n", "line 2: byte 0xe9 is not utf-8"),
        (b"# \xe9\nx = 1\n", "invalid or missing encoding declaration"),
        (b"# coding: klingon\n", "unknown encoding: klingon"),
        (b"# coding: rot13\n", "not a text encoding"),
        (b"# coding: unicode_escape\nx = '\\x41'\n", "cannot be written back"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding problem"),
        (b"x = 1\r\ny = 2\rz = 3\n", "line 2: holds a carriage return"),
        (b"x = 1\r\r\n", "line 1: holds a carriage return"),
        (b"x = 1\r", "line 1: holds a carriage return"),
        (b"x = 1\n\0", "line 2: holds a null byte"),
        ("x = 1\n".encode("utf-16"), "line 1: holds a null byte"),
        (b"x = 1\ny = = 2\n", "line 2: not valid Python"),
        (b"def f():\n\tx = 1\n        y = 2\n", "line 3: not valid Python"),
        (b"-" * 100_000 + b"1", "for Python"),
    ],
)
def test_refuses_with_one_line(data: bytes, message: str) -> None:
    problem = parse_source("a.py", data)
    assert isinstance(problem, Unreadable)
    assert problem.path == "a.py"
    assert message in problem.message
    assert "\n" not in problem.message


PIECES = (b"keras", b"tensorflow", b"GradientTape", b".fit", b"x", b" ", b"\n", b"\r\n", b"\r", b"\0", b"#", b"coding:")
PIECES += (b" latin-1", b" utf-7", b" klingon", b"\xe9", b"\xc3\xa9", b"\xef\xbb\xbf", b"+AGs-", b"()")


@given(st.lists(st.sampled_from(PIECES), max_size=9).map(b"".join))
def test_a_file_that_is_said_to_be_without_a_step_is_one_whose_bytes_are_in_order(data: bytes) -> None:
    source = parse_source("a.py", data, named=False)
    if is_without_a_step(data):
        assert isinstance(source, Source)
        assert source.encoding == "utf-8"
        assert not may_hold_a_step(source.text)
    elif isinstance(source, Source) and source.encoding == "utf-8" and b"coding" not in data:
        assert b"keras" in data or b"tensorflow" in data


def test_a_character_that_the_encoding_lacks() -> None:
    source = parse_source("a.py", b"# coding: latin-1\n")
    assert isinstance(source, Source)
    with pytest.raises(UnicodeEncodeError):
        source.encode("€")


def test_refuses_what_is_not_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_source(str(tmp_path)) == Unreadable(str(tmp_path), "is a folder, not a file")
    assert read_source(str(tmp_path / "no.py")) == Unreadable(str(tmp_path / "no.py"), "No such file or directory")
    assert isinstance(read_source("a\0.py"), Unreadable)
    os.mkfifo(tmp_path / "pipe.py")
    assert read_source(str(tmp_path / "pipe.py")) == Unreadable(str(tmp_path / "pipe.py"), "is not a regular file")
    # Root reads everything, so the answer of the system is played.
    (tmp_path / "a.py").write_text("")

    def denied(*_: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("builtins.open", denied)
    assert read_source(str(tmp_path / "a.py")) == Unreadable(str(tmp_path / "a.py"), "Permission denied")


def apply(before: str, after: str) -> str:
    """What a program makes of the edits: offsets from lines and columns, last edit first."""
    starts = [0]
    for line in before.split("\n")[:-1]:
        starts.append(starts[-1] + len(line) + 1)
    text = before
    for edit in reversed(line_edits(before, after, "a.py")):
        place = edit.place
        start = starts[place.line - 1] + place.column - 1
        end = starts[place.end_line - 1] + place.end_column - 1
        text = text[:start] + edit.new_text + text[end:]
    return text


TEXTS = st.text(alphabet="ab\n\r\x0c\u2028", max_size=30)


@given(TEXTS, TEXTS)
def test_edits_turn_one_text_into_the_other(before: str, after: str) -> None:
    assert apply(before, after) == after
    assert bool(line_edits(before, after, "a.py")) == (before != after)


def test_edits_are_few() -> None:
    (edit,) = line_edits("a\r\nb\r\nc", "a\r\nB\r\nc", "x.py")
    place = edit.place
    assert (place.path, place.line, place.column, place.end_line, place.end_column) == ("x.py", 2, 1, 3, 1)
    assert edit.new_text == "B\r\n"
    (last,) = line_edits("a\nbc", "a\nbd\n", "x.py")
    assert (last.place.line, last.place.end_line, last.place.end_column) == (2, 2, 3)


def test_sources_and_diffs_load_nothing_big() -> None:
    big = {"rich", "libcst", "tensorflow"}
    code = f"import sys, gradfix.sources, gradfix.diffs; print({big} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
