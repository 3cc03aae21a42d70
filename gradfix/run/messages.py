"""The narrow door between host and worker, as values. docs/protocol.md describes the JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from gradfix.values import Place

WORKER_FAULT = 70
"""The exit code of a child that failed before or after user code ran: EX_SOFTWARE of sysexits.h."""

LONG = 200
"""Characters from which a line of a message is cut after its first sentence."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_RECEIVED = re.compile(r"\n\s*(?:Call a|A)rguments received by ")


@dataclass(frozen=True)
class Versions:
    """What the interpreter that runs user code has, and which sandbox the machine allows.

    `why` says why the sandbox is not a better one; `runs` is false where the user demands a better one.
    """

    python: str
    tensorflow: str
    keras: str
    sandbox: str
    fork: bool
    why: str = ""
    runs: bool = True
    folders: tuple[str, ...] = ()
    """Where installed packages lie."""

    @property
    def level(self) -> str:
        """The sandbox in words: its level, and why it is not a better one."""
        return f"{self.sandbox} ({self.why})" if self.why else self.sandbox


@dataclass(frozen=True)
class Entry:
    """A way into a file: run it as a script, or call functions with inputs that were made up (`plans`).

    With `leave` each loop of the script is left once its steps were seen that often.
    """

    plans: tuple[dict[str, Any], ...] = ()
    inputs: tuple[str, ...] = ()
    leave: int = 0

    def to_json(self) -> dict[str, Any]:
        """As a request carries it."""
        if self.plans:
            return {"kind": "call", "plans": list(self.plans)}
        return {"kind": "script", "leave": self.leave} if self.leave else {"kind": "script"}


@dataclass(frozen=True)
class Limits:
    """When a run has seen enough: see worker/recorder.py."""

    lines: tuple[int, ...]
    each: int = 3
    seconds: float = 0.3
    most: int = 5000
    longest: float = 12.0
    told: int = 12
    patience: float = 4.0


STAGES = Limits((), each=256, longest=12.0, told=400)
"""For a file whose later rounds do something else than its first ones."""
MOST_AGAIN = 64
"""Rounds that later runs of a file go through after the one in which its last break first showed."""


@dataclass(frozen=True)
class Source:
    """One source of a request: what a gradient is asked for."""

    name: str
    kind: str
    dtype: str
    shape: tuple[int | None, ...] | None
    trainable: bool


@dataclass(frozen=True)
class Gradient:
    """A gradient that came back. Numbers are None while a graph is traced."""

    shape: tuple[int | None, ...] | None
    fits: bool
    norm: float | None
    sum: float | None
    finite: bool
    zero: bool


@dataclass(frozen=True)
class Request:
    """One request to a tape, and the answer.

    `excused`: the code looks for None in what came back. `zeros`: sources whose gradient is zero wherever they are.
    `mispaired`: one of its gradients was handed on for another variable, or a None was reckoned with; `swapped`: behind
    its variable.
    `accepted`: the user wants no word of what it lacks.
    `raised`: no request at all, but an exception that names its cause: the kind of break, and its place (raised.py).
    """

    index: int
    call: str
    place: Place | None
    birth: int
    serial: int
    graph: bool
    target: dict[str, Any]
    sources: tuple[Source, ...]
    gradients: tuple[Gradient | None, ...]
    error: str
    moved: tuple[bool | None, ...] = ()
    excused: bool = False
    zeros: tuple[int, ...] = ()
    mispaired: bool = False
    swapped: bool = False
    raised: tuple[str, Place] | None = None
    accepted: bool = False

    @property
    def value(self) -> tuple[float, float] | None:
        """Sum and sum of sizes of the target's values, where they were seen."""
        value = self.target.get("value")
        return None if value is None or None in value else (value[0], value[1])

    @property
    def missing(self) -> tuple[int, ...]:
        """Indices of the sources that got no gradient, one of another shape, or one that is zero wherever they are."""
        if self.error:
            return tuple(range(len(self.sources)))
        return tuple(i for i, g in enumerate(self.gradients) if g is None or not g.fits or i in self.zeros)


def missing_of(request: Request) -> tuple[int, ...]:
    """Indices of the sources whose gradient is missing and should not be.

    Left out: state that never trains, unless nothing else was asked for or its place in the list shifts the others onto
    wrong variables, some of several sources where the code looks for None itself, and what the user has accepted.
    """
    missing = request.missing
    if request.accepted:
        return ()
    if request.error:
        return missing
    if request.excused and len(missing) < len(request.sources):
        return ()
    if len(missing) == len(request.sources):  # all that was asked for: nothing will train
        return missing
    return tuple(i for i in missing if request.sources[i].trainable or request.mispaired)


@dataclass(frozen=True)
class Trouble:
    """The exception that ended a run."""

    type: str
    message: str
    places: tuple[Place, ...]

    @property
    def line(self) -> str:
        """One line for people: what was raised, out of what TensorFlow and Keras write around it."""
        message = _RECEIVED.split(_COLOURS.sub("", self.message))[0]
        lines = [line.strip() for line in message.splitlines() if line.strip()] or [""]
        said = lines[-1] if lines[0].startswith(("in user code", "Exception encountered when calling")) else lines[0]
        if len(said) > LONG:
            said = said.partition(". ")[0]
        if not said:
            return self.type
        return said if said.startswith(f"{self.type}: ") else f"{self.type}: {said}"


@dataclass(frozen=True)
class LabelShape:
    """A loss that stopped on its labels' shape, and went on with made-up ones."""

    place: Place | None
    loss: str
    labels: tuple[int, ...]
    predictions: tuple[int, ...]


