"""How the code uses a parameter, as values: what a parameter, or a part of it, flows into.

`following.py` reads it off the syntax tree.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .definitions import Function


@dataclass(frozen=True)
class Out:
    """The result of a call: which callee, which part of the result, what was done with it since."""

    callee: str
    keys: tuple[Any, ...] = ()
    flags: frozenset[str] = frozenset()

    def but(self, *flags: str) -> Out:
        return Out(self.callee, self.keys, self.flags | set(flags))


@dataclass
class Use:
    """What is known of one value. `parts` are its items: by index, by key, "*" for the elements of an iteration,
    "?" where the key is not written out."""

    path: tuple[Any, ...]
    default: ast.expr | None = None
    optional: bool = False
    annotation: str = ""
    alias: str = ""
    called: int = 0
    attributes: set[str] = field(default_factory=set)
    fed: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    targets: list[tuple[str, Out]] = field(default_factory=list)
    ops: dict[str, ast.Call] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    parts: dict[Any, Use] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name that a reader would call it by."""
        named = [step for step in self.path if isinstance(step, str) and step not in "*?"]
        return self.alias or (named[-1] if named else str(self.path[0]))

    def part(self, key: Any, alias: str = "") -> Use:
        found = self.parts.setdefault(key, Use((*self.path, key)))
        found.alias = alias or found.alias
        return found

    def walk(self) -> Iterator[Use]:
        yield self
        for part in self.parts.values():
            yield from part.walk()


Value = Use | Out | tuple[Any, ...] | None


def parameters(function: Function, method: bool = False) -> dict[str, Use]:
    """The parameters of a function, without `self`, and with nothing known of their use yet."""
    spec = function.args
    plain = [*spec.posonlyargs, *spec.args]
    defaults: list[ast.expr | None] = [*[None] * (len(plain) - len(spec.defaults)), *spec.defaults]
    pairs = [*zip(plain, defaults, strict=True)][1 if method else 0 :]
    uses = {}
    for arg, default in [*pairs, *zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]:
        note = ast.unparse(arg.annotation) if arg.annotation else ""
        uses[arg.arg] = Use((arg.arg,), default, default is not None, note)
    return uses
