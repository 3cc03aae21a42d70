"""What expressions give."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from gradfix.scan.suspects import effects, kinds
from gradfix.scan.suspects.kinds import Kind
from gradfix.scan.suspects.state import MOST_NODES, State, TooMuch
from gradfix.scan.suspects.values import (
    ALL_TAPES,
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
    Path,
    Scope,
    Sequence,
    Value,
    Variable,
    VariablesOf,
    items_of,
)


class Expressions(State):
    """Evaluates expressions."""

    handlers: ClassVar[dict[type, Callable[..., Value]]] = {}
    """The method for each kind of expression."""

    def __init_subclass__(cls) -> None:
        cls.handlers = {kind: getattr(cls, name) for kind, name in _HANDLERS.items()}

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """What an expression gives."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise TooMuch
        handler = self.handlers.get(type(node))
        return handler(self, node, scope) if handler else Opaque()

    def name(self, node: ast.Name, scope: Scope) -> Value:
        found = scope.find(node.id)
        if found is None:
            return Library(f"builtins.{node.id}")
        return found

    def attribute_of(self, node: ast.Attribute, scope: Scope) -> Value:
        return self.attribute(self.evaluate(node.value, scope), node.attr, node)

    def attribute(self, owner: Value, name: str, node: ast.AST) -> Value:
        """What an attribute holds."""
        if isinstance(owner, Library):
            return Library(effects.short(f"{owner.name}.{name}"))
        if isinstance(owner, Instance):
            return self._of_instance(owner, name, node)
        if isinstance(owner, (Model, Opaque)):
            return self._of_model(owner, name, node)
        if isinstance(owner, Class):
            found = owner.find(name)
            return found if found is not None else Opaque()
        if isinstance(owner, Data) and name in ("shape", "size", "ndim", "name", "device"):
            return Data({}, "array", node, integer=True)
        if isinstance(owner, Data) and name in effects.VARIABLES:
            return Opaque()
        if isinstance(owner, (Data, Variable)) and name == "dtype":
            return Library("builtins.int" if owner.integer else "builtins.object")
        if isinstance(owner, (Data, Variable)) and name in ("T", "real", "value", "handle", "values", "flat"):
            return Method(owner, name) if name in ("value", "values") else self.operation([owner], node)
        return Method(owner, name)

    def _of_instance(self, owner: Instance, name: str, node: ast.AST) -> Value:
        if name in owner.fields:
            return owner.fields[name]
        member = owner.cls.find(name)
        if isinstance(member, Function):
            decorators = [d.id for d in getattr(member.node, "decorator_list", ()) if isinstance(d, ast.Name)]
            bound = Function(member.node, member.scope, owner, member.opaque)
            if "property" in decorators:
                return self.call(bound, [], {}, node)
            return member if "staticmethod" in decorators else bound
        if member is not None:
            return member
        if name in effects.VARIABLES and owner.cls.keras:
            trainable = effects.VARIABLES[name]
            empty = not owner.built and not holds_variables(owner)
            return VariablesOf(owner, node, trainable, empty, owner.frozen if trainable else None)
        if name in ("losses", "_losses"):
            return Data({owner: Path(ALL_TAPES)}, "unknown", node)
        if name in owner.cls.members or not all(owner.cls.library_bases()) or name not in _CALLABLE:
            return owner.fields.setdefault(name, Opaque())
        return Method(owner, name)

    def _of_model(self, owner: Model | Opaque, name: str, node: ast.AST) -> Value:
        if name in effects.VARIABLES:
            trainable = effects.VARIABLES[name]
            frozen = owner.frozen if isinstance(owner, Model) and trainable else None
            return VariablesOf(owner, node, trainable, isinstance(owner, Model) and is_unbuilt(owner), frozen)
        if isinstance(owner, Opaque):
            if name == "losses":
                return Data({owner: Path(ALL_TAPES)}, "unknown", node)
            return Method(owner, name) if name in _CALLABLE else owner.parts.setdefault(name, Opaque())
        if name in ("output", "outputs", "input", "inputs"):
            return Data({owner: Path(ALL_TAPES)}, "symbolic", node)
        if name == "losses":
            return Data({owner: Path(ALL_TAPES)}, "unknown", node)
        if name == "layers" and owner.chain is not None:
            return Sequence(list(owner.chain))
        if name in ("layers", "kernel", "bias", "embeddings", "cell"):
            return owner.parts.setdefault(name, Model(name, parent=owner))
        return owner.parts[name] if name in owner.parts else Method(owner, name)

    def subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        owner = self.evaluate(node.value, scope)
        index = self.evaluate(node.slice, scope) if not isinstance(node.slice, ast.Slice) else None
        return self.element(owner, index, node)

    def element(self, owner: Value, index: Value | None, node: ast.AST) -> Value:
        """What an index gives; None is a slice."""
        if isinstance(owner, Sequence):
            if index is None:
                return Sequence(owner.items, exact=False)
            if owner.exact and isinstance(index, Constant) and isinstance(index.value, int):
                if -len(owner.items) <= index.value < len(owner.items):
                    return owner.items[index.value]
                return Opaque()
            return self.any_of(owner.items)
        if isinstance(owner, Mapping):
            if isinstance(index, Constant) and index.value in owner.items:
                return owner.items[index.value]
            if isinstance(index, Constant) and not owner.rest:
                return Opaque()
            return self.any_of([*owner.items.values(), *owner.rest])
        if isinstance(owner, (Data, Variable)):
            kind = owner.kind if isinstance(owner, Data) else "tensor"
            whole = [owner] if index is None else [owner, *_dead(self, index, node)]
            found = self.operation(whole, node, kind=kind, integer=owner.integer)
            if isinstance(owner, Data):
                found.gradient, found.asked = owner.gradient, owner.asked
            return found
        if isinstance(owner, Model):
            key = str(index.value) if isinstance(index, Constant) else "*"
            return owner.parts.setdefault(key, Model(owner.name, parent=owner))
        if isinstance(owner, Opaque):
            key = f"[{index.value!r}]" if isinstance(index, Constant) else "[*]"
            return owner.parts.setdefault(key, Opaque())
        return owner if isinstance(owner, VariablesOf) else Opaque()

    def any_of(self, items: list[Value]) -> Value:
        """Any of some values."""
        if not items:
            return Opaque()
        found = items[0]
        for item in items[1:]:
            found = self.join(found, item)
        return found

    def binary(self, node: ast.BinOp, scope: Scope) -> Value:
        if isinstance(node.op, ast.Add) and isinstance(node.right, ast.Call) and len(node.right.args) == 1:
            inner = node.right.args[0]
            if isinstance(inner, ast.BinOp) and ast.dump(inner.right) == ast.dump(node.left):
                self.straight.add(node.right)
        left, right = self.evaluate(node.left, scope), self.evaluate(node.right, scope)
        return self.arithmetic(left, right, node.op, node)

    def arithmetic(self, left: Value, right: Value, operator: ast.operator, node: ast.AST) -> Value:
        """`left operator right`."""
        if isinstance(left, Constant) and isinstance(right, Constant):
            numbers = (int, float, bool)
            if isinstance(left.value, numbers) and isinstance(right.value, numbers):
                whole = isinstance(left.value, int) and isinstance(right.value, int)
                return Constant(1) if whole and not isinstance(operator, ast.Div) else Constant(0.5)
            return Constant("")
        lists = (Sequence, VariablesOf)
        sides = (isinstance(left, lists), isinstance(right, lists))
        if isinstance(operator, ast.Add) and any(sides) and (all(sides) or isinstance((right, left)[sides[1]], Opaque)):
            parts = [p for side in (left, right) for p in (side.items if isinstance(side, Sequence) else [side])]
            return Sequence(parts, exact=all(not isinstance(s, Sequence) or s.exact for s in (left, right)))
        if isinstance(left, Sequence) and isinstance(right, Constant):
            return Sequence(left.items, exact=False)
        if isinstance(left, (Mapping, Library)) or (isinstance(left, Constant) and isinstance(left.value, str)):
            return Opaque()
        kill = kinds.ROUNDING if isinstance(operator, ast.FloorDiv) else None
        unknown = all(isinstance(v, Opaque) or (isinstance(v, Data) and v.kind == "unknown") for v in (left, right))
        kind = "array" if all(is_plain(v) for v in (left, right)) else "unknown" if unknown else "tensor"
        integer = is_integer(left) and is_integer(right) and not isinstance(operator, ast.Div)
        return self.operation([left, right], node, kill, kind=kind, integer=integer)

    def unary(self, node: ast.UnaryOp, scope: Scope) -> Value:
        operand = self.evaluate(node.operand, scope)
        if isinstance(operand, Constant):
            return operand
        if isinstance(node.op, ast.Not):
            return Data({}, "array", node)
        return self.operation([operand], node, kind="array" if is_plain(operand) else "tensor")

    def compare(self, node: ast.Compare, scope: Scope) -> Value:
        operands = [self.evaluate(n, scope) for n in (node.left, *node.comparators)]
        if isinstance(node.ops[0], (ast.Is, ast.IsNot, ast.In, ast.NotIn)):
            return Data({}, "array", node)
        kind = "array" if all(is_plain(o) for o in operands) else "tensor"
        return self.operation(operands, node, kinds.COMPARISON, kind=kind)

    def boolean(self, node: ast.BoolOp, scope: Scope) -> Value:
        return self.any_of([self.evaluate(v, scope) for v in node.values])

    def choice(self, node: ast.IfExp, scope: Scope) -> Value:
        self.evaluate(node.test, scope)
        return self.join(self.evaluate(node.body, scope), self.evaluate(node.orelse, scope))

    def sequence(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Value:
        items: list[Value] = []
        exact = True
        for element in node.elts:
            if isinstance(element, ast.Starred):
                value = self.evaluate(element.value, scope)
                exact = exact and isinstance(value, Sequence) and value.exact
                items += value.items if isinstance(value, Sequence) else [value]
            else:
                items.append(self.evaluate(element, scope))
        return Sequence(items, exact)

    def mapping(self, node: ast.Dict, scope: Scope) -> Value:
        items: dict[object, Value] = {}
        rest: list[Value] = []
        for key, value in zip(node.keys, node.values, strict=True):
            content = self.evaluate(value, scope)
            index = self.evaluate(key, scope) if key is not None else None
            if isinstance(index, Constant):
                items[index.value] = content
            else:
                rest.append(content)
        return Mapping(items, rest)

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope) -> Value:
        first = self.evaluate(node.generators[0].iter, scope)
        one = len(node.generators) == 1 and not node.generators[0].ifs
        if one and isinstance(first, Sequence) and first.exact and len(first.items) <= 8:
            found = []
            for item in first.items:
                inner = self.scope_in(scope)
                self.bind(node.generators[0].target, item, inner)
                found.append(self.evaluate(node.elt, inner))
            return Sequence(found)
        inner = self.scope_in(scope)
        self._generate(node.generators, first, inner)
        return Sequence([self.evaluate(node.elt, inner)], exact=False)

    def mapping_comprehension(self, node: ast.DictComp, scope: Scope) -> Value:
        inner = self.scope_in(scope)
        self._generate(node.generators, self.evaluate(node.generators[0].iter, scope), inner)
        return Mapping({}, [self.evaluate(node.value, inner)])

    def _generate(self, generators: list[ast.comprehension], first: Value, scope: Scope) -> None:
        for i, generator in enumerate(generators):
            iterable = self.evaluate(generator.iter, scope) if i else first
            self.bind(generator.target, self.iterated(iterable, generator.iter), scope)
            for condition in generator.ifs:
                self.evaluate(condition, scope)

    def iterated(self, value: Value, node: ast.AST) -> Value:
        """What iterating gives each time."""
        if isinstance(value, Sequence):
            return self.any_of(value.items)
        if isinstance(value, Mapping):
            return Opaque()
        if isinstance(value, (Data, Variable)):
            return self.element(value, Constant("*"), node)
        if isinstance(value, VariablesOf):
            return value
        return self.element(value, Constant("*"), node)

    @abstractmethod
    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assigns to a target."""

    def function(self, node: ast.Lambda, scope: Scope) -> Value:
        return Function(node, scope)

    def constant(self, node: ast.Constant, scope: Scope) -> Value:
        return Constant(node.value)

    def named(self, node: ast.NamedExpr, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        self.bind(node.target, value, scope)
        return value

    def inner(self, node: ast.Await | ast.Starred, scope: Scope) -> Value:
        return self.evaluate(node.value, scope)

    def text(self, node: ast.JoinedStr, scope: Scope) -> Value:
        return Constant("")

    def slice(self, node: ast.Slice, scope: Scope) -> Value:
        return Constant(None)

    @abstractmethod
    def call_of(self, node: ast.Call, scope: Scope) -> Value:
        """What a call gives."""


_CALLABLE = effects.words("""
    predict predict_on_batch call fit compile train_on_batch build summary save get_weights set_weights
    load_weights get_layer add add_loss add_weight add_variable append extend items keys values get pop
    update apply_gradients minimize gradient jacobian batch_jacobian watch stop_recording reset numpy assign
    assign_add assign_sub update_state result reset_state reset_states compute_loss compiled_loss evaluate
    compute_metrics add_metric
    """)

_HANDLERS: dict[type, str] = {
    ast.Name: "name",
    ast.Attribute: "attribute_of",
    ast.Subscript: "subscript",
    ast.BinOp: "binary",
    ast.UnaryOp: "unary",
    ast.Compare: "compare",
    ast.BoolOp: "boolean",
    ast.IfExp: "choice",
    ast.List: "sequence",
    ast.Tuple: "sequence",
    ast.Set: "sequence",
    ast.Dict: "mapping",
    ast.ListComp: "comprehension",
    ast.SetComp: "comprehension",
    ast.GeneratorExp: "comprehension",
    ast.DictComp: "mapping_comprehension",
    ast.Lambda: "function",
    ast.Constant: "constant",
    ast.NamedExpr: "named",
    ast.Await: "inner",
    ast.Starred: "inner",
    ast.JoinedStr: "text",
    ast.Slice: "slice",
    ast.Call: "call_of",
}


def _dead(state: State, index: Value, node: ast.AST) -> list[Value]:
    """What an index leaves of its paths: no gradient goes through it."""
    kind: Kind = kinds.CHOICE
    return [state.operation([index], node, kind)] if isinstance(index, (Data, Sequence)) else []


def is_plain(value: Value) -> bool:
    """Whether an operator on this value alone is not TensorFlow's."""
    return isinstance(value, (Constant, Library)) or (isinstance(value, Data) and value.kind == "array")


def is_integer(value: Value) -> bool:
    """Whether a value is known to be of integers."""
    if isinstance(value, Constant):
        return isinstance(value.value, int) and not isinstance(value.value, bool)
    if isinstance(value, Sequence):
        return bool(value.items) and all(is_integer(i) for i in value.items)
    return isinstance(value, (Data, Variable)) and value.integer


def holds_variables(owner: Instance) -> bool:
    """Whether an object has variables before it is called."""
    for content in owner.fields.values():
        for leaf in items_of(content):
            if isinstance(leaf, (Variable, Opaque)) or (isinstance(leaf, Model) and not is_unbuilt(leaf)):
                return True
            if isinstance(leaf, Instance) and leaf is not owner and (leaf.built or holds_variables(leaf)):
                return True
    return False


def is_unbuilt(model: Model) -> bool:
    """Whether a layer or model of the library is sure to have no variables yet."""
    if model.chain is not None:
        return not model.built and all(isinstance(m, Model) and is_unbuilt(m) for m in model.chain)
    return not model.built
