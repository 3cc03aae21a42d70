"""What calls give: functions and classes of the file, models, and what libraries have."""

from __future__ import annotations

import ast

from gradfix.scan.suspects import kinds, library
from gradfix.scan.suspects.builtin import Builtins
from gradfix.scan.suspects.methods import Methods
from gradfix.scan.suspects.state import DEEPEST
from gradfix.scan.suspects.values import (
    ALL_TAPES,
    NO_TAPES,
    Class,
    Constant,
    Cut,
    Data,
    Function,
    Instance,
    Library,
    Method,
    Metric,
    Model,
    Opaque,
    Operation,
    Optimizer,
    Path,
    Paths,
    Scope,
    Sequence,
    Tape,
    Value,
    Variable,
    items_of,
)


class Calls(Builtins, Methods):
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
        every = [*args, *named.values()]
        if isinstance(function, Function):
            return self._function(function, args, named, node)
        if isinstance(function, Class):
            return self._object(function, args, named, node)
        if isinstance(function, Instance):
            return self._instance(function, args, named, node)
        if isinstance(function, Model):
            return self._model(function, every, node)
        if isinstance(function, Library):
            return self._library(function.name, args, named, node)
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
        scope = Scope({}, function.scope)
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

    # libraries -------------------------------------------------------------------------------------------------

    def _library(self, name: str, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        name = library.short(name)
        package, last = name.split(".")[0], name.rpartition(".")[2]
        every = [*args, *named.values()]
        if package == "builtins":
            return self.builtin(last, args, named, node)
        if package in library.LEAVING:
            return self._leaves(name, last, every, node)
        if name in library.TO_NUMPY:
            return self.operation(every, node, kinds.TO_NUMPY, kind="array")
        if package in ("tensorflow", "keras"):
            found = self._makes(name, last, args, named, node)
            return found if found is not None else self._computes(name, last, args, named, node)
        if library.makes_model(name):
            return Model(name)
        return self.unknown(None, every, node)

    def _leaves(self, name: str, last: str, args: list[Value], node: ast.AST) -> Value:
        if last in library.SHAPES:
            integer = last in ("shape", "size", "ndim")
            return Data({}, "array", node, integer=integer)
        integer = last in library.INTEGERS | {"randint", "integers", "argmax", "argsort", "arange"}
        kind = kinds.WHERE if name == "numpy.where" else kinds.NUMPY
        if last in ("array", "asarray", "stack") and all(is_int_data(a) for a in args[:1]):
            integer = len(args) == 1
        return self.operation(args, node, kind, kind="array", integer=integer)

    def _makes(self, name: str, last: str, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value | None:
        """The object that a call of TensorFlow or Keras makes; None where it computes something."""
        if last == "GradientTape":
            self.tapes += 1
            persistent, accessed = (
                named.get("persistent", args[0] if args else None),
                named.get("watch_accessed_variables", args[1] if len(args) > 1 else None),
            )
            made_tape = Tape(
                self.tapes,
                not (persistent is None or (isinstance(persistent, Constant) and not persistent.value)),
                not (isinstance(accessed, Constant) and not accessed.value),
                calls=self.calls,
                node=node,
                loops=self.loops,
            )
            self.known.append(made_tape)
            return made_tape
        if name in ("tensorflow.Variable", "keras.Variable", "keras.backend.variable"):
            return self.variable(args, named, node)
        if last == "Input" or name == "keras.layers.InputLayer":
            return Data({}, "symbolic", node) if last == "Input" else Model(name)
        if last == "Sequential":
            layers = args[0] if args else named.get("layers", Sequence([]))
            chain = list(layers.items) if isinstance(layers, Sequence) and layers.exact else None
            if chain is None:
                return Model(name)
            made = Model(name, built=any(self.gives_shape(c) for c in chain), chain=[])
            for layer in chain:
                self.add_layer(made, layer)
            return made
        if name in ("keras.Model", "keras.models.Model", "keras.Functional"):
            outputs = self.operation([*args[1:], *[v for k, v in named.items() if k == "outputs"]], node)
            return Model(name, inside=dict(outputs.paths))
        if name == "keras.layers.Lambda" and args:
            return args[0] if isinstance(args[0], Function) else Operation()
        if name in ("keras.layers.TimeDistributed", "keras.layers.Bidirectional") and args:
            return args[0] if isinstance(args[0], (Model, Instance)) else Model(name)
        if library.makes(name, "metrics"):
            return Metric()
        if library.makes(name, "optimizers"):
            return Optimizer()
        if any(library.makes(name, p) for p in ("losses", "activations", "regularizers", "initializers", "callbacks")):
            return Operation()
        if library.makes_model(name):
            shaped = "input_shape" in named or "input_dim" in named or ".layers." not in name
            made = Model(name, built=shaped)
            trainable = named.get("trainable")
            if isinstance(trainable, Constant) and trainable.value is False:
                made.frozen = node
            return made
        if name.startswith("keras.datasets."):
            parts = [Data({}, "array", node, integer=True) for _ in range(4)]
            return Sequence([Sequence([*parts[:2]]), Sequence([*parts[2:]])])
        return None

    def gives_shape(self, layer: Value) -> bool:
        """Whether a layer of a Sequential says what comes in."""
        return not isinstance(layer, (Model, Instance, Operation, Function)) or (
            isinstance(layer, Model) and (layer.name == "keras.layers.InputLayer" or layer.built)
        )

    def add_layer(self, model: Model, layer: Value) -> None:
        """Puts one more layer behind a Sequential."""
        assert model.chain is not None
        if isinstance(layer, Data):  # an Input
            model.built = True
        else:
            model.chain.append(layer)
            model.built = model.built or self.gives_shape(layer)

    def variable(self, args: list[Value], named: dict[str, Value], node: ast.AST) -> Variable:
        """A new variable."""
        first = args[0] if args else named.get("initial_value", named.get("initializer", Opaque()))
        dtype = named.get("dtype")
        integer = is_int_data(first)
        if isinstance(dtype, Library):
            integer = dtype.name.rpartition(".")[2] in library.INTEGERS
        elif isinstance(dtype, Constant) and dtype.value is not None:
            integer = str(dtype.value) in library.INTEGERS
        elif dtype is not None:
            integer = False
        trainable = named.get("trainable")
        around = self.operation([first], node, kinds.AROUND)
        paths: Paths = {o: p for o, p in around.paths.items() if not isinstance(o, Data)}
        return Variable(node, integer, not (isinstance(trainable, Constant) and trainable.value is False), paths=paths)

    def _computes(self, name: str, last: str, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        """What a function of TensorFlow or Keras computes."""
        every = [*args, *named.values()]
        if last == "stop_gradient":
            return self.operation(every, node, kinds.STOPPED)
        if last in library.WRAPPERS or last == "custom_gradient":
            wrapped = args[0] if args else Opaque()
            if last == "custom_gradient" and isinstance(wrapped, Function):
                return Function(wrapped.node, wrapped.scope, wrapped.bound, opaque=True)
            return wrapped if isinstance(wrapped, (Function, Method, Model, Instance)) else Library(name)
        if last in ("numpy_function", "py_function", "py_func"):
            return self._python(last, args, named, node)
        if last in library.WITH_FUNCTIONS:
            return self._with_functions(every, node)
        if last in library.SHAPES:
            return Data({}, "tensor", node, integer=last in ("shape", "size", "rank"))
        if ".random." in name and last in ("normal", "uniform", "truncated_normal", "Generator"):
            return self.operation(every, node)
        if last in library.WITHOUT_GRADIENT and not name.startswith(("keras.layers", "keras.losses")):
            return self.operation(every, node, library.WITHOUT_GRADIENT[last], integer=last.startswith("arg"))
        if last in ("cast", "saturate_cast", "to_int32", "to_int64"):
            return self._cast(last, args, named, node)
        if last in library.FIRST_ONLY and args:
            indices = [self.operation([a], node, kinds.CHOICE) for a in args[1:]]
            return self.operation([args[0], *indices], node)
        if last == "where" and len(every) >= 3:
            condition = self.operation(every[:1], node, kinds.COMPARISON)
            return self.operation([condition, *every[1:]], node)
        if name.startswith("tensorflow.data."):
            return self._dataset(every, node)
        if last == "TensorArray":
            return Opaque()
        if ".metrics." in name:
            return self.operation(every, node)
        integer = last in ("constant", "convert_to_tensor", "identity", "reshape", "expand_dims", "squeeze", "stack")
        if "dtype" in named or (len(args) > 1 and last in ("constant", "convert_to_tensor")):
            dtype = named["dtype"] if "dtype" in named else args[-1]
            rest = [v for k, v in named.items() if k != "dtype"]
            data = [*args, *rest] if "dtype" in named else [*args[:-1], *rest]
            return self.operation(data, node, integer=bool(_names_integer(dtype)))
        return self.operation(every, node, integer=integer and bool(args) and is_int_data(args[0]))

    def _cast(self, last: str, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        dtype = args[1] if len(args) > 1 else named.get("dtype", Opaque())
        whole = last.startswith("to_int") or bool(_names_integer(dtype))
        first = args[:1] or [named.get("x", Opaque())]
        return self.operation(first, node, kinds.TO_INTEGER if whole else None, integer=whole)

    def _python(self, last: str, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        """What a Python function gives that TensorFlow calls: NumPy arrays for one, eager tensors for the other."""
        function = args[0] if args else named.get("func", Opaque())
        given = args[1] if len(args) > 1 else named.get("inp", Sequence([]))
        inputs = given.items if isinstance(given, Sequence) else [given]
        inside: Value = Constant(None)
        if isinstance(function, Function):
            inside = self.call(function, list(inputs), {}, node)
        if last == "py_function":
            if not isinstance(function, Function):
                return self.operation(inputs, node)
            found = self.operation([inside], node)
        else:
            found = self.operation([*inputs, inside], node, kinds.PYTHON)
        for origin, path in found.paths.items():
            if not path.tapes and path.cuts:
                found.paths[origin] = Path(NO_TAPES, (Cut(kinds.PYTHON, node, lost=self.active, calls=self.calls),))
        return found

    def _with_functions(self, args: list[Value], node: ast.AST) -> Value:
        """`tf.map_fn` and its like: each function is called with what there is."""
        data = [a for a in args if not isinstance(a, Function)]
        given = self.operation(data, node)
        found: list[Value] = [given]
        for function in args:
            if isinstance(function, Function):
                count = len(function.node.args.args) - (function.bound is not None)
                found.append(self.call(function, [given for _ in range(count)], {}, node))
        return self.operation(found, node, kind="tensor")

    def _dataset(self, args: list[Value], node: ast.AST) -> Value:
        leaves = [leaf for a in args for leaf in items_of(a)]
        return Data({}, "tensor", node, integer=bool(leaves) and all(is_int_data(leaf) for leaf in leaves))


def is_int_data(value: Value) -> bool:
    """Whether a value is known to be of integers."""
    if isinstance(value, Constant):
        return isinstance(value.value, int) and not isinstance(value.value, bool)
    if isinstance(value, Sequence):
        return bool(value.items) and all(is_int_data(i) for i in value.items)
    return isinstance(value, (Data, Variable)) and value.integer


def _names_integer(dtype: Value) -> bool | None:
    """Whether a dtype is one of integers; None where it is not known."""
    name = dtype.name.rpartition(".")[2] if isinstance(dtype, Library) else ""
    if isinstance(dtype, Constant):
        name = str(dtype.value)
    if name in library.INTEGERS:
        return True
    return False if name in library.FLOATS else None
