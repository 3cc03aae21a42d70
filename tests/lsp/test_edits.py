"""Edits as clients are given them, of documents and files that are written in every way that Python allows."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from pygls.workspace import PositionCodec, TextDocument

from gradfix.lsp.actions import ignoring
from gradfix.lsp.capabilities import Client
from gradfix.lsp.documents import text_opened
from gradfix.lsp.edits import Changed, patch_edit
from gradfix.lsp.findings import Shown
from gradfix.sources import Source, read_source
from gradfix.values import Finding, Place, Rewritten

CLIENT = Client(
    resolves=True, may_be_told_to_run=False, literals=True, versioned=True, progress=True, shows=False, hears=False
)
UTF16 = PositionCodec(types.PositionEncodingKind.Utf16)
Span = tuple[int, int, int, int]


def _edits(edit: types.WorkspaceEdit) -> dict[str, list[tuple[Span, str]]]:
    """Ranges and new texts by address."""
    found = {}
    for change in edit.document_changes or ():
        assert isinstance(change, types.TextDocumentEdit)
        found[change.text_document.uri] = [
            ((e.range.start.line, e.range.start.character, e.range.end.line, e.range.end.character), e.new_text)
            for e in change.edits
            if isinstance(e, types.TextEdit)
        ]
    return found


@pytest.mark.parametrize(("encoding", "units"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
@pytest.mark.parametrize("before", ["", "\f\n", "# a\x85b\n", "# a\u2028b\r\n"])
def test_a_last_line_without_an_end_is_replaced_up_to_its_last_unit(encoding: str, units: int, before: str) -> None:
    line = "x = '💧'; y = 1"
    document = TextDocument("file:///train.py", before + line, version=3)
    lines = before.count("\n")
    place = Place("/train.py", lines + 1, line.index("y") + 1, lines + 1, len(line) + 1)
    shown = Shown(Finding("rounded-value", "GF201", place, ""), place)
    edit = ignoring(text_opened(document), shown, CLIENT, PositionCodec(types.PositionEncodingKind(encoding)))
    assert edit is not None
    new = line + "  # gradfix: ignore[rounded-value]"
    assert _edits(edit) == {document.uri: [((lines, 0, lines, len(line) - 1 + units), new)]}


def _rewritten(path: Path, text: str) -> Rewritten:
    source = read_source(str(path))
    assert isinstance(source, Source)
    return Rewritten(str(path), path.read_bytes(), source.encode(text), text)


FILES = [
    pytest.param(b"\xef\xbb\xbfa = 1\nb = 2\n", "a = 1\nc = 2\n", ((1, 0, 2, 0), "c = 2\n"), id="byte order mark"),
    pytest.param(b"a = 1\r\nb = 2\r\n", "a = 1\r\nc = 2\r\n", ((1, 0, 2, 0), "c = 2\r\n"), id="CRLF"),
    pytest.param(b"# \x0c\n\x0c\nb = 2", "# \f\n\f\nc = 2", ((2, 0, 2, 5), "c = 2"), id="form feeds"),
    pytest.param(
        "# coding: latin-1\nb = 'ä'".encode("latin-1"),
        "# coding: latin-1\nc = 'ä'",
        ((1, 0, 1, 7), "c = 'ä'"),
        id="latin-1",
    ),
    pytest.param("b = '💧'".encode(), "c = '💧'", ((0, 0, 0, 8), "c = '💧'"), id="emoji"),
]


@pytest.mark.parametrize(("data", "text", "expected"), FILES)
def test_files_are_edited_as_the_client_will_see_them(
    tmp_path: Path, data: bytes, text: str, expected: tuple[Span, str]
) -> None:
    path = tmp_path / "helper.py"
    path.write_bytes(data)
    patch = (_rewritten(path, text),)
    assert _edits(patch_edit(patch, (), UTF16, True)) == {path.as_uri(): [expected]}
    path.write_bytes(data + b"\n")
    with pytest.raises(Changed, match="helper"):
        patch_edit(patch, (), UTF16, True)


def test_an_open_document_counts_and_not_its_file(tmp_path: Path) -> None:
    """Editors keep the byte order mark to themselves."""
    path = tmp_path / "helper.py"
    path.write_bytes(b"\xef\xbb\xbfa = 1\n")
    patch = (Rewritten(str(path), b"b = 1\n", b"c = 1\n", "c = 1\n"),)
    document = TextDocument(path.as_uri(), "b = 1\n", version=7)
    edit = patch_edit(patch, [text_opened(document)], UTF16, True)
    assert _edits(edit) == {path.as_uri(): [((0, 0, 1, 0), "c = 1\n")]}
    (change,) = edit.document_changes or ()
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == 7
    with pytest.raises(Changed, match="helper"):
        patch_edit(patch, [text_opened(TextDocument(path.as_uri(), "a = 1\n"))], UTF16, True)
    assert patch_edit(patch, [text_opened(document)], UTF16, False).document_changes is None
