"""What names can hold, as far as gradients are concerned. Values are compared by identity."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gradfix.scan.suspects.kinds import Kind

Tapes = frozenset[int]
NO_TAPES: Tapes = frozenset()
ALL_TAPES: Tapes = frozenset({-1})
"""Of what every tape would follow: a variable before any operation, and the parts of a model that is only described."""


class Cut(NamedTuple):
    """Where a path ends: for the tapes that are not `active`."""

    kind: Kind
    node: ast.AST
    active: Tapes = NO_TAPES
    lost: Tapes = NO_TAPES
    """The tapes that had recorded everything before."""
    calls: tuple[ast.AST, ...] = ()
    """The calls that led to it, outermost first."""

    def seen_from(self, calls: tuple[ast.AST, ...]) -> ast.AST:
        """The node, or the call that leads to it where that stands in the function that `calls` led to."""
        inner = self.calls[: len(calls)] == calls and len(self.calls) > len(calls)
        return self.calls[len(calls)] if inner else self.node


class Path(NamedTuple):
    """A way from a value back to an origin: the tapes that recorded all of it, and where it ends for the others."""

    tapes: Tapes
    cuts: tuple[Cut, ...] = ()

    def join(self, other: Path) -> Path:
        """Both ways together."""
        cuts = self.cuts if self.cuts == other.cuts else tuple(dict.fromkeys(self.cuts + other.cuts))[:8]
        every = self.tapes is ALL_TAPES or other.tapes is ALL_TAPES
        return Path(ALL_TAPES if every else self.tapes | other.tapes, cuts)


@dataclass(eq=False)
class Value:
    """Anything that a name can hold."""


Paths = dict[Value, Path]


@dataclass(eq=False)
class Constant(Value):
    """A literal of Python."""

    value: object


@dataclass(eq=False)
class Data(Value):
    """A tensor, array or number: `kind` is tensor, array, symbolic (of a model's description) or unknown."""

    paths: Paths
    kind: str
    node: ast.AST | None = None
    integer: bool = False
    replaced: bool = False
    """Took the name of a variable that it was made of."""
    last_of: ast.AST | None = None
    """The assignment in a loop that dropped what earlier rounds had put there."""
    tracked: bool = False
    """Its name is asked for as a source somewhere."""
    gradient: bool = False
    asked: tuple[Value, ast.AST] | None = None
    """Of a gradient: the sources that it was asked for, and where."""
    result: bool = False
    """Whether a layer or model gave it."""


@dataclass(eq=False)
class Opaque(Value):
    """A parameter, or what could not be found out: it may be a model, a variable or data."""

    parts: dict[str, Value] = field(default_factory=dict)
    called: bool = False


@dataclass(eq=False)
class Variable(Value):
    """A `tf.Variable` or a weight of a layer."""

    node: ast.AST
    integer: bool = False
    trainable: bool = True
    paths: Paths = field(default_factory=dict)
    """What it was made of."""


@dataclass(eq=False)
class Model(Value):
    """A layer or model of a library, or one put together of others."""

    name: str = ""
    built: bool = True
    frozen: ast.AST | None = None
    chain: list[Value] | None = None
    """The layers of a Sequential."""
    inside: Paths | None = None
    """The origins that the outputs of a functional model depend on."""
    parent: Value | None = None
    parts: dict[str, Value] = field(default_factory=dict)
    compiled: Value | None = None


@dataclass(eq=False)
class Function(Value):
    """A function of the file, with the object that it is bound to."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope
    bound: Value | None = None
    opaque: bool = False
    """Has a gradient of its own (`tf.custom_gradient`)."""


@dataclass(eq=False)
class Class(Value):
    """A class of the file."""

    node: ast.ClassDef
    scope: Scope
    bases: list[Value]
    members: dict[str, Value]

    def find(self, name: str) -> Value | None:
        """A member of the class or of its bases."""
        if name in self.members:
            return self.members[name]
        return next((m for b in self.bases if isinstance(b, Class) for m in [b.find(name)] if m), None)

    def library_bases(self) -> Iterator[str]:
        """Dotted names of the bases that the file does not define; "" for unknown ones."""
        for base in self.bases:
            if isinstance(base, Class):
                yield from base.library_bases()
            else:
                yield base.name if isinstance(base, Library) else ""

    @property
    def keras(self) -> bool:
        """Whether its objects are layers or models."""
        return any(n.rpartition(".")[2] in ("Model", "Layer", "Sequential", "Module") for n in self.library_bases())


@dataclass(eq=False)
class Instance(Value):
    """An object of a class of the file."""

    cls: Class
    fields: dict[str, Value] = field(default_factory=dict)
    frozen: ast.AST | None = None
    built: bool = False
    compiled: Value | None = None


@dataclass(eq=False)
class Sequence(Value):
    """A list or tuple. Not `exact`: of each item there may be any number."""

    items: list[Value]
    exact: bool = True


@dataclass(eq=False)
class Mapping(Value):
    """A dictionary with known keys; `rest` holds what was put under others."""

    items: dict[object, Value]
    rest: list[Value] = field(default_factory=list)


@dataclass(eq=False)
class Library(Value):
    """Something imported, by its dotted name."""

    name: str


@dataclass(eq=False)
class Method(Value):
    """A method of a value that is not written in the file."""

    owner: Value
    name: str


@dataclass(eq=False)
class Operation(Value):
    """A callable object of a library whose result depends on its arguments: a loss, an activation."""


@dataclass(eq=False)
class Metric(Value):
    """A metric, with what it was fed."""

    fed: list[Value] = field(default_factory=list)


@dataclass(eq=False)
class Optimizer(Value):
    """An optimizer."""


@dataclass(eq=False)
class Tape(Value):
    """A gradient tape."""

    number: int
    persistent: bool
    accessed: bool
    """Watches the variables that it sees."""
    used: bool = False
    entered: bool = False
    calls: tuple[ast.AST, ...] = ()
    node: ast.AST | None = None
    loops: int = 0
    """How many loops it was made in."""
    watched: set[Value] = field(default_factory=set)
    watched_of: set[tuple[Value, bool]] = field(default_factory=set)


@dataclass(eq=False)
class VariablesOf(Value):
    """The list of variables of a layer or model, as it was when it was taken."""

    owner: Value
    node: ast.AST
    trainable: bool
    empty: bool
    frozen: ast.AST | None


@dataclass(eq=False)
class Scope(Value):
    """Names of a module, function or class body."""

    names: dict[str, Value]
    outer: Scope | None = None
    shared: set[str] = field(default_factory=set)
    """Names declared global or nonlocal."""

    def find(self, name: str) -> Value | None:
        """What a name holds here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None


def items_of(value: Value) -> Iterator[Value]:
    """A value without the lists and dictionaries around it."""
    if isinstance(value, Sequence):
        for item in value.items:
            yield from items_of(item)
    elif isinstance(value, Mapping):
        for item in (*value.items.values(), *value.rest):
            yield from items_of(item)
    else:
        yield value
