"""What Python's own functions do to gradients."""

from __future__ import annotations

import ast

from gradfix.scan.suspects import kinds
from gradfix.scan.suspects.expressions import Expressions, is_integer
from gradfix.scan.suspects.values import (
    Constant,
    Data,
    Mapping,
    Opaque,
    Sequence,
    Value,
    VariablesOf,
)


class Builtins(Expressions):
    """Calls of built-in functions."""

    def builtin(self, name: str, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        """What a built-in function gives; a name that is not defined anywhere counts as one."""
        first = args[0] if args else Constant(None)
        if name in ("float", "int", "complex", "bool"):
            kind = kinds.TO_INTEGER if name == "int" else kinds.TO_NUMPY
            if isinstance(first, Constant):
                return Constant(1 if name == "int" else 0.5)
            return self.operation(args, node, kind, kind="array", integer=name == "int")
        if name == "round":
            return self.operation(args, node, kinds.ROUNDING)
        if name in ("sum", "max", "min", "abs", "pow", "sorted", "reversed", "next", "divmod"):
            if name in ("sorted", "reversed") and isinstance(first, Sequence):
                return Sequence(first.items, exact=False)
            if name == "next":
                return self.iterated(first, node)
            return self._arithmetic(name, args, node)
        if name in ("list", "tuple", "iter", "set"):
            return first if isinstance(first, (Sequence, VariablesOf, Data)) else Sequence([], exact=not args)
        if name == "zip":
            return self._zip(args, node)
        if name == "enumerate":
            count = Data({}, "array", node, integer=True)
            if isinstance(first, Sequence):
                return Sequence([Sequence([count, item]) for item in first.items], first.exact)
            return Sequence([Sequence([count, self.iterated(first, node)])], exact=False)
        if name == "map" and len(args) > 1:
            return Sequence([self.call(first, [self.iterated(a, node) for a in args[1:]], {}, node)], exact=False)
        if name == "dict":
            items: dict[object, Value] = dict(list(named.items()))
            return Mapping(items) if not args else first
        if name in ("len", "range", "hash", "id", "ord"):
            return Sequence([Data({}, "array", node, integer=True)], exact=False) if name == "range" else _number(node)
        if name == "getattr" and len(args) > 1 and isinstance(args[1], Constant):
            return self.attribute(first, str(args[1].value), node)
        if name in ("print", "isinstance", "hasattr", "callable", "issubclass", "any", "all"):
            return Constant(None)
        if name in ("property", "staticmethod", "classmethod"):
            return first
        if name in ("setattr", "str", "repr", "format", "type", "open", "super", "vars", "input"):
            return Opaque()
        return self.unknown_function(args, named, node)

    def unknown_function(self, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        """A name that the file does not define (a star import, a cell that is not there)."""
        return self.call(Opaque(), args, named, node)

    def _arithmetic(self, name: str, args: list[Value], node: ast.AST) -> Value:
        plain = all((isinstance(a, Data) and a.kind == "array") or isinstance(a, Constant) for a in args)
        return self.operation(args, node, kind="array" if plain else "tensor", integer=all(is_integer(a) for a in args))

    def _zip(self, args: list[Value], node: ast.AST) -> Value:
        if args and all(isinstance(a, Sequence) and a.exact for a in args):
            rows = zip(*(a.items for a in args if isinstance(a, Sequence)), strict=False)
            return Sequence([Sequence(list(row)) for row in rows])
        return Sequence([Sequence([self.iterated(a, node) for a in args])], exact=False)


def _number(node: ast.AST) -> Data:
    return Data({}, "array", node, integer=True)
