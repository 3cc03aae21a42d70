"""Open files as sources: what is in the editor counts, not what is on the disk."""

from __future__ import annotations

import io
import json
import os
import tokenize
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from lsprotocol import types
from pygls import uris
from pygls.workspace import TextDocument

from gradfix.notebook.told import in_cell
from gradfix.sources import NOTEBOOK, Source, Unreadable, parse_source
from gradfix.values import Place

NAMELESS = "untitled.py"
NAMELESS_NOTEBOOK = f"untitled{NOTEBOOK}"


@dataclass(frozen=True)
class Page:
    """A text document of the client: a file, or a code cell by its number among all cells of a notebook (else 0)."""

    uri: str
    version: int | None
    text: str
    cell: int = 0


@dataclass(frozen=True)
class Opened:
    """A file in the editor: one page, or those of a notebook, which has `cells` of all kinds.

    `path` is absolute, and "" for what is no file. `near` is where settings are looked for.
    """

    uri: str
    version: int | None
    path: str
    near: str
    pages: tuple[Page, ...]
    cells: int | None = None

    @property
    def text(self) -> str:
        """All that is written, as many lines as the program has."""
        return "\n".join(page.text for page in self.pages)

    @cached_property
    def source(self) -> Source | Unreadable:
        """The text as the source of its file: Unreadable where it is half typed, or no file could hold it."""
        path = self.path or (NAMELESS if self.cells is None else NAMELESS_NOTEBOOK)
        data = self.data
        if isinstance(data, str):
            return Unreadable(path, data)
        try:
            source = parse_source(path, data)
        except RecursionError:
            return Unreadable(path, "too deep to be parsed")
        if isinstance(source, Source) and self.cells is None and source.text != self.text:
            return Unreadable(path, "begins with a byte order mark")
        return source

    @cached_property
    def data(self) -> bytes | str:
        """The bytes that a file with this text has; as a string, why there are none."""
        if self.cells is not None:
            return json.dumps(self._notebook()).encode()
        try:
            text = self.text
            start = text[:400]  # a declaration stands in the first two lines
            if start.isascii() and "coding" not in start:  # most texts, told ten times as fast
                return text.encode("utf-8")
            return text.encode(tokenize.detect_encoding(io.BytesIO(start.encode("utf-8")).readline)[0])
        except (SyntaxError, UnicodeError, LookupError) as e:
            return " ".join(str(e).split())

    def _notebook(self) -> Mapping[str, object]:
        """A notebook with these cells and nothing else: outputs and metadata stay with the client."""
        cells = [{"cell_type": "markdown", "source": ""} for _ in range(self.cells or 0)]
        for page in self.pages:
            cells[page.cell - 1] = {"cell_type": "code", "source": page.text}
        return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}

    def on_page(self, place: Place) -> tuple[Page, Place]:
        """The page that a place of the program lies on, and the place as that counts lines."""
        notebook = self.source.notebook if isinstance(self.source, Source) else None
        if notebook is None:
            return self.pages[0], place
        place = in_cell(place, notebook)
        return next(page for page in self.pages if page.cell == place.cell), place


def text_opened(document: TextDocument) -> Opened:
    """A document that is no notebook's.

    Some clients send Python text under the name of a notebook, so that the name says nothing of what it is.
    """
    notebook = document.path.endswith(NOTEBOOK)
    path = os.path.abspath(document.path) if document.uri.startswith("file:") and not notebook else ""
    page = Page(document.uri, document.version, document.source)
    return Opened(document.uri, document.version, path, path or document.path or NAMELESS, (page,))


def notebook_opened(notebook: types.NotebookDocument, documents: Mapping[str, TextDocument]) -> Opened:
    """A notebook with those of its cells that are Python.

    `documents` are the texts of cells by the cells' addresses. Its own version counts outputs too, so that the versions
    of its cells stand for it.
    """
    path = os.path.abspath(uris.to_fs_path(notebook.uri) or "") if notebook.uri.startswith("file:") else ""
    pages = []
    for number, cell in enumerate(notebook.cells, 1):
        document = documents.get(cell.document)
        if cell.kind == types.NotebookCellKind.Code and document is not None and document.language_id == "python":
            pages.append(Page(cell.document, document.version, document.source, number))
    version = zlib.crc32(repr([(page.uri, page.version) for page in pages]).encode("utf-8", "replace"))
    return Opened(notebook.uri, version, path, path or NAMELESS_NOTEBOOK, tuple(pages), len(notebook.cells))


def unsaved(files: Iterable[Opened]) -> tuple[Source, ...]:
    """The files whose text is not what is on the disk. One that cannot be parsed is left out."""
    found = []
    for opened in files:
        data = opened.data if opened.path.endswith(".py") else ""
        if isinstance(data, bytes) and not _on_disk(opened.path, data):  # most are saved, and need not be parsed
            source = opened.source
            if isinstance(source, Source):
                found.append(source)
    return tuple(sorted(found, key=lambda s: s.path))


def _on_disk(path: str, data: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() == data
    except OSError:
        return False
