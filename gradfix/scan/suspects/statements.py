"""Runs statements: what names hold behind them, and which tapes record within them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from gradfix.scan.suspects.calls import Calls
from gradfix.scan.suspects.expressions import is_integer
from gradfix.scan.suspects.state import MOST_NODES, TooMuch
from gradfix.scan.suspects.values import (
    Class,
    Constant,
    Data,
    Function,
    Instance,
    Library,
    Mapping,
    Method,
    Model,
    Opaque,
    Scope,
    Sequence,
    Tape,
    Value,
    Variable,
    items_of,
)

MOST_UNROLLED = 6
DEEPEST_TWICE = 2
"""Loops in loops in loops are followed once."""


class Statements(Calls):
    """Executes statements."""

    endings: ClassVar[dict[type, Callable[..., str]]] = {}
    """The method for each kind of statement, which says how it ends."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.endings = {kind: getattr(cls, name) for kind, name in _ENDINGS.items()}

    def execute(self, body: list[ast.stmt], scope: Scope) -> str:
        """Runs statements; how they end: "", "return", "leave" (break, continue) or "raise"."""
        endings = self.endings
        for statement in body:
            self.nodes += 1
            if self.nodes > MOST_NODES:
                raise TooMuch
            handler = endings.get(type(statement))
            if handler is not None and (ending := handler(self, statement, scope)):
                return ending
        return ""

    def _assign(self, node: ast.Assign, scope: Scope) -> str:
        value = self.evaluate(node.value, scope)
        for target in node.targets:
            self.bind(target, value, scope)
        return ""

    def _expression(self, node: ast.Expr, scope: Scope) -> str:
        self.evaluate(node.value, scope)
        return ""

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> str:
        if node.value is not None:
            self.bind(node.target, self.evaluate(node.value, scope), scope)
        return ""

    def _return(self, node: ast.Return, scope: Scope) -> str:
        value = self.evaluate(node.value, scope) if node.value else Constant(None)
        returns = scope.names.get("<returns>")
        if isinstance(returns, Sequence):
            returns.items.append(value)
        return "return"

    def _while(self, node: ast.While, scope: Scope) -> str:
        self.evaluate(node.test, scope)
        return self._repeat(node.body, node.orelse, scope)

    def _leave(self, node: ast.Break | ast.Continue, scope: Scope) -> str:
        return "leave"

    def _raise(self, node: ast.Raise, scope: Scope) -> str:
        return "raise"

    def _share(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> str:
        scope.shared.update(node.names)
        return ""

    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assigns to a target."""
        if isinstance(target, ast.Name):
            self._bind_name(target.id, value, scope)
        elif isinstance(target, ast.Attribute):
            owner = self.evaluate(target.value, scope)
            self._bind_attribute(owner, target.attr, value, target)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, scope)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, Opaque(), scope)
        elif isinstance(target, ast.Subscript):
            owner = self.evaluate(target.value, scope)
            index = self.evaluate(target.slice, scope)
            if isinstance(owner, Mapping):
                if isinstance(index, Constant) and not self.branches:
                    owner.items[index.value] = self._replacing(owner.items.get(index.value), value)
                else:
                    owner.rest.append(value)
            elif isinstance(owner, Sequence):
                owner.items = [self.join(i, value) for i in owner.items] or [value]
            elif isinstance(owner, Data):
                owner.paths.update(self.operation([owner, value], target, kind=owner.kind).paths)
            elif isinstance(owner, Opaque) and isinstance(index, Constant):
                owner.parts[f"[{index.value!r}]"] = value

    def _bind_name(self, name: str, value: Value, scope: Scope) -> None:
        where = scope
        if isinstance(value, Data) and name in self.asked:
            self.carried += 1
        if name in scope.shared:
            outer = scope.outer
            while outer is not None and name not in outer.names and outer.outer is not None:
                outer = outer.outer
            where = outer or scope
        old = where.names.get(name)
        where.names[name] = self.follow(name, self._replacing(old, value))

    def follow(self, name: str, value: Value) -> Value:
        """The value as a name holds it: one that is asked for is an origin of its own."""
        if name in self.asked and isinstance(value, Data) and value.kind != "symbolic" and not value.tracked:
            value = replace(value)
        return super().follow(name, value)

    def _bind_attribute(self, owner: Value, name: str, value: Value, node: ast.AST) -> None:
        if name == "trainable" and isinstance(owner, (Model, Instance)):
            if isinstance(value, Constant):
                thaw(owner)
                self.carried += 1
                owner.frozen = node if value.value is False else None
            else:
                owner.frozen = None
        elif isinstance(owner, Instance):
            old = owner.fields.get(name)
            value = self._replacing(old, value)
            owner.fields[name] = self.join(old, value) if old is not None and self.branches else value
        elif isinstance(owner, Opaque):
            owner.parts[name] = self._replacing(owner.parts.get(name), value)

    def _replacing(self, old: Value | None, new: Value) -> Value:
        """The new value of a name; marked where a tensor made of a variable takes the variable's name."""
        over = isinstance(old, Variable) and isinstance(new, Data) and old in new.paths
        if over or (isinstance(old, Data) and old.replaced):
            self.carried += 1
            return replace(new, replaced=True) if isinstance(new, Data) else new
        return new

    def _unpack(self, target: ast.Tuple | ast.List, value: Value, scope: Scope) -> None:
        count = len(target.elts)
        starred = any(isinstance(e, ast.Starred) for e in target.elts)
        if isinstance(value, Sequence) and value.exact and len(value.items) == count and not starred:
            for element, item in zip(target.elts, value.items, strict=True):
                self.bind(element, item, scope)
            return
        for i, element in enumerate(target.elts):
            index = Constant("*" if isinstance(value, (Data, Variable)) else i)
            self.bind(element, self.element(value, index, target), scope)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> str:
        target: ast.expr = node.target
        read: ast.expr = target
        if isinstance(target, ast.Name):
            read = ast.copy_location(ast.Name(target.id, ast.Load()), target)
        old = self.evaluate(read, scope)
        value = self.evaluate(node.value, scope)
        if isinstance(old, Sequence) and isinstance(node.op, ast.Add):
            old.items += value.items if isinstance(value, Sequence) else [value]
            old.exact = False
            return ""
        if isinstance(old, (Mapping, Opaque)) and isinstance(value, (Mapping, Sequence)):
            return ""
        self.bind(target, self.arithmetic(old, value, node.op, node), scope)
        return ""

    def _if(self, node: ast.If, scope: Scope) -> str:
        test = self.evaluate(node.test, scope)
        if isinstance(test, Constant) and isinstance(test.value, bool):
            return self.execute(node.body if test.value else node.orelse, scope)
        tapes = {t: t.used for t in self.known}
        before = dict(scope.names)
        self.branches += 1
        first = self.execute(node.body, scope)
        after = scope.names
        used = {t: t.used for t in tapes}
        for tape, was in tapes.items():
            tape.used = was
        scope.names = dict(before)
        second = self.execute(node.orelse, scope) if node.orelse else ""
        self.branches -= 1
        for tape in tapes:  # a branch that leaves does not go on to what comes behind
            tape.used = used[tape] if second else tape.used if first else tape.used and used[tape]
        if first and second:
            return first if first == second else "leave"
        if first:
            return ""
        if second:
            scope.names = after
            return ""
        for name, value in after.items():
            if name in scope.names and scope.names[name] is not value and name != "<returns>":
                scope.names[name] = self.join(scope.names[name], value)
            else:
                scope.names.setdefault(name, value)
        return ""

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> str:
        iterable = self.evaluate(node.iter, scope)
        drops = self._drops(node, scope)
        if isinstance(iterable, Sequence) and iterable.exact and 0 < len(iterable.items) <= MOST_UNROLLED:
            ending = ""
            for each in iterable.items:
                self.bind(node.target, each, scope)
                ending = self.execute(node.body, scope)
                if ending in ("return", "raise"):
                    break
        else:
            self.bind(node.target, self.iterated(iterable, node.iter), scope)
            self._repeat(node.body, [], scope, node, iterable)
        for name, statement in drops:
            value = scope.names.get(name)
            if isinstance(value, Data):
                scope.names[name] = replace(value, last_of=statement)
        if node.orelse:
            self.execute(node.orelse, scope)
        return ""

    def _repeat(
        self,
        body: list[ast.stmt],
        otherwise: list[ast.stmt],
        scope: Scope,
        loop: ast.For | ast.AsyncFor | None = None,
        iterable: Value | None = None,
    ) -> str:
        """A loop's body twice: the second time with what the first left behind."""
        self.loops += 1
        carried = self.carried
        ending = self.execute(body, scope)
        ends = bool(ending) and isinstance(body[-1], (ast.Break, ast.Return))
        again = self.carried != carried and self.loops <= DEEPEST_TWICE and not ends
        if again:
            if loop is not None and iterable is not None:
                self.bind(loop.target, self.iterated(iterable, loop.iter), scope)
            self.execute(body, scope)
        self.loops -= 1
        if otherwise:
            self.execute(otherwise, scope)
        return ""

    def _drops(self, node: ast.For | ast.AsyncFor, scope: Scope) -> list[tuple[str, ast.stmt]]:
        """Names that were zero before a loop under a tape and that the loop's body only ever overwrites."""
        if not self.active:
            return []
        found: list[tuple[str, ast.stmt]] = []
        for statement in node.body:
            if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
                continue
            target = statement.targets[0]
            if not isinstance(target, ast.Name):
                continue
            old = scope.names.get(target.id)
            zero = isinstance(old, Constant) and not isinstance(old.value, bool) and old.value in (0, 0.0)
            uses = [n for s in node.body for n in ast.walk(s) if isinstance(n, ast.Name) and n.id == target.id]
            if zero and old is not None and len(uses) == 1 and not is_integer(self.evaluate(statement.value, scope)):
                found.append((target.id, statement))
        return found

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> str:
        entered: list[Tape] = []
        paused: list[Tape] = []
        for item in node.items:
            value = self.evaluate(item.context_expr, scope)
            if isinstance(value, Method) and isinstance(value.owner, Tape) and value.name == "paused":
                paused.append(value.owner)
            if isinstance(value, Tape):
                entered.append(value)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, scope)
        self.recording += entered
        self.paused += paused
        ending = self.execute(node.body, scope)
        for tape in entered:
            self.recording.remove(tape)
        for tape in paused:
            self.paused.remove(tape)
        return ending

    def _try(self, node: ast.Try, scope: Scope) -> str:
        before = dict(scope.names)
        ending = self.execute(node.body, scope)
        if not ending:
            ending = self.execute(node.orelse, scope)
        for handler in node.handlers:
            kept = scope.names
            scope.names = dict(before)
            self.branches += 1
            other = self.execute(handler.body, scope)
            self.branches -= 1
            if not other:
                for name, value in scope.names.items():
                    if name not in kept:
                        kept[name] = value
                    elif kept[name] is not value and name != "<returns>":
                        kept[name] = self.join(kept[name], value)
                ending = ""
            scope.names = kept
        if node.finalbody:
            ending = self.execute(node.finalbody, scope) or ending
        return ending

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> str:
        """Names a function as its decorators leave it."""
        outer = scope.outer if "<class>" in scope.names and scope.outer is not None else scope
        function = Function(node, outer)
        for decorator in node.decorator_list:
            at = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = self.evaluate(at, scope)
            keeps = isinstance(name, Function)
            if isinstance(name, Library):
                keeps = name.name.split(".")[0] in _TRANSPARENT and not name.name.endswith(_OWN_GRADIENT)
            function.opaque = function.opaque or not keeps
        scope.names[node.name] = function
        return ""

    def _class(self, node: ast.ClassDef, scope: Scope) -> str:
        body = self.scope_in(scope, **{"<class>": Constant(None)})
        self.execute(node.body, body)
        members = {k: v for k, v in body.names.items() if k != "<class>"}
        scope.names[node.name] = Class(node, scope, [self.evaluate(b, scope) for b in node.bases], members)
        return ""

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> str:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                scope.names[alias.asname or first] = Library(alias.name if alias.asname else first)
            return ""
        module = node.module if node.module and not node.level else f".{node.module or ''}"
        for alias in node.names:
            scope.names[alias.asname or alias.name] = Library(f"{module}.{alias.name}")
        return ""


