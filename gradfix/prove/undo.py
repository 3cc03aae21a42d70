"""What an edit changed: how much of a text, where, and how it is taken out of a text that others have changed since."""

from __future__ import annotations

import difflib


def line_before(original: str, later: str, line: int) -> int | None:
    """The line of `original` that is line `line` (from 1) of a later text; the nearest above where it is new."""
    old, new = original.split("\n"), later.split("\n")
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if j1 <= line - 1 < j2:
            return i1 + 1 + (line - 1 - j1 if tag == "equal" else min(line - 1 - j1, max(i2 - i1 - 1, 0)))
    return None


def extent(before: str, after: str, line: int | None) -> tuple[int, int]:
    """How many lines an edit changes, and how far the nearest of them is from a line; as far as can be for None."""
    old, new = before.split("\n"), after.split("\n")
    changes = [
        (i1, i2, j1, j2)
        for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag != "equal"
    ]
    lines = sum(max(i2 - i1, j2 - j1) for i1, i2, j1, j2 in changes)
    if line is None:
        return lines, len(old)
    return lines, min((max(i1 + 1 - line, line - max(i2, i1 + 1), 0) for i1, i2, _, _ in changes), default=0)


def undone(before: str, after: str, final: str) -> str | None:
    """`final` without the edit that made `after` of `before`; None where a later edit changed the same lines."""
    old, new, last = (text.split("\n") for text in (before, after, final))
    moved = {}
    for a, b, size in difflib.SequenceMatcher(None, new, last, autojunk=False).get_matching_blocks():
        moved.update({a + i: b + i for i in range(size)})
    pieces: list[tuple[int, int, list[str]]] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        lines = range(j1, j2)
        if any(j not in moved for j in lines) or (lines and moved[j2 - 1] - moved[j1] != j2 - 1 - j1):
            return None
        if lines:
            start, end = moved[j1], moved[j2 - 1] + 1
        elif j1 in moved:
            start = end = moved[j1]
        elif j1 == len(new):
            start = end = len(last)
        else:
            return None
        pieces.append((start, end, old[i1:i2]))
    for start, end, lines_before in sorted(pieces, key=lambda p: -p[0]):
        last[start:end] = lines_before
    return "\n".join(last)
