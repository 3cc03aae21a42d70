"""Lays out the picture of a way: a row for each line of source, a lane for each value that is on its way at a time.

As in the graph of a history: the target comes first, each line before what it was made of, and the sources last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradfix.values import Stop

MOST_LANES = 8
"""Lanes that are told apart; what would lie further out is drawn in the last."""


@dataclass(frozen=True)
class Edge:
    """A line from a lane of a row to one of the next row. The gradient flows in it, or nothing does."""

    row: int
    start: int
    end: int
    flows: bool


@dataclass(frozen=True)
class Layout:
    """The lane of each row's node, the edges, and whether the gradient gets to each row. The last row: the sources."""

    lanes: tuple[int, ...]
    edges: tuple[Edge, ...]
    reached: tuple[bool, ...]

    @property
    def breadth(self) -> int:
        """How many lanes there are."""
        return 1 + max((0, *self.lanes, *(max(e.start, e.end) for e in self.edges)))


def laid_out(way: Sequence[Stop], there: frozenset[int]) -> Layout:
    """The layout of a way that is not empty. `there` are the numbers of the sources that have their gradient."""
    last = len(way)
    goals = [_goals(way, row, there) for row in range(last)]
    reached = _reached(goals)
    lanes: list[int] = []
    edges: list[Edge] = []
    going: dict[int, tuple[int, bool]] = {}  # by lane: the row that its line goes to, and whether something flows
    pieces: list[tuple[int, int]] = []  # of the lines behind the row before: where they begin, and their lane
    for row in range(last + 1):
        arriving = [lane for lane, (goal, _) in going.items() if goal == row]
        lane = min(arriving, default=_free(going)) if row < last else 0  # nothing goes on beside the sources
        lanes.append(lane)
        for start, own in pieces:
            goal, flows = going[own]
            edges.append(Edge(row - 1, start, lane if goal == row else own, flows))
        for own in arriving:
            del going[own]
        pieces = [(own, own) for own in going]
        for goal, carries in goals[row].items() if row < last else ():
            line = goal, reached[row] and carries
            own = next((n for n, other in going.items() if other == line), -1)
            if own < 0:
                own = _free(going) if lane in going else lane
                going[own] = line
            pieces.append((lane, own))
    return Layout(tuple(lanes), tuple(dict.fromkeys(edges)), reached)


def _goals(way: Sequence[Stop], row: int, there: frozenset[int]) -> dict[int, bool]:
    """The rows to which the lines of a row go, and whether the gradient goes on to them: to what it was made of, and to
    the last one for the sources."""
    stop, last = way[row], len(way)
    # where it is lost it has come to, though what came out there is an array of NumPy's, say
    goals = {i: not stop.cut and (i not in stop.dry or bool(way[i].cut)) for i in stop.inputs if row < i < last}
    if stop.sources:
        goals[last] = not stop.cut and not there.isdisjoint(stop.sources)
    elif row == last - 1 and not stop.inputs and not any(s.sources for s in way):
        goals[last] = not stop.cut and bool(there)  # where Keras asks, nothing tells in which line they are read
    return goals


def _reached(goals: Sequence[dict[int, bool]]) -> tuple[bool, ...]:
    reached = [row == 0 for row in range(len(goals) + 1)]
    for row, each in enumerate(goals):
        for goal, carries in each.items():
            reached[goal] = reached[goal] or (reached[row] and carries)
    return tuple(reached)


def _free(going: dict[int, tuple[int, bool]]) -> int:
    """The first lane that nothing is in."""
    return next(lane for lane in range(len(going) + 1) if lane not in going)
