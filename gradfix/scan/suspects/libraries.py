"""What functions and classes of libraries give."""

from __future__ import annotations

import ast

from gradfix.scan.suspects import effects, kinds
from gradfix.scan.suspects.builtin import Builtins
from gradfix.scan.suspects.expressions import is_integer
from gradfix.scan.suspects.methods import Methods
from gradfix.scan.suspects.values import (
    NO_TAPES,
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
    Sequence,
    Tape,
    Value,
    Variable,
    items_of,
)


class Libraries(Builtins, Methods):
    """Calls of what is imported."""

    def library_call(self, name: str, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        """What a call of a dotted name gives."""
        name = effects.short(name)
        package, last = effects.ends(name)
        every = [*args, *named.values()]
        if package == "builtins":
            return self.builtin(last, args, named, node)
        if package in effects.LEAVING:
            return self._leaves(name, last, every, node)
        if name in effects.TO_NUMPY:
            return self.operation(every, node, kinds.TO_NUMPY, kind="array")
        if package in ("tensorflow", "keras"):
            found = self._makes(name, last, args, named, node)
            return found if found is not None else self._computes(name, last, args, named, node)
        if effects.makes_model(name):
            return Model(name)
        return self.unknown(None, every, node)

    def _leaves(self, name: str, last: str, args: list[Value], node: ast.AST) -> Value:
        if last in effects.SHAPES:
            integer = last in ("shape", "size", "ndim")
            return Data({}, "array", node, integer=integer)
        integer = last in effects.INTEGERS | {"randint", "integers", "argmax", "argsort", "arange"}
        kind = kinds.WHERE if name == "numpy.where" else kinds.NUMPY
        if last in ("array", "asarray", "stack") and all(is_integer(a) for a in args[:1]):
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
        made_of = effects.makes(name)
        if made_of:
            return Metric() if made_of == "metrics" else Optimizer() if made_of == "optimizers" else Operation()
        if effects.makes_model(name):
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
        integer = is_integer(first)
        if isinstance(dtype, Library):
            integer = dtype.name.rpartition(".")[2] in effects.INTEGERS
        elif isinstance(dtype, Constant) and dtype.value is not None:
            integer = str(dtype.value) in effects.INTEGERS
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
        if last in effects.WRAPPERS or last == "custom_gradient":
            wrapped = args[0] if args else Opaque()
            if last == "custom_gradient" and isinstance(wrapped, Function):
                return Function(wrapped.node, wrapped.scope, wrapped.bound, opaque=True)
            return wrapped if isinstance(wrapped, (Function, Method, Model, Instance)) else Library(name)
        if last in ("numpy_function", "py_function", "py_func"):
            return self._python(last, args, named, node)
        if last in effects.WITH_FUNCTIONS:
            return self._with_functions(every, node)
        if last in effects.SHAPES:
            return Data({}, "tensor", node, integer=last in ("shape", "size", "rank"))
        if ".random." in name and last in ("normal", "uniform", "truncated_normal", "Generator"):
            return self.operation(every, node)
        if last in effects.WITHOUT_GRADIENT and not name.startswith(("keras.layers", "keras.losses")):
            return self.operation(every, node, effects.WITHOUT_GRADIENT[last], integer=last.startswith("arg"))
        if last in ("cast", "saturate_cast", "to_int32", "to_int64"):
            return self._cast(last, args, named, node)
        if last in effects.FIRST_ONLY and args:
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
        return self.operation(every, node, integer=integer and bool(args) and is_integer(args[0]))

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
        return Data({}, "tensor", node, integer=bool(leaves) and all(is_integer(leaf) for leaf in leaves))


def _names_integer(dtype: Value) -> bool | None:
    """Whether a dtype is one of integers; None where it is not known."""
    name = dtype.name.rpartition(".")[2] if isinstance(dtype, Library) else ""
    if isinstance(dtype, Constant):
        name = str(dtype.value)
    if name in effects.INTEGERS:
        return True
    return False if name in effects.FLOATS else None
