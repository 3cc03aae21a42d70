"""Converts places: a run counts columns in UTF-8 bytes, gradfix counts them in characters."""

from __future__ import annotations

from dataclasses import replace

from gradfix.values import Place


def in_characters(place: Place, text: str) -> Place:
    """`place` with its columns counted in characters of `text`, the file's text; unknown columns (0) stay 0."""
    lines = text.split("\n")
    return replace(
        place,
        column=_characters(lines, place.line, place.column),
        end_column=_characters(lines, place.end_line or place.line, place.end_column),
    )


def _characters(lines: list[str], line: int, column: int) -> int:
    if column < 1 or not 1 <= line <= len(lines):
        return max(column, 0)
    data = lines[line - 1].encode("utf-8", "surrogateescape")
    return len(data[: column - 1].decode("utf-8", "replace")) + 1
