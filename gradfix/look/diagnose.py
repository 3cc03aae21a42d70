"""Reads what a traced run showed: which breaks there are, of what kind, and what the user called them."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterator, Mapping
from typing import Any

from gradfix.breaks import (
    ASSIGNED,
    CANNOT_WATCH,
    LEFT_TENSORFLOW,
    NEVER_USED,
    NO_MINIMIZE,
    NO_SOURCES,
    NO_TAPE,
    NO_ZEROS,
    NOT_DIFFERENTIABLE,
    OVERWRITTEN,
    PAIRS_SWAPPED,
    STATEFUL,
    STOPPED,
    TAPE_USED_UP,
    UNWATCHED,
    WRONG_DTYPE,
    Break,
    Trace,
)
from gradfix.places import in_characters
from gradfix.run.messages import Request, Run, place_of
from gradfix.scan.assigned import assigned_elsewhere, assigned_on_the_way, named_at
from gradfix.scan.discarded import takes_some
from gradfix.scan.operations import operation_at
from gradfix.scan.steps import Step, parsed, steps_of
from gradfix.scan.unread import unread_results
from gradfix.values import Place

_RAISING = {CANNOT_WATCH: "watch", OVERWRITTEN: "-=", NO_TAPE: "minimize", NO_MINIMIZE: "minimize"}
"""What raises, where an exception names its cause (raised.py)."""
_OPAQUE = ("numpy_function", "py_function", "py_func")
_FLOATS = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")


def trace_of(run: Run, request: Request, texts: Mapping[str, str], whole: bool = False) -> Trace:
    """Reads a traced run. `texts` are the files' texts by absolute path, as that run saw them.

    With `whole` the request has its gradients, and the breaks are where other ways to its target leave TensorFlow.
    """
    reader = Reader(texts)
    if request.place is None:
        return Trace(())
    if request.raised:
        kind, place = request.raised
        place = in_characters(place, reader.text(place.path))
        return Trace((Break(kind, place, _RAISING[kind]),))
    if "'_id'" in request.error and request.target.get("tensor"):  # a source is no tensor, but an array
        return Trace((Break(UNWATCHED, reader.place(request), "", reader.source_text(request)),))
    if "_type_enum" in request.error:  # TensorFlow asks the dtype of a source, which is Keras' own word
        return Trace((Break(NO_ZEROS, reader.place(request), request.call),))
    if "non-persistent" in request.error:
        return Trace((Break(TAPE_USED_UP, reader.place(request), request.call),))
    if request.swapped:
        return Trace((Break(PAIRS_SWAPPED, reader.place(request), request.call),))
    if not request.sources:
        return Trace((_no_sources(request, reader),))
    if not request.error and all(s.kind == "variable" and not s.trainable for s in request.sources):
        return Trace((Break(UNWATCHED, reader.place(request), "", reader.source_text(request)),))
    facts = run.event("trace")
    if facts is None or facts["late"]:
        return Trace(())
    breaks = [reader.read(b) for b in facts["breaks"]]
    if whole:
        return Trace(tuple(b for b in breaks if b.kind == LEFT_TENSORFLOW), (), facts)
    depends = tuple(dict.fromkeys(reader.segment(p) for p in facts["depends"]))
    depends = tuple(d for d in depends if not d.lstrip("-").replace(".", "").replace("e", "").isdigit())
    if not breaks or any(b.kind == WRONG_DTYPE for b in breaks):
        breaks = _of_sources(facts, request, reader) if not breaks or _integer(request) else breaks
    unread = reader.unread(request) if any(b.kind == NEVER_USED for b in breaks) else ()
    return Trace(tuple(breaks), tuple(d for d in depends if d), facts, unread)


_SUMS = ("+", "-", "+=", "-=", "add", "add_n", "subtract", "sum", "reduce_sum", "reduce_mean", "accumulate_n")
"""Operations that keep a term a term."""
_JOINS = ("stack", "concat", "convert_to_tensor", "parallel_stack", "vstack", "hstack", "concatenate", "append")
"""Operations that put values side by side."""


_PRODUCTS = ("*", "*=", "multiply", "prod", "reduce_prod")


def terms_of(run: Run, texts: Mapping[str, str], joined: bool = False) -> tuple[Break, ...]:
    """Where the target of a request that has its gradients lost a term: where a value left TensorFlow and was added.

    With `joined` a value that was put beside others, into a list or a tensor, counts too.
    """
    known = (*_SUMS, *_JOINS) if joined else _SUMS
    return tuple(cut for cut, meets in _left_in(run, texts) if all(name in known for name in meets))


def left_in(run: Run, texts: Mapping[str, str]) -> tuple[Break, ...] | None:
    """Where values left TensorFlow on any way to the target; None where the ways could not be followed in time.

    Takes a run that was traced with all its ways, those that did not get lost too.
    """
    facts = run.event("trace")
    return None if facts is None or facts["late"] else tuple(cut for cut, _ in _left_in(run, texts))


def is_factor(run: Run, texts: Mapping[str, str]) -> bool:
    """Whether a value that left TensorFlow is multiplied with one that did not: a weight, held fixed on purpose or not.

    Takes a run that was traced with all its ways, those that did not get lost too.
    """
    return any(name in _PRODUCTS for _, meets in _left_in(run, texts) for name in meets)


def _left_in(run: Run, texts: Mapping[str, str]) -> Iterator[tuple[Break, list[str]]]:
    """Each value that left TensorFlow, and the last names of the operations in which it met what had not."""
    facts = run.event("trace")
    reader = Reader(texts)
    for fact in facts["breaks"] if facts else ():
        cut = reader.read(fact)
        if cut.kind == LEFT_TENSORFLOW:
            yield cut, [reader.operation(place).rpartition(".")[2].rstrip("()") for place in fact["meets"]]


def left_out(run: Run, texts: Mapping[str, str]) -> str:
    """The call whose results the code takes some of, knowingly, where the rest hold the missing sources; or ""."""
    facts = run.event("trace")
    reader = Reader(texts)
    for path, *place in facts.get("beside", ()) if facts else ():
        tree = reader.tree(path)
        if tree is not None and takes_some(tree, *place):
            return reader.segment([path, *place])
    return ""


def _integer(request: Request) -> bool:
    """Whether the missing sources themselves have a dtype without gradients."""
    missing = [request.sources[i] for i in request.missing]
    return bool(missing) and all(s.dtype not in _FLOATS for s in missing)


def _of_sources(facts: dict[str, Any], request: Request, reader: Reader) -> list[Break]:
    """The breaks that lie in the sources, or in the target: no expression on the way is at fault."""
    made = next((s["place"] for s in facts["sources"] if s["place"]), None)
    if _integer(request) and any(s["used"] for s in facts["sources"]):
        missing = request.sources[request.missing[0]]
        place = reader.definition(made) if made else reader.place(request)
        return [Break(WRONG_DTYPE, place, "", reader.segment(made) if made else missing.name, missing.dtype)]
    if facts["alive"] and request.error and all(s.kind == "variable" and s.trainable for s in request.sources):
        return []  # they are watched: what the tape raises has another cause
    if facts["alive"]:
        if over := reader.overwritten(request, [s["place"] for s in facts["sources"]]):
            return over
        name = reader.source_text(request) or (reader.segment(made) if made else "")
        return [Break(UNWATCHED, reader.place(request), "", name)]
    if (assigned := reader.assigned_elsewhere(facts["depends"])) is not None:
        return [assigned]
    dropped = [(place, ", ".join(reader.unused_parameters(place))) for place in facts["dropped"][:1]]
    if dropped and dropped[0][1]:
        place, unused = dropped[0]
        return [Break(NEVER_USED, reader.at(place), reader.operation(place), unused)]
    if facts.get("unused") and not dropped:
        place = facts["unused"][0]
        return [Break(NEVER_USED, reader.at(place), reader.segment(place))]
    for place in facts["depends"]:
        if reader.operation(place) == ".result()":  # a metric's: its counters were given the predictions
            return [Break(STATEFUL, reader.at(place), ".result()", reader.segment(place))]
    if dropped:  # a call that reads all that it is given, and gives nothing of it
        return [Break(NEVER_USED, reader.at(dropped[0][0]))]
    if len(request.missing) == len(request.sources) and (assigned := reader.assigned_on_the_way(request)):
        return [assigned]
    return [Break(NEVER_USED, reader.at(facts["target"]) if facts["target"] else reader.place(request))]


def _no_sources(request: Request, reader: Reader) -> Break:
    """An empty list of sources: at the line where it got its name, if it has one."""
    step, name = reader.step(request), reader.source_text(request)
    place = reader.assigned(request, name) or reader.place(request)
    return Break(NO_SOURCES, place, step.call if step else request.call, name)


class Reader:
    """Looks up places of a run in the texts that it saw."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.read_here: dict[str, str] = {}

    def read(self, fact: dict[str, Any]) -> Break:
        """One break as the worker sent it."""
        place, operation = self.at(fact["place"]), self.operation(fact["place"])
        return Break(_kind(fact, operation), place, operation, self.segment(fact["place"]), fact["dtype"])

    def place(self, request: Request) -> Place:
        """Where the request stands."""
        assert request.place is not None
        return in_characters(request.place, self.text(request.place.path))

    def at(self, data: list[Any]) -> Place:
        """A worker's place with its columns in characters."""
        place = place_of(data)
        assert place is not None
        return in_characters(place, self.text(place.path))

    def operation(self, data: list[Any]) -> str:
        """The operation at a worker's place."""
        path, line, column, end_line, end_column = data
        tree = self.tree(path)
        return operation_at(tree, line, column, end_line, end_column) if tree else ""

    def tree(self, path: str) -> ast.Module | None:
        """The syntax tree of a file whose text is known."""
        text = self.text(path)
        return parsed(text) if text else None

    def text(self, path: str) -> str:
        """The text of a file: one that was given, or as it lies on the disk; "" where it cannot be read."""
        if path not in self.texts and path not in self.read_here:
            try:
                with tokenize.open(path) as f:
                    self.read_here[path] = f.read()
            except (OSError, SyntaxError, UnicodeError):
                self.read_here[path] = ""
        return self.texts.get(path) or self.read_here.get(path, "")

    def unused_parameters(self, data: list[Any]) -> list[str]:
        """The parameters that the function called at a place never reads, where the file defines it."""
        tree = self.tree(data[0])
        name = self.operation(data).rpartition(".")[2].rstrip("()")
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
                read = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
                parameters = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
                return [p for p in parameters if p not in read and p not in ("self", "cls")]
        return []

    def unread(self, request: Request) -> tuple[tuple[str, int], ...]:
        """What the models of the sources gave where a request stands, and nothing reads."""
        assert request.place is not None
        tree = self.tree(request.place.path)
        return unread_results(tree, request.place.line, self.source_text(request)) if tree else ()

    def overwritten(self, request: Request, made: list[list[Any] | None]) -> list[Break]:
        """A break for each source that the file makes a variable and that is a tensor by now: what it was replaced by.

        `made` are the places of the missing sources, where they were seen.
        """
        step = self.step(request)
        found = []
        for i, place in zip(request.missing, made, strict=False):
            if step is None or request.sources[i].kind != "tensor" or i >= len(step.source_names):
                continue
            name = step.source_names[i]
            assert request.place is not None
            path = request.place.path
            values = list(_assigned(self.tree(path), name))
            others = [node for node, value in values if not _makes_variable(value)]
            if others and len(others) < len(values):
                at = place or [path, *_range(others[-1])]
                found.append(Break(OVERWRITTEN, self.at(at), self.operation(at), name))
        return found

    def assigned_on_the_way(self, request: Request) -> Break | None:
        """A call in the function of the request that puts a value into a variable which is then read."""
        assert request.place is not None
        tree = self.tree(request.place.path)
        call = assigned_on_the_way(tree, request.place.line) if tree else None
        return self.assigning(request.place.path, call) if call is not None else None

    def assigned_elsewhere(self, depends: list[list[Any]]) -> Break | None:
        """A call in some function that puts a value into a variable, reads it, and whose variable the target is of.

        `depends` are the places of what the target is made of in the end.
        """
        for path in dict.fromkeys(place[0] for place in depends):
            tree = self.tree(path)
            names = {named_at(tree, *place[1:3]) for place in depends if place[0] == path} - {""} if tree else set()
            call = assigned_elsewhere(tree, names) if tree and names else None
            if call is not None:
                return self.assigning(path, call)
        return None

    def assigning(self, path: str, call: ast.Call) -> Break:
        """The break of a call that puts a value into a variable."""
        place = [path, call.lineno, call.col_offset, call.end_lineno, call.end_col_offset]
        return Break(ASSIGNED, self.at(place), self.operation(place), self.segment(place))

    def source_text(self, request: Request) -> str:
        """The text of the sources' argument where a request stands."""
        step = self.step(request)
        return step.sources if step else ""

    def step(self, request: Request) -> Step | None:
        """The call in the text that a request came from."""
        assert request.place is not None
        path, line = request.place.path, request.place.line
        steps = steps_of(self.text(path))
        return next((s for s in steps if s.line <= line <= s.end_line), None)

    def assigned(self, request: Request, name: str) -> Place | None:
        """The last assignment to a name before a request."""
        assert request.place is not None
        tree = self.tree(request.place.path)
        found = None
        for node in ast.walk(tree) if tree else ():
            if not isinstance(node, ast.Assign) or node.lineno > request.place.line:
                continue
            if name in [ast.unparse(t) for t in node.targets] and (found is None or node.lineno > found.lineno):
                found = node
        if found is None:
            return None
        place = place_of([request.place.path, found.lineno, found.col_offset, found.end_lineno, found.end_col_offset])
        return in_characters(place, self.text(request.place.path)) if place else None

    def definition(self, data: list[Any]) -> Place:
        """Where the thing at a place was made: the assignment to it, if it is a name that the file assigns once."""
        text, tree = self.segment(data), self.tree(data[0])
        made = [
            node
            for node in (ast.walk(tree) if tree else ())
            if isinstance(node, ast.Assign) and text in [ast.unparse(t) for t in node.targets]
        ]
        if len(made) == 1:
            value = made[0].value
            return self.at([data[0], value.lineno, value.col_offset, value.end_lineno, value.end_col_offset])
        return self.at(data)

    def segment(self, data: list[Any]) -> str:
        """The text at a worker's place, in one line."""
        path, line, column, end_line, end_column = data
        lines = self.text(path).split("\n")[line - 1 : end_line]
        if not lines:
            return ""
        encoded = [part.encode("utf-8", "surrogateescape") for part in lines]
        encoded[-1] = encoded[-1][:end_column]
        encoded[0] = encoded[0][column:]
        return " ".join(b" ".join(encoded).decode("utf-8", "replace").split())


_VARIABLES = ("Variable", "add_weight", "add_variable", "get_variable")


def _assigned(tree: ast.Module | None, name: str) -> Iterator[tuple[ast.stmt, ast.expr]]:
    """The assignments to a name, with the value that it gets."""
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.AugAssign) and ast.unparse(node.target) == name:
            yield node, node.value
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if ast.unparse(target) == name:
                yield node, node.value
            elif isinstance(target, ast.Tuple):
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value] * len(target.elts)
                yield from ((node, v) for t, v in zip(target.elts, values, strict=False) if ast.unparse(t) == name)


def _makes_variable(value: ast.expr) -> bool:
    """Whether an expression is a call that makes a variable."""
    if not isinstance(value, ast.Call):
        return False
    function = value.func
    return (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")) in _VARIABLES


def _range(node: ast.stmt) -> tuple[int, int, int, int]:
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0


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
