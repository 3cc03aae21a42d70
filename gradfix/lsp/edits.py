"""A proved patch as an edit of the workspace: of the texts that were proved, and of no others."""

from __future__ import annotations

import os
from collections.abc import Iterable

from lsprotocol import types
from pygls import uris
from pygls.workspace import PositionCodec

from gradfix.lsp.documents import Opened
from gradfix.lsp.positions import range_of
from gradfix.sources import Source, line_edits, read_source
from gradfix.values import Rewritten

Edit = tuple[str, int | None, list[types.TextEdit]]
"""What changes in one document: its address, its version (None: of a file that is not open), and the changes."""


class Changed(Exception):
    """A file is not any more what the patch was proved on. Its text names the file."""


def text_edits(before: str, after: str, codec: PositionCodec) -> list[types.TextEdit]:
    """The edits of whole lines that turn one text into another."""
    edits = line_edits(before, after, "")
    return [types.TextEdit(range=range_of(e.place, before, codec), new_text=e.new_text) for e in edits]


def edits_of(opened: Opened, after: str, codec: PositionCodec) -> list[Edit]:
    """What gives an open file another text; in a notebook, its cells. Raises Inexpressible."""
    source = opened.source
    notebook = source.notebook if isinstance(source, Source) else None
    texts = {0: after} if notebook is None else notebook.sources(after)
    changed = [page for page in opened.pages if texts[page.cell] != page.text]
    return [(page.uri, page.version, text_edits(page.text, texts[page.cell], codec)) for page in changed]


def workspace_edit(edits: list[Edit], versioned: bool) -> types.WorkspaceEdit:
    """The edits of some documents as one."""
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
    files: Iterable[Opened],
    codec: PositionCodec,
    versioned: bool,
) -> types.WorkspaceEdit:
    """The edit that a patch is. `files` are the open ones. Raises Changed."""
    by_path = {os.path.realpath(opened.path): opened for opened in files if opened.path}
    edits: list[Edit] = []
    for file in patch:
        opened = by_path.get(os.path.realpath(file.path))
        source = opened.source if opened is not None else read_source(file.path)
        if not isinstance(source, Source) or source.encode(source.text) != file.before:
            raise Changed(file.path)
        if opened is not None:
            edits.extend(edits_of(opened, file.text, codec))
        else:
            edits.append((uris.from_fs_path(file.path) or "", None, text_edits(source.text, file.text, codec)))
    return workspace_edit(edits, versioned)
