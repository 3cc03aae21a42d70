"""The way from a target back to its sources, line by line, as a traced run told it: what a picture is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gradfix.breaks import Break
from gradfix.look.diagnose import Reader
from gradfix.places import in_characters
from gradfix.run.messages import Request, Run
from gradfix.scan.steps import ASKING
from gradfix.values import Place, Stop

MOST_STOPS = 36
"""Lines that are told of one way."""
MOST_OPERATIONS = 6


@dataclass
class _Line:
    """A line of source while the way is read. `given` are the lines that it was made of: whether the gradient goes on
    to them."""

    place: Place
    made: str = ""
    operations: dict[str, None] = field(default_factory=dict)
    given: dict[int, bool] = field(default_factory=dict)
    sources: dict[int, None] = field(default_factory=dict)
    cut: str = ""
    times: int = 1
    hidden: int = 0


def way_of(
    run: Run, request: Request, texts: Mapping[str, str], cuts: Iterable[Break] = (), others: Iterable[Break] = ()
) -> tuple[Stop, ...]:
    """The lines from a request to its sources, each before what it was made of; empty where the run told none.

    `texts` are those that the run saw, and `cuts` where the way is lost in them; `others`, where the ways of other
    requests are, count where this one goes through them. Paths stay as the run had them.
    """
    event = run.event("way")
    if event is None or request.place is None:
        return ()
    reader = Reader(texts)
    asked = in_characters(request.place, reader.text(request.place.path))
    try:
        lines = _lines(event, asked, reader)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return ()  # not the worker's: user code has found the pipe and written to it
    for cut in cuts:
        _mark(lines, cut, add=True)
    for cut in others:
        _mark(lines, cut, add=False)
    order = _order(lines)
    kept = _bounded(lines, order)
    number = {old: new for new, old in enumerate(kept)}
    return tuple(
        Stop(
            line.place,
            _code(reader, line.place),
            line.made,
            tuple(line.operations)[:MOST_OPERATIONS],
            tuple(sorted(number[g] for g in line.given if number.get(g, -1) > number[i])),
            tuple(sorted(line.sources)),
            line.cut,
            line.times,
            line.hidden,
            tuple(
                sorted(number[g] for g, carries in line.given.items() if not carries and number.get(g, -1) > number[i])
            ),
        )
        for i in kept
        for line in [lines[i]]
    )


def _lines(event: dict[str, Any], asked: Place, reader: Reader) -> list[_Line]:
    """The lines with what was made in each; the first is the one that asks."""
    stops = [_as_asked(stop, reader) for stop in event["stops"]]
    lines = [_Line(asked)]
    numbers = {(asked.path, asked.line): 0}
    of_stop: list[int] = []
    for stop in stops:
        place = reader.at([*stop["place"]])
        key = place.path, place.line
        if key not in numbers:
            numbers[key] = len(lines)
            lines.append(_Line(place, _made(stop)))
        line = lines[numbers[key]]
        of_stop.append(numbers[key])
        if operation := str(stop["said"]) or reader.operation(stop["place"]):
            line.operations[operation] = None
        line.sources.update(dict.fromkeys(map(int, stop["sources"])))
        line.times = max(line.times, int(stop["times"]))
    wet = _wet(event["starts"], stops)
    for number, stop in enumerate(stops):
        for i in stop["from"]:
            _give(lines[of_stop[number]], of_stop[i], number in wet and i not in stop["dry"])
    for i in event["starts"]:
        _give(lines[0], of_stop[i], True)
    for i, line in enumerate(lines):
        line.given.pop(i, None)
    return lines


def _as_asked(stop: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """A stop as it was told; one that asks a tape itself hands on to what it differentiated, if not to its value."""
    asks = reader.operation(stop["place"]).strip(".()") in ASKING
    return {**stop, "dry": []} if asks else stop


def _wet(starts: list[int], stops: list[dict[str, Any]]) -> set[int]:
    """The expressions to which the gradient comes: a line may stop it between two of its own."""
    queue = list(starts)
    found = set(queue)
    while queue:
        stop = stops[queue.pop()]
        further = set(stop["from"]) - set(stop["dry"]) - found
        found |= further
        queue += further
    return found


def _give(line: _Line, other: int, carries: bool) -> None:
    line.given[other] = line.given.get(other, False) or carries


def _made(stop: dict[str, Any]) -> str:
    """The type and shape of what came out."""
    if stop["shape"] is None:
        return str(stop["dtype"])
    return f"{stop['dtype']}[{','.join('?' if d is None else str(d) for d in stop['shape'])}]"


def _mark(lines: list[_Line], cut: Break, *, add: bool) -> None:
    """Marks a break at its line, which can be added where no value came from there."""
    here = next((x for x in lines if (x.place.path, x.place.line) == (cut.place.path, cut.place.line)), None)
    if here is None and add:
        here = _Line(cut.place)
        lines.append(here)
    if here is not None and not here.cut:
        here.place, here.cut = cut.place, cut.message


def _order(lines: Sequence[_Line]) -> list[int]:
    """Each line before those that it was made of (a loop's second turn aside), later lines of a file first."""
    done: dict[int, None] = {}
    open_: set[int] = set()

    def visit(i: int) -> None:
        if i in done or i in open_:
            return
        open_.add(i)
        for given in sorted(lines[i].given, key=lambda g: (lines[g].place.path, lines[g].place.line)):
            visit(given)
        done[i] = None

    visit(0)
    along = list(reversed(done))
    return [*along, *(i for i in range(len(lines)) if i not in done)]


def _bounded(lines: list[_Line], order: list[int]) -> list[int]:
    """So many lines as are told: those with a break or a source, and those nearest to the target.

    What is left out hands on what it was made of, and is counted in the line behind it.
    """
    wanted = [i for i in order if i == 0 or lines[i].cut] + [i for i in order if lines[i].sources] + order
    keep = set(list(dict.fromkeys(wanted))[:MOST_STOPS])
    waiting = 0
    kept = []
    for i in order:
        if i in keep:
            lines[i].hidden, waiting = waiting, 0
            kept.append(i)
            continue
        waiting += 1
        for other in lines:
            if i in other.given:
                carries = other.given.pop(i)
                for further, on in lines[i].given.items():
                    _give(other, further, carries and on)
                other.sources.update(lines[i].sources)
    return kept


def _code(reader: Reader, place: Place) -> str:
    """The text of a place's first line."""
    lines = reader.text(place.path).split("\n")
    return lines[place.line - 1].rstrip() if 1 <= place.line <= len(lines) else ""
