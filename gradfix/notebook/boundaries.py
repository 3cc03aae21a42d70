"""Parts a patched program into cells again, which nothing in it marks."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence

Holds = Callable[[int, Sequence[str]], bool]
"""Whether a cell, by its number from 0, may hold these lines."""
_Opcode = tuple[str, int, int, int, int]


def parted(cells: Sequence[Sequence[str]], new: Sequence[str], holds: Holds) -> list[Sequence[str]] | None:
    """The lines of each cell in a patched program, None where they cannot be told apart so that every cell holds.

    `cells` are the lines before the patch. Lines that stay also stay in their cell; for those beside the end of a cell,
    each place is tried where that end could be, the likeliest first.
    """
    old = [line for cell in cells for line in cell]
    opcodes = _opcodes(old, new)
    ends, count = [], 0
    for cell in cells:
        count += len(cell)
        ends.append(count)
    options = [_options(end, opcodes, old, new) for end in ends[:-1]] + [[len(new)]]
    failed: set[tuple[int, int]] = set()
    chosen: list[int] = []
    tries: list[Iterator[int]] = [iter(options[0])]
    while len(chosen) < len(cells):
        k, start = len(chosen), chosen[-1] if chosen else 0
        for end in tries[-1]:
            if end >= start and (k + 1, end) not in failed and holds(k, new[start:end]):
                chosen.append(end)
                tries.append(iter(options[k + 1] if k + 1 < len(cells) else []))
                break
        else:
            failed.add((k, start))
            tries.pop()
            if not chosen:
                return None
            chosen.pop()
    return [new[start:end] for start, end in zip([0, *chosen], chosen, strict=False)]


def _opcodes(old: Sequence[str], new: Sequence[str]) -> list[_Opcode]:
    """What changed, as difflib tells it; long texts of which little changed cost little."""
    most = min(len(old), len(new))
    head = next((i for i in range(most) if old[i] != new[i]), most)
    tail = next((i for i in range(most - head) if old[-1 - i] != new[-1 - i]), most - head)
    inner = difflib.SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    moved = [(tag, i1 + head, i2 + head, j1 + head, j2 + head) for tag, i1, i2, j1, j2 in inner.get_opcodes()]
    before = [("equal", 0, head, 0, head)] if head else []
    behind = [("equal", len(old) - tail, len(old), len(new) - tail, len(new))] if tail else []
    return [*before, *moved, *behind]


def _options(end: int, opcodes: Sequence[_Opcode], old: Sequence[str], new: Sequence[str]) -> list[int]:
    """Where in the patched lines a cell may end that ended in front of line `end` (from 0), likeliest first."""
    # an end within lines that stay has one place; else one change touches it, as two never stand side by side
    tag, i1, i2, j1, j2 = next(opcode for opcode in opcodes if _touches(opcode, end))
    if tag == "equal":
        return [j1 + end - i1]
    usual = j1 if end == i1 and not (end == i2 and _imports(new[j1])) else j2
    left, right = ([_alike(line, lines) for line in new[j1:j2]] for lines in (old[i1:end], old[end:i2]))

    def key(at: int) -> tuple[float, int]:
        return -round(sum(left[: at - j1]) + sum(right[at - j1 :]), 6), abs(at - usual)

    return sorted(range(j1, j2 + 1), key=key)


def _touches(opcode: _Opcode, end: int) -> bool:
    tag, start, stop, _, _ = opcode
    return start < end < stop if tag == "equal" else start <= end <= stop


def _alike(line: str, lines: Sequence[str]) -> float:
    """How much a new line has of the old one, of several, that it has most of: from 0 to 1."""
    if not line.strip():
        return 0.0
    ratios = (difflib.SequenceMatcher(None, line.strip(), other.strip(), autojunk=False).ratio() for other in lines)
    return max(ratios, default=0.0)


def _imports(line: str) -> bool:
    return line.startswith(("import ", "from "))
