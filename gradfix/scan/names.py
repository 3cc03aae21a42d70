"""What a name in a module stands for: import aliases resolved to dotted public names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator


def statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The statements of a body and of all blocks in it, without a look into expressions, which are most of a tree."""
    for node in body:
        yield node
        if type(node) not in _SIMPLE:
            for block in _BLOCKS:
                inner = getattr(node, block, None)
                if isinstance(inner, list):
                    yield from statements(inner)


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

    def __init__(self, tree: ast.Module) -> None:
        self.aliases: dict[str, str] = {}
        for node in statements(tree.body):
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
