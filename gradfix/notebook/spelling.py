"""Writes a cell's new source into the JSON of its notebook, spelt the way that file spells its strings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gradfix.notebook.layout import CellLayout, Layout, value_at

_TOKEN = re.compile(r'\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\"]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b"}
_LONG = {v[1]: k for k, v in _SHORT.items()} | {"/": "/"}


@dataclass(frozen=True)
class Spelling:
    """How a file spells characters in its strings: those that it has, and whether it escapes the others."""

    known: Mapping[str, str]
    ascii: bool

    def string(self, value: str) -> str:
        """A JSON string, quotes included."""
        return '"' + "".join(self.known.get(c) or self._usual(c) for c in value) + '"'

    def _usual(self, character: str) -> str:
        if character in _SHORT:
            return _SHORT[character]
        if " " <= character <= "~" or (character > "\x7f" and not self.ascii):
            return character
        number = ord(character)
        if number < 0x10000:
            return f"\\u{number:04x}"
        number -= 0x10000
        return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"


def spelling_of(text: str, cells: tuple[CellLayout, ...]) -> Spelling:
    """How a notebook spells its sources: <, > and / are escaped by some, what is not ASCII by others."""
    known: dict[str, str] = {}
    for cell in cells:
        for start, end in cell.pieces:
            for spelt in _TOKEN.findall(text, start + 1, end - 1):
                known[_meant(spelt)] = spelt
    return Spelling(known, text.isascii())


def rewritten(text: str, layout: Layout, sources: Mapping[int, str]) -> str:
    """The JSON text of a notebook with new sources for some cells, by number: nothing else in it changes.

    A list of lines stays one, and a string stays a string; lines that stay keep their very text.
    """
    spelling = spelling_of(text, layout.cells)
    parts, at = [], 0
    for cell in layout.cells:
        source = sources.get(cell.number, cell.source)
        if source != cell.source:
            parts += [text[at : cell.start], _value(text, layout, cell, source, spelling)]
            at = cell.end
    return "".join([*parts, text[at:]])


def _value(text: str, layout: Layout, cell: CellLayout, source: str, spelling: Spelling) -> str:
    if not cell.listed:
        return spelling.string(source)
    if not source:
        return "[]"
    opening, between, closing = _brackets(text, layout, cell)
    return opening + between.join(_lines(text, cell, source, spelling)) + closing


def _lines(text: str, cell: CellLayout, source: str, spelling: Spelling) -> Iterator[str]:
    """The strings of the new lines: the old ones where they stay."""
    spelt = [text[start:end] for start, end in cell.pieces]
    old = [value_at(text, start)[0] for start, _ in cell.pieces]
    # nbformat parts lines as Python does, at form feeds and U+2028 too; JupyterLab at line feeds alone
    like_python = old == cell.source.splitlines(keepends=True)
    new = source.splitlines(keepends=True) if like_python else [p for p in re.split(r"(?<=\n)", source) if p]
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield from spelt[i1:i2] if tag == "equal" else map(spelling.string, new[j1:j2])


def _brackets(text: str, layout: Layout, cell: CellLayout) -> tuple[str, str, str]:
    """What stands before, between and behind the lines of a list: its own way, else that of the nearest list."""
    others = sorted(layout.cells, key=lambda other: abs(other.number - cell.number))
    lists = [other for other in others if other.listed and other.pieces]
    if not lists:
        return "[", ", ", "]"
    like = lists[0]
    opening = text[like.start : like.pieces[0][0]]
    closing = text[like.pieces[-1][1] : like.end]
    several = next((other for other in lists if len(other.pieces) > 1), None)
    if several is None:
        return opening, "," + (opening[1:] or " "), closing
    between = text[several.pieces[0][1] : several.pieces[1][0]]
    if several is not like and "\n" not in opening and "\n" in between:
        between = ", "
    return opening, between, closing


def _meant(spelt: str) -> str:
    """The character that a spelling stands for."""
    if not spelt.startswith("\\"):
        return spelt
    if spelt[1] != "u":
        return _LONG.get(spelt[1], spelt[1])
    numbers = [int(part, 16) for part in spelt.split("\\u")[1:]]
    if len(numbers) == 1:
        return chr(numbers[0])
    return chr(0x10000 + ((numbers[0] - 0xD800) << 10) + (numbers[1] - 0xDC00))
