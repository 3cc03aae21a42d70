"""Places of gradfix, which count characters from 1, as ranges of a client, which counts units from 0."""

from __future__ import annotations

from lsprotocol import types
from pygls.workspace import PositionCodec

from gradfix.values import Place


def range_of(place: Place, text: str, codec: PositionCodec) -> types.Range:
    """The range of a place in a text; of one without an end, all that stands in its line."""
    lines = text.split("\n")  # not str.splitlines: neither Python nor the protocol ends a line at a form feed
    if place.end_line:
        return types.Range(
            start=_position(lines, place.line, place.column, codec),
            end=_position(lines, place.end_line, place.end_column, codec),
        )
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    first, last = len(line) - len(line.lstrip()) + 1, len(line.rstrip()) + 1
    return types.Range(
        start=_position(lines, place.line, max(place.column, first), codec),
        end=_position(lines, place.line, last, codec),
    )


def share_a_line(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges have a line in common, wherever in it they lie.

    A cursor on a finding's line asks for its fixes: Neovim and Vim go to the start of a line, and ALE counts in bytes.
    """
    return one.start.line <= other.end.line and other.start.line <= one.end.line


def _position(lines: list[str], line: int, column: int, codec: PositionCodec) -> types.Position:
    if line < 1:
        return types.Position(line=0, character=0)
    if line > len(lines):
        return types.Position(line=line - 1, character=0)
    before = lines[line - 1][: max(column - 1, 0)]
    units = len(before) if before.isascii() else codec.client_num_units(before)  # which looks at each character
    return types.Position(line=line - 1, character=units)
