"""Turns what was seen, searched and proved into the report of one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from gradfix.advice.choose import advice_for
from gradfix.breaks import NEVER_USED, Break, outermost
from gradfix.diffs import cell_diffs, unified_diff
from gradfix.look.explore import Exploration
from gradfix.notebook.told import edits_of
from gradfix.pictures import Line, Ways
from gradfix.places import in_characters
from gradfix.prove.project import Project
from gradfix.prove.search import Edit, Outcome
from gradfix.prove.undo import line_before
from gradfix.run.lab import Seen, Texts
from gradfix.run.messages import LabelShape, Request, missing_of
from gradfix.sources import Source, line_edits
from gradfix.told import called, steps_told
from gradfix.values import (
    FileReport,
    Finding,
    Fix,
    Place,
    Rewritten,
    TextEdit,
    Verdict,
)

MOST_FINDINGS = 5
MISSING = ("missing-gradient", "GF001")
LABELS = ("label-shape", "GF002")
NOTHING_KNOWN = "no codemod mends this"
Silences = Callable[[Finding], bool]
"""Whether the user wants no word of a finding."""


def inconclusive(path: str, reason: str) -> FileReport:
    """No run could show whether gradients are missing."""
    return FileReport(path, Verdict.INCONCLUSIVE, reason)


def unseen(report: FileReport) -> bool:
    """Whether no run came to a step of a file, so that there is only what its text tells."""
    return report.verdict is Verdict.INCONCLUSIVE and not report.steps and not report.findings


def with_findings(report: FileReport, more: tuple[Finding, ...]) -> FileReport:
    """A report with further findings, which make a clean file one with advice."""
    if not more:
        return report
    if report.verdict is Verdict.CLEAN:
        report = replace(report, verdict=Verdict.ADVICE, reason=more[0].message)
    return replace(report, findings=(*report.findings, *more))


def unbroken(
    source: Source, explored: Exploration, silences: Silences, ways: Mapping[Line, Ways] = MappingProxyType({})
) -> FileReport:
    """All gradients that were seen are there: clean, unless a step was not reached or labels did not fit."""
    findings = tuple(f for f in _labels(source, explored.seen) if not silences(f))
    steps = steps_told(source, explored.seen, explored.seen, (), ways)
    if explored.unreached:
        step, why = explored.unreached[0]
        more = f" (and {len(explored.unreached) - 1} more)" if len(explored.unreached) > 1 else ""
        reason = f"{source.spot(step.line)} was not reached{more}: {why}"
        return FileReport(source.path, Verdict.INCONCLUSIVE, reason, findings=findings, steps=steps)
    if findings:
        return FileReport(source.path, Verdict.ADVICE, "the run stops on its labels", findings=findings, steps=steps)
    return FileReport(source.path, Verdict.CLEAN, steps=steps)


@dataclass(frozen=True)
class Told:
    """A finding with what it tells of: a request, the number of its look, and the break where there is one."""

    finding: Finding
    request: Request
    look: int
    cut: Break | None = None


def told_of(project: Project, outcome: Outcome) -> tuple[Told, ...]:
    """What a search found: a finding for each edit of its patch, or for each break of what could not be mended."""
    if outcome.broken is not None:
        return _refused(project, outcome, outcome.broken)
    changes = _changes(outcome)
    fix = Fix.UNSAFE if changes else Fix.PROVED
    return tuple(Told(_mended(project, e, fix, changes), e.request, e.look, e.cut) for e in outcome.edits)


def _changes(outcome: Outcome) -> str:
    """What a patch changes besides; "" for nothing."""
    return next((p.why for p in outcome.proofs if p.verdict == "unsafe"), "")


def of_search(
    project: Project,
    explored: Exploration,
    outcome: Outcome,
    told: tuple[Told, ...],
    unsafe: bool,
    silences: Silences,
    ways: Mapping[Line, Ways] = MappingProxyType({}),
) -> FileReport:
    """A patch that is proved, or advice that says what was tried."""
    source = project.source(project.main)
    labels = tuple(f for f in _labels(source, explored.seen) if not silences(f))
    findings = tuple(t.finding for t in told)
    if outcome.broken is not None:
        steps = steps_told(source, explored.seen, (), (), ways)
        return FileReport(source.path, Verdict.ADVICE, findings[0].message, findings=(*findings, *labels), steps=steps)
    changes = _changes(outcome)
    steps = steps_told(source, explored.seen, outcome.looks, outcome.proofs, ways)
    if changes and not unsafe:
        reason = f"a patch is proved, but {changes}: --unsafe-fixes shows it"
        return FileReport(source.path, Verdict.ADVICE, reason, findings=(*findings, *labels), steps=steps)
    rewritten = _rewritten(project, outcome.texts)
    diff = "".join(_diff(project.source(r.path), r) for r in rewritten)
    reason = "; ".join(e.candidate.title for e in outcome.edits)
    notes = tuple(f"{source.spot(step.line)} was not reached: {why}" for step, why in explored.unreached)
    notes = (f"proved, but {changes}", *notes) if changes else notes
    notes = (*notes, *(h.note for h in outcome.harmless))
    return FileReport(source.path, Verdict.FIXED, reason, diff, (*findings, *labels), steps, 0.0, rewritten, notes)


def _rewritten(project: Project, texts: Texts) -> tuple[Rewritten, ...]:
    """The files that a patch changes, the checked one first."""
    changed = [path for path in texts if texts[path] != project.source(path).text]
    return tuple(
        Rewritten(path, source.encode(source.text), source.encode(texts[path]), texts[path])
        for path in sorted(changed, key=lambda p: (p != project.main, p))
        for source in [project.source(path)]
    )


def _diff(source: Source, file: Rewritten) -> str:
    if source.notebook is not None:
        old, new = source.notebook.sources(source.text), source.notebook.sources(file.text)
        return "".join(cell_diffs(source.path, old, new))
    return unified_diff(source.path, file.before, file.after).decode(source.encoding, "surrogateescape")


def _mended(project: Project, edit: Edit, fix: Fix, changes: str) -> Finding:
    candidate, request = edit.candidate, edit.request
    source = project.source(candidate.path)
    lines = line_edits(edit.before, candidate.text, source.path)
    place = _mended_place(source, edit, lines) or _place(project, request)
    edits = edits_of(source, edit.before, candidate.text)
    message = f"{_count(request)}: {candidate.mistake}"
    help_ = candidate.title + (f" (unsafe: {changes})" if changes else "")
    return Finding(candidate.rule, candidate.code, place, message, help_, fix, edits)


def _mended_place(source: Source, edit: Edit, edits: tuple[TextEdit, ...]) -> Place | None:
    """Where the mistake stands in the original: the break; the first line that goes where the step is rewritten.

    A break may be deep in a helper, while what has to move is the call of it.
    """
    cut = edit.cut
    own = edit.candidate.path == cut.place.path and not edit.candidate.rewrites_step
    place = cut.place if own else _first_removed(edit.before, edits)
    if place is None:
        return None
    line = line_before(source.text, edit.before, place.line)
    end = line_before(source.text, edit.before, place.end_line or place.line)
    if line is None or end is None:
        return None
    return replace(place, path=source.path, line=line, end_line=end, column=max(place.column, 1))


def _first_removed(text: str, edits: tuple[TextEdit, ...]) -> Place | None:
    """The first line of the original that the patch takes away, without its white space."""
    lines = text.split("\n")
    for edit in edits:
        place = edit.place
        for number in range(place.line, place.end_line):
            line = lines[number - 1].rstrip("\r")
            if line.strip() and not line.strip().startswith("#"):
                start = len(line) - len(line.lstrip())
                return Place(place.path, number, start + 1, number, len(line.rstrip()) + 1)
    return None


def _refused(project: Project, outcome: Outcome, request: Request) -> tuple[Told, ...]:
    """A finding for each break that could not be mended, with what was tried; one for the call if none is known."""
    trace = outcome.trace
    if trace is None or not trace.breaks:
        place = _place(project, request)
        finding = Finding(*MISSING, place, _count(request), _tried(outcome, None) or NOTHING_KNOWN)
        return (Told(replace(finding, fix=Fix.REFUSED if outcome.refusals else Fix.NONE), request, outcome.look),)
    found = []
    for cut in outermost(trace.breaks)[:MOST_FINDINGS]:
        fix = Fix.REFUSED if any(r.cut == cut for r in outcome.refusals) else Fix.NONE
        place = replace(cut.place, path=project.shown(cut.place.path), column=max(cut.place.column, 1))
        message = f"{_count(request)}: {cut.message}"
        if cut.kind == NEVER_USED and trace.depends:
            message += f"; it depends on {_listed(trace.depends)}"
        if cut.kind == NEVER_USED and trace.unread:
            name, line = trace.unread[0]
            message += f"; nothing reads `{name}` of line {line}"
        about = advice_for(cut)
        ways = about.ways(cut)
        help_ = _tried(outcome, cut) or ("" if ways else NOTHING_KNOWN)
        finding = Finding(about.name, about.code, place, message, help_, fix, advice=ways)
        found.append(Told(finding, request, outcome.look, cut))
    return tuple(found)


def _tried(outcome: Outcome, cut: Break | None) -> str:
    tried = [
        f"{r.candidate.rule} ({r.candidate.title}): {r.why}" for r in outcome.refusals if cut is None or r.cut == cut
    ]
    return "tried and refused: " + "; ".join(dict.fromkeys(tried)) if tried else ""


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names[:4])


def _count(request: Request) -> str:
    if request.raised:
        return f"the run stops with {request.error.splitlines()[0][:120]}"
    if request.error:
        return f"the tape raises {request.error.splitlines()[0]}"
    missing = missing_of(request)
    if not request.sources:
        return "no gradient is asked for"
    if request.swapped:
        return "no gradient reaches its variable"
    if not missing:
        return "a term of the target has no part in its gradients"
    return f"{len(missing)} of {len(request.sources)} sources get no gradient"


def _place(project: Project, request: Request) -> Place:
    if request.place is None:
        return Place(project.shown(project.main), 1)
    place = in_characters(request.place, project.source(request.place.path).text)
    return replace(place, path=project.shown(place.path), column=max(place.column, 1))


def _labels(source: Source, looks: tuple[Seen, ...]) -> tuple[Finding, ...]:
    """A finding for each loss that stopped on the shape of its labels."""
    found: dict[object, LabelShape] = {}
    for look in looks:
        for run in (look.written, look.eager):
            for label in run.labels:
                found.setdefault(label.place, label)
    findings = []
    for label in found.values():
        place = in_characters(label.place, source.text) if label.place else Place(source.path, 1)
        place = replace(place, path=called(source, place.path), column=max(place.column, 1))
        message = (
            f"labels of shape {label.labels} do not fit predictions of shape {label.predictions}: {label.loss} raises"
        )
        help_ = (
            "give the last layer as many units as the labels have columns, or the labels the shape of the "
            "predictions; gradfix went on with labels that fit"
        )
        findings.append(Finding(*LABELS, place, message, help_))
    return tuple(findings)
