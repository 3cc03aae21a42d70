"""The report for people: findings with their source line, the proof in one line, a summary."""

from __future__ import annotations

import math
import os
import re
import unicodedata
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from gradfix.values import Basis, FileReport, Finding, Fix, Place, Report, StepReport, Verdict

TAB = "    "
SHOWN_NAMES = 5

_VERDICT_STYLES = {
    Verdict.CLEAN: "green",
    Verdict.FIXED: "bold green",
    Verdict.ADVICE: "bold cyan",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.ERROR: "bold red",
}


def console_for(stream: TextIO) -> Console:
    """A console that colours on a terminal only, and not there either when NO_COLOR is set.

    Takes the stream to write to. Characters that its encoding lacks are written as escapes, not raised.
    """
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    plain = not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Console(file=stream, color_system=None if plain else "auto", markup=False, emoji=False, highlight=False)


def render_file(report: FileReport, source_text: str | None, console: Console, *, verbose: bool = False) -> None:
    """Writes all that a person should see of one file: nothing where it is clean, unless `verbose`.

    Takes the text of the file before the patch, or None where there is none to quote.
    """
    if report.verdict is Verdict.CLEAN and not (report.findings or report.notes or verbose):
        return
    for finding in report.findings:
        _write(console, _headline(finding))
        text = report.cells.get(finding.place.cell, source_text)
        if text is not None and finding.place.path == report.path:
            for line in _snippet(finding.place, text):
                _write(console, line)
        if finding.help:
            _write(console, _labelled("help", finding.help, "cyan"))
        for i, way in enumerate(finding.advice):
            _write(console, _labelled("or" if i else "try", way, "green"))
        if finding.fix in (Fix.UNSAFE, Fix.REFUSED):
            _write(console, _labelled("fix", finding.fix.value, "yellow"))
    for step in report.steps:
        seen = _proof(step) if report.verdict is Verdict.FIXED else _evidence(step)
        if seen:
            _write(console, seen)
        for name, outcome in step.checks.items() if verbose else ():
            _write(console, _labelled("check", f"{name}: {outcome}", "dim"))
    for note in report.notes:
        _write(console, _labelled("note", note, "dim"))
    # A proved fix with nothing to add has said all in the proof line.
    if report.verdict is not Verdict.FIXED or report.reason or not report.steps:
        _write(console, _verdict(report))
    _write(console, Text())


def render_summary(report: Report, console: Console, *, applied: bool = False) -> None:
    """Writes the last line: how many files were checked, what became of them, and in which sandbox they ran.

    With `applied` the fixes are on disk, so that files are "fixed" and not "fixable".
    """
    words = {
        Verdict.FIXED: "fixed" if applied else "fixable",
        Verdict.ADVICE: "with advice",
        Verdict.INCONCLUSIVE: "inconclusive",
        Verdict.ERROR: "in error",
        Verdict.CLEAN: "clean",
    }
    counts = report.summary()
    parts = [(f"{counts[v.value]} {word}", _VERDICT_STYLES[v]) for v, word in words.items() if counts[v.value]]
    checked = len(report.files)
    line = Text(f"{checked} file{'' if checked == 1 else 's'} checked")
    for index, (part, style) in enumerate(parts):
        line.append(", " if index else ": ").append(part, style=style)
    if report.sandbox:
        line.append(f"; sandbox: {visible(report.sandbox)}", style="dim")
    _write(console, line)


def visible(text: str) -> str:
    """A text with every character escaped that would move the cursor, colour, reorder or hide.

    Names and messages come from the checked files, and a terminal obeys what they hold.
    """
    return "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else _escape(c) for c in text)


def _escape(character: str) -> str:
    # A surrogate in this range stands for one byte of a file name that is not UTF-8.
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def _write(console: Console, line: Text) -> None:
    # One line stays one line however narrow the screen: people grep it, and the terminal wraps by itself.
    console.print(line, soft_wrap=True, highlight=False)


