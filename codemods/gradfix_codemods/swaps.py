"""Puts nodes of any kind, statements too, in the place of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

import libcst as cst

New: TypeAlias = "cst.CSTNode | cst.FlattenSentinel[cst.CSTNode] | cst.RemovalSentinel"
Change: TypeAlias = "New | Callable[[cst.CSTNode], New]"
NodeT = TypeVar("NodeT", bound=cst.CSTNode)


def swapped(node: NodeT, news: Mapping[cst.CSTNode, Change]) -> NodeT:
    """Takes a node and, for some nodes in it, what to put there, or a function that makes that; returns the new node.

    What is made is made of a node in which the changes to its parts are already done.
    """
    new = node.visit(_Swapper(news))
    assert isinstance(new, type(node))
    return new


class _Swapper(cst.CSTTransformer):
    def __init__(self, news: Mapping[cst.CSTNode, Change]) -> None:
        super().__init__()
        self.news = news

    def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> cst.CSTNodeT:
        new = self.news.get(original_node, updated_node)
        return new(updated_node) if callable(new) else new  # type: ignore[return-value]
