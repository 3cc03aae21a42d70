"""Puts nodes of any kind, statements too, in the place of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import libcst as cst

New: TypeAlias = "cst.CSTNode | cst.FlattenSentinel[cst.CSTNode] | cst.RemovalSentinel"


def swapped(module: cst.Module, news: Mapping[cst.CSTNode, New]) -> cst.Module:
    """Takes a module and, for some of its nodes, what to put there; returns the new module."""
    return module.visit(_Swapper(news))


class _Swapper(cst.CSTTransformer):
    def __init__(self, news: Mapping[cst.CSTNode, New]) -> None:
        super().__init__()
        self.news = news

    def on_leave(self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT) -> cst.CSTNodeT:
        return self.news.get(original_node, updated_node)  # type: ignore[return-value]
