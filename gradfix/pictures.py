"""The ways from targets to sources that pictures of a report show: one more run for each step, before and after."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gradfix.breaks import Break
from gradfix.look.way import way_of
from gradfix.prove.project import Project
from gradfix.prove.search import Outcome
from gradfix.prove.undo import line_before
from gradfix.run.lab import Lab, Seen
from gradfix.run.messages import Request, missing_of
from gradfix.values import Stop

MOST_STEPS = 8
"""Steps of one file that get a picture of their way."""


@dataclass(frozen=True)
class Ways:
    """The way of one step before the patch and after it; empty where none was seen."""

    before: tuple[Stop, ...] = ()
    after: tuple[Stop, ...] = ()


Line = tuple[str, int]
"""The absolute path and the line of a call that asks for gradients."""


def requests_shown(looks: Iterable[Seen]) -> Iterator[tuple[int, Request, Line]]:
    """One request for each line that asked: its first broken one, else its first; with the number of its look."""
    known: set[Line] = set()
    for i, look in enumerate(looks):
        requests = sorted(look.eager.requests or look.written.requests, key=lambda r: not missing_of(r) and not r.error)
        for request in requests:
            if request.place is not None and (line := (request.place.path, request.place.line)) not in known:
                known.add(line)
                yield i, request, line


def ways_of(lab: Lab, project: Project, looks: tuple[Seen, ...], outcome: Outcome | None) -> dict[Line, Ways]:
    """The ways of a file's first steps, by the line that asks. `outcome` is that of a search, if there was one."""
    lost = list(_lost(project, outcome)) if outcome is not None else []
    ways = {}
    for i, request, line in list(requests_shown(looks))[:MOST_STEPS]:
        if request.raised:
            continue
        broken = bool(missing_of(request) or request.error or not request.sources or request.swapped)
        own = [cut for look, index, cut in lost if (look, index) == (i, request.index)]
        others = [cut for _, _, cut in lost] if broken else []
        before = lab.picture(looks[i].entry, request, project.texts)
        patched = outcome.looks[i].eager.at(request.index) if outcome and outcome.edits else None
        after = lab.picture(looks[i].entry, patched, outcome.texts) if outcome and patched else None
        ways[line] = Ways(
            _told(project, way_of(before(), request, project.texts, own, others)),
            _told(project, way_of(after(), patched, outcome.texts)) if outcome and patched and after else (),
        )
    return ways


def _lost(project: Project, outcome: Outcome) -> Iterator[tuple[int, int, Break]]:
    """Where ways are lost, in the original texts, with the numbers of the look and of the request."""
    if outcome.broken is not None and outcome.trace is not None:
        for cut in outcome.trace.breaks:
            yield outcome.look, outcome.broken.index, cut
    texts: Mapping[str, str] = project.texts
    for edit in outcome.edits:
        place = edit.cut.place
        if place.path == edit.candidate.path and place.path in texts:
            line = line_before(texts[place.path], edit.before, place.line)
            end = line_before(texts[place.path], edit.before, place.end_line or place.line)
            if line is None:
                continue
            place = replace(place, line=line, end_line=end or line)
        yield edit.look, edit.request.index, replace(edit.cut, place=place)


def _told(project: Project, stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    """The stops with their paths as the report names them."""
    return tuple(replace(s, place=replace(s.place, path=project.shown(os.path.abspath(s.place.path)))) for s in stops)
