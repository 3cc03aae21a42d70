"""The picture of one step: the rail from the target back to the sources, with the lines of source beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradfix.report.html.code import marked
from gradfix.report.html.markup import Html, count, element, joined, number, spelled
from gradfix.report.html.rail import MOST_LANES, Layout, laid_out
from gradfix.values import Answer, Stop

LANE, MARGIN = 18, 16
ROW, CUT, GAP, HEAD, SOURCE, END = 50, 86, 30, 44, 30, 10
"""Heights, the same as in style.css: of a line, of one where the way is lost, of a note on lines that are left out,
of the head of the sources, of a source, and of the space below."""
NODE = 18
"""How far below the upper end of its row a node is."""
MOST_SOURCES = 12


@dataclass(frozen=True)
class Given:
    """One source in one of the two pictures: its answer, and the norm of its gradient, where it was seen."""

    name: str
    shape: tuple[int | None, ...] | None
    answer: Answer
    norm: float | None


@dataclass(frozen=True)
class Picture:
    """What one picture shows. `asked` names the line that asks, `most` is the norm of the longest bar."""

    title: str
    way: tuple[Stop, ...]
    sources: tuple[Given, ...]
    most: float
    target: float | None
    path: str


def figure(picture: Picture) -> Html:
    """The picture with its head."""
    given = frozenset(i for i, s in enumerate(picture.sources) if s.answer is Answer.THERE)
    layout, shown = laid_out(picture.way, given), picture.sources[:MOST_SOURCES]
    there = sum(s.answer is Answer.THERE for s in picture.sources)
    whole = there == len(picture.sources) and there > 0
    said = f"{there} of {count(len(picture.sources), 'gradient')}" if picture.sources else "no source is asked for"
    value = f"target {number(picture.target)}" if picture.target is not None else ""
    head = element(
        "figcaption",
        element("b", picture.title),
        element("span", value, class_="value") if value else None,
        element("span", said, class_="tally ok" if whole else "tally lost"),
    )
    rows = element(
        "ol",
        [_row(s, picture.path, layout.reached[i], i == 0) for i, s in enumerate(picture.way)],
        element("li", _heading(picture.sources), class_="sources"),
        [element("li", _source(s, picture.most), class_=f"source {s.answer.value}") for s in shown],
        _rest(picture.sources[MOST_SOURCES:]),
    )
    drawn = _drawing(picture, layout, shown)
    lanes = min(layout.breadth, MOST_LANES)
    return element("figure", head, element("div", drawn, rows, class_=f"way lanes-{lanes}"))


def _row(stop: Stop, path: str, reached: bool, first: bool) -> Html:
    gap = element("li", count(stop.hidden, "line"), " left out", class_="gap") if stop.hidden else None
    place = stop.place
    elsewhere = element("span", place.path, class_="file") if place.path != path else None
    cell = element("span", f"cell {place.cell}", class_="file") if place.cell else None
    passed = f"\u00d7 {stop.times}" if stop.times > 1 else None
    by = "the gradients are asked for here" if first else " \u00b7 ".join(stop.operations)
    made = f"\u2192 {stop.made}" if stop.made else None
    meta = element("p", elsewhere, cell, "\u2002".join(fact for fact in (by, made, passed) if fact), class_="meta")
    lost = (
        element("p", element("b", "lost here"), " ", spelled(stop.cut), class_="why", title=stop.cut)
        if stop.cut
        else None
    )
    line = element(
        "p", element("span", str(place.line), class_="n"), marked(stop.code, place, bool(stop.cut)), class_="line"
    )
    kind = "cut" if stop.cut else "stop" if reached else "stop dry"
    return joined(gap, element("li", line, meta, lost, class_=kind))


def _heading(sources: Sequence[Given]) -> Html:
    return element("p", count(len(sources), "source") if sources else "no sources", class_="line")


def _source(source: Given, most: float) -> Html:
    shape = "\u00d7".join("?" if d is None else str(d) for d in source.shape or ()) if source.shape is not None else ""
    return joined(
        element("span", element("bdi", source.name, dir="ltr"), class_="name", title=source.name),
        element("span", shape or "scalar" if source.shape is not None else "", class_="shape"),
        bar(source.norm, most, source.answer),
        element("span", _told(source), class_="norm"),
    )


def bar(norm: float | None, most: float, answer: Answer) -> Html:
    """A bar as long as a norm; an empty one where there is no gradient."""
    shown = norm is not None and math.isfinite(norm) and answer is Answer.THERE and most > 0
    length = min(max(100 * (norm or 0.0) / most, 1.0), 100.0) if shown else 0.0
    full = element("rect", width=round(length, 2), height=8, class_="full") if length else None
    return element("svg", full, class_="bar", viewBox="0 0 100 8", preserveAspectRatio="none", aria_hidden="true")


def _told(source: Given) -> str:
    if source.answer is Answer.MISSING:
        return "zeros" if source.norm == 0 else "None" if source.norm is None else "does not fit"
    if source.answer is Answer.NONE:
        return "None, rightly"
    if source.answer is Answer.UNSEEN:
        return "not seen"
    return "there" if source.norm is None else number(source.norm)


def _rest(sources: Sequence[Given]) -> Html | None:
    if not sources:
        return None
    there = sum(s.answer is Answer.THERE for s in sources)
    return element("li", f"and {count(len(sources), 'more', 'more')}, {there} of them with a gradient", class_="rest")


# ---------------------------------------------------------------- the drawing


def _drawing(picture: Picture, layout: Layout, shown: Sequence[Given]) -> Html:
    tops = list(_tops(picture.way))
    height = tops[-1] + HEAD + SOURCE * len(shown) + (SOURCE if len(picture.sources) > len(shown) else 0) + END
    width = 2 * MARGIN + LANE * (min(layout.breadth, MOST_LANES) - 1)
    lines = []
    for flows in (False, True):  # what flows lies above what does not
        own = [e for e in layout.edges if e.flows == flows]
        if drawn := "".join(_line(_x(e.start), tops[e.row] + NODE, _x(e.end), tops[e.row + 1] + NODE) for e in own):
            lines.append(element("path", d=drawn, class_="flow" if flows else "dry"))
    nodes = [
        _node(_x(lane), top + NODE, "cut" if stop.cut else "flow" if reached else "dry", first=row == 0)
        for row, (stop, lane, top, reached) in enumerate(
            zip(picture.way, layout.lanes, tops, layout.reached, strict=False)
        )
    ]
    return element(
        "svg",
        lines,
        _branches(_x(layout.lanes[-1]), tops[-1] + NODE, width, shown),
        nodes,
        class_="rail",
        width=width,
        height=height,
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_label=_in_words(picture),
    )


def _in_words(picture: Picture) -> str:
    """What the drawing shows, for those who do not see it."""
    lost = [s for s in picture.way if s.cut]
    there = sum(s.answer is Answer.THERE for s in picture.sources)
    where = ", ".join(f"line {s.place.line}" for s in lost)
    ends = f"it is lost at {where}" if lost else f"{there} of {len(picture.sources)} sources get a gradient"
    return f"{picture.title}: the way from the target back to the sources in {len(picture.way)} lines; {ends}"


def _tops(way: Sequence[Stop]) -> Iterator[int]:
    """Where each row begins, and the head of the sources behind them."""
    top = 0
    for stop in way:
        top += GAP if stop.hidden else 0
        yield top
        top += CUT if stop.cut else ROW
    yield top


def _x(lane: int) -> int:
    return MARGIN + LANE * min(lane, MOST_LANES - 1)


def _line(x1: int, y1: int, x2: int, y2: int) -> str:
    """One of the lines of a path: a page may have thousands, and each element takes its time."""
    bend = (y1 + y2) / 2
    return f"M{x1} {y1}V{y2}" if x1 == x2 else f"M{x1} {y1}C{x1} {bend:g} {x2} {bend:g} {x2} {y2}"


def _branches(x: int, top: int, width: int, shown: Sequence[Given]) -> Html:
    """The sources: a branch to each, from below the last node."""
    ends = [top + HEAD - NODE + SOURCE * i + SOURCE // 2 for i in range(len(shown))]
    there = [s.answer is Answer.THERE for s in shown]
    parts = []
    for flows in (False, True):  # what flows lies above
        own = [end for end, yes in zip(ends, there, strict=True) if yes == flows]
        if own:
            kind = "flow" if flows else "dry"
            turns = "".join(f"M{x} {end - 8}Q{x} {end} {x + 8} {end}H{width - 3}" for end in own)
            parts.append(element("path", d=f"M{x} {top}V{own[-1] - 8}{turns}", class_=kind))
    drops = [
        element("circle", cx=width - 3, cy=end, r=3, class_="end node flow" if yes else "end node dry")
        for end, yes in zip(ends, there, strict=True)
    ]
    kind = "flow" if any(there) else "dry"
    square = element("rect", x=x - 5, y=top - 5, width=10, height=10, rx=2, class_=f"node {kind}")
    return joined(parts, drops, square)


def _node(x: int, y: int, kind: str, *, first: bool) -> Html:
    if kind == "cut":
        cross = f"M{x - 3.5:g} {y - 3.5:g}l7 7m0 -7l-7 7"
        return joined(
            element("circle", cx=x, cy=y, r=12, class_="halo"),
            element("circle", cx=x, cy=y, r=8, class_="node cut"),
            element("path", d=cross, class_="cross"),
        )
    ring = element("circle", cx=x, cy=y, r=9, class_=f"ring {kind}") if first else None
    return joined(ring, element("circle", cx=x, cy=y, r=5, class_=f"node {kind}"))
