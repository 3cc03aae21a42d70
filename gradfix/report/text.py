"""The report for people: findings with their source line, the proof in one line, a summary."""

from __future__ import annotations

import math
import os
from typing import TextIO

from rich.console import Console
from rich.text import Text

from gradfix.report.snippet import snippet, visible
from gradfix.values import Basis, FileReport, Finding, Fix, Report, StepReport, Verdict

SHOWN_NAMES = 5
WIDTH = 140
"""Columns to which source lines are cut where no terminal says how many it has."""

_VERDICT_STYLES = {
    Verdict.CLEAN: "green",
    Verdict.FIXED: "bold green",
    Verdict.ADVICE: "bold cyan",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.ERROR: "bold red",
}

_DIFF_HEADS = ("--- a/", "+++ b/", '--- "a/', '+++ "b/')
_DIFF_STYLES = {"@": "cyan", "+": "green", "-": "red"}


def console_for(stream: TextIO) -> Console:
    """A console that colours on a terminal, unless NO_COLOR is set, and elsewhere where FORCE_COLOR is.

    Takes the stream to write to. Characters that its encoding lacks are written as escapes, not raised.
    """
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    forced = bool(os.environ.get("FORCE_COLOR"))
    plain = os.environ.get("NO_COLOR") or not (forced or (stream.isatty() and os.environ.get("TERM") != "dumb"))
    return Console(
        file=stream,
        force_terminal=forced or None,
        color_system=None if plain else "standard" if forced and not stream.isatty() else "auto",
        width=None if stream.isatty() else WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
    )


def render_file(
    report: FileReport,
    source_text: str | None,
    console: Console,
    *,
    verbose: bool = False,
    explained: set[str] | None = None,
) -> None:
    """Writes all that a person should see of one file: nothing where it is clean, unless `verbose`.

    Takes the text of the file before the patch, or None where there is none to quote. `explained` are the rules whose
    page was named already; those that are named now are added.
    """
    if report.verdict is Verdict.CLEAN and not (report.findings or report.notes or verbose):
        return
    explained = set() if explained is None else explained
    asked = _asked(report)
    quoted = False
    for finding in report.findings:
        _write(console, _headline(finding))
        text = report.cells.get(finding.place.cell, source_text)
        if text is not None and finding.place.path == report.path:
            near = asked is not None and not quoted and asked.cell == finding.place.cell
            label = (asked.line, _missed(asked)) if asked is not None and near else None
            for line in snippet(finding.place, text, console.width, label):
                _write(console, line)
                quoted = quoted or (label is not None and line.plain.endswith(visible(label[1])))
        if finding.help:
            _write(console, _labelled("help", finding.help, "cyan"))
        for i, way in enumerate(finding.advice):
            _write(console, _labelled("or" if i else "try", way, "green"))
        if finding.fix in (Fix.UNSAFE, Fix.REFUSED):
            _write(console, _labelled("fix", finding.fix.value, "yellow"))
        if finding.code not in explained:
            explained.add(finding.code)
            _write(console, _labelled("more", f"gradfix --explain {finding.code}", "dim"))
    for step in report.steps:
        seen = _proof(step) if report.verdict is Verdict.FIXED else None if quoted else _evidence(step)
        if seen:
            _write(console, seen)
        if quoted and step is asked and report.verdict is not Verdict.FIXED and step.inputs:
            _write(console, _labelled("made up", ", ".join(step.inputs), "dim"))
        for name, outcome in step.checks.items() if verbose else ():
            _write(console, _labelled("check", f"{name}: {outcome}", "dim"))
    for note in report.notes:
        _write(console, _labelled("note", note, "dim"))
    if _adds(report):
        _write(console, _verdict(report))
    _write(console, Text())


def _adds(report: FileReport) -> bool:
    """Whether the line with the verdict says more than the findings and the proof have said."""
    if report.verdict is Verdict.FIXED:
        told = "; ".join(f.help for f in report.findings if f.help)
        return not report.steps or report.reason not in ("", told)
    return not any(report.reason == f.message for f in report.findings)


def _asked(report: FileReport) -> StepReport | None:
    """The step at which gradients are missing, if it is the only one of the checked file."""
    broken = [s for s in report.steps if s.missing_before]
    return broken[0] if len(broken) == 1 and broken[0].path == report.path else None


def _missed(step: StepReport) -> str:
    """What is said under the line that asks."""
    return f"asked here: no gradient for {_names(step)}"


def _names(step: StepReport) -> str:
    missing = len(step.missing_before)
    more = f" and {missing - SHOWN_NAMES} more" if missing > SHOWN_NAMES else ""
    return ", ".join(step.missing_before[:SHOWN_NAMES]) + more


def render_summary(report: Report, console: Console, *, applied: bool = False, interrupted: bool = False) -> None:
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
    checked = sum(counts.values())
    line = Text(f"{checked} file{'' if checked == 1 else 's'} checked")
    for index, (part, style) in enumerate(parts):
        line.append(", " if index else ": ").append(part, style=style)
    if cached := report.counted().cached:
        line.append(f"; {cached} from the cache", style="dim")
    if report.sandbox:
        line.append(f"; sandbox: {visible(report.sandbox)}", style="dim")
    if interrupted:
        line.append("; interrupted: the others were not looked at", style="bold red")
    _write(console, line)


def render_diff(diff: str, console: Console) -> None:
    """Writes a unified diff for the eye: in colour, and with control characters as escapes."""
    for line in diff.rstrip("\n").split("\n"):
        style = "bold" if line.startswith(_DIFF_HEADS) else _DIFF_STYLES.get(line[:1], "")
        _write(console, Text(visible(line.expandtabs()), style=style))


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
    where = f"{step.path}:{_cell(step.cell)}{step.line}"
    noun = "gradient" if step.sources == 1 else "gradients"
    return _labelled("seen", f"{where}: {missing} of {step.sources} {noun} missing: {_names(step)}", "yellow")


def _verdict(report: FileReport) -> Text:
    line = Text.assemble(
        (f"{visible(report.path)}:", "bold"), " ", (report.verdict.value, _VERDICT_STYLES[report.verdict])
    )
    return line.append(f": {visible(report.reason)}") if report.reason else line
