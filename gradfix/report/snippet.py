"""The source lines of a finding with the break underlined, as compilers show them."""

from __future__ import annotations

import re
import unicodedata

from rich.cells import cell_len
from rich.text import Text

from gradfix.values import Place

TAB = "    "
ELLIPSIS = "…"
MOST_LINES = 6
"""Lines of a range that are quoted; of a longer one the middle is left out."""
LEAD = 16
"""Columns that are kept before what is underlined, where a line is cut."""


def visible(text: str) -> str:
    """A text with every character escaped that would move the cursor, colour, reorder or hide.

    Names and messages come from the checked files, and a terminal obeys what they hold.
    """
    return "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else _escape(c) for c in text)


def snippet(place: Place, source_text: str, width: int, asked: tuple[int, str] | None = None) -> list[Text]:
    """The lines of a range, underlined and cut to `width` columns; nothing when the text has no such line.

    `asked` is another line of the text and what is to be said under it: where the gradient is asked for.
    """
    lines = source_text.split("\n")
    last = max(place.end_line, place.line)
    if not 1 <= place.line <= len(lines):
        return []
    last = min(last, len(lines))
    if asked is not None and not (1 <= asked[0] <= len(lines) and not place.line <= asked[0] <= last):
        asked = None
    margin = len(str(max(last, asked[0] if asked else 0)))
    room = max(width - margin - 5, 30)
    first = _one_line if last == place.line else _several_lines
    shown = first(place, lines, last, margin, room)
    if asked is not None:
        under = _asked(lines, asked, margin, room)
        near = abs(asked[0] - (last if asked[0] > last else place.line)) == 1
        gap = [] if near else [Text("...".rjust(margin) if margin > 2 else "...", style="dim")]
        shown = [*shown, *gap, *under] if asked[0] > last else [*under, *gap, *shown]
    return [_edge(margin), *shown]


def _one_line(place: Place, lines: list[str], last: int, margin: int, room: int) -> list[Text]:
    line = lines[place.line - 1].rstrip()
    start = min(max(place.column - 1, 0), len(line))
    end = max(place.end_column - 1 if place.end_line else start + 1, start + 1)
    line, start, end = _cut(line, start, min(end, max(len(line), start + 1)), room)
    return [_quote(place.line, margin, line), _under(margin, line, start, end, "^", "bold red")]


def _several_lines(place: Place, lines: list[str], last: int, margin: int, room: int) -> list[Text]:
    """A range over several lines is drawn as a bracket on their left, from its first column to its last."""
    if place.end_column <= 1 and last > place.line:  # it ends with a line end
        last -= 1
        end = len(lines[last - 1].rstrip())
    else:
        end = place.end_column - 1
    line = lines[place.line - 1].rstrip()
    if last == place.line:
        return _one_line(Place(place.path, last, place.column, last, len(line) + 1), lines, last, margin, room)
    start = min(max(place.column - 1, 0), len(line))
    line, start, _ = _cut(line, start, start + 1, room)
    drawn = [_quote(place.line, margin, f"  {line}")]
    drawn.append(Text.assemble(_edge(margin), "  ", ("_" * (_width(line[:start]) + 1) + "^", "bold red")))
    between = list(range(place.line + 1, last + 1))
    if len(between) > MOST_LINES - 1:
        between = [*between[:2], 0, *between[-2:]]
    for number in between:
        if not number:
            drawn.append(Text.assemble(_edge(margin), " ", ("|", "bold red"), " ", ELLIPSIS))
            continue
        quoted = _cut(lines[number - 1].rstrip(), 0, 1, room)[0]
        drawn.append(_quote(number, margin, quoted, bar=True))
    closing = lines[last - 1].rstrip()[: min(max(end, 1), room)]
    drawn.append(Text.assemble(_edge(margin), " ", ("|" + "_" * max(_width(closing), 1) + "^", "bold red")))
    return drawn


def _asked(lines: list[str], asked: tuple[int, str], margin: int, room: int) -> list[Text]:
    """A line of less weight, with words under it."""
    number, said = asked
    line = lines[number - 1].rstrip()
    start = len(line) - len(line.lstrip())
    line, start, end = _cut(line, start, len(line), room)
    under = _under(margin, line, start, max(end, start + 1), "-", "bold blue")
    return [_quote(number, margin, line), under.append(f" {visible(said)}", style="blue")]


def _cut(line: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """A line that fits, with what is underlined in sight, and where that now starts and ends."""
    if _width(line) <= room:
        return line, start, end
    left = 0
    if _width(line[:end]) > room - 1:
        left = max(start - LEAD, 0)
    kept, used = left, 2
    while kept < len(line) and used + _width(line[kept]) <= room:
        used += _width(line[kept])
        kept += 1
    before, behind = ELLIPSIS if left else "", ELLIPSIS if kept < len(line) else ""
    shift = left - len(before)
    return before + line[left:kept] + behind, start - shift, max(min(end, kept) - shift, start - shift + 1)


def _quote(number: int, margin: int, line: str, *, bar: bool = False) -> Text:
    mark = Text.assemble(" ", ("|", "bold red"), " ") if bar else Text(" ")
    quoted = Text.assemble((f"{number:>{margin}} |", "dim"), mark, _quoted(line))
    quoted.rstrip()
    return quoted


def _under(margin: int, line: str, start: int, end: int, mark: str, style: str) -> Text:
    indent = " " * _width(line[:start])
    return Text.assemble(_edge(margin), " ", indent, (mark * max(_width(line[start:end]), 1), style))


def _edge(margin: int) -> Text:
    return Text(" " * margin + " |", style="dim")


def _width(code: str) -> int:
    return cell_len(_quoted(code))


def _quoted(code: str) -> str:
    """A piece of a source line as it is shown: its width does not depend on where the line has tabs."""
    return "".join(TAB if piece == "\t" else visible(piece) for piece in re.split("(\t)", code))


def _escape(character: str) -> str:
    # A surrogate in this range stands for one byte of a file name that is not UTF-8.
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
