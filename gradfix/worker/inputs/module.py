"""The user's module: its text, the function that is to be called, and the objects it holds since it was loaded."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .definitions import Function
from .layers import is_model


@dataclass
class Module:
    """`function` is a method of the class `owner`, or an inner function of `factory`, or of the module itself.

    `unbuilt`: whether the module, when loaded, held models that the first call will build.
    """

    tree: ast.Module
    function: Function
    owner: ast.ClassDef | None
    factory: Function | None
    load: Callable[[], dict[str, Any]]
    namespace: dict[str, Any] = field(default_factory=dict)
    unbuilt: bool = False

    def reload(self) -> None:
        """Executes the module afresh: an attempt may have built its models for the wrong inputs."""
        self.namespace = self.load()
        self.unbuilt = any(is_model(held) and not getattr(held, "built", True) for held in self.namespace.values())

    def constants(self) -> dict[str, Any]:
        return {name: value for name, value in self.namespace.items() if isinstance(value, (int, float, tuple))}

    def thing(self, name: str, live: Mapping[str, Any] | None = None) -> Any:
        """What a dotted name stands for, among `live` objects first; None if it is nothing."""
        first, *rest = name.replace("()", "").split(".")
        found = (live or {}).get(first, self.namespace.get(first))
        for part in rest:
            found = getattr(found, part, None)
        return found

    def evaluated(self, node: ast.expr, live: Mapping[str, Any] | None = None) -> Any:
        """The value of a piece of the user's code. Raises whatever that raises."""
        return eval(compile(ast.Expression(node), "<made up>", "eval"), {**self.namespace, **(live or {})})

    def comments(self) -> str:
        """The comments of the module's file, so far as it can be read."""
        unreadable = contextlib.suppress(OSError, TypeError, KeyError, UnicodeDecodeError)
        with unreadable, open(self.namespace["__file__"], encoding="utf-8") as file:
            return "\n".join(part for line in file if (part := line.partition("#")[2].strip()))
        return ""

    def docstrings(self) -> str:
        """What is written about the function: its docstring, and those of what it stands in."""
        around = (self.function, self.owner, self.factory, self.tree)
        return "\n".join(ast.get_docstring(node) or "" for node in around if node)
