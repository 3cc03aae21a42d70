"""The values that flow through gradfix: sources, suspects, trace, patch, proof, report. All are frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Verdict(str, Enum):
    """What gradfix says of one file."""

    CLEAN = "clean"
    FIXED = "fixed"
    ADVICE = "advice"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


class Fix(str, Enum):
    """What became of the attempt to mend one finding."""

    PROVED = "proved"
    UNSAFE = "unsafe"
    REFUSED = "refused"
    NONE = "none"


class Basis(str, Enum):
    """What a finding rests on: runs, or the text alone. Of the latter kind are suspects."""

    RUN = "run"
    TEXT = "text"


@dataclass(frozen=True)
class Place:
    """A range in a file. Lines and columns count from 1, columns in characters; the end column is exclusive.

    `cell` is the number of a notebook's cell (from 1, among all of its cells), whose lines are counted then; else 0.
    """

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    cell: int = 0


@dataclass(frozen=True)
class TextEdit:
    """Replaces the text of one range; what `edits` of a finding holds in the JSON report."""

    place: Place
    new_text: str


@dataclass(frozen=True)
class Finding:
    """One thing that a user should know, at one place. `advice` is what could be written where no rewrite mends it."""

    rule: str
    code: str
    place: Place
    message: str
    help: str = ""
    fix: Fix = Fix.NONE
    edits: tuple[TextEdit, ...] = ()
    advice: tuple[str, ...] = ()
    basis: Basis = Basis.RUN


class Answer(str, Enum):
    """What a tape answered for one source."""

    THERE = "there"
    MISSING = "missing"
    NONE = "none"
    """None, and that is no mistake: it never trains, say."""
    UNSEEN = "unseen"
    """No run has shown it."""


@dataclass(frozen=True)
class SourceReport:
    """One source of a step: the answers before and after the patch, and the norms of the gradients, where seen."""

    name: str
    shape: tuple[int | None, ...] | None
    before: Answer
    after: Answer = Answer.UNSEEN
    norm_before: float | None = None
    norm_after: float | None = None


@dataclass(frozen=True)
class Stop:
    """A line of source on the way from a target back to its sources.

    `made` is the type and shape of what came out there, by `operations`, of what came out at the stops with the numbers
    `inputs`, all of them behind this one; to those in `dry` no gradient goes on from here. `sources` are the numbers of
    the step's sources that are read there. `cut` says how the way is lost there, "" where it is not. `times` is how
    often the line was passed; `hidden` lines that are left out come before it.
    """

    place: Place
    code: str
    made: str = ""
    operations: tuple[str, ...] = ()
    inputs: tuple[int, ...] = ()
    sources: tuple[int, ...] = ()
    cut: str = ""
    times: int = 1
    hidden: int = 0
    dry: tuple[int, ...] = ()


@dataclass(frozen=True)
class StepReport:
    """What the runs before and after the patch saw at one call that asks a tape for gradients. `cell` as in Place.

    `answers` has each source. The ways from the target to them, before and after, begin with the line that asks; they
    are there where pictures are wanted.
    """

    path: str
    line: int
    sources: int
    missing_before: tuple[str, ...]
    missing_after: tuple[str, ...]
    target_before: float | None
    target_after: float | None
    inputs: tuple[str, ...]
    checks: dict[str, str] = field(default_factory=dict)
    cell: int = 0
    answers: tuple[SourceReport, ...] = ()
    way_before: tuple[Stop, ...] = ()
    way_after: tuple[Stop, ...] = ()


@dataclass(frozen=True)
class Spent:
    """What one file took: how many runs, and the seconds of each phase and of each rule that was tried."""

    runs: int = 0
    phases: dict[str, float] = field(default_factory=dict)
    rules: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Rewritten:
    """A file that a patch rewrites: its absolute path, its bytes before and after, and the text of those after."""

    path: str
    before: bytes
    after: bytes
    text: str


class Silenced(str, Enum):
    """Why a finding is not reported."""

    COMMENT = "comment"
    BASELINE = "baseline"
    ASKED = "asked"
    """It is being put into a comment or a baseline."""


@dataclass(frozen=True)
class Silence:
    """A finding that is not reported, why, and the text of its line without the space around it."""

    finding: Finding
    by: Silenced
    line: str


@dataclass(frozen=True)
class FileReport:
    """Everything gradfix has to say about one file."""

    path: str
    verdict: Verdict
    reason: str = ""
    diff: str = ""
    findings: tuple[Finding, ...] = ()
    steps: tuple[StepReport, ...] = ()
    seconds: float = 0.0
    rewritten: tuple[Rewritten, ...] = ()
    """What --apply writes. Empty where there is no patch."""
    notes: tuple[str, ...] = ()
    cells: Mapping[int, str] = field(default_factory=dict)
    """Of a notebook the sources of the cells that findings stand in, by number."""
    silenced: tuple[Silence, ...] = ()
    judged: bool = False
    """Every step was seen in a run, and every finding was come to: what was not found is not there."""
    spent: Spent = field(default_factory=Spent)
    cached: bool = False
    """The report is that of an earlier run, of files that have not changed since."""

    @property
    def patched(self) -> dict[str, str]:
        """Texts after the patch, by absolute path."""
        return {r.path: r.text for r in self.rewritten}


@dataclass(frozen=True)
class Statistics:
    """What one call of gradfix took. Seconds of phases and rules are summed over the files, whatever ran at a time."""

    read: int
    parsed: int
    run: int
    repaired: int
    cached: int
    runs: int
    seconds: float
    phases: dict[str, float] = field(default_factory=dict)
    rules: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Totals:
    """How many files have each verdict, and how many reports come from the cache."""

    verdicts: Mapping[Verdict, int]
    cached: int = 0


@dataclass(frozen=True)
class Report:
    """One call of gradfix. `totals` are there where the `files` are not all kept, since nobody will ask for them."""

    gradfix: str
    python: str
    tensorflow: str
    keras: str
    files: tuple[FileReport, ...]
    sandbox: str = ""
    """The level that runs had, with the reason why it was not a better one; "" where nothing was run."""
    statistics: Statistics | None = None
    """What the call took, where that was asked for."""
    totals: Totals | None = None

    def counted(self) -> Totals:
        """The totals, counted where they are not given."""
        if self.totals is not None:
            return self.totals
        return Totals({v: sum(f.verdict is v for f in self.files) for v in Verdict}, sum(f.cached for f in self.files))

    def summary(self) -> dict[str, Any]:
        """How many files have each verdict."""
        return {v.value: self.counted().verdicts.get(v, 0) for v in Verdict}
