"""What the proof of a fix has seen: a run of the text that the fix makes, which need not be run again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from gradfix.lsp.findings import Ran
from gradfix.notebook.cells import Inexpressible
from gradfix.scan.steps import Step, steps_of
from gradfix.sources import Source
from gradfix.values import Answer, FileReport, SourceReport, StepReport, Verdict


def as_patched(ran: Ran, source: Source) -> Ran | None:
    """The run of the patched texts by which the fix of a run was proved; None where there is no fix.

    `source` is what was run. A step whose line in the new text is not known is left out.
    """
    if ran.report.verdict is not Verdict.FIXED:
        return None
    own = os.path.realpath(ran.report.path)
    texts = {os.path.realpath(path): text for path, text in ran.report.patched.items()}
    program = texts.get(own, source.text)
    try:
        text = program if source.notebook is None else "\n".join(source.notebook.sources(program).values())
    except Inexpressible:
        return None
    before = {**ran.others, own: source.text}
    steps = tuple(_steps(ran.report, before, {**before, **texts, own: program}))
    report = FileReport(ran.report.path, Verdict.CLEAN, steps=steps)
    others = {**ran.others, **{path: each for path, each in texts.items() if path != own}}
    return replace(ran, text=text, report=report, others=others, patch=tuple(texts))


def _steps(report: FileReport, before: dict[str, str], after: dict[str, str]) -> Iterator[StepReport]:
    for step in report.steps:
        path = os.path.realpath(step.path)
        line = _line(step.line, before.get(path, ""), after.get(path, ""))
        if line:
            answers = tuple(map(_answer, step.answers))
            target = step.target_before if step.target_after is None else step.target_after
            yield replace(step, line=line, missing_before=step.missing_after, target_before=target, answers=answers)


def _line(line: int, before: str, after: str) -> int:
    """Where the step of a line has come to: a patch keeps the steps of a file, in their order. 0 where it does not."""
    old, new = steps_of(before), steps_of(after)
    index = next((i for i, step in enumerate(old) if _has(step, line)), len(old))
    return new[index].line if len(old) == len(new) and index < len(new) else 0


def _has(step: Step, line: int) -> bool:
    return step.line <= line <= step.end_line


def _answer(answer: SourceReport) -> SourceReport:
    if answer.after is Answer.UNSEEN:
        return answer
    return replace(answer, before=answer.after, norm_before=answer.norm_after)
