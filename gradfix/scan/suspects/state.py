"""The tapes that record at a moment, and what an operation makes of the paths of its arguments."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from gradfix.scan.suspects import kinds
from gradfix.scan.suspects.kinds import Kind
from gradfix.scan.suspects.values import (
    ALL_TAPES,
    NO_TAPES,
    Constant,
    Cut,
    Data,
    Instance,
    Mapping,
    Model,
    Opaque,
    Path,
    Paths,
    Scope,
    Sequence,
    Tape,
    Tapes,
    Value,
    Variable,
    VariablesOf,
    items_of,
)

MOST_NODES = 40_000
DEEPEST = 10


_ORIGINS = (Data, Variable, Opaque, VariablesOf)
"""What ways go back from."""


class TooMuch(Exception):
    """The file takes too long to follow."""


class State(ABC):
    """What is known at one moment of following a file."""

    def __init__(self, asked: frozenset[str]) -> None:
        self.asked = asked
        """Names that are asked for as sources somewhere: tensors under these names are followed one by one."""
        self.recording: list[Tape] = []
        self.known: list[Tape] = []
        self.carried = 0
        """Counts what a loop's next round finds changed: a tape that was asked, a variable that was overwritten."""
        self.paused: list[Tape] = []
        self.tapes = 0
        self.nodes = 0
        self.depth = 0
        self.calls: tuple[ast.AST, ...] = ()
        self.straight: set[ast.AST] = set()
        self.branches = 0
        self.loops = 0
        self.building = 0
        self.added: list[Value] = []
        self.visited: set[ast.AST] = set()
        self.instances: dict[ast.AST, Instance] = {}
        self.scopes: list[Scope] = []
        self.made: list[Instance] = []

    def scope_in(self, outer: Scope | None, **names: Value) -> Scope:
        """A new scope."""
        scope = Scope(names, outer)
        self.scopes.append(scope)
        return scope

    def forget(self) -> None:
        """Takes apart what holds itself, functions in their own scopes above all.

        So the syntax tree, and most else, goes away at once and is not left to the garbage collector, which would go
        through all of it: in a scan of many files that took half as long as parsing them.
        """
        for scope in self.scopes:
            scope.names.clear()
        for instance in self.made:
            instance.fields.clear()

    @abstractmethod
    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """What an expression gives."""

    @abstractmethod
    def call(self, function: Value, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        """What a call gives."""

    @abstractmethod
    def execute(self, body: list[ast.stmt], scope: Scope) -> str:
        """Runs statements; how they end: "", "return", "leave" (break, continue) or "raise"."""

    @abstractmethod
    def attribute(self, owner: Value, name: str, node: ast.AST) -> Value:
        """What an attribute holds."""

    @abstractmethod
    def ask(self, tape: Tape, target: Value, sources: Value, node: ast.Call) -> Value:
        """The answer of a tape; what is wrong with the question is noted."""

    @property
    def active(self) -> Tapes:
        """The tapes that record."""
        if not self.recording:
            return NO_TAPES
        return frozenset(t.number for t in self.recording if t not in self.paused)

    def operation(
        self,
        args: Iterable[Value],
        node: ast.AST,
        kill: Kind | None = None,
        *,
        kind: str = "tensor",
        integer: bool = False,
    ) -> Data:
        """The result of an operation on some arguments; with `kill`, of one that no gradient goes through."""
        leaves: list[Value] = []
        for arg in args:
            if isinstance(arg, (Sequence, Mapping)):
                leaves += items_of(arg)
            else:
                leaves.append(arg)
        symbolic = False
        last_of = None
        result = False
        for leaf in leaves:
            if isinstance(leaf, Data):
                symbolic = symbolic or leaf.kind == "symbolic"
                last_of = last_of or leaf.last_of
                result = result or leaf.result
        paths: Paths = {}
        for leaf in leaves:
            if isinstance(leaf, _ORIGINS):
                for origin, path in self.read(leaf):
                    new = self.beyond(origin, path, node, kill, symbolic)
                    old = paths.get(origin)
                    paths[origin] = old.join(new) if old else new
        kind = "symbolic" if symbolic and kind == "tensor" else kind
        return Data(paths, kind, node, integer, last_of=last_of, result=result)

    def read(self, leaf: Value) -> Iterator[tuple[Value, Path]]:
        """The ways from a value back to origins, itself included if it is one."""
        if isinstance(leaf, Data):
            yield from leaf.paths.items()
            if leaf.tracked:
                yield leaf, Path(frozenset(t.number for t in self.recording if leaf in t.watched))
        elif isinstance(leaf, Variable):
            yield leaf, Path(ALL_TAPES)
            yield from leaf.paths.items()
        elif isinstance(leaf, Opaque):
            yield leaf, Path(ALL_TAPES)
        elif isinstance(leaf, VariablesOf):
            yield leaf.owner, Path(ALL_TAPES)

    def beyond(self, origin: Value, path: Path, node: ast.AST, kill: Kind | None, symbolic: bool) -> Path:
        """A path after one more operation."""
        if not path.tapes:
            return path
        if kill is not None:
            return Path(
                NO_TAPES,
                (
                    *path.cuts,
                    Cut(kill, node, lost=path.tapes if path.tapes is not ALL_TAPES else self.active, calls=self.calls),
                ),
            )
        if path.tapes is ALL_TAPES:
            if symbolic:
                return path
            tapes = (
                frozenset(t.number for t in self.recording if t not in self.paused and self.sees(t, origin))
                if self.recording
                else NO_TAPES
            )
        else:
            tapes = path.tapes & self.active
            if tapes == path.tapes:
                return path
        paused = not tapes and any(t in self.paused for t in self.recording)
        kind = kinds.CACHED if self.building else kinds.PAUSED if paused else kinds.OUTSIDE
        return Path(tapes, (*path.cuts, Cut(kind, node, self.active, path.tapes, self.calls)))

    def sees(self, tape: Tape, origin: Value) -> bool:
        """Whether a tape follows a variable that is used while it records."""
        if tape.accessed or origin in tape.watched:
            return True
        return any(owner is origin or is_part(origin, owner) for owner, _ in tape.watched_of)

    def described(self, args: list[Value]) -> bool:
        """Whether a model is being described, not run."""
        return any(isinstance(leaf, Data) and leaf.kind == "symbolic" for a in args for leaf in items_of(a))

    def join(self, one: Value, other: Value) -> Value:
        """What a name holds after two branches."""
        if one is other:
            return one
        for a, b in ((one, other), (other, one)):
            if isinstance(a, Constant) and not isinstance(b, Constant):
                return b
        if isinstance(one, Data) and isinstance(other, Data):
            paths = dict(one.paths)
            for origin, path in other.paths.items():
                paths[origin] = paths[origin].join(path) if origin in paths else path
            kind = one.kind if one.kind == other.kind else "unknown"
            last = one.last_of if one.last_of is other.last_of else None
            tracked = one.tracked or other.tracked
            if tracked:
                for tape in self.recording:
                    if one in tape.watched or other in tape.watched:
                        paths[one] = paths[other] = Path(frozenset((tape.number,)))
            return Data(paths, kind, one.node, one.integer and other.integer, last_of=last)
        if isinstance(one, Sequence) and isinstance(other, Sequence):
            return Sequence([*one.items, *other.items], exact=False)
        if isinstance(one, Constant):
            return other
        return Opaque()


def is_part(inner: Value, outer: Value, depth: int = 6) -> bool:
    """Whether a layer or variable belongs to a model."""
    if inner is outer:
        return True
    if depth == 0:
        return False
    if isinstance(inner, Model) and inner.parent is not None and is_part(inner.parent, outer, depth - 1):
        return True
    inside: list[Value] = []
    if isinstance(outer, Model):
        inside = [*(outer.chain or ()), *(outer.inside or ()), *outer.parts.values()]
    elif isinstance(outer, Instance):
        inside = [leaf for f in outer.fields.values() for leaf in items_of(f)]
    elif isinstance(outer, Opaque):
        inside = list(outer.parts.values())
    return any(is_part(inner, i, depth - 1) for i in inside if isinstance(i, (Model, Instance, Variable, Opaque)))
