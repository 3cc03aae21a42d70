"""Changes of parts of a document as the whole texts that they lead to.

gradfix asks for whole texts, but cells of notebooks come in parts whatever a server asks for. pygls would take such a
part for the whole, or end lines where neither Python nor the protocol does (a form feed, U+2028).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lsprotocol import types
from pygls.workspace import PositionCodec

Change = types.TextDocumentContentChangeEvent
_END = re.compile(r"\r\n|\n|\r")
"""What ends a line: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#textDocuments"""
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def whole(text: str, changes: Sequence[Change], codec: PositionCodec) -> types.TextDocumentContentChangeWholeDocument:
    """The one change that comes to the same as all of them, one after the other."""
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = (_offset(text, at, codec) for at in (change.range.start, change.range.end))
            text = text[:start] + change.text + text[max(start, end) :]
        else:
            text = change.text
    return types.TextDocumentContentChangeWholeDocument(text=text)


def _offset(text: str, position: types.Position, codec: PositionCodec) -> int:
    """Where a position lies: behind the end of a line it is that end, below the last line the end of the text."""
    for number, (start, end) in enumerate(_lines(text)):
        if number == position.line:
            encoding, size = _UNITS[str(getattr(codec.encoding, "value", codec.encoding))]
            units = text[start:end].encode(encoding, "surrogatepass")[: position.character * size]
            return start + len(units.decode(encoding, "surrogatepass"))
    return len(text)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Where each line begins and ends, without what ends it."""
    start = 0
    for end in _END.finditer(text):
        yield start, end.start()
        start = end.end()
    yield start, len(text)
