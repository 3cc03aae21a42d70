"""The names that wrapped modules call, and where each numbered expression stands."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

SEEN, STACK, GATE, TICK, ITERATE, RETURN, CHANGED, STORED, OWN = (
    "__gf_seen__",
    "__gf_stack__",
    "__gf_gate__",
    "__gf_tick__",
    "__gf_iterate__",
    "__gf_return__",
    "__gf_changed__",
    "__gf_stored__",
    "__gf_own__",
)
BASE, INDEX = "__gf_base__", "__gf_index__"
"""Names that hold for one statement what `base[index] += e` evaluates once."""


@dataclass
class Sites:
    """Where each numbered expression stands, over all modules of a run."""

    places: list[tuple[str, int, int, int, int]] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    root: list[bool] = field(default_factory=list)
    call: list[bool] = field(default_factory=list)
    gates: list[int] = field(default_factory=list)
    opened: int = 0

    def gate(self) -> int:
        """The number of a new gate."""
        self.gates.append(self.opened)
        return len(self.gates) - 1

    def expression(self, node: ast.AST, path: str, first: int, root: bool) -> int:
        """The number of a new expression."""
        place = (path, node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)  # type: ignore[attr-defined]
        self.places.append(place)
        self.first.append(first)
        self.root.append(root)
        self.call.append(isinstance(node, ast.Call))
        return len(self.places) - 1
