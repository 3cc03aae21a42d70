"""Breaks: where the path from the target back to the sources is lost, and of what kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gradfix.values import Place

LEFT_TENSORFLOW = "left-tensorflow"
OUTSIDE_TAPE = "outside-tape"
WRONG_TAPE = "wrong-tape"
RECORDING_STOPPED = "recording-stopped"
STOPPED = "stopped"
NOT_DIFFERENTIABLE = "not-differentiable"
WRONG_DTYPE = "wrong-dtype"
OVERWRITTEN = "overwritten"
UNWATCHED = "unwatched"
NEVER_USED = "never-used"
TAPE_USED_UP = "tape-used-up"
NO_SOURCES = "no-sources"
PAIRS_SWAPPED = "pairs-swapped"
LEFT_OUT = "left-out"
DROPS_OUT = "drops-out"
CANNOT_WATCH = "cannot-watch"
NO_ZEROS = "no-zeros"
NO_TAPE = "no-tape"
NO_MINIMIZE = "no-minimize"
STATEFUL = "stateful"
ASSIGNED = "assigned"

WORDS = {
    ASSIGNED: "puts the value into a variable, which does not know where it came from",
    STATEFUL: "is read from a state, which does not know where its values came from",
    LEFT_TENSORFLOW: "leaves TensorFlow, where no tape can follow",
    OUTSIDE_TAPE: "runs while the tape does not record",
    WRONG_TAPE: "is recorded by another tape than the one that is asked",
    RECORDING_STOPPED: "runs while the tape's recording is stopped",
    STOPPED: "stops the gradient",
    NOT_DIFFERENTIABLE: "has no gradient",
    WRONG_DTYPE: "has a dtype that no gradient is defined for",
    OVERWRITTEN: "replaces the variable by a tensor that the tape does not watch",
    UNWATCHED: "is a source that the tape does not watch",
    NEVER_USED: "the target does not depend on the sources",
    TAPE_USED_UP: "asks a tape that has already given its one answer",
    NO_SOURCES: "asks for the gradients of an empty list of sources",
    CANNOT_WATCH: "hands the tape a variable of Keras: the tape watches it by itself, and `watch` raises",
    NO_ZEROS: "is to make zeros for variables of Keras, whose dtype TensorFlow does not read, and raises",
    NO_TAPE: "is handed a loss that no tape has recorded, and raises",
    NO_MINIMIZE: "is asked of an optimizer of Keras 3, which has no such method",
    PAIRS_SWAPPED: "gives gradients that the optimizer is then handed behind their variables",
}

HARMLESS = {
    LEFT_OUT: "gives more than the target uses",
    DROPS_OUT: "does not change with them: they drop out of the derivative",
}
"""Kinds that are no mistake: None is the right answer."""


@dataclass(frozen=True)
class Break:
    """The expression at which a value that depends on the sources stops being recorded.

    `place` counts columns in characters; `kind` is one of this module's constants; `operation` is its public name.
    """

    kind: str
    place: Place
    operation: str = ""
    segment: str = ""
    dtype: str = ""

    @property
    def message(self) -> str:
        """What happens here, as half a sentence."""
        if self.kind == NEVER_USED:
            if self.segment:
                return f"{WORDS[self.kind]}: `{self.operation}` never uses its `{self.segment}`"
            return WORDS[self.kind] + (f": `{self.operation}` is never called" if self.operation else "")
        subject = f"`{self.segment}`" if self.segment and len(self.segment) <= 60 else f"`{self.operation}`"
        return f"{subject} {WORDS[self.kind]}" if subject != "``" else WORDS[self.kind]


def outermost(breaks: tuple[Break, ...]) -> tuple[Break, ...]:
    """The breaks without those that stand within another of their kind, where it is the place that is at fault.

    All of an expression runs while a tape does not record, each of its parts too.
    """
    return tuple(b for b in breaks if b.kind not in _BY_PLACE or not any(_within(b, other) for other in breaks))


_BY_PLACE = (OUTSIDE_TAPE, WRONG_TAPE, RECORDING_STOPPED)


def _within(inner: Break, outer: Break) -> bool:
    a, b = inner.place, outer.place
    if inner.kind != outer.kind or a.path != b.path or a == b:
        return False
    starts = (b.line, b.column) <= (a.line, a.column)
    return starts and (a.end_line or a.line, a.end_column) <= (b.end_line or b.line, b.end_column)


@dataclass(frozen=True)
class Trace:
    """The breaks of one broken request, nearest to the sources first, and what the target does depend on.

    `unread` are the names, each with its line, that got what the sources' models gave, and that nothing reads.
    """

    breaks: tuple[Break, ...]
    depends: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    unread: tuple[tuple[str, int], ...] = ()
