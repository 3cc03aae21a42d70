"""Puts one call of NumPy, or of a method of an array, into TensorFlow's words; numpy_table.py has the words."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection

import libcst as cst

from gradfix_codemods.arguments import argument_of, keyword, with_argument
from gradfix_codemods.edits import Build, unwrapped
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted
from gradfix_codemods.numpy_formulas import formula
from gradfix_codemods.numpy_table import METHODS, NUMPY, PYTHON_MATH, SAME_NAME, Entry
from gradfix_codemods.trees import Tree

_GETTERS = ("backend.get_value", "backend.eval", "ops.convert_to_numpy")
_FLOATS = {f"numpy.{name}": name for name in ("float16", "float32", "float64")} | {"numpy.double": "float64"}
_DTYPES = {"float": "float64", "int": "int64", "bool": "bool"}
_MAKERS = ("array", "asarray", "asanyarray", "ascontiguousarray", "asfarray")


class Converter:
    """Says what to make of a call. `choice` picks among counterparts where the ranks of the arguments decide."""

    def __init__(self, tree: Tree, imports: Imports, choice: int = 0) -> None:
        self.tree, self.imports = tree, imports
        self._choice, self.has_choice = choice, False

    @property
    def choice(self) -> int:
        """Which counterpart to take; to ask for it tells that there are several."""
        self.has_choice = True
        return self._choice

    def numpy_name(self, node: cst.CSTNode) -> str:
        """The name of the NumPy function that a call calls (`linalg.norm`), or ""."""
        origin = self.imports.origin(node.func) if isinstance(node, cst.Call) else ""
        return origin.removeprefix("numpy.") if origin.startswith("numpy.") else ""

    def method_name(self, node: cst.CSTNode) -> str:
        """The name of the method that a call calls on a value, or ""."""
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or self.imports.origin(node.func):
            return ""
        return node.func.attr.value

    def function(self, call: cst.Call) -> Build | None:
        """What to make of a call of a NumPy function; None where TensorFlow has no counterpart to it."""
        name = self.numpy_name(call)
        if not name or any(a.star for a in call.args):
            return None
        return self._function(call, name, lambda new: list(new.args))

    def method(self, call: cst.Call) -> Build | None:
        """What to make of a method of an array that a tensor does not have."""
        name = self.method_name(call)
        if name not in METHODS or any(a.star for a in call.args):
            return None

        def arguments(new: cst.Call) -> list[cst.Arg]:
            assert isinstance(new.func, cst.Attribute)
            args = list(new.args)
            if name in ("reshape", "transpose") and len(args) > 1 and not any(a.keyword for a in args):
                args = [cst.Arg(self._parsed(f"({', '.join(self._code(a.value) for a in args)})"))]
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")) if args else cst.MaybeSentinel.DEFAULT
            return [cst.Arg(new.func.value, comma=comma), *args]

        return self._function(call, name, arguments)

    def to_number(self, call: cst.Call) -> Build | None:
        """What to make of a call that takes a tensor's value out of it (`.numpy()`, `float(x)`): the tensor."""
        origin = self.imports.origin(call.func)
        method = self.method_name(call)
        if method in ("numpy", "item", "tolist") and not call.args:
            return lambda new: new.func.value  # type: ignore[attr-defined]
        if len(call.args) != 1 or call.args[0].star:
            return None
        plain = isinstance(call.func, cst.Name) and call.func.value == "float" and not origin
        if plain or origin.endswith(_GETTERS) or origin in _FLOATS:
            return lambda new: unwrapped(new, new.args[0])  # type: ignore[attr-defined, arg-type]
        return None

    def missing(self, call: cst.Call) -> Build | None:
        """What to make of a method that gives a number out of an array, and that a tensor does not have."""
        method = self.method_name(call)
        if call.args or method not in ("item", "tolist"):
            return None

        def build(new: cst.BaseExpression) -> cst.BaseExpression:
            value = self._code(new.func.value)  # type: ignore[attr-defined]
            return self._parsed(f"float({value})" if method == "item" else f"{value}.numpy().tolist()")

        return build

    def constant(self, call: cst.Call, lists: Collection[str]) -> Build | None:
        """What to make of `tf.constant` of a list in which tensors are now: it takes numbers alone."""
        value = argument_of(call, 0, "value")
        if self.imports.origin(call.func) != "tensorflow.constant" or value is None:
            return None
        if not isinstance(value.value, cst.List | cst.ListComp) and dotted(value.value) not in lists:
            return None
        function = self._parsed(self._way("convert_to_tensor", call))
        return lambda new: new.with_changes(func=function)

    def python_math(self, call: cst.Call) -> Build | None:
        """What to make of a call of Python's `math`."""
        origin = self.imports.origin(call.func)
        name = origin.removeprefix("math.")
        if not origin.startswith("math.") or any(a.star or a.keyword for a in call.args):
            return None
        if name in ("log10", "log2") and len(call.args) == 1:
            return self._logarithm(call, name, lambda new: list(new.args))
        if name == "log" and len(call.args) == 2:
            base = self._code(call.func)
            return self._text(
                call, lambda new: list(new.args), lambda a: f"{self._way('math.log', call)}({a[0]}) / {base}({a[1]})"
            )
        if name == "hypot":
            hypot = self._hypot(call, list(call.args))
            return self._text(call, lambda new: list(new.args), hypot) if hypot else None
        if name not in PYTHON_MATH or (name == "log" and len(call.args) > 1):
            return None
        function = self._way(PYTHON_MATH[name], call)
        return lambda new: new.with_changes(func=self._parsed(function))

    # ------------------------------------------------------------ functions of NumPy

    def _function(self, call: cst.Call, name: str, arguments: Callable[[cst.Call], list[cst.Arg]]) -> Build | None:
        if name in ("log10", "log2"):
            return self._logarithm(call, name, arguments)
        if f"numpy.{name}" in _FLOATS and len(call.args) == 1:
            cast, dtype = self._way("cast", call), self._dtype(name, call)
            return self._text(call, arguments, lambda a: f"{cast}({a[0]}, {dtype})")
        if (written := formula(name, arguments(call), lambda n: self._way(n, call))) is not None:
            return self._text(call, arguments, written)
        special = getattr(self, f"_{name}", None) if name.isidentifier() else None
        if name in _MAKERS:
            special = self._array
        name = {"radians": "deg2rad", "degrees": "rad2deg"}.get(name, name)
        if name in SAME_NAME:
            same = self._parsed(self._way(f"experimental.numpy.{name}", call))
            return lambda new: new.with_changes(func=same, args=arguments(new))  # type: ignore[arg-type]
        if special is not None:
            given = arguments(call)
            makes: Callable[..., str] | None = special(call, given)
            return self._text(call, arguments, makes) if makes is not None else None
        if name not in NUMPY or (name == "where" and len(call.args) != 3):
            return None
        entry = NUMPY[name]
        if self._carried(entry, arguments(call), call) is None:
            return None
        function = self._way(entry.others[0] if entry.others and self.choice else entry.name, call)
        of_matrix = name == "linalg.norm" and self._of_matrix(call)

        def build(new: cst.BaseExpression) -> cst.BaseExpression:
            assert isinstance(new, cst.Call)
            made = new.with_changes(func=self._parsed(function), args=self._carried(entry, arguments(new), call))
            return with_argument(made, keyword("axis", self._parsed("[-2, -1]"))) if of_matrix else made

        return build

    def _of_matrix(self, call: cst.Call) -> bool:
        """Whether a norm is one of a matrix: `tf.norm` takes `ord` for that of a vector, unless it is told the axes."""
        order, axis = argument_of(call, 1, "ord"), argument_of(call, 2, "axis")
        if order is None or axis is not None:
            return False
        return isinstance(order.value, cst.SimpleString) or bool(self.choice)

    def _carried(self, entry: Entry, args: list[cst.Arg], call: cst.Call) -> list[cst.Arg] | None:
        """A call's arguments under TensorFlow's names; None where one of them has no counterpart."""
        names = {source: name for name, source in entry.gives}
        order = [source for _, source in entry.gives]
        new: list[cst.Arg] = []
        dtype = ""
        for index, arg in enumerate(args):
            source = arg.keyword.value if arg.keyword else entry.takes[index] if index < len(entry.takes) else ""
            source = {"newshape": "shape", "arr": "a", "ary": "a", "x1": "x", "x2": "y"}.get(source, source)
            if source == "ddof" and self._code(arg.value) == "0":
                continue
            if source == "dtype" and "dtype" not in names:
                dtype = self._dtype(arg.value, call)
                continue
            if source not in names or (source == "a" and "a" not in names):
                return None
            moved = index >= len(order) or order[index] != source
            if arg.keyword or moved:
                arg = _with_keyword(arg, names[source])
            if source == "dtype":
                arg = arg.with_changes(value=self._parsed(self._dtype(arg.value, call)))
            if source == "shape" and entry.name == "reshape":
                arg = arg.with_changes(value=self._shape(arg.value))
            new.append(arg)
        if not new:
            return None
        if entry.axis and not any(a.keyword and a.keyword.value == "axis" for a in new) and len(new) < 2:
            new.append(_with_keyword(cst.Arg(cst.parse_expression(entry.axis)), "axis"))
            new[-2] = new[-2].with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        if dtype:
            cast = self._parsed(f"{self._way('cast', call)}({self._code(new[0].value)}, {dtype})")
            new[0] = new[0].with_changes(value=cast)
        if len(args) != len(new):  # the last one is another now
            new[-1] = new[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return new

    def _text(
        self, call: cst.Call, arguments: Callable[[cst.Call], list[cst.Arg]], makes: Callable[[list[str]], str]
    ) -> Build:
        """Builds from the text of the call's arguments."""

        def build(new: cst.BaseExpression) -> cst.BaseExpression:
            assert isinstance(new, cst.Call)
            return self._parsed(makes([self._code(a.value) for a in arguments(new)]))

        return build

    def _logarithm(self, call: cst.Call, name: str, arguments: Callable[[cst.Call], list[cst.Arg]]) -> Build | None:
        if len(arguments(call)) != 1:
            return None
        log, base = self._way("math.log", call), f"{name.removeprefix('log')}.0"
        by = repr(math.log(float(base))) if self.choice else f"{log}({base})"  # which is a float32
        return self._text(call, arguments, lambda a: f"{log}({a[0]}) / {by}")

    # Functions that need more than other names. Each takes the call and its arguments, and returns what makes the
    # new text from the texts of the arguments, or None.

    def _array(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        dtype = next((a for i, a in enumerate(args) if _name(a) == "dtype" or (i == 1 and not a.keyword)), None)
        known = all(i == 0 or a is dtype or _name(a) in ("copy", "order") for i, a in enumerate(args))
        if not args or not known or args[0].keyword:
            return None
        if dtype is None:
            return lambda a: f"{self._way('convert_to_tensor', call)}({a[0]})"
        return lambda a: f"{self._way('cast', call)}({a[0]}, {self._dtype(dtype.value, call)})"

    def _astype(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        if len(args) < 2 or _name(args[1]) not in ("", "dtype"):
            return None
        return lambda a: f"{self._way('cast', call)}({a[0]}, {self._dtype(args[1].value, call)})"

    def _clip(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        names = {"a_min": 1, "min": 1, "a_max": 2, "max": 2}
        place = [names.get(_name(a), 9) if a.keyword else i for i, a in enumerate(args)]
        if place not in ([0, 1, 2], [0, 2, 1], [0, 1], [0, 2]):
            return None

        def makes(a: list[str]) -> str:
            given = dict(zip(place, a, strict=True))
            low, high = given.get(1, "None"), given.get(2, "None")
            if low != "None" and high != "None":
                return f"{self._way('clip_by_value', call)}({a[0]}, {low}, {high})"
            bound = f"{self._way('minimum', call)}({a[0]}, {high})"
            return bound if low == "None" else f"{self._way('maximum', call)}({a[0]}, {low})"

        return makes

    def _ravel(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        return (lambda a: f"{self._way('reshape', call)}({a[0]}, [-1])") if len(args) == 1 else None

    _flatten = _ravel

    def _dot(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        return (lambda a: f"{self._way('tensordot', call)}({a[0]}, {a[1]}, axes=1)") if _plain(args, 2) else None

    _vdot = _dot

    def _inner(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        way = self._way("tensordot", call)
        return (lambda a: f"{way}({a[0]}, {a[1]}, axes=[[-1], [-1]])") if _plain(args, 2) else None

    def _outer(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        return (lambda a: f"{self._way('tensordot', call)}({a[0]}, {a[1]}, axes=0)") if _plain(args, 2) else None

    def _hypot(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        root, square = self._way("sqrt", call), self._way("square", call)
        return (lambda a: f"{root}({square}({a[0]}) + {square}({a[1]}))") if _plain(args, 2) else None

    def _vstack(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        way = self._way("stack" if self.choice else "concat", call)
        return (lambda a: f"{way}({a[0]}, axis=0)") if _plain(args, 1) else None

    def _hstack(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        axis = 0 if self.choice else 1
        return (lambda a: f"{self._way('concat', call)}({a[0]}, axis={axis})") if _plain(args, 1) else None

    def _column_stack(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        way = self._way("concat" if self.choice else "stack", call)
        return (lambda a: f"{way}({a[0]}, axis=1)") if _plain(args, 1) else None

    def _cumsum(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        way = self._way("cumsum", call)
        if _plain(args, 1):  # NumPy's default is all axes in one
            flat = self._way("reshape", call)
            return lambda a: f"{way}({a[0]})" if not self.choice else f"{way}({flat}({a[0]}, [-1]))"
        return (lambda a: f"{way}({a[0]}, axis={a[1]})") if len(args) == 2 and _name(args[1]) in ("", "axis") else None

    def _split(self, call: cst.Call, args: list[cst.Arg]) -> Callable[[list[str]], str] | None:
        if len(args) < 2 or not isinstance(args[1].value, cst.Integer):
            return None  # a list says where to cut in NumPy, and how long the parts are in TensorFlow
        return lambda a: f"{self._way('split', call)}({', '.join([*a[:2], *(f'axis={x}' for x in a[2:])])})"

    # ------------------------------------------------------------ small things

    def _shape(self, value: cst.BaseExpression) -> cst.BaseExpression:
        single = isinstance(value, cst.Integer | cst.UnaryOperation)
        return self._parsed(f"[{self._code(value)}]") if single else value

    def _dtype(self, value: cst.BaseExpression | str, call: cst.Call) -> str:
        if isinstance(value, str):
            return self._way(_FLOATS[f"numpy.{value}"], call)
        origin, code = self.imports.origin(value, call), self._code(value)
        if origin.startswith("numpy."):
            return self._way(origin.removeprefix("numpy.").replace("double", "float64").rstrip("_"), call)
        return self._way(_DTYPES[code], call) if code in _DTYPES else code

    def _way(self, name: str, at: cst.CSTNode) -> str:
        return self.imports.reach(f"tensorflow.{name}", at)

    def _code(self, node: cst.CSTNode) -> str:
        return self.tree.module.code_for_node(node)

    def _parsed(self, code: str) -> cst.BaseExpression:
        return cst.parse_expression(code, self.tree.module.config_for_parsing)


def _name(arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword else ""


def _plain(args: list[cst.Arg], count: int) -> bool:
    return len(args) == count and not any(a.keyword for a in args)


def _with_keyword(arg: cst.Arg, name: str) -> cst.Arg:
    if arg.keyword:
        return arg.with_changes(keyword=cst.Name(name))
    bare = cst.SimpleWhitespace("")
    equal = cst.AssignEqual(whitespace_before=bare, whitespace_after=bare)
    return arg.with_changes(keyword=cst.Name(name), equal=equal)
