"""Tells in cells what a report says in lines of a notebook's program."""

from __future__ import annotations

import os
from dataclasses import replace

from gradfix.notebook.cells import Notebook
from gradfix.sources import Source, line_edits
from gradfix.values import FileReport, Place, TextEdit


def in_cells(report: FileReport, source: Source) -> FileReport:
    """The report of a notebook with its places in cells; that of another file as it is."""
    notebook = source.notebook
    if notebook is None:
        return report
    findings = tuple(replace(f, place=_in_cell(f.place, source.path, notebook)) for f in report.findings)
    steps = []
    own = os.path.abspath(source.path)
    later = notebook.with_program(report.patched[own]) if own in report.patched else None
    for step in report.steps:
        if step.path == source.path:
            cell, line = notebook.cell_at(step.line)
            step = replace(step, cell=cell, line=line)
        before = tuple(replace(s, place=_in_cell(s.place, source.path, notebook)) for s in step.way_before)
        after = tuple(replace(s, place=_in_cell(s.place, source.path, later)) for s in step.way_after if later)
        steps.append(replace(step, way_before=before, way_after=after))
    cells = {f.place.cell: notebook.source_of(f.place.cell) for f in findings if f.place.cell}
    return replace(report, findings=findings, steps=tuple(steps), cells=cells)


def edits_of(source: Source, before: str, after: str) -> tuple[TextEdit, ...]:
    """The edits that turn one text of a file into another: in a notebook those of its cells' sources.

    Raises Inexpressible where one of the texts cannot be put back into the cells.
    """
    if source.notebook is None:
        return line_edits(before, after, source.path)
    old, new = source.notebook.sources(before), source.notebook.sources(after)
    return tuple(
        replace(edit, place=replace(edit.place, cell=number))
        for number in old
        for edit in line_edits(old[number], new[number], source.path)
    )


def in_program(report: FileReport, source: Source) -> FileReport:
    """The report of a notebook with its places in lines of the program, as it was before `in_cells`."""
    notebook = source.notebook
    if notebook is None:
        return report
    findings = tuple(replace(f, place=_in_program(f.place, notebook)) for f in report.findings)
    steps = tuple(replace(s, line=notebook.line_of(s.cell, s.line), cell=0) if s.cell else s for s in report.steps)
    return replace(report, findings=findings, steps=steps)


def _in_program(place: Place, notebook: Notebook) -> Place:
    if not place.cell:
        return place
    end = notebook.line_of(place.cell, place.end_line) if place.end_line else 0
    return replace(place, line=notebook.line_of(place.cell, place.line), end_line=end, cell=0)


def _in_cell(place: Place, path: str, notebook: Notebook) -> Place:
    return in_cell(place, notebook) if place.path == path else place


def in_cell(place: Place, notebook: Notebook) -> Place:
    """A place in lines of a notebook's program as one in a cell."""
    if place.cell:
        return place
    cell, line = notebook.cell_at(place.line)
    last, end_line = notebook.cell_at(place.end_line or place.line)
    if not place.end_line or last == cell:
        return replace(place, cell=cell, line=line, end_line=end_line if place.end_line else 0)
    # it cannot be told as one range: its first line stands for it
    return replace(place, cell=cell, line=line, end_line=0, end_column=0)
