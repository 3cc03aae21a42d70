"""What the runs before and after a patch saw at each step, as a report tells it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from gradfix.pictures import Line, Ways, requests_shown
from gradfix.prove.proof import Proof, broken_in
from gradfix.run.lab import Seen
from gradfix.run.messages import Request, missing_of
from gradfix.scan.steps import Step, steps_of
from gradfix.sources import Source
from gradfix.values import Answer, SourceReport, StepReport


def steps_told(
    source: Source,
    before: tuple[Seen, ...],
    after: tuple[Seen, ...],
    proofs: tuple[Proof, ...],
    ways: Mapping[Line, Ways],
) -> tuple[StepReport, ...]:
    """One report for each line that asked for gradients: its first broken request, else its first.

    Takes the looks before the patch and after it (none where there is none), the proofs of the latter, and the ways
    that pictures show.
    """
    known = steps_of(source.text)
    reports = []
    for i, request, line in requests_shown(before):
        look, way = before[i], ways.get(line, Ways())
        answer = after[i].eager.at(request.index) if i < len(after) else None
        names = _names(request, known)
        made_up = tuple(f"{label.loss}: labels that fit {label.predictions}" for label in look.eager.labels[:1])
        checked = i < len(proofs) and (broken_in(look) or "derivative" in proofs[i].checks)
        checks = proofs[i].checks if checked else {}
        reports.append(
            StepReport(
                called(source, line[0]),
                line[1],
                len(request.sources),
                tuple(names[j] for j in missing_of(request)),
                () if answer is None else tuple(names[j] for j in missing_of(answer)),
                request.value[0] if request.value and not checks.get("value", "").startswith("not") else None,
                answer.value[0] if answer and answer.value else None,
                (*look.entry.inputs, *made_up, *look.written.made_up),
                checks,
                answers=_answers(names, request, answer),
                way_before=way.before,
                way_after=way.after,
            )
        )
    return tuple(reports)


def _answers(names: list[str], request: Request, later: Request | None) -> tuple[SourceReport, ...]:
    """What the tape answered for each source, and later. Where a patch asks for other sources it is told of those."""
    if later is not None and len(later.sources) != len(request.sources):
        names = [s.name or f"source {i + 1}" for i, s in enumerate(later.sources)]
        return tuple(
            SourceReport(name, s.shape, Answer.UNSEEN, _answer(later, i), None, _norm(later, i))
            for i, (name, s) in enumerate(zip(names, later.sources, strict=True))
        )
    return tuple(
        SourceReport(name, s.shape, _answer(request, i), _answer(later, i), _norm(request, i), _norm(later, i))
        for i, (name, s) in enumerate(zip(names, request.sources, strict=True))
    )


def _answer(request: Request | None, index: int) -> Answer:
    if request is None:
        return Answer.UNSEEN
    if index in missing_of(request):
        return Answer.MISSING
    there = index < len(request.gradients) and request.gradients[index] is not None
    return Answer.THERE if there else Answer.NONE


def _norm(request: Request | None, index: int) -> float | None:
    gradient = request.gradients[index] if request is not None and index < len(request.gradients) else None
    return None if gradient is None else gradient.norm


def called(source: Source, path: str) -> str:
    """How a file is called in the report of `source`, given the path that a run named."""
    return source.path if os.path.abspath(source.path) == os.path.abspath(path) else os.path.relpath(path)


def _names(request: Request, steps: tuple[Step, ...]) -> list[str]:
    """A name for each source: the variable's own, else the text in the code, else its number."""
    line = request.place.line if request.place else 0
    step = next((s for s in steps if s.line <= line <= s.end_line), None)
    texts = step.source_names if step and len(step.source_names) == len(request.sources) else ()
    return [s.name or (texts[i] if texts else f"source {i + 1}") for i, s in enumerate(request.sources)]
