"""A proved patch as an edit of the workspace: of the texts that were proved, and of no others."""

from __future__ import annotations

import os
from collections.abc import Mapping

from lsprotocol import types
from pygls import uris
from pygls.workspace import PositionCodec, TextDocument

from gradfix.lsp.documents import path_of, source_of
from gradfix.lsp.positions import range_of
from gradfix.sources import Source, line_edits, read_source
from gradfix.values import Rewritten


class Changed(Exception):
    """A file is not any more what the patch was proved on. Its text names the file."""


def text_edits(before: str, after: str, codec: PositionCodec) -> list[types.TextEdit]:
    """The edits of whole lines that turn one text into another."""
    edits = line_edits(before, after, "")
    return [types.TextEdit(range=range_of(e.place, before, codec), new_text=e.new_text) for e in edits]


def workspace_edit(edits: list[tuple[str, int | None, list[types.TextEdit]]], versioned: bool) -> types.WorkspaceEdit:
    """The edits of some documents, each with its address and version (None: of a file that is not open)."""
    if not versioned:
        return types.WorkspaceEdit(changes={uri: changes for uri, _, changes in edits})
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                text_document=types.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version), edits=changes
            )
            for uri, version, changes in edits
        ]
    )


def patch_edit(
    patch: tuple[Rewritten, ...],
    documents: Mapping[str, TextDocument],
    codec: PositionCodec,
    versioned: bool,
) -> types.WorkspaceEdit:
    """The edit that a patch is. `documents` are the open ones by address. Raises Changed."""
    by_path = {os.path.realpath(path_of(d)): d for d in documents.values() if path_of(d)}
    edits: list[tuple[str, int | None, list[types.TextEdit]]] = []
    for file in patch:
        document = by_path.get(os.path.realpath(file.path))
        source = source_of(document) if document is not None else read_source(file.path)
        if not isinstance(source, Source) or source.encode(source.text) != file.before:
            raise Changed(file.path)
        uri = document.uri if document is not None else uris.from_fs_path(file.path) or ""
        version = document.version if document is not None else None
        edits.append((uri, version, text_edits(source.text, file.text, codec)))
    return workspace_edit(edits, versioned)