@dataclass(frozen=True)
class Run:
    """What one run of user code showed.

    `requests` are those that were reported, in order; `ended` says that the run was ended because it had seen enough,
    `exhausted` that it was killed for the time or memory that it took; `files` are the user's files that it loaded;
    `sandbox_seconds` is how long it took until it was in its sandbox.
    """

    requests: tuple[Request, ...] = ()
    trouble: Trouble | None = None
    labels: tuple[LabelShape, ...] = ()
    plan: dict[str, Any] | None = None
    inputs: tuple[str, ...] = ()
    stuck: str = ""
    death: str = ""
    ended: bool = False
    output: str = ""
    files: tuple[str, ...] = ()
    others: tuple[dict[str, Any], ...] = field(default=())
    sandbox_seconds: float | None = None
    exhausted: bool = False
    opened: tuple[str, ...] = ()
    """Files of the project that Python code opened or wanted to open."""

    @property
    def made_up(self) -> tuple[str, ...]:
        """What stood in for data, modules and arguments that are not there."""
        events = (e for e in self.others if e.get("event") == "standin")
        return tuple(dict.fromkeys(f"{e.get('what')}: {e.get('given')}" for e in events))

    def event(self, kind: str) -> dict[str, Any] | None:
        """The first further event of a kind."""
        return next((e for e in self.others if e.get("event") == kind), None)

    def at(self, index: int) -> Request | None:
        """The request with that number among all that the run made."""
        return next((r for r in self.requests if r.index == index), None)


def place_of(data: list[Any] | None) -> Place | None:
    """A worker's [path, line, column, end line, end column], columns from 0 in UTF-8 bytes, -1 where unknown."""
    if data is None:
        return None
    path, line, column, end_line, end_column = data
    return Place(path, line, column + 1, end_line if end_line > 0 else line, end_column + 1)


def run_of(answer: dict[str, Any], timeout: float) -> Run:
    """The worker's answer to one request as a value. Events that do not fit the protocol are ignored."""
    requests: list[Request] = []
    moved: dict[int, tuple[bool | None, ...]] = {}
    mispaired: set[int] = set()
    swapped: set[int] = set()
    labels, others = [], []
    trouble, plan, inputs, stuck, ended, enough = None, None, (), "", False, False
    files: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    for event in answer["events"]:
        kind = event.get("event")
        try:
            if kind == "request":
                requests.append(_request(event))
            elif kind == "moved":
                moved[int(event["index"])] = tuple(event["moved"])
            elif kind == "mispaired":
                mispaired.add(int(event["index"]))
            elif kind == "swapped":
                swapped.add(int(event["index"]))
            elif kind == "labels":
                labels.append(_label_shape(event))
            elif kind == "plan":
                plan, inputs, stuck = event.get("plan"), tuple(event.get("inputs", ())), str(event.get("stuck", ""))
            elif kind == "end":
                trouble = _trouble(event["error"]) if event["error"] else None
                ended, enough, files = True, bool(event["ended"]), tuple(map(str, event.get("files", ())))
                opened = tuple(map(str, event.get("opened", ())))
            else:
                others.append(event)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            continue  # not the worker's: user code has found the pipe and written to it
    with_moves = tuple(
        replace(r, moved=moved.get(r.index, ()), mispaired=r.index in mispaired, swapped=r.index in swapped)
        for r in requests
    )
    death = "" if ended else _death(answer["ending"], timeout)
    output, setup = answer["ending"].get("output", ""), answer["ending"].get("sandbox_seconds")
    exhausted = bool(death) and _exhausted(answer["ending"])
    return Run(
        with_moves,
        trouble,
        tuple(labels),
        plan,
        inputs,
        stuck,
        death,
        enough,
        output,
        files,
        tuple(others),
        setup,
        exhausted,
        opened,
    )


def _label_shape(event: dict[str, Any]) -> LabelShape:
    return LabelShape(place_of(event["place"]), event["loss"], tuple(event["labels"]), tuple(event["predictions"]))


def _trouble(error: dict[str, Any]) -> Trouble:
    return Trouble(str(error["type"]), str(error["message"]), tuple(p for p in map(place_of, error["places"]) if p))


def _request(event: dict[str, Any]) -> Request:
    def shape(value: list[int | None] | None) -> tuple[int | None, ...] | None:
        return None if value is None else tuple(value)

    sources = tuple(
        Source(s["name"], s["kind"], s["dtype"], shape(s["shape"]), s["trainable"]) for s in event["sources"]
    )
    gradients = tuple(
        None
        if g is None
        else Gradient(shape(g["shape"]), g["fits"], g["norm"], g["sum"], g.get("finite", True), g.get("zero", False))
        for g in event["gradients"]
    )
    error = event["error"]
    return Request(
        event["index"],
        event["call"],
        place_of(event["place"]),
        event["birth"],
        event["serial"],
        event["graph"],
        event["target"],
        sources,
        gradients,
        f"{error['type']}: {error['message']}" if error else "",
    )


def _exhausted(ending: dict[str, Any]) -> bool:
    """Whether a run was killed for its time or its memory."""
    limit = str(ending.get("limit", ""))
    return bool(ending.get("timed_out")) or "processor time" in limit or "of memory" in limit


def _death(ending: dict[str, Any], timeout: float) -> str:
    """How a run ended that did not say so itself."""
    if ending.get("timed_out"):
        return f"it did not end within {timeout:g} s"
    if ending.get("limit"):
        return f"it was stopped: {ending['limit']}"
    if ending.get("signal"):
        return f"its process was killed by signal {ending['signal']}"
    if ending.get("exit") == WORKER_FAULT:
        last = (ending.get("output", "").strip().splitlines() or [""])[-1]
        return f"gradfix's own worker failed: {last}"
    if ending.get("exit") is not None:
        return f"its process left with exit code {ending['exit']} before the end"
    return str(ending.get("reason", "its process vanished"))
