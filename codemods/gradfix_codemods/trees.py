"""A file's syntax tree with the places of its nodes, and the tests that a new text has to pass."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider

from gradfix_codemods.base import Cut

Statement: TypeAlias = cst.SimpleStatementLine | cst.BaseCompoundStatement
Body: TypeAlias = cst.Module | cst.IndentedBlock


@dataclass(frozen=True)
class Tree:
    """A parsed file: its module, and where each node stands (lines from 1, columns from 0)."""

    module: cst.Module
    places: Mapping[cst.CSTNode, CodeRange]
    parents: Mapping[cst.CSTNode, cst.CSTNode]

    @classmethod
    def parse(cls, text: str) -> Tree | None:
        """Takes a file's text; returns its tree, or None where the tree would not give back the same text."""
        return _tree(text)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yields the parent of `node`, the parent's parent, and so on up to the module."""
        parent = self.parents.get(node)
        while parent is not None:
            yield parent
            parent = self.parents.get(parent)

    def expression(self, cut: Cut) -> cst.BaseExpression | None:
        """Takes a cut; returns the expression that stands exactly at its range, the outermost where several do."""
        if not cut.line:
            return None
        wanted = (cut.line, cut.column - 1, cut.end_line, cut.end_column - 1)
        for node, place in self.places.items():
            here = (place.start.line, place.start.column, place.end.line, place.end.column)
            if here == wanted and isinstance(node, cst.BaseExpression):
                return node
        return None

    def statement(self, node: cst.CSTNode) -> Statement | None:
        """Takes a node; returns the innermost statement that it is part of."""
        return next((n for n in (node, *self.ancestors(node)) if isinstance(n, Statement)), None)

    def covers(self, node: cst.CSTNode, line: int) -> bool:
        """Takes a node and a line; returns whether some of the node stands on that line."""
        place = self.places[node]
        return place.start.line <= line <= place.end.line


def call_at(text: str, cut: Cut) -> tuple[Tree, cst.Call] | None:
    """Takes a file's text; returns its tree and the call that stands at the cut, or None where none does."""
    tree = Tree.parse(text)
    call = tree.expression(cut) if tree is not None else None
    return (tree, call) if tree is not None and isinstance(call, cst.Call) else None


def statements(body: Body) -> list[Statement]:
    """Takes a module or an indented block; returns the statements that stand directly in it."""
    return [item for item in body.body if isinstance(item, Statement)]


def sound(text: str) -> bool:
    """Takes a new text; returns whether Python compiles it and LibCST gives it back unchanged."""
    try:
        with warnings.catch_warnings():
            # A text that warns (an invalid escape, say) did so before the rewrite.
            warnings.simplefilter("ignore")
            compile(text, "<rewrite>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return _exact(text) is not None


@lru_cache(maxsize=4)  # one break is shown to several codemods
def _tree(text: str) -> Tree | None:
    module = _exact(text)
    if module is None:
        return None
    wrapper = MetadataWrapper(module)
    return Tree(wrapper.module, wrapper.resolve(PositionProvider), wrapper.resolve(ParentNodeProvider))


def _exact(text: str) -> cst.Module | None:
    try:
        module = cst.parse_module(text)
    except (cst.ParserSyntaxError, ValueError):
        return None
    return module if module.code == text else None
