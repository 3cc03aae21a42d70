"""What a traced run showed, as breaks: where the path from target to source is lost, and of what kind."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gradfix.places import in_characters
from gradfix.run.messages import Request, Run, place_of
from gradfix.scan.operations import operation_at
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

WORDS = {
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
}
_OPAQUE = ("numpy_function", "py_function", "py_func")
_FLOATS = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")


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
            return WORDS[self.kind]
        subject = f"`{self.segment}`" if self.segment and len(self.segment) <= 60 else f"`{self.operation}`"
        return f"{subject} {WORDS[self.kind]}" if subject != "``" else WORDS[self.kind]


@dataclass(frozen=True)
class Trace:
    """The breaks of one broken request, nearest to the sources first, and what the target does depend on."""

    breaks: tuple[Break, ...]
    depends: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


def trace_of(run: Run, request: Request, texts: Mapping[str, str], source_line: str = "") -> Trace:
    """Reads a traced run. `texts` are the files' texts by absolute path, as that run saw them."""
    facts = next((e for e in run.others if e.get("event") == "trace"), None)
    if facts is None:
        return Trace(_without_trace(request, texts))
    reader = _Reader(texts)
    breaks = [reader.read(b, request) for b in facts["breaks"]]
    if not breaks:
        at_source = _of_sources(facts, request, reader)
        breaks = [at_source] if at_source is not None else []
    depends = tuple(dict.fromkeys(reader.segment(p) for p in facts["depends"]))
    return Trace(tuple(breaks), tuple(d for d in depends if d), facts)


def _without_trace(request: Request, texts: Mapping[str, str]) -> tuple[Break, ...]:
    """What the request itself tells where tracing gave nothing."""
    if request.place is None:
        return ()
    text = texts.get(request.place.path, "")
    place = in_characters(request.place, text)
    if "non-persistent" in request.error:
        return (Break(TAPE_USED_UP, place, request.call),)
    return ()


def _of_sources(facts: dict[str, Any], request: Request, reader: _Reader) -> Break | None:
    """The break that lies in the sources themselves: none of the expressions on the way is at fault."""
    here = reader.place(request)
    sources = facts["sources"]
    missing = [request.sources[i] for i in request.missing] or list(request.sources)
    first = next((s for s in sources if s["place"]), None)
    where = reader.at(first["place"]) if first else here
    if missing and all(s.dtype not in _FLOATS for s in missing) and any(s["used"] for s in sources):
        return Break(WRONG_DTYPE, where, reader.operation(first["place"]) if first else "", "", missing[0].dtype)
    if facts["alive"]:
        return Break(UNWATCHED, where, "", reader.segment(first["place"]) if first else "")
    return Break(NEVER_USED, here) if here else None


class _Reader:
    """Looks up places of a run in the texts that it saw."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.trees: dict[str, ast.Module] = {}

    def read(self, fact: dict[str, Any], request: Request) -> Break:
        """One break as the worker sent it."""
        place, operation = self.at(fact["place"]), self.operation(fact["place"])
        return Break(_kind(fact, operation), place, operation, self.segment(fact["place"]), fact["dtype"])

    def place(self, request: Request) -> Place:
        """Where the request stands."""
        assert request.place is not None
        return in_characters(request.place, self.texts.get(request.place.path, ""))

    def at(self, data: list[Any]) -> Place:
        """A worker's place with its columns in characters."""
        place = place_of(data)
        assert place is not None
        return in_characters(place, self.texts.get(place.path, ""))

    def operation(self, data: list[Any]) -> str:
        """The operation at a worker's place."""
        path, line, column, end_line, end_column = data
        if path not in self.texts:
            return ""
        if path not in self.trees:
            self.trees[path] = ast.parse(self.texts[path])
        return operation_at(self.trees[path], line, column, end_line, end_column)

    def segment(self, data: list[Any]) -> str:
        """The text at a worker's place, in one line."""
        path, line, column, end_line, end_column = data
        lines = self.texts.get(path, "").split("\n")[line - 1 : end_line]
        if not lines:
            return ""
        encoded = [part.encode("utf-8", "surrogateescape") for part in lines]
        encoded[-1] = encoded[-1][:end_column]
        encoded[0] = encoded[0][column:]
        return " ".join(b" ".join(encoded).decode("utf-8", "replace").split())


def _kind(fact: dict[str, Any], operation: str) -> str:
    """The kind of one break, from what the worker saw of its value and from its operation."""
    name = operation.rpartition(".")[2].rstrip("()")
    if fact["kind"] != "cut":
        return str(fact["kind"])
    if name == "stop_gradient":
        return STOPPED
    if not fact["tensor"] or name in _OPAQUE:
        return LEFT_TENSORFLOW
    if fact["from"] and all(dtype and dtype not in _FLOATS for dtype in fact["from"]):
        return WRONG_DTYPE
    if name in ("cast", "saturate_cast", "to_int32", "to_int64") and fact["dtype"] not in _FLOATS:
        return WRONG_DTYPE
    return NOT_DIFFERENTIABLE
