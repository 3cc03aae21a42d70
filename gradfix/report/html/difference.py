"""A unified diff in colour, with the numbers of its lines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from gradfix.report.html.code import short
from gradfix.report.html.markup import Html, element, joined

MOST_LINES = 2000
"""Lines of one diff that are shown."""
_ESCAPE = re.compile(rb"\\([0-7]{3}|[^0-7])")
_NAMED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def difference(diff: str) -> Html:
    """The files of a diff, each with its name above."""
    lines = diff.removesuffix("\n").split("\n")
    shown, more = lines[:MOST_LINES], len(lines) - MOST_LINES
    left = element("p", f"{more} further lines are not shown", class_="quiet") if more > 0 else None
    return joined([_file(name, rows) for name, rows in _files(shown)], left)


def _file(name: str, rows: list[Html]) -> Html:
    table = element("div", element("table", element("tbody", rows)), class_="scroll", tabindex=0)
    return element("div", element("p", name, class_="file"), table, class_="diff")


def _files(lines: list[str]) -> Iterator[tuple[str, list[Html]]]:
    """Each file's name and rows. Lines are counted: one that was removed may look like the head of a file."""
    name, rows = "", list[Html]()
    old = new = old_left = new_left = 0
    for line in lines:
        inside = old_left > 0 or new_left > 0
        if not inside and line.startswith("--- "):
            if rows:
                yield name, rows
            name, rows = line, []
        elif not inside and line.startswith("+++ "):
            name = _unquoted(line[4:].rstrip("\t")).removeprefix("b/")
        elif not inside and (head := _HUNK.match(line)):
            old, new = int(head[1]), int(head[3])
            old_left, new_left = int(head[2] or 1), int(head[4] or 1)
            if rows:
                rows.append(_note("\u22ef"))
        elif line.startswith("\\"):
            rows.append(_note(line[2:]))
        else:
            kind = {"+": "added", "-": "removed"}.get(line[:1], "same")
            took, gave = kind != "added", kind != "removed"
            rows.append(_row(kind, line, str(old) if took else "", str(new) if gave else ""))
            old, new, old_left, new_left = old + took, new + gave, old_left - took, new_left - gave
    if rows:
        yield name, rows


def _unquoted(name: str) -> str:
    """A name as it was before it was quoted like a C string (gradfix/diffs.py does it as git does)."""
    if not name.startswith('"'):
        return name
    return os.fsdecode(_ESCAPE.sub(_byte, os.fsencode(name[1:].removesuffix('"'))))


def _byte(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 8) & 255]) if escape[1].isdigit() else _NAMED.get(escape[1], escape[1])


def _note(text: str) -> Html:
    return element("tr", element("td", text, colspan=3, class_="note"))


def _row(kind: str, line: str, old: str, new: str) -> Html:
    sign = {"added": "+", "removed": "\u2212"}.get(kind, " ")
    code = element("code", short(line[1:].rstrip("\r")))
    numbers = element("td", old, class_="n"), element("td", new, class_="n")
    return element("tr", numbers, element("td", element("span", sign, class_="sign"), code), class_=kind)
