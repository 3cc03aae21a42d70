"""What calls give: functions and classes of the file, models, and what libraries have."""

from __future__ import annotations

import ast

from gradfix.scan.suspects import kinds
from gradfix.scan.suspects.libraries import Libraries
from gradfix.scan.suspects.state import DEEPEST
from gradfix.scan.suspects.values import (
    ALL_TAPES,
    Class,
    Constant,
    Data,
    Function,
    Instance,
    Library,
    Method,
    Metric,
    Model,
    Opaque,
    Operation,
    Path,
    Scope,
    Sequence,
    Tape,
    Value,
    Variable,
    items_of,
)


class Calls(Libraries):
    """Evaluates calls."""

    def call_of(self, node: ast.Call, scope: Scope) -> Value:
        function = self.evaluate(node.func, scope)
        if isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args:
            return Opaque() if scope.find("self") is None else Method(scope.find("self") or Opaque(), "super")
        args: list[Value] = []
        for arg in node.args:
            value = self.evaluate(arg, scope)
            if isinstance(arg, ast.Starred):
                args += value.items if isinstance(value, Sequence) and value.exact else [value]
            else:
                args.append(value)
        named = {k.arg or "**": self.evaluate(k.value, scope) for k in node.keywords}
        return self.call(function, args, named, node)

    def call(self, function: Value, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        """What a call gives."""
        if isinstance(function, Library):
            return self.library_call(function.name, args, named, node)
        every = [*args, *named.values()]
        if isinstance(function, Function):
            return self._function(function, args, named, node)
        if isinstance(function, Class):
            return self._object(function, args, named, node)
        if isinstance(function, Instance):
            return self._instance(function, args, named, node)
        if isinstance(function, Model):
            return self._model(function, every, node)
        if isinstance(function, Method):
            return self.method(function, args, named, node)
        if isinstance(function, Metric):
            return self.operation(every, node, kinds.METRIC)
        if isinstance(function, Operation):
            return self.operation(every, node)
        if isinstance(function, Opaque):
            return self.unknown(function, every, node)
        return self.unknown(None, every, node)

    def unknown(self, function: Opaque | None, args: list[Value], node: ast.AST) -> Value:
        """The result of a call that nothing is known of: it may depend on every argument, and on what was called."""
        leaves = [leaf for a in args for leaf in items_of(a)]
        if any(isinstance(leaf, Tape) for leaf in leaves):
            return Opaque()
        if function is None and not any(isinstance(leaf, (Data, Opaque, Variable)) for leaf in leaves):
            return Opaque()  # a model, a data set, an optimizer of another module
        found = self.operation(args, node, kind="unknown")
        if not self.active:  # a state of the world, a record: what becomes of it is not known
            found.paths = {o: p for o, p in found.paths.items() if p.tapes}
        used: list[Value] = [leaf for leaf in leaves if isinstance(leaf, (Model, Instance))]
        for leaf in leaves:
            if isinstance(leaf, Function) and self.depth < DEEPEST and leaf.node not in self.visited:
                used.append(self.call(leaf, [Opaque() for _ in leaf.node.args.args], {}, node))
        if function is not None:
            function.called = True
            used.append(function)
        for value in used:
            if isinstance(value, Data):
                found.paths.update({o: p for o, p in value.paths.items() if o not in found.paths})
            else:
                path = Path(ALL_TAPES)
                found.paths[value] = self.beyond(value, path, node, None, symbolic=self.described(args))
        found.result = function is not None
        if function is not None and self.described(args):
            found.kind = "symbolic"
        return found

    def _function(self, function: Function, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        code = function.node
        if function.bound is not None:
            args = [function.bound, *args]
        if self.depth >= DEEPEST or function.opaque:
            return self.unknown(None, [*args, *named.values()], node)
        self.visited.add(code)
        scope = self.scope_in(function.scope)
        self._parameters(code.args, args, named, scope, function.scope)
        self.depth += 1
        branches, self.branches = self.branches, 0
        calls, self.calls = self.calls, (*self.calls, node)
        try:
            if isinstance(code, ast.Lambda):
                return self.evaluate(code.body, scope)
            scope.names["<returns>"] = Sequence([])
            self.execute(code.body, scope)
            returns = scope.names["<returns>"]
            assert isinstance(returns, Sequence)
            if not returns.items:
                return Constant(None)
            return self.any_of(returns.items)
        finally:
            self.depth -= 1
            self.branches = branches
            self.calls = calls

    def _parameters(
        self, declared: ast.arguments, args: list[Value], named: dict[str, Value], scope: Scope, outer: Scope
    ) -> None:
        names = [a.arg for a in (*declared.posonlyargs, *declared.args)]
        last = names[len(names) - len(declared.defaults) :]
        defaults: dict[str, ast.expr] = dict(zip(last, declared.defaults, strict=True))
        for a, default in zip(declared.kwonlyargs, declared.kw_defaults, strict=True):
            if default is not None:
                defaults[a.arg] = default
        given = dict(zip(names, args, strict=False))
        given |= {k: v for k, v in named.items() if k != "**"}
        for name in (*names, *(a.arg for a in declared.kwonlyargs)):
            if name in given:
                value = given[name]
            elif name in defaults and "**" not in named:
                value = self.evaluate(defaults[name], outer)
                value = Opaque() if isinstance(value, Constant) and value.value is None else value
            else:
                value = Opaque()
            scope.names[name] = self.follow(name, value)
        if declared.vararg:
            scope.names[declared.vararg.arg] = Sequence(args[len(names) :], exact=bool(args))
        if declared.kwarg:
            scope.names[declared.kwarg.arg] = Opaque()

    def follow(self, name: str, value: Value) -> Value:
        """The value as a name holds it: one that is asked for is an origin of its own."""
        if name in self.asked and isinstance(value, Data) and value.kind != "symbolic":
            value.tracked = True
        return value

    def _object(self, cls: Class, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        made = Instance(cls)
        self.made.append(made)
        self.instances[cls.node] = made
        names = [n.rpartition(".")[2] for n in cls.library_bases()]
        if "Metric" in names or any(n.startswith("Mean") for n in names):
            return Metric()
        start = cls.find("__init__")
        if isinstance(start, Function) and self.depth < DEEPEST:
            self.building += 1
            self._function(Function(start.node, start.scope, made), args, named, node)
            self.building -= 1
        if cls.keras and "inputs" in named and self.described([*args, *named.values()]):
            made.built = True
        trainable = named.get("trainable")
        if isinstance(trainable, Constant) and trainable.value is False:
            made.frozen = node
        return made

    def _instance(self, owner: Instance, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        if owner.cls.keras:
            self.build(owner, node)
            for name in ("call", "__call__"):
                run = owner.cls.find(name)
                if isinstance(run, Function):
                    found = self._function(Function(run.node, run.scope, owner), args, named, node)
                    if isinstance(found, Data):
                        found.result = True
                    return found
            return self._functional(owner, [*args, *named.values()], node)
        for name in ("__call__", "call"):
            run = owner.cls.find(name)
            if isinstance(run, Function) and not run.opaque:
                return self._function(Function(run.node, run.scope, owner), args, named, node)
        return self.unknown(None, [owner, *args, *named.values()], node)

    def build(self, owner: Instance, node: ast.AST) -> None:
        """Runs `build` before the first call, where no tape is taken to record: it does so at most once."""
        if owner.built:
            return
        owner.built = True
        build = owner.cls.find("build")
        if isinstance(build, Function):
            recording, self.recording = self.recording, []
            self.building += 1
            self._function(Function(build.node, build.scope, owner), [Opaque()], {}, node)
            self.building -= 1
            self.recording = recording

    def _functional(self, owner: Value, args: list[Value], node: ast.AST) -> Data:
        found = self.operation(args, node)
        path = self.beyond(owner, Path(ALL_TAPES), node, None, symbolic=found.kind == "symbolic")
        found.paths[owner] = path
        found.result = True
        return found

    def _model(self, model: Model, args: list[Value], node: ast.AST) -> Value:
        model.built = True
        if model.chain is not None and args:
            value: Value = args[0]
            for layer in model.chain:
                value = self.call(layer, [value], {}, node)
            if isinstance(value, Data) and model.chain:
                value.result = True
                return value
        if not model.inside:
            return self._functional(model, args, node)
        found = self.operation(args, node)
        found.result = True
        for origin, path in model.inside.items():
            if path.tapes:
                found.paths[origin] = self.beyond(origin, Path(ALL_TAPES), node, None, found.kind == "symbolic")
            else:
                found.paths[origin] = path
        return found
