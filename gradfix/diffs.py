"""Unified diffs of bytes that `git apply` and `patch -p1` take as they are."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence

CONTEXT = 3
NO_NEWLINE = b"\n\\ No newline at end of file\n"

_ESCAPES = {
    0x07: "a",
    0x08: "b",
    0x09: "t",
    0x0A: "n",
    0x0B: "v",
    0x0C: "f",
    0x0D: "r",
    0x22: '"',
    0x5C: "\\",
}

_Opcode = tuple[str, int, int, int, int]


def unified_diff(path: str, before: bytes, after: bytes) -> bytes:
    """The diff from one content of a file to another, with three lines of context; empty if they are equal.

    Takes the path of the file, which `relative_path` turns into the name in the head. Lines end at the byte
    "\\n" alone and stay as they are, so the diff is in the encoding of the file and its head is ASCII.
    """
    old = _lines(before)
    new = _lines(after)
    # difflib.unified_diff has no way to switch autojunk off, which in a file of 200 lines and more rewrites
    # blank lines between two changes as if they had changed.
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT)
    hunks = b"".join(_hunk(group, old, new) for group in groups)
    if not hunks:
        return b""
    name = relative_path(path)
    return b"--- " + _head_name("a/" + name) + b"\n+++ " + _head_name("b/" + name) + b"\n" + hunks


def cell_diffs(path: str, before: Mapping[int, str], after: Mapping[int, str]) -> Iterator[str]:
    """The diff of each cell of a notebook whose source changed, given the sources by number of the cell.

    They are for people: neither git nor patch knows a file by such a name. Whether a last line ends is not told, since
    that of a cell rarely does.
    """
    name = relative_path(path)
    for number, source in before.items():
        old, new = (_lines(f"{text}\n".encode() if text else b"") for text in (source, after[number]))
        groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT)
        hunks = b"".join(_hunk(group, old, new) for group in groups).decode()
        if hunks:
            yield f"--- a/{name}:cell {number}\n+++ b/{name}:cell {number}\n{hunks}"


def relative_path(path: str, start: str | None = None) -> str:
    """The name of a file in the head of a diff: its path from `start`, with slashes.

    `start` is the current folder unless given. Neither git nor patch takes a name that climbs with "..", so a
    file that is not below `start` is named by its whole path without the slash in front: such a diff applies
    from the root folder.
    """
    folder = os.getcwd() if start is None else start
    whole = os.path.abspath(path)
    # The second try finds a file below `start` when one of the two was named through a link to a folder.
    real = os.path.join(os.path.realpath(os.path.dirname(whole)), os.path.basename(whole))
    for file, top in ((whole, os.path.abspath(folder)), (real, os.path.realpath(folder))):
        prefix = os.path.join(top, "")
        if file.startswith(prefix):
            return file[len(prefix) :].replace(os.sep, "/")
    return os.path.splitdrive(whole)[1].replace(os.sep, "/").lstrip("/")


def _hunk(group: Sequence[_Opcode], old: list[bytes], new: list[bytes]) -> bytes:
    """The changes of one place with the lines around them."""
    _, i1, _, j1, _ = group[0]
    _, _, i2, _, j2 = group[-1]
    parts = [f"@@ -{_range(i1, i2)} +{_range(j1, j2)} @@\n".encode("ascii")]
    for tag, i1, i2, j1, j2 in group:
        if tag == "equal":
            parts.extend(b" " + line for line in old[i1:i2])
        else:
            parts.extend(b"-" + line for line in old[i1:i2])
            parts.extend(b"+" + line for line in new[j1:j2])
    return b"".join(part if part.endswith(b"\n") else part + NO_NEWLINE for part in parts)


def _range(start: int, stop: int) -> str:
    """Lines in the head of a hunk: the first and how many. An empty range names the line in front of it."""
    count = stop - start
    if count == 1:
        return str(start + 1)
    return f"{start + 1 if count else start},{count}"


def _lines(data: bytes) -> list[bytes]:
    # bytes.splitlines would also split at a lone carriage return.
    return [line for line in re.split(rb"(?<=\n)", data) if line]


def _head_name(name: str) -> bytes:
    """A name as git writes it: quoted like a C string if it must be, with a tab behind if it has a space."""
    data = os.fsencode(name)
    quoted = "".join(_escape(byte) for byte in data)
    # Without the tab, what follows the space could be read as the date that diffs have there.
    tab = "\t" if b" " in data else ""
    return (f'"{quoted}"{tab}' if quoted != name else f"{name}{tab}").encode("ascii")


def _escape(byte: int) -> str:
    if byte in _ESCAPES:
        return "\\" + _ESCAPES[byte]
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"
