"""Open documents as sources: what is in the editor counts, not what is on the disk."""

from __future__ import annotations

import io
import os
import tokenize
from collections.abc import Iterable

from pygls.workspace import TextDocument

from gradfix.sources import NOTEBOOK, Source, Unreadable, parse_source

NAMELESS = "untitled.py"


def path_of(document: TextDocument) -> str:
    """The absolute path of the file that a document is, "" for one that is none or that is a notebook."""
    if not document.uri.startswith("file:") or document.path.endswith(NOTEBOOK):
        return ""
    return os.path.abspath(document.path)


def source_of(document: TextDocument) -> Source | Unreadable:
    """A document's text as the source of its file: Unreadable where it is half typed, or no file could hold it.

    Some clients send Python text under the name of a notebook, so that the name says nothing of what it is.
    """
    path = path_of(document) or NAMELESS
    data = _data_of(document)
    if isinstance(data, str):
        return Unreadable(path, data)
    try:
        source = parse_source(path, data)
    except RecursionError:
        return Unreadable(path, "too deep to be parsed")
    if isinstance(source, Source) and source.text != document.source:
        return Unreadable(path, "begins with a byte order mark")
    return source


def _data_of(document: TextDocument) -> bytes | str:
    """The bytes that a file with this text has; as a string, why there are none."""
    text = document.source
    try:
        start = text[:400].encode("utf-8")  # a declaration stands in the first two lines
        return text.encode(tokenize.detect_encoding(io.BytesIO(start).readline)[0])
    except (SyntaxError, UnicodeError, LookupError) as e:
        return " ".join(str(e).split())


def unsaved(documents: Iterable[TextDocument]) -> tuple[Source, ...]:
    """The files among documents whose text is not what is on the disk. One that cannot be parsed is left out."""
    found = []
    for document in documents:
        path = path_of(document)
        data = _data_of(document) if path.endswith(".py") else ""
        if isinstance(data, bytes) and not _on_disk(path, data):  # most are saved, and need not be parsed
            source = source_of(document)
            if isinstance(source, Source):
                found.append(source)
    return tuple(sorted(found, key=lambda s: s.path))


def _on_disk(path: str, data: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read() == data
    except OSError:
        return False
