"""Python files and notebooks on disk: reading them without loss."""

from __future__ import annotations

import codecs
import difflib
import io
import os
import re
import stat
import tokenize
from dataclasses import dataclass

from gradfix.notebook.cells import Inexpressible, Notebook, notebook_of
from gradfix.notebook.layout import BadNotebook
from gradfix.scan.prefilter import may_hold_a_step, may_hold_a_step_as_json
from gradfix.scan.valid import is_valid, problem_of
from gradfix.values import Place, TextEdit

NOTEBOOK = ".ipynb"


@dataclass(frozen=True)
class Source:
    """A Python file as text. Line ends are those of the file; `text` does not hold the byte order mark.

    Of a notebook, `text` is the program that its code cells make.
    """

    path: str
    text: str
    encoding: str
    bom: bool
    named: bool = True
    """The user named this file, and not a folder around it."""
    notebook: Notebook | None = None

    def encode(self, text: str) -> bytes:
        """Turns a text into bytes the way this file is written, so `encode(self.text)` is the file.

        Raises UnicodeEncodeError when the encoding of the file has no bytes for a character of `text`, and
        Inexpressible when it cannot be put back into the cells of a notebook.
        """
        if self.notebook is not None:
            text = self.notebook.patched(text)
        return (codecs.BOM_UTF8 if self.bom else b"") + text.encode(self.encoding)

    def spot(self, line: int) -> str:
        """How a line of the text is called: in a notebook by its cell."""
        if self.notebook is None:
            return f"line {line}"
        cell, own = self.notebook.cell_at(line)
        return f"cell {cell}, line {own}"

    def unfit(self, text: str) -> str:
        """Why this file cannot hold a text, "" where it can."""
        try:
            if self.notebook is not None:
                self.notebook.sources(text)
        except Inexpressible as problem:
            return str(problem)
        return ""


@dataclass(frozen=True)
class Unreadable:
    """A path that gives no source, and why, in one line that does not repeat the path."""

    path: str
    message: str


def read_source(path: str, *, named: bool = True) -> Source | Unreadable:
    """Reads one file. Takes the path as the user named it; never raises for what the disk or file holds.

    `named` as in Source: whether a file of a folder is valid Python is asked only of those that may hold a step.
    """
    data = read_bytes(path)
    return data if isinstance(data, Unreadable) else parse_source(path, data, named=named)


def read_bytes(path: str) -> bytes | Unreadable:
    """The bytes of one file. Never raises for what the disk holds."""
    try:
        # A pipe would block when opened, so the kind is asked first.
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            return Unreadable(path, "is a folder, not a file")
        if not stat.S_ISREG(found.st_mode):
            return Unreadable(path, "is not a regular file")
        with open(path, "rb", 0) as file:
            return file.read()
    except (OSError, ValueError) as problem:
        return Unreadable(path, reason_of(problem))


def parse_source(path: str, data: bytes, *, named: bool = True) -> Source | Unreadable:
    """Decodes the bytes of one file as Python does (PEP 263) and checks that gradfix can handle them.

    Takes the path only to name it in the answer. Returns Unreadable for null bytes, an unknown or wrong
    encoding, a lone carriage return and a syntax error.
    """
    if path.endswith(NOTEBOOK):
        return _parse_notebook(path, data, named)
    source = decode_source(path, data, named=named)
    if isinstance(source, Unreadable) or (not named and not may_hold_a_step(source.text)):
        return source
    # the tree is kept for those who look for steps next; of a text that has none, the bytes say why
    invalid = None if source.encoding == "utf-8" and is_valid(source.text) else problem_of(data)
    if invalid is None:
        return source
    line, message = invalid
    return Unreadable(path, f"line {line}: {message}" if line else message)


