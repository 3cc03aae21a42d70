"""What a name in a module stands for: import aliases resolved to dotted public names."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence


def statements(body: Iterable[ast.AST], lines: Sequence[int] | None = None) -> list[ast.AST]:
    """The statements of a body and of all blocks in it, without a look into expressions, which are most of a tree.

    With `lines`, sorted, only those that one of these lines belongs to.
    """
    found: list[ast.AST] = []
    for node in body:
        if lines is not None and not has_line(node, lines):
            continue
        found.append(node)
        if type(node) not in _SIMPLE:
            for block in _BLOCKS:
                inner = getattr(node, block, None)
                if isinstance(inner, list):
                    found += statements(inner, lines)
    return found


def has_line(node: ast.AST, lines: Sequence[int]) -> bool:
    """Whether one of some lines, sorted, belongs to a node, decorators included; what has no place counts as one."""
    place = node.__dict__
    first = place.get("lineno")
    if first is None:
        return True
    decorators = place.get("decorator_list")
    at = bisect_left(lines, decorators[0].lineno if decorators else first)
    return at < len(lines) and lines[at] <= (place["end_lineno"] or first)


def statements_at(body: Iterable[ast.AST], line: int) -> Iterator[ast.stmt]:
    """The statements of a body, and of all blocks in it, that a line belongs to, the outer ones first."""
    for node in body:
        if isinstance(node, ast.stmt):
            if not node.lineno <= line <= (node.end_lineno or node.lineno):
                continue
            yield node
        for block in _BLOCKS:
            inner = getattr(node, block, None)
            if isinstance(inner, list):
                yield from statements_at(inner, line)


_BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")
_SIMPLE = frozenset({ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Import, ast.ImportFrom})
"""The most frequent statements that have no block."""


class Names:
    """The import aliases of one module, wherever in it they are made.

    `from tensorflow import GradientTape as Tape` makes `Tape` stand for `tensorflow.GradientTape`. An alias is taken
    to hold in the whole module: training files import at the top or at the head of a function.
    """

    def __init__(self, tree: ast.Module, lines: Sequence[int] | None = None) -> None:
        """Takes the lines in which the word `import` stands, sorted, where they are known: the rest is passed over."""
        self.aliases: dict[str, str] = {}
        for node in statements(tree.body, lines):
            if isinstance(node, ast.Import):
                for name in node.names:
                    first = name.name.split(".")[0]
                    self.aliases[name.asname or first] = name.name if name.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for name in node.names:
                    self.aliases[name.asname or name.name] = f"{node.module}.{name.name}"

    def resolve(self, node: ast.expr) -> str:
        """The dotted name of an expression made of names and attributes, aliases replaced; "" for any other."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        parts.append(self.aliases.get(node.id, node.id))
        return ".".join(reversed(parts))

    def imports(self, *packages: str) -> bool:
        """Whether anything of one of the packages is imported."""
        return any(name.split(".")[0] in packages for name in self.aliases.values())
