"""What is open in the editor, by address and by path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote

from lsprotocol import types
from pygls.workspace import Workspace

from gradfix.lsp.documents import Opened, notebook_opened, text_opened
from gradfix.lsp.findings import Texts
from gradfix.sources import Source, read_source


class Desk:
    """The files of a workspace as pygls keeps them. It knows them by addresses without escapes."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def opened(self, uri: str) -> Opened | None:
        """What is open under the address of a file, a notebook or a cell."""
        notebook = self._workspace.get_notebook_document(notebook_uri=uri)
        notebook = notebook or self._workspace.get_notebook_document(cell_uri=uri)
        if notebook is not None:
            return self._notebook(notebook)
        document = self._workspace.text_documents.get(unquote(uri))
        return text_opened(document) if document is not None else None

    def all(self) -> Iterator[Opened]:
        """All files that are open."""
        for document in list(self._workspace.text_documents.values()):
            if self._workspace.get_notebook_document(cell_uri=document.uri) is None:
                yield text_opened(document)
        yield from map(self._notebook, list(self._workspace.notebook_documents.values()))

    def at(self, path: str) -> Opened | None:
        """What is open of a path."""
        path = os.path.realpath(path)
        return next((o for o in self.all() if o.path and os.path.realpath(o.path) == path), None)

    def texts(self) -> Texts:
        """Gives the texts of files as they are now: in the editor, else on the disk."""

        @cache
        def text_of(path: str) -> str | None:
            opened = self.at(path)
            if opened is not None:
                return opened.text
            source = read_source(path)
            return source.text if isinstance(source, Source) else None

        return text_of

    def _notebook(self, notebook: types.NotebookDocument) -> Opened:
        texts = self._workspace.text_documents
        known = [cell.document for cell in notebook.cells if unquote(cell.document) in texts]
        return notebook_opened(notebook, {uri: texts[unquote(uri)] for uri in known})
