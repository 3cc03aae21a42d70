"""How the code uses a parameter: what its values flow into, read off the syntax tree of the file.

A value of the parameter, or of a part of it (an item of a tuple, a key of a dict, the elements of an iteration), is
followed through assignments, operations that keep its shape, functions of the module and methods of the class.
Nothing is run. What a callee such as `self.net` really is, only the live objects can tell: that is left to the caller.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DEEPEST = 4
_KEEPS = _set_of(
    "cast convert_to_tensor identity asarray array constant stop_gradient ensure_shape clip_by_value square abs exp "
    "log ones_like zeros_like Variable float32 float64 maximum minimum relu sigmoid softmax tanh sign copy numpy "
    "astype softplus pow sqrt where normalize l2_normalize log_softmax float add subtract multiply divide Tensor "
    "take shuffle batch repeat prefetch clip py_function numpy_function as_numpy_iterator "
)
_BUILTINS = (
    r"(tf\.)?print|len|range|int|float|str|repr|isinstance|max|min|sum|abs|sorted|list|tuple|dict|set|type|round|bool"
)
_MODEL_METHODS = ("predict", "predict_on_batch", "call", "__call__", "predict_step", "apply")


@dataclass(frozen=True)
class Out:
    """The result of a call: which callee, which part of the result, what was done with it since."""

    callee: str
    keys: tuple[Any, ...] = ()
    flags: frozenset[str] = frozenset()

    def but(self, *flags: str) -> Out:
        return Out(self.callee, self.keys, self.flags | set(flags))


@dataclass
class Use:
    """What is known of one value. `parts` are its items: by index, by key, "*" for the elements of an iteration,
    "?" where the key is not written out."""

    path: tuple[Any, ...]
    default: ast.expr | None = None
    optional: bool = False
    annotation: str = ""
    alias: str = ""
    called: int = 0
    attributes: set[str] = field(default_factory=set)
    fed: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    targets: list[tuple[str, Out]] = field(default_factory=list)
    ops: dict[str, ast.Call] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    parts: dict[Any, Use] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name that a reader would call it by."""
        named = [step for step in self.path if isinstance(step, str) and step not in "*?"]
        return self.alias or (named[-1] if named else str(self.path[0]))

    def part(self, key: Any, alias: str = "") -> Use:
        found = self.parts.setdefault(key, Use((*self.path, key)))
        found.alias = alias or found.alias
        return found

    def walk(self) -> Iterator[Use]:
        yield self
        for part in self.parts.values():
            yield from part.walk()


Value = Use | Out | tuple[Any, ...] | None


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of names, `C()` of a call at its root; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{base}.{node.attr}" if (base := dotted(node.value)) else ""
    if isinstance(node, ast.Call):
        return f"{base}()" if (base := dotted(node.func)) else ""
    return ""


def find(tree: ast.AST, qualname: str) -> Sequence[Function | ast.ClassDef]:
    """The nested definitions that a qualified name goes through, outermost first; empty if there is no such thing."""
    chain: list[Function | ast.ClassDef] = []
    scope = tree
    for name in (part for part in qualname.split(".") if part != "<locals>"):
        for node in ast.walk(scope):
            if isinstance(node, (Function, ast.ClassDef)) and node.name == name and node is not scope:
                chain.append(node)
                scope = node
                break
        else:
            return []
    return chain


def parameters(function: Function, method: bool = False) -> dict[str, Use]:
    """The parameters of a function, without `self`, and with nothing known of their use yet."""
    spec = function.args
    plain = [*spec.posonlyargs, *spec.args]
    defaults: list[ast.expr | None] = [*[None] * (len(plain) - len(spec.defaults)), *spec.defaults]
    pairs = [*zip(plain, defaults, strict=True)][1 if method else 0 :]
    uses = {}
    for arg, default in [*pairs, *zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]:
        note = ast.unparse(arg.annotation) if arg.annotation else ""
        uses[arg.arg] = Use((arg.arg,), default, default is not None, note)
    return uses


def is_static(function: Function) -> bool:
    return any(dotted(mark) == "staticmethod" for mark in function.decorator_list)


