"""A notebook as one program, and what becomes of its cells when that program is patched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gradfix.notebook.boundaries import parted
from gradfix.notebook.layout import Layout, layout_of
from gradfix.notebook.magics import Line, program_lines
from gradfix.notebook.spelling import rewritten
from gradfix.scan.valid import problem_of


class Inexpressible(ValueError):
    """Why a patched program cannot be put back into the cells of its notebook, in one line."""


@dataclass(frozen=True)
class Cell:
    """A code cell: its number among all cells (from 1), its source, and its lines in the program."""

    number: int
    source: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """Its part of the program."""
        return "".join(f"{line.text}\n" for line in self.lines)


@dataclass(frozen=True)
class Notebook:
    """A notebook: its JSON text, and its code cells in their order. Lines of the program count from 1."""

    json: str
    layout: Layout
    cells: tuple[Cell, ...]

    @property
    def text(self) -> str:
        """The program: the lines of all code cells one below the other, with Python in place of magics."""
        return "".join(cell.text for cell in self.cells)

    def cell_at(self, line: int) -> tuple[int, int]:
        """The cell's number, and the line in it, of a line of the program; of the last one for those behind."""
        for cell in self.cells:
            if line <= len(cell.lines):
                return cell.number, max(line, 1)
            line -= len(cell.lines)
        return (self.cells[-1].number, len(self.cells[-1].lines)) if self.cells else (1, 1)

    def line_of(self, number: int, line: int) -> int:
        """The line of the program that is line `line` of cell `number`."""
        return line + sum(len(cell.lines) for cell in self.cells if cell.number < number)

    def source_of(self, number: int) -> str:
        """The source of a cell, magics and all; "" for a number that is no code cell's."""
        return next((cell.source for cell in self.cells if cell.number == number), "")

    def sources(self, text: str) -> dict[int, str]:
        """The sources of the cells, by number, in a patched program. Raises Inexpressible."""
        new = text.removesuffix("\n").split("\n") if text else []
        times = Counter(new)
        for cell in self.cells:
            for line in cell.lines:
                if line.original is not None and times[line.text] != 1:
                    raise Inexpressible(f"it would touch `{line.original.strip()[:60]}` in cell {cell.number}")
        if not self.cells:
            return {}
        parts = parted([[line.text for line in cell.lines] for cell in self.cells], new, self._holds)
        if parts is None:
            raise Inexpressible("it would make one statement of several cells")
        originals = self._originals
        return {
            cell.number: "\n".join(originals.get(line, line) for line in lines)
            for cell, lines in zip(self.cells, parts, strict=True)
        }

    def with_program(self, text: str) -> Notebook:
        """The notebook as `cell_at` and `source_of` are to know it, with a patched program. Raises Inexpressible."""
        sources = self.sources(text)
        lines = {number: tuple(Line(line) for line in source.split("\n")) for number, source in sources.items()}
        return replace(self, cells=tuple(Cell(c.number, sources[c.number], lines[c.number]) for c in self.cells))

    def patched(self, text: str) -> str:
        """The JSON text with the sources of a patched program. Raises Inexpressible."""
        return rewritten(self.json, self.layout, self.sources(text))

    @property
    def _originals(self) -> Mapping[str, str]:
        return {line.text: line.original for cell in self.cells for line in cell.lines if line.original is not None}

    def _holds(self, index: int, lines: Sequence[str]) -> bool:
        """Whether a cell may hold these lines: all of its own magics, none of others, and whole statements."""
        own = self.cells[index].lines
        if len(lines) == len(own) and all(a == b.text for a, b in zip(lines, own, strict=True)):
            return True
        originals = self._originals
        if [x for x in lines if x in originals] != [x.text for x in own if x.original is not None]:
            return False
        return not problem_of("\n".join(lines))


def notebook_of(text: str) -> Notebook:
    """Reads the JSON text of a notebook. Raises BadNotebook."""
    layout = layout_of(text)
    cells, started = [], False
    for cell in layout.cells:
        lines = program_lines(cell.source, cell.number, started, cell.python)
        started = started or any(not line.text.lstrip().startswith("#") and line.text.strip() for line in lines)
        cells.append(Cell(cell.number, cell.source, lines))
    return Notebook(text, layout, tuple(cells))
