"""Source lines, with what is meant marked."""

from __future__ import annotations

from gradfix.report.html.markup import Html, element
from gradfix.values import Place

AROUND = 2
"""Lines that are shown before and behind a place."""
MOST_LINES = 12
LONG = 220
"""Characters of a line that are shown."""


def marked(line: str, place: Place, mark: bool, *, stripped: bool = True) -> Html:
    """A line of source, with the place underlined as far as it lies in it."""
    start = max(place.column - 1, 0)
    end = place.end_column - 1 if place.end_line in (0, place.line) else len(line)
    lead = len(line) - len(line.lstrip()) if stripped else 0
    if not mark or not start < end:
        return element("code", short(line[lead:]), title=line.strip() if len(line) > 60 else None)
    start, end = max(start, lead), min(end, len(line))
    far = stripped and start - lead > 40  # what is meant must be in sight
    shown = "\u2026" + line[start - 12 : start] if far else line[lead:start]
    return element("code", shown, element("mark", short(line[start:end])), short(line[end:]), title=line.strip())


def snippet(text: str, place: Place) -> Html | None:
    """The lines around a place, with the place underlined; None where the text has no such line."""
    lines = text.split("\n")
    if not 1 <= place.line <= len(lines):
        return None
    last = min(max(place.end_line, place.line), place.line + MOST_LINES - 1, len(lines))
    first, behind = max(place.line - AROUND, 1), min(last + AROUND, len(lines))
    rows = []
    for at in range(first, behind + 1):
        line, here = lines[at - 1].rstrip(), place.line <= at <= last
        code = marked(line, place, at == place.line, stripped=False)
        rows.append(element("li", element("span", str(at), class_="n"), code, class_="here" if here else None))
    return element("ol", rows, class_="code")


def short(line: str) -> str:
    """A line with blanks for tabs, cut where it is very long."""
    line = line.replace("\t", "    ")
    return line if len(line) <= LONG else line[: LONG - 1] + "\u2026"