def thaw(owner: Model | Instance, depth: int = 6) -> None:
    """What is set for a model is set for all that is in it."""
    owner.frozen = None
    if isinstance(owner, Model):
        inside: list[Value] = [*(owner.chain or ()), *(owner.inside or ()), *owner.parts.values()]
    else:
        inside = [leaf for f in owner.fields.values() for leaf in items_of(f)]
    for each in inside if depth else ():
        if isinstance(each, (Model, Instance)):
            thaw(each, depth - 1)


_OWN_GRADIENT = (".custom_gradient", ".grad_pass_through")
_TRANSPARENT = ("tensorflow", "keras", "tf_keras", "builtins", "functools", "typing", "abc", "numba", "contextlib")
_ENDINGS: dict[type, str] = {
    ast.Assign: "_assign",
    ast.AugAssign: "_augmented",
    ast.AnnAssign: "_annotated",
    ast.Expr: "_expression",
    ast.Return: "_return",
    ast.If: "_if",
    ast.For: "_for",
    ast.AsyncFor: "_for",
    ast.While: "_while",
    ast.With: "_with",
    ast.AsyncWith: "_with",
    ast.FunctionDef: "_define",
    ast.AsyncFunctionDef: "_define",
    ast.ClassDef: "_class",
    ast.Import: "_import",
    ast.ImportFrom: "_import",
    ast.Try: "_try",
    ast.Break: "_leave",
    ast.Continue: "_leave",
    ast.Raise: "_raise",
    ast.Global: "_share",
    ast.Nonlocal: "_share",
}
