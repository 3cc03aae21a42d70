"""Judges what runs showed: searches for a patch, leaving alone what the user wants no word of.

A finding is silenced when it is known, after the search: then its request is accepted as it is, and the search begins
anew without it. So what a comment hides is exactly what would have been reported.
"""

from __future__ import annotations

from dataclasses import replace

from gradfix import verdicts
from gradfix.advice.not_recorded import NotRecorded
from gradfix.choose.silence import Listener
from gradfix.config import Settings
from gradfix.look.explore import Exploration
from gradfix.pictures import ways_of
from gradfix.prove.project import Project
from gradfix.prove.proof import broken_in
from gradfix.prove.proposing import propose_soon
from gradfix.prove.search import Outcome, Propose, search
from gradfix.prove.silent import lost_terms, search_terms
from gradfix.run.lab import Lab, Lines, Texts
from gradfix.values import FileReport, Finding, Fix
from gradfix.verdicts import MISSING, Told

_REST = (MISSING[0], NotRecorded.name)
"""What is told of breaks that codemods of all kinds would have answered otherwise."""
WITH_IT = "its gradients come back only together with what is suppressed"


def judge(lab: Lab, project: Project, explored: Exploration, settings: Settings, listener: Listener) -> FileReport:
    """The verdict on a file that was run. Raises NoTensorFlow."""
    texts = project.texts
    propose = propose_soon(settings.choice.has)
    kept: tuple[Finding, ...] = ()
    while True:
        outcome = _searched(lab, texts, explored, propose)
        told = verdicts.told_of(project, outcome) if outcome is not None else ()
        quiet = [t for t in told if listener.silences(t.finding) or _elsewhere(t, texts, settings)]
        if not quiet or outcome is None:
            break
        kept += tuple(_kept(t.finding) for t in told if t not in quiet and any(_same(t, q) for q in quiet))
        lines = _accepted(lab.accepted, explored, quiet)
        if lines == lab.accepted:  # a request without a place: there is nothing to leave alone
            outcome, told = None, ()
            break
        lab = lab.accepting(lines, texts)
        explored = _marked(lab, explored, texts)
    main = project.source(project.main)
    ways = ways_of(lab, project, explored.seen, outcome) if settings.pictures else {}
    if outcome is None:
        report = verdicts.unbroken(main, explored, listener.silences, ways)
    else:
        report = verdicts.of_search(project, explored, outcome, told, settings.unsafe_fixes, listener.silences, ways)
    ended = not explored.unreached and (outcome is None or outcome.broken is None)
    unused = listener.unused(main.path) if ended else ()
    return replace(verdicts.with_findings(report, (*kept, *unused)), judged=ended)


def _searched(lab: Lab, texts: Texts, explored: Exploration, propose: Propose) -> Outcome | None:
    """What the search came to; None where nothing is missing."""
    if any(broken_in(look) for look in explored.seen):
        return search(lab, texts, explored.seen, propose)
    if lost := lost_terms(lab, texts, explored.seen):
        return search_terms(lab, texts, explored.seen, lost, propose)
    return None


def _elsewhere(told: Told, texts: Texts, settings: Settings) -> bool:
    """Whether a finding of what no codemod mends is the business of one that is not looked for."""
    if told.finding.rule not in _REST or told.cut is None or settings.choice.everything:
        return False
    others = propose_soon(settings.choice.lacks)
    return next(others(texts, told.request, told.cut), None) is not None


def _kept(finding: Finding) -> Finding:
    """A finding whose fix needs another one that is suppressed."""
    if finding.fix not in (Fix.PROVED, Fix.UNSAFE):
        return finding
    return replace(finding, fix=Fix.REFUSED, edits=(), help=WITH_IT)


def _same(told: Told, other: Told) -> bool:
    return (told.look, told.request.index) == (other.look, other.request.index)


def _accepted(lines: Lines, explored: Exploration, quiet: list[Told]) -> dict[str, frozenset[int]]:
    """The lines that are accepted, with those of the requests that some findings tell of."""
    found = dict(lines)
    for told in quiet:
        look = explored.seen[told.look]
        request = look.eager.at(told.request.index) or look.written.at(told.request.index) or told.request
        if request.place is not None:
            found[request.place.path] = found.get(request.place.path, frozenset()) | {request.place.line}
    return found


def _marked(lab: Lab, explored: Exploration, texts: Texts) -> Exploration:
    """What was seen, with the requests marked that are accepted."""
    looks = []
    for look in explored.seen:
        written = lab.as_accepted(look.written, texts)
        eager = written if look.eager is look.written else lab.as_accepted(look.eager, texts)
        looks.append(replace(look, written=written, eager=eager))
    return replace(explored, seen=tuple(looks))
