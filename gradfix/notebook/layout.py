"""Where the sources of the code cells stand in the JSON text of a notebook, down to each string.

Only what a patch changes may change in the file, so nothing is ever written from parsed data: this finds the ranges of
text that may be replaced, and the rest stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

OLDEST = 4
"""The first nbformat with a list of cells at the top."""
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class BadNotebook(Exception):
    """Why a file cannot be read as a notebook, in one line."""


@dataclass(frozen=True)
class CellLayout:
    """The source of one code cell: its number among all cells (from 1), its text, and where that stands.

    `start` and `end` hold the whole JSON value. `pieces` are the ranges of its strings, quotes included: the lines
    where it is a list, itself where it is a string. `python` says whether it is in Python, as most cells are.
    """

    number: int
    source: str
    start: int
    end: int
    listed: bool
    pieces: tuple[tuple[int, int], ...]
    python: bool = True


@dataclass(frozen=True)
class Layout:
    """A notebook's code cells in their order, and the name of its language in lower case."""

    cells: tuple[CellLayout, ...]
    language: str


def layout_of(text: str) -> Layout:
    """Finds the code cells in the JSON text of a notebook. Raises BadNotebook."""
    try:
        return _layout_of(text)
    except json.JSONDecodeError as e:
        raise BadNotebook(f"line {e.lineno}: not valid JSON: {e.msg}") from e
    except RecursionError as e:
        raise BadNotebook("not a notebook: its JSON is nested too deeply") from e


def _layout_of(text: str) -> Layout:
    start = _skip(text, 0)
    if text[start : start + 1] != "{":
        _DECODER.decode(text)  # raises for what is no JSON at all
        raise BadNotebook("not a notebook: its JSON is no object")
    members = dict(_members(text, start))
    end = _skip(text, value_at(text, start)[1])
    if end != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    version = value_at(text, members["nbformat"])[0] if "nbformat" in members else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise BadNotebook("not a notebook: it has no nbformat")
    if version < OLDEST:
        raise BadNotebook(f"a notebook of nbformat {version}: `jupyter nbconvert --to notebook` makes it one of 4")
    if "cells" not in members or text[members["cells"]] != "[":
        raise BadNotebook("not a notebook: it has no list of cells")
    metadata = value_at(text, members["metadata"])[0] if "metadata" in members else None
    cells = []
    for number, at in enumerate(_elements(text, members["cells"]), 1):
        if text[at] != "{":
            raise BadNotebook(f"cell {number} is no JSON object")
        cell = dict(_members(text, at))
        kind = value_at(text, cell["cell_type"])[0] if "cell_type" in cell else None
        if kind != "code":
            continue
        if "source" not in cell:
            raise BadNotebook(f"cell {number} has no source")
        about = value_at(text, cell["metadata"])[0] if "metadata" in cell else None
        cells.append(replace(_cell(text, number, cell["source"]), python=_is_python(about)))
    return Layout(tuple(cells), _language(metadata))


def _cell(text: str, number: int, at: int) -> CellLayout:
    value, end = value_at(text, at)
    if isinstance(value, str):
        return CellLayout(number, value, at, end, False, ((at, end),))
    if not isinstance(value, list) or not all(isinstance(piece, str) for piece in value):
        raise BadNotebook(f"cell {number}: its source is neither a string nor a list of strings")
    pieces = tuple((start, value_at(text, start)[1]) for start in _elements(text, at))
    return CellLayout(number, "".join(value), at, end, True, pieces)


def _language(metadata: Any) -> str:
    """What the metadata say; a notebook that does not say it is one of Python."""
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        about = metadata.get(key) if isinstance(metadata, dict) else None
        if isinstance(about, dict) and isinstance(about.get(name), str):
            return str(about[name]).lower()
    return "python"


def _is_python(metadata: Any) -> bool:
    """What the metadata of a cell say: those of VS Code, of notebooks in several languages, of SoS.

    A cell that does not say it is of the notebook's language.
    """
    if not isinstance(metadata, dict):
        return True
    editor = metadata.get("vscode")
    said = (editor.get("languageId") if isinstance(editor, dict) else None, metadata.get("language"))
    kernel = metadata.get("kernel")  # SoS names kernels, such as Python3
    return all(each in ("python", "ipython") for each in said if isinstance(each, str)) and (
        not isinstance(kernel, str) or kernel.lower().startswith(("python", "ipython", "sos"))
    )


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """The keys of the object that starts there, each with where its value starts."""
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
        key, at = value_at(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
        at = _skip(text, at + 1)
        yield key, at
        at = _next(text, value_at(text, at)[1], "}")


def _elements(text: str, at: int) -> Iterator[int]:
    """Where each element of the list that starts there starts."""
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        yield at
        at = _next(text, value_at(text, at)[1], "]")


def _next(text: str, at: int, closing: str) -> int:
    """Where what follows a value starts: another one, or the closing bracket."""
    at = _skip(text, at)
    if text[at : at + 1] == closing:
        return at
    if text[at : at + 1] != ",":
        raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
    after = _skip(text, at + 1)
    if text[after : after + 1] == closing:
        raise json.JSONDecodeError("Illegal trailing comma", text, at)
    return after


def value_at(text: str, at: int) -> tuple[Any, int]:
    """The JSON value that starts there, and where it ends. Raises json.JSONDecodeError."""
    return _DECODER.raw_decode(text, at)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
