"""Changes of parts of a document, in texts whose lines pygls would count otherwise."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from pygls.workspace import PositionCodec

from gradfix.lsp.changes import whole

STRANGE = st.text(st.sampled_from(["a", "\n", "\r", "\f", "\x1c", "\x85", "\u2028", "ß", "€", "𝛑", "😋", "\ufeff"]))
SIZES = {
    types.PositionEncodingKind.Utf8: ("utf-8", 1),
    types.PositionEncodingKind.Utf16: ("utf-16-le", 2),
    types.PositionEncodingKind.Utf32: ("utf-32-le", 4),
}


def _position(text: str, offset: int, encoding: types.PositionEncodingKind) -> types.Position:
    """The position of an offset, as the protocol counts."""
    *before, line = re.split("\r\n|\n|\r", text[:offset])
    name, size = SIZES[encoding]
    return types.Position(line=len(before), character=len(line.encode(name)) // size)


def _part(start: types.Position, end: types.Position, text: str) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(range=types.Range(start=start, end=end), text=text)


@pytest.mark.parametrize("encoding", list(SIZES))
@given(st.data())
def test_a_part_goes_where_the_client_means_it(encoding: types.PositionEncodingKind, data: st.DataObject) -> None:
    text, new = data.draw(STRANGE), data.draw(STRANGE)
    between = [i for i in range(len(text) + 1) if text[i - 1 : i + 1] != "\r\n"]  # no position lies within a line's end
    start, end = sorted(data.draw(st.tuples(st.sampled_from(between), st.sampled_from(between))))
    change = _part(_position(text, start, encoding), _position(text, end, encoding), new)
    assert whole(text, [change], PositionCodec(encoding)).text == text[:start] + new + text[end:]


def test_changes_follow_each_other_and_end_where_the_text_does() -> None:
    far = types.Position(line=9, character=9)
    first = types.Position(line=0, character=0)
    changes: list[types.TextDocumentContentChangeEvent] = [
        types.TextDocumentContentChangeWholeDocument(text="a\nb"),
        _part(types.Position(line=0, character=7), types.Position(line=0, character=9), "!"),
        _part(far, far, "c"),
        _part(first, first, "𝛑"),
        _part(types.Position(line=0, character=2), types.Position(line=0, character=3), "x"),
    ]
    assert whole("old", changes, PositionCodec()).text == "𝛑x!\nbc"