def methods(tree: ast.Module, owner: ast.ClassDef) -> dict[str, Function]:
    """The methods of a class, those of its base classes in the same file included."""
    found: dict[str, Function] = {}
    for base in owner.bases:
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name == dotted(base) and node is not owner:
                found.update(methods(tree, node))
    found.update({node.name: node for node in owner.body if isinstance(node, Function)})
    return found


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
        self.indexed: set[tuple[str, object]] = set()  # names and the numbers that they are indexed by
        self.depth = 0

    def run(self, function: Function, env: dict[str, Value], depth: int) -> Value:
        before = self.env, self.depth
        self.env, self.depth = env, depth
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
        inner = self.functions.get(text) or (self.own.get(last) if text == f"self.{last}" else None)
        if inner and text not in self.env and self.depth < _DEEPEST:
            names = [*parameters(inner, text.startswith("self.") and not is_static(inner))]
            env = dict(zip(names, args, strict=False)) | named
            result = self.run(inner, env, self.depth + 1)
            return result if result is not None else Out(text)
        if isinstance(node.func, ast.Attribute) and isinstance(callee, (Use, Out, tuple)):
            held = node.func.attr
            if isinstance(callee, Use):
                callee.attributes.add(held)
                if held in _MODEL_METHODS:
                    text = ".".join(map(str, callee.path))
                elif held in ("items", "values"):
                    return None
                else:
                    return callee if held in _KEEPS or held == "reshape" else None
            elif held in _KEEPS:
                return callee
        elif isinstance(callee, Use):
            callee.called = max(callee.called, len(given))
            text = ".".join(map(str, callee.path))
        elif isinstance(callee, Out) and not callee.keys:
            text = callee.callee + "()"
        if last in _MODEL_METHODS and "." in text and text.endswith(last):
            text = text.rsplit(".", 1)[0]
        return self.outcome(node, text, last, given)

    def loop(self, name: str, args: list[Value]) -> Value:
        if name == "zip":
            return ("each", *(self.element(arg) for arg in args))
        if name == "enumerate":
            return ("each", None, self.element(args[0]) if args else None)
        return self.element(args[0]) if name == "next" and args else args[0] if args else None

    def outcome(self, node: ast.Call, text: str, last: str, given: list[tuple[Any, Value]]) -> Value:
        uses = [value for _, value in given if isinstance(value, Use)]
        outs = [value for _, value in given if isinstance(value, Out)]
        if re.fullmatch(_BUILTINS, text):
            return None if not uses else uses[0] if last in ("float", "int", "list", "tuple", "sorted") else None
        for where, value in given:
            self.feed(text, (where,), value)
        for use in uses:
            if outs and last not in ("gradient", "jacobian", "batch_jacobian"):
                use.targets.append((text, outs[-1]))
        if last in _KEEPS or text.startswith(("tf.image", "tf.math.log", "tf.ones", "tf.zeros", "tf.random")):
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


_MODEL_TRAITS = _set_of(
    "trainable_variables trainable_weights variables weights predict predict_on_batch get_layer layers losses "
    "inputs get_weights set_weights outputs trainable non_trainable_variables summary output_shape input_shape "
)
_DATASET_TRAITS = {"shuffle", "take", "batch", "prefetch", "repeat", "as_numpy_iterator", "cardinality", "skip"}
_ARRAY_TRAITS = {name for kind in (float, list, dict) for name in dir(kind)} | _set_of(
    "shape dtype ndim size numpy astype reshape T mean std sum max min ravel flatten get_shape assign assign_add "
    "assign_sub rank set_shape argmax transpose tolist any all squeeze name device value read_value "
)
_MODEL_NAMES = re.compile(
    r"model|net(work)?\b|generator|discriminator|encoder|decoder|critic|actor|teacher|student|policy"
)
_SCALAR_NAMES = re.compile(
    r"^(n|k|lr|eps|epsilon|seed|gamma|beta|alpha|tau|scale|epochs?|(inner_|outer_)?steps?|iterations?|temperature|training|verbose)$"
    r"|^(n|num|max|min)_|_(size|rate|weight|dim|dims|epochs|steps|iterations|factor|coef|lambda|shape|index|idx|lr)$|^learning_rate"
)


def _is_own(callee: str) -> bool:
    """Whether a callee may be a model: an object of the module, not a class and nothing of a library."""
    library = re.match(r"(tf|np|numpy|keras|layers|math|random|range|int|float|len|print|str|max|min|abs)\b", callee)
    return bool(callee) and not library and not callee.rsplit(".", 1)[-1][:1].isupper()


def role(use: Use) -> str:
    """What kind of thing the code wants: model, optimizer, loss, dataset, tuple, dict, layer name, scalar, tensor."""
    name, note, traits = use.name.lower(), use.annotation, use.attributes
    for pattern, kind in (
        (r"Optimizer", "optimizer"), (r"Loss\b", "loss"), (r"Dataset", "dataset"),
        (r"\bModel\b|Layer\b|Module\b", "model"), (r"^(int|float|bool|str)\b", "scalar"),
        (r"Tensor\b|ndarray", "tensor"),
    ):  # fmt: skip
        if re.search(pattern, note):
            return kind
    if traits & {"apply_gradients", "minimize", "apply"} or re.match(r"opt(imi[sz]er)?\b|\w*_?opt(imi[sz]er)?$", name):
        return "optimizer"
    if traits & _MODEL_TRAITS:
        return "model"
    if use.called:
        losses = re.search(r"loss|criterion|objective|metric|distance", name) or use.called == 2
        return "model" if _MODEL_NAMES.search(name) or not losses else "loss"
    if "get_layer" in use.ops:
        return "layer name"
    if (
        "counted" in use.flags
        or "range" in use.ops
        or isinstance(getattr(use.default, "value", None), (int, float, str))
    ):
        return "scalar"
    element = use.parts.get("*")
    if element and (
        traits & _DATASET_TRAITS or "unpacked" in element.flags or re.search(r"data|ds$|loader|batches", name)
    ):
        return "dataset"
    if "unpacked" in use.flags or (
        set(use.parts) >= {0, 1} and not use.fed and "sliced" not in use.flags
    ):  # fmt: skip
        return "tuple"
    if set(use.parts) == {0} and not (use.fed or use.targets or traits or use.flags - {"indexed"}):
        return "tuple"
    if "keyed" in use.flags:
        return "dict"
    if traits - _ARRAY_TRAITS:
        return "object"
    made = any(op[:1].isupper() and op not in ("Variable", "Tensor", "Model") for op in use.ops)
    flows = use.targets or "one_hot" in use.ops or any(_is_own(callee) for callee, _ in use.fed)
    if (made or _SCALAR_NAMES.search(name) or "index" in use.flags) and not flows:
        return "scalar"
    return "model" if _MODEL_NAMES.search(name) and not use.targets and not use.fed else "tensor"
