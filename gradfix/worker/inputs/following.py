"""How the code uses a parameter: what its values flow into, read off the syntax tree of the file.

A value of the parameter, or of a part of it (an item of a tuple, a key of a dict, the elements of an iteration), is
followed through assignments, operations that keep its shape, functions of the module and methods of the class.
Nothing is run. What a callee such as `self.net` really is, only the live objects can tell: that is left to the caller.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

from .definitions import Function, dotted, is_static, methods
from .uses import Out, Use, Value, parameters
from .vocabulary import BUILTINS, KEEPS, MODEL_METHODS

_DEEPEST = 4


def uses_of(tree: ast.Module, function: Function, owner: ast.ClassDef | None = None) -> dict[str, Use]:
    """How each parameter of `function` is used. Of a constructor, also how the other methods use what it keeps."""
    own = methods(tree, owner) if owner else {}
    method = owner is not None and not is_static(function)
    uses = parameters(function, method)
    follow = _Follow({node.name: node for node in tree.body if isinstance(node, Function)}, own)
    follow.run(function, dict(uses), 0)
    if function.name == "__init__":
        for other in own.values():
            if other is not function:
                follow.run(other, {}, 1)
    return uses


class _Follow:
    """Runs a function body on abstract values, each statement once, in the order of the text."""

    def __init__(self, functions: dict[str, Function], own: dict[str, Function]) -> None:
        self.functions, self.own = functions, own
        self.kept: dict[str, Value] = {}  # what the attributes of self hold
        self.env: dict[str, Value] = {}
        self.inner: dict[str, Function] = {}  # functions inside of functions
        self.indexed: set[tuple[str, object]] = set()  # names and the numbers that they are indexed by
        self.depth = 0

    def run(self, function: Function, env: dict[str, Value], depth: int) -> Value:
        before = self.env, self.depth
        self.env, self.depth = env, depth
        self.inner |= {node.name: node for node in ast.walk(function) if isinstance(node, Function)}
        for node in ast.walk(function):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                self.indexed.add((dotted(node.value), node.slice.value))
        result: Value = None
        try:
            for node in self._statements(function.body):
                result = self.statement(node) or result
        finally:
            self.env, self.depth = before
        return result

    def _statements(self, body: list[ast.stmt]) -> Iterator[ast.stmt]:
        for node in body:
            if isinstance(node, ast.Try):
                yield from self._statements([*node.body, *node.orelse, *node.finalbody])
            elif isinstance(node, Function):
                yield from self._statements(node.body)
            elif not isinstance(node, ast.ClassDef):
                yield node
                for part in ("body", "orelse"):
                    yield from self._statements(getattr(node, part, []))

    def statement(self, node: ast.stmt) -> Value:
        if isinstance(node, (ast.For, ast.AsyncFor)):
            self.bind(node.target, self.element(self.value(node.iter)))
        elif isinstance(node, ast.Assign):
            value = self.value(node.value)
            for target in node.targets:
                self.bind(target, value)
        elif isinstance(node, ast.AnnAssign) and node.value:
            self.bind(node.target, self.value(node.value))
        elif isinstance(node, ast.AugAssign):
            value = self.pair("+", self.value(node.target), self.value(node.value))
            self.bind(node.target, value)
        elif isinstance(node, ast.With):
            for item in node.items:
                self.value(item.context_expr)
        elif isinstance(node, ast.Return):
            return self.value(node.value)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.value(child)
        return None

    def element(self, value: Value) -> Value:
        if isinstance(value, Use):
            value.flags.add("iterated")
            return value.part("*")
        return value if isinstance(value, tuple) and value and value[0] == "each" else None

    def bind(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.env[target.id] = value
            if isinstance(value, Use) and len(value.path) > 1 and not value.alias:
                value.alias = target.id
        elif isinstance(target, ast.Attribute) and dotted(target).startswith("self."):
            self.kept[target.attr] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            if isinstance(value, tuple) and value and value[0] == "each":
                value = value[1:]
            if isinstance(value, Use):
                value.flags.add("unpacked")
            for index, item in enumerate(target.elts):
                inner: Value = None
                if isinstance(value, Use) and not isinstance(item, ast.Starred):
                    inner = value.part(index)
                elif isinstance(value, tuple) and index < len(value):
                    inner = value[index]
                elif isinstance(value, Out):
                    inner = Out(value.callee, (*value.keys, index), value.flags)
                self.bind(item, inner)

    def value(self, node: ast.AST | None) -> Value:
        if isinstance(node, ast.Name):
            return self.env.get(node.id)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.Attribute):
            base = self.value(node.value)
            if isinstance(base, Use):
                base.attributes.add(node.attr)
                return None
            return self.kept.get(node.attr) if dotted(node).count(".") == 1 and dotted(node)[:5] == "self." else None
        if isinstance(node, ast.Subscript):
            return self.subscript(node)
        if isinstance(node, ast.BinOp):
            return self.pair(type(node.op).__name__, self.value(node.left), self.value(node.right))
        if isinstance(node, ast.Compare):
            sides = [self.value(side) for side in (node.left, *node.comparators)]
            for side in sides:
                if isinstance(side, Use):
                    side.flags.add("compared")
            return self.pair("compare", sides[0], sides[1])
        if isinstance(node, (ast.Tuple, ast.List)):
            return tuple(self.value(item) for item in node.elts)
        if isinstance(node, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else "?" for key in node.keys]
            return ("keys", dict(zip(keys, map(self.value, node.values), strict=True)))
        if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
            for loop in node.generators:
                self.bind(loop.target, self.element(self.value(loop.iter)))
            for part in ("key", "value", "elt"):
                self.value(getattr(node, part, None))
            return None
        if isinstance(node, (ast.UnaryOp, ast.Starred, ast.NamedExpr)):
            return self.value(getattr(node, "operand", None) or getattr(node, "value", None))
        if isinstance(node, ast.IfExp):
            self.value(node.test)
            return self.value(node.body) or self.value(node.orelse)
        found = [self.value(child) for child in ast.iter_child_nodes(node)] if isinstance(node, ast.expr) else []
        return next((one for one in found if isinstance(one, Use)), None) if len(found) < 3 else None

    def pair(self, operation: str, left: Value, right: Value) -> Value:
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Use) and isinstance(other, Out):
                one.targets.append((operation, other))
        known = [side for side in (left, right) if isinstance(side, (Use, Out))]
        if operation == "MatMult" and len(known) < 2:
            return None  # of another shape than what went in
        return next((side for side in known if isinstance(side, Out)), known[0] if known else None)

    def subscript(self, node: ast.Subscript) -> Value:
        base, index = self.value(node.value), node.slice
        inside = self.value(index)
        last = index.elts[-1] if isinstance(index, ast.Tuple) else None
        for part in inside if isinstance(inside, tuple) else (inside,):
            if isinstance(part, Use):
                part.flags.add("index")
                last = None if last is None else ast.Constant(0)
        key = index.value if isinstance(index, ast.Constant) and isinstance(index.value, (str, int)) else None
        if isinstance(base, Out):
            if last is not None and not isinstance(last, ast.Slice):
                return base.but("squeezed")
            return Out(base.callee, (*base.keys, "?" if key is None else key), base.flags) if last is None else base
        if isinstance(base, tuple):
            keyed = base[1] if len(base) == 2 and base[0] == "keys" else dict(enumerate(base))
            return keyed.get(key)
        if isinstance(index, ast.Slice) and isinstance(base, Use) and index.lower is None:
            upper = getattr(index.upper, "value", None)
            if isinstance(upper, int) and (dotted(node.value), upper) in self.indexed:  # as in a[:2] beside a[2]
                return tuple(base.part(number) for number in range(upper))
        if not isinstance(base, Use):
            return None
        if key is not None:
            base.flags.add("keyed" if isinstance(key, str) else "indexed")
            return base.part(key)
        if isinstance(index, ast.Name):
            base.flags.add("dynamic")
            return base.part("?")
        base.flags.add("sliced")
        return base

    def call(self, node: ast.Call) -> Value:
        args = [self.value(arg) for arg in node.args]
        named = {word.arg: self.value(word.value) for word in node.keywords if word.arg}
        given: list[tuple[Any, Value]] = [*enumerate(args), *named.items()]
        text, last = dotted(node.func), dotted(node.func).rsplit(".", 1)[-1]
        callee = self.value(node.func.value) if isinstance(node.func, ast.Attribute) else self.value(node.func)
        for _, value in given:
            if isinstance(value, Use):
                value.ops.setdefault(last, node)
        if isinstance(node.func, ast.Name) and last in ("enumerate", "zip", "iter", "next", "tqdm", "reversed"):
            return self.loop(last, args)
        if last == "unpack_x_y_sample_weight" and args and isinstance(args[0], Use):
            args[0].flags.add("unpacked")
            return (args[0].part(0, "x"), args[0].part(1, "y"), None)
        if last == "run" and len(node.args) > 0 and (handed := self.function(dotted(node.args[0]))):
            # a strategy runs a function on each replica
            given_args = named.get("args") or (args[1] if len(args) > 1 else None)
            return self.enter(dotted(node.args[0]), handed, given_args if isinstance(given_args, tuple) else (), {})
        if (inner := self.function(text)) and text not in self.env and self.depth < _DEEPEST:
            return self.enter(text, inner, args, named)
        if isinstance(node.func, ast.Attribute) and isinstance(callee, (Use, Out, tuple)):
            held = node.func.attr
            if isinstance(callee, Use):
                callee.attributes.add(held)
                if held in MODEL_METHODS:
                    text = ".".join(map(str, callee.path))
                elif held in ("items", "values"):
                    return None
                else:
                    return callee if held in KEEPS or held == "reshape" else None
            elif held in KEEPS:
                return callee
        elif isinstance(callee, Use):
            callee.called = max(callee.called, len(given))
            text = ".".join(map(str, callee.path))
        elif isinstance(callee, Out) and not callee.keys:
            text = callee.callee + "()"
        if last in MODEL_METHODS and "." in text and text.endswith(last):
            text = text.rsplit(".", 1)[0]
        return self.outcome(node, text, last, given)

    def function(self, text: str) -> Function | None:
        """The function of the file, or the method of the class, that a name stands for."""
        held = self.own.get(text[5:]) if text.startswith("self.") else None
        return held or self.functions.get(text) or self.inner.get(text)

    def enter(self, text: str, function: Function, args: Sequence[Value], named: dict[str, Value]) -> Value:
        """The result of a function of the file, its parameters being the values that it is given."""
        names = [*parameters(function, text.startswith("self.") and not is_static(function))]
        env = dict(zip(names, args, strict=False)) | named
        around = self.env if self.inner.get(text) is function else {}  # what an inner function sees
        result = self.run(function, {**around, **env}, self.depth + 1)
        return result if result is not None else Out(text)

    def loop(self, name: str, args: list[Value]) -> Value:
        if name == "zip":
            return ("each", *(self.element(arg) for arg in args))
        if name == "enumerate":
            return ("each", None, self.element(args[0]) if args else None)
        return self.element(args[0]) if name == "next" and args else args[0] if args else None

    def outcome(self, node: ast.Call, text: str, last: str, given: list[tuple[Any, Value]]) -> Value:
        uses = [value for _, value in given if isinstance(value, Use)]
        outs = [value for _, value in given if isinstance(value, Out)]
        if re.fullmatch(BUILTINS, text):
            return None if not uses else uses[0] if last in ("float", "int", "list", "tuple", "sorted") else None
        for where, value in given:
            self.feed(text, (where,), value)
        for use in uses:
            if outs and last not in ("gradient", "jacobian", "batch_jacobian"):
                use.targets.append((text, outs[-1]))
        if last in KEEPS or text.startswith(("tf.image", "tf.math.log", "tf.ones", "tf.zeros", "tf.random")):
            dtype = next((arg for arg in [*node.args[1:]] if isinstance(arg, ast.Attribute)), None)
            if last == "cast" and outs and dtype is not None and isinstance(held := self.value(dtype.value), Use):
                held.flags.add("casts others")
            return (outs or uses or [None])[0]
        if last in ("argmax", "argmin", "round") and (outs or uses):
            return outs[0].but("argmax") if outs else None
        if last in ("squeeze", "reduce_sum", "reduce_mean", "reduce_max") and outs:
            return outs[0].but("squeezed")
        return Out(text) if text else None

    def feed(self, text: str, where: tuple[Any, ...], value: Value) -> None:
        if isinstance(value, Use):
            value.fed.append((text, where))
        elif isinstance(value, tuple):
            keyed = len(value) == 2 and value[0] == "keys"
            for index, item in value[1].items() if keyed else enumerate(value):
                self.feed(text, (*where, index), item)