def _labelled(label: str, text: str, style: str) -> Text:
    return Text.assemble((f"{label}:", style), " ", visible(text))


def _headline(finding: Finding) -> Text:
    place = finding.place
    return Text.assemble(
        (f"{visible(place.path)}:{_cell(place.cell)}{place.line}:{place.column}:", "bold"),
        " ",
        (visible(finding.code), "bold red"),
        " ",
        (visible(finding.rule), "red"),
        "  ",
        ("suspect: ", "yellow") if finding.basis is Basis.TEXT else "",
        visible(finding.message),
    )


def _cell(number: int) -> str:
    """What stands before the line of a place in a notebook."""
    return f"cell {number}:" if number else ""


def _snippet(place: Place, source_text: str) -> list[Text]:
    """The first line of a range with the range underlined; nothing when the text has no such line."""
    lines = source_text.split("\n")
    if not 1 <= place.line <= len(lines):
        return []
    line = lines[place.line - 1].rstrip()
    start = min(max(place.column - 1, 0), len(line))
    end = place.end_column - 1 if place.end_line in (0, place.line) else len(line)
    marked = _quoted(line[start : max(end, start)])
    number = str(place.line)
    edge = " " * len(number) + " |"
    indent = " " * cell_len(_quoted(line[:start]))
    return [
        Text(edge, style="dim"),
        Text.assemble((f"{number} |", "dim"), " ", _quoted(line)),
        Text.assemble((edge, "dim"), " ", indent, ("^" * max(cell_len(marked), 1), "bold red")),
    ]


def _quoted(code: str) -> str:
    """A piece of a source line as it is shown: its width does not depend on where the line has tabs."""
    return "".join(TAB if piece == "\t" else visible(piece) for piece in re.split("(\t)", code))


def _proof(step: StepReport) -> Text | None:
    """What the runs before and after the patch showed, in one line; None for a step that had nothing missing."""
    if step.sources and not step.missing_before:
        return None
    still = set(step.missing_after)
    back = sum(name not in still for name in step.missing_before)
    missing = len(step.missing_before)
    noun, verb = ("gradient", "is") if missing == 1 else ("gradients", "are")
    parts = [f"{back} of {missing} missing {noun} {verb} back"]
    if not step.sources:
        parts = ["every source that is asked for now has a gradient"]
    if step.target_before is not None and step.target_after is not None:
        parts.append(_loss(step.target_before, step.target_after))
    if step.inputs:
        parts.append("made up: " + ", ".join(step.inputs))
    return _labelled("proved", "; ".join(parts), "bold green")


def _loss(before: float, after: float) -> str:
    # Rounding must neither make the last bits of a float look like a change nor hide a change.
    if math.isclose(before, after, rel_tol=1e-5) or (math.isnan(before) and math.isnan(after)):
        return f"loss {before:.4g} before and after"
    digits = 4 if f"{before:.4g}" != f"{after:.4g}" else 9
    return f"loss {before:.{digits}g} before, {after:.{digits}g} after"


def _evidence(step: StepReport) -> Text | None:
    """What the run showed of a file without a proved fix; None where no gradient is missing."""
    missing = len(step.missing_before)
    if not missing:
        return None
    names = ", ".join(step.missing_before[:SHOWN_NAMES])
    more = f" and {missing - SHOWN_NAMES} more" if missing > SHOWN_NAMES else ""
    where = f"{step.path}:{_cell(step.cell)}{step.line}"
    noun = "gradient" if step.sources == 1 else "gradients"
    return _labelled("seen", f"{where}: {missing} of {step.sources} {noun} missing: {names}{more}", "yellow")


def _verdict(report: FileReport) -> Text:
    line = Text.assemble(
        (f"{visible(report.path)}:", "bold"), " ", (report.verdict.value, _VERDICT_STYLES[report.verdict])
    )
    return line.append(f": {visible(report.reason)}") if report.reason else line
