"""What methods give that the file does not define: of tensors, variables, lists, models, tapes and optimizers."""

from __future__ import annotations

import ast
from abc import abstractmethod

from gradfix.scan.suspects import effects, kinds
from gradfix.scan.suspects.expressions import Expressions
from gradfix.scan.suspects.values import (
    ALL_TAPES,
    NO_TAPES,
    Constant,
    Cut,
    Data,
    Function,
    Instance,
    Library,
    Mapping,
    Method,
    Metric,
    Model,
    Opaque,
    Operation,
    Optimizer,
    Path,
    Sequence,
    Tape,
    Value,
    Variable,
    VariablesOf,
    items_of,
)


class Methods(Expressions):
    """Calls of methods."""

    @abstractmethod
    def unknown(self, function: Opaque | None, args: list[Value], node: ast.AST) -> Value:
        """The result of a call that nothing is known of."""

    @abstractmethod
    def variable(self, args: list[Value], named: dict[str, Value], node: ast.AST) -> Variable:
        """A new variable."""

    @abstractmethod
    def add_layer(self, model: Model, layer: Value) -> None:
        """Puts one more layer behind a Sequential."""

    @abstractmethod
    def build(self, owner: Instance, node: ast.AST) -> None:
        """Makes the variables of a layer of the file."""

    @abstractmethod
    def fitted(self, model: Value, args: list[Value], node: ast.AST) -> None:
        """`fit` asks for gradients as well."""

    @abstractmethod
    def minimized(self, args: list[Value], named: dict[str, Value], node: ast.AST) -> None:
        """So does `minimize`."""

    @abstractmethod
    def applied(self, args: list[Value], node: ast.AST) -> None:
        """Looks at the pairs that an optimizer is handed."""

    def method(self, method: Method, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        """What a call of a method gives."""
        owner, name = method.owner, method.name
        every = [*args, *named.values()]
        if name == "super":
            return Opaque()
        if isinstance(owner, Tape):
            return self._tape(owner, name, args, named, node)
        if isinstance(owner, Metric):
            if name == "result":
                return self.operation(owner.fed, node, kinds.METRIC)
            owner.fed += [self.operation(every, node)] if name == "update_state" else []
            return Constant(None)
        if isinstance(owner, Optimizer) or (name in ("apply_gradients", "minimize") and isinstance(owner, Opaque)):
            if name == "apply_gradients":
                self.applied(args or list(named.values()), node)
            elif name == "minimize":
                self.minimized(args, named, node)
            return Constant(None)
        if isinstance(owner, (Data, Variable)):
            return self._data(owner, name, every, node)
        if isinstance(owner, (Sequence, Mapping)):
            return self._container(owner, name, args, node)
        if isinstance(owner, (Model, Instance, Opaque)):
            return self._model_method(owner, name, args, named, node)
        if isinstance(owner, VariablesOf):
            return Constant(None)
        return self.unknown(None, [owner, *every] if isinstance(owner, (Operation, Library)) else every, node)

    def _tape(self, tape: Tape, name: str, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        if name == "watch":
            for leaf in (leaf for a in (*args, *named.values()) for leaf in items_of(a)):
                if isinstance(leaf, VariablesOf):
                    tape.watched_of.add((leaf.owner, leaf.trainable))
                else:
                    tape.watched.add(leaf)
                    if isinstance(leaf, Data):
                        leaf.tracked = True
            return Constant(None)
        if name in effects.ASKING and isinstance(node, ast.Call):
            target = args[0] if args else named.get("target", Opaque())
            keys = [named[k] for k in ("sources", "source") if k in named]
            sources = args[1] if len(args) > 1 else keys[0] if keys else Opaque()
            return self.ask(tape, target, sources, node)
        if name == "stop_recording":
            return Method(tape, "paused")
        if name == "reset":
            tape.used = False
        return Constant(None)

    def _data(self, owner: Data | Variable, name: str, args: list[Value], node: ast.AST) -> Value:
        kind = owner.kind if isinstance(owner, Data) else "tensor"
        if name in effects.NUMPY_METHODS:
            return self.operation([owner], node, kinds.TO_NUMPY, kind="array", integer=owner.integer)
        if name in ("assign", "assign_add", "assign_sub", "scatter_nd_update", "scatter_update"):
            return owner
        if name in ("read_value", "value", "identity", "copy", "clone", "cpu", "gpu"):
            return self.operation([owner], node, kind=kind, integer=owner.integer)
        if name in ("get_shape", "ref", "set_shape", "numel"):
            return Constant(None)
        if name == "astype" and args:
            whole = isinstance(args[0], Library) and args[0].name.rpartition(".")[2] in effects.INTEGERS
            whole = whole or (isinstance(args[0], Constant) and str(args[0].value) in effects.INTEGERS)
            return self.operation([owner], node, kinds.TO_INTEGER if whole else None, kind=kind, integer=whole)
        if kind == "tensor" and name in _OF_DATASETS:
            return Data({}, "tensor", node)
        return self.operation([owner, *args], node, kind=kind)

    def _container(self, owner: Sequence | Mapping, name: str, args: list[Value], node: ast.AST) -> Value:
        if isinstance(owner, Mapping):
            content = [*owner.items.values(), *owner.rest]
            if name == "items":
                pairs: list[Value] = [Sequence([Constant(k), v]) for k, v in owner.items.items()]
                pairs += [Sequence([Opaque(), v]) for v in owner.rest]
                return Sequence(pairs, exact=not owner.rest)
            if name == "values":
                return Sequence(content, exact=not owner.rest)
            if name == "keys":
                return Sequence([Constant(k) for k in owner.items], exact=not owner.rest)
            if name in ("get", "pop", "setdefault") and args:
                return self.element(owner, args[0], node)
            if name == "update":
                owner.rest += args
            return Constant(None)
        if name in ("append", "insert", "appendleft", "add") and args:
            owner.items.append(args[-1])
            owner.exact = owner.exact and not self.loops and not self.branches
        elif name == "extend" and args:
            owner.items += args[0].items if isinstance(args[0], Sequence) else [args[0]]
            owner.exact = False
        elif name == "pop":
            return self.any_of(owner.items)
        elif name == "clear":
            owner.items.clear()
        return Constant(None)

    def _model_method(
        self, owner: Model | Instance | Opaque, name: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        every = [*args, *named.values()]
        if name in effects.PREDICT:
            found = self.operation(every, node, kinds.PREDICT, kind="array")
            found.paths[owner] = Path(NO_TAPES, (Cut(kinds.PREDICT, node, lost=self.active, calls=self.calls),))
            found.result = True
            return found
        if isinstance(owner, Opaque):
            return self._opaque(owner, name, every, node)
        if name in ("call", "__call__"):
            return self.call(owner, args, named, node)
        if name in ("add_weight", "add_variable"):
            return self.variable([Constant(0.0)], named, node)
        if name == "compile":
            owner.compiled = named.get("loss", args[1] if len(args) > 1 else None)
            return Constant(None)
        if name in ("fit", "train_on_batch"):
            self.fitted(owner, args, node)
            if isinstance(owner, Instance):
                self.build(owner, node)
            owner.built = True
            return Opaque()
        if name in ("build", "load_weights", "summary", "evaluate"):
            if isinstance(owner, Instance):
                self.build(owner, node)
            owner.built = True
            return Constant(None)
        if name == "add" and isinstance(owner, Model) and owner.chain is not None and args:
            self.add_layer(owner, args[0])
            return Constant(None)
        if name in ("append", "extend") and isinstance(owner, Model):
            return Constant(None)
        if name == "add_loss":
            self.added += every
            return Constant(None)
        if name == "get_layer":
            key = str(args[0].value) if args and isinstance(args[0], Constant) else "*"
            if isinstance(owner, Instance):
                return Model("", parent=owner)
            return owner.parts.setdefault(key, Model(owner.name, parent=owner))
        if name in ("get_weights", "set_weights", "save", "save_weights", "get_config", "count_params", "add_metric"):
            return Data({}, "array", node) if name == "get_weights" else Constant(None)
        if name in ("compute_loss", "compiled_loss"):
            return self._compiled(owner, args, named, node)
        result = self.unknown(None, every, node)
        if isinstance(result, Data):
            path = Path(ALL_TAPES)
            result.paths[owner] = self.beyond(owner, path, node, None, symbolic=result.kind == "symbolic")
        return result

    def _compiled(self, owner: Model | Instance, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        loss = owner.compiled
        if isinstance(loss, (Function, Instance)):
            data = [*args[1:], *[named[k] for k in ("y", "y_pred") if k in named]]
            if len(data) == 2:
                return self.call(loss, data, {}, node)
        return self.operation([*args, *named.values(), *self.added], node)

    def _opaque(self, owner: Opaque, name: str, every: list[Value], node: ast.AST) -> Value:
        if name in effects.NUMPY_METHODS:
            return self.operation([owner], node, kinds.TO_NUMPY, kind="array")
        if name in ("assign", "assign_add", "assign_sub"):
            return owner
        if name in (
            "fit",
            "compile",
            "build",
            "summary",
            "evaluate",
            "save",
            "update_state",
            "train_on_batch",
            "append",
            "extend",
            "add",
            "update",
        ):
            return Opaque()
        if name in ("keys", "values", "items", "get", "pop", "get_layer", "get_weights"):
            return owner.parts.setdefault(name, Opaque())
        return self.unknown(owner, every, node)


_OF_DATASETS = effects.words("""
    batch shuffle repeat prefetch map filter take skip cache padded_batch unbatch interleave enumerate shard
    as_numpy_iterator window flat_map
    """)