def decode_source(path: str, data: bytes, *, named: bool = True) -> Source | Unreadable:
    """The same of a Python file whose syntax nobody asks for."""
    if b"\0" in data:
        return Unreadable(path, f"line {_line_of(data, data.index(0))}: holds a null byte")
    bom = data.startswith(codecs.BOM_UTF8)
    try:
        encoding = _encoding_of(data)
        source = Source(path, data[len(codecs.BOM_UTF8) if bom else 0 :].decode(encoding), encoding, bom, named)
        same = encoding == "utf-8" or source.encode(source.text) == data
    except SyntaxError as problem:
        return Unreadable(path, _one_line(problem.msg))
    except UnicodeDecodeError as problem:
        line = _line_of(problem.object, problem.start)
        return Unreadable(path, f"line {line}: byte 0x{problem.object[problem.start]:02x} is not {encoding}")
    except (UnicodeError, LookupError) as problem:
        return Unreadable(path, f"encoding {encoding}: {_one_line(str(problem))}")
    if not same:
        # Codecs with shift states (utf-7, iso-2022-jp) may write other bytes for lines that no patch touches.
        return Unreadable(path, f"encoding {encoding}: the file cannot be written back as it is")
    lone = re.search(r"\r(?!\n)", source.text) if "\r" in source.text else None
    if lone:
        line = source.text.count("\n", 0, lone.start()) + 1
        return Unreadable(path, f"line {line}: holds a carriage return that no line feed follows")
    return source


def _encoding_of(data: bytes) -> str:
    """The encoding of a file as Python finds it (PEP 263); "utf-8" whatever the spelling, with a byte order mark too.

    Raises SyntaxError, also for bytes in the first two lines that are not of the encoding.
    """
    head = data[: data.find(b"\n", data.find(b"\n") + 1) + 1 or None]
    if head.isascii() and b"coding" not in head:  # most files, told some ten times as fast
        return "utf-8"
    encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    return "utf-8" if encoding in ("utf-8", "utf-8-sig") else encoding


def _parse_notebook(path: str, data: bytes, named: bool) -> Source | Unreadable:
    """The same for a notebook. One that a folder holds and that cannot have a step is not read any further."""
    bom = data.startswith(codecs.BOM_UTF8)
    nothing = Source(path, "", "utf-8", bom, named)
    if not named and not may_hold_a_step_as_json(data):
        return nothing
    try:
        notebook = notebook_of(data[len(codecs.BOM_UTF8) if bom else 0 :].decode("utf-8"))
    except BadNotebook as problem:
        return Unreadable(path, str(problem))
    except UnicodeDecodeError as problem:
        return Unreadable(path, f"line {_line_of(problem.object, problem.start)}: not a notebook: it is not utf-8")
    if notebook.layout.language not in ("python", "ipython"):
        return Unreadable(path, f"a notebook of {notebook.layout.language}, not of Python") if named else nothing
    for cell in notebook.cells:
        if bad := _UNREADABLE.search(cell.text):
            line = cell.text.count("\n", 0, bad.start()) + 1
            return Unreadable(path, f"cell {cell.number}, line {line}: {_unreadable(bad[0])}")
        if invalid := problem_of(cell.text):
            line, message = invalid
            return Unreadable(path, f"cell {cell.number}, line {max(line, 1)}: {message}")
    return Source(path, notebook.text, "utf-8", bom, named, notebook)


_UNREADABLE = re.compile("\0|\r(?!\n)|[\ud800-\udfff]")


def _unreadable(character: str) -> str:
    if character == "\0":
        return "holds a null byte"
    return "holds a carriage return that no line feed follows" if character == "\r" else "holds half a character"


def line_edits(before: str, after: str, path: str) -> tuple[TextEdit, ...]:
    """The edits of whole lines that turn `before` into `after`, from top to bottom and without overlap.

    Takes the path only to name it in the places. All places count in `before`; lines end at "\\n" alone.
    """
    old = _lines(before)
    new = _lines(after)
    edits = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            line, column = _start_of(old, i1)
            end_line, end_column = _start_of(old, i2)
            place = Place(path, line, column, end_line, end_column)
            edits.append(TextEdit(place, "".join(new[j1:j2])))
    return tuple(edits)


def _lines(text: str) -> list[str]:
    # str.splitlines would also split at form feeds and U+2028, which Python does not count as line ends.
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _start_of(lines: list[str], index: int) -> tuple[int, int]:
    """Line and column where a line starts; past the last line, where the text ends."""
    if index == len(lines) > 0 and not lines[-1].endswith("\n"):
        return len(lines), len(lines[-1]) + 1
    return index + 1, 1


def _line_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def reason_of(problem: Exception) -> str:
    """What the system said, in one line without the path."""
    return _one_line((isinstance(problem, OSError) and problem.strerror) or str(problem))


def _one_line(message: str) -> str:
    return " ".join(message.split())
