"""What the last run saw at a step, for the pointer that rests on it."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lsprotocol import types
from pygls.capabilities import get_capability

from gradfix.lsp.documents import Opened
from gradfix.lsp.findings import Moved, Ran, Texts
from gradfix.lsp.positions import range_of
from gradfix.lsp.session import GradfixServer
from gradfix.scan.steps import Step, parsed, steps_of
from gradfix.sources import Source
from gradfix.values import Answer, Place, SourceReport, StepReport, Verdict

MOST = 12
"""Sources that are listed, those without a gradient first."""
CHECK = "“Check gradients now” (gradfix.checkNow) runs it"


def add_hover(server: GradfixServer) -> None:
    """Has a server answer where the pointer rests on a step."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        opened = server.desk.opened(params.text_document.uri)
        page = next((p for p in opened.pages if p.uri == params.text_document.uri), None) if opened else None
        source = opened.source if opened is not None else None
        if opened is None or page is None or not isinstance(source, Source):
            return None
        line = params.position.line + 1
        step = step_at(source, source.notebook.line_of(page.cell, line) if source.notebook else line)
        if step is None:
            return None
        lines = told_of(opened, step, server.runs, server.desk.texts())
        if lines is None:
            settings = server.settings_of(opened)
            why = server.preferences.why_not(opened.path, settings) if settings is not None else ""
            lines = [f"gradfix: not run yet; {why or CHECK}"]
        here, place = opened.on_page(Place(source.path, step.line, 1, step.end_line, 10_000))
        kinds = get_capability(server.client_capabilities, "text_document.hover.content_format") or ()
        kind = types.MarkupKind.Markdown if types.MarkupKind.Markdown in kinds else types.MarkupKind.PlainText
        return types.Hover(
            contents=types.MarkupContent(kind=kind, value="\n".join(lines)),
            range=range_of(place, here.text, server.workspace.position_codec) if here == page else None,
        )


def step_at(source: Source, line: int) -> Step | None:
    """The step of a program that a line belongs to."""
    try:
        return next((s for s in steps_of(source.text) if s.line <= line <= s.end_line), None)
    except RecursionError:  # deeper than the walk of its tree goes
        return None


def told_of(opened: Opened, step: Step, runs: Iterable[Ran], now: Texts) -> list[str] | None:
    """What the runs of a session have to say of a step, its file's own first, and of these one of the very texts that
    there are now; None where none has come to that file."""
    path = os.path.realpath(opened.path) if opened.path else ""
    found = None
    for ran in sorted(runs, key=lambda r: (os.path.realpath(r.report.path) != path, not r.as_it_was(now))):
        then = ran.then(path)
        if then is None:
            continue
        moved = Moved(then, opened.text)
        known = next((s for s in ran.report.steps if _is_at(s, path, step, moved)), None)
        if known is None and os.path.realpath(ran.report.path) != path:
            continue
        found = found or [f"gradfix: not run since the text here has changed; {CHECK}"]
        if known is None and moved.same:
            return [f"gradfix: the last run did not come to this step: {ran.report.reason or 'it was not called'}"]
        if known is not None and moved.together(_lines_of(opened, step, moved)):
            elsewhere = not ran.as_it_was(now)
            return [*_lines(known, step, ran), *(["- the text has changed elsewhere since"] if elsewhere else [])]
    return found


def _is_at(report: StepReport, path: str, step: Step, moved: Moved) -> bool:
    """Whether a report of a run is that of a step of the text as it is now."""
    if os.path.realpath(report.path) != path:
        return False
    return step.line <= moved.place(Place(path, report.line)).line <= step.end_line


def _lines_of(opened: Opened, step: Step, moved: Moved) -> tuple[int, int]:
    """The lines, as they were, between which nothing may have changed for a run to hold at a step.

    They are those of the function or block around it; at the top of a file they begin at the tape that is asked.
    """
    text = opened.source.text if isinstance(opened.source, Source) else ""
    first, last, tape = 1, step.end_line, 1
    for node in parsed(text).body:
        start, end = _span(node)
        if end < step.line and isinstance(node, ast.With):
            tape = start
        if start <= step.line <= end:
            inside = not isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr))
            first, last = (start, end) if inside else (tape, end)
    return moved.back(first), moved.back(last)


def _span(node: ast.stmt) -> tuple[int, int]:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)]), node.end_lineno or node.lineno


def _lines(step: StepReport, written: Step, ran: Ran) -> Iterator[str]:
    """What a run saw at a step, as a list that reads in Markdown and as plain text."""
    yield f"gradfix, {'proof of the fix' if ran.patch else 'last run'}: {_count(step)}"
    yield ""
    fixed = ran.report.verdict is Verdict.FIXED
    names = [a.name for a in step.answers]
    if len(written.source_names) == len(names):  # as in the code, where they are written one by one
        names = [*written.source_names]
    answers = [replace(a, name=name) for a, name in zip(step.answers, names, strict=True)]
    answers.sort(key=lambda a: a.before is not Answer.MISSING)
    for answer in answers[:MOST]:
        yield f"- `{answer.name}`{_shape(answer)}: {_gradient(answer.before, answer.norm_before)}" + (
            f"; with the proved fix {_gradient(answer.after, answer.norm_after)}"
            if fixed and answer.after is not Answer.UNSEEN
            else ""
        )
    if len(answers) > MOST:
        yield f"- and {len(answers) - MOST} more"
    if step.target_before is not None or step.target_after is not None:
        before = "no value" if step.target_before is None else f"{step.target_before:.6g}"
        after = f"; with the proved fix {step.target_after:.6g}" if fixed and step.target_after is not None else ""
        yield f"- target: {before}{after}"
    if step.inputs:
        yield f"- made up: {'; '.join(step.inputs)}"
    if ran.where:
        yield f"- {ran.where}"


def _count(step: StepReport) -> str:
    if step.missing_before:
        return f"{len(step.missing_before)} of {step.sources} sources get no gradient"
    if not step.sources:
        return "no gradient is asked for"
    return f"all {step.sources} sources have a gradient" if step.sources > 1 else "the source has a gradient"


def _shape(answer: SourceReport) -> str:
    if answer.shape is None:
        return ""
    return f" [{', '.join('?' if n is None else str(n) for n in answer.shape)}]"


def _gradient(answer: Answer, norm: float | None) -> str:
    if answer is Answer.MISSING:
        return "no gradient" if norm is None else "nothing but zeros" if norm == 0 else "no gradient that fits"
    if answer is Answer.NONE:
        return "none, as is right"
    if answer is Answer.UNSEEN:
        return "not seen"
    return "a gradient" if norm is None else f"a gradient with norm {norm:.4g}"
