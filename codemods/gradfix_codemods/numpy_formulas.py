"""Functions of NumPy for which TensorFlow has a short formula, and no function of the same arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import libcst as cst

from gradfix_codemods.naming import dotted

Way: TypeAlias = Callable[[str], str]
"""Takes the name of something in TensorFlow; gives how it is written in this file."""
Makes: TypeAlias = Callable[[list[str]], str]
"""Makes the new text from the texts of the arguments' values."""


def formula(name: str, args: Sequence[cst.Arg], way: Way) -> Makes | None:
    """Takes a function of NumPy and its arguments; returns what writes it in TensorFlow, or None."""
    made = _FORMULAS.get(name)
    return made(name, args, way) if made is not None and args and not args[0].keyword else None


def _spread(name: str, args: Sequence[cst.Arg], way: Way) -> Makes | None:
    """`std` and `var` of a sample: TensorFlow's own divide by the number of values, not by one less."""
    names = [_name(a) or ("a", "axis")[i] if i < 2 else _name(a) for i, a in enumerate(args)]
    divisor = next((a.value for a, n in zip(args, names, strict=True) if n == "ddof"), None)
    if divisor is None or not {*names[1:]} <= {"axis", "ddof", "keepdims"}:
        return None
    if isinstance(divisor, cst.Integer) and divisor.value == "0":
        return None

    def makes(a: list[str]) -> str:
        dtype = f"{a[0]}.dtype" if dotted(args[0].value) else way("float32")
        named = [f"{n}={text}" for n, text in zip(names[1:], a[1:], strict=True)]
        variance = f"{way('experimental.numpy.var')}({', '.join([a[0], *named, f'dtype={dtype}'])})"
        return variance if name == "var" else f"{way('sqrt')}({variance})"

    return makes


def _median(name: str, args: Sequence[cst.Arg], way: Way) -> Makes | None:
    """The mean of the one or two values in the middle."""
    if len(args) > 1 or not dotted(args[0].value):
        return None
    sort, flat, size, mean = (way(n) for n in ("sort", "reshape", "size", "reduce_mean"))
    return lambda a: f"{mean}({sort}({flat}({a[0]}, [-1]))[({size}({a[0]}) - 1) // 2 : {size}({a[0]}) // 2 + 1])"


def _nan_to_num(name: str, args: Sequence[cst.Arg], way: Way) -> Makes | None:
    """Zero where there is no number."""
    zero = len(args) == 1 or (len(args) == 2 and _name(args[1]) == "nan" and _is_zero(args[1].value))
    if not zero or not dotted(args[0].value):
        return None
    where, nan, zeros = (way(n) for n in ("where", "math.is_nan", "zeros_like"))
    return lambda a: f"{where}({nan}({a[0]}), {zeros}({a[0]}), {a[0]})"


def _tile(name: str, args: Sequence[cst.Arg], way: Way) -> Makes | None:
    """`tf.tile` wants a number for each axis."""
    if len(args) != 2 or _name(args[1]) not in ("", "reps") or not isinstance(args[1].value, cst.Integer):
        return None
    return lambda a: f"{way('tile')}({a[0]}, [{a[1]}])"


def _singular_values(name: str, args: Sequence[cst.Arg], way: Way) -> Makes | None:
    """The singular values alone; with the matrices, TensorFlow's order is another."""
    if len(args) != 2 or _name(args[1]) != "compute_uv" or dotted(args[1].value) != "False":
        return None
    return lambda a: f"{way('linalg.svd')}({a[0]}, compute_uv=False)"


def _fourier(name: str, args: Sequence[cst.Arg], way: Way) -> Makes | None:
    """Transforms of the last axis, or of the last two; TensorFlow's complex ones take complex numbers alone."""
    known = all(_name(arg) == "axis" and _is_last(arg.value) for arg in args[1:])
    if not known or (len(args) > 1 and name.endswith("2")):
        return None
    kind = name.removeprefix("fft.").replace("2", "2d")
    transform, cast, complex64 = way(f"signal.{kind}"), way("cast"), way("complex64")
    return lambda a: f"{transform}({a[0]})" if "r" in kind else f"{transform}({cast}({a[0]}, {complex64}))"


_FORMULAS: dict[str, Callable[[str, Sequence[cst.Arg], Way], Makes | None]] = {
    "std": _spread,
    "var": _spread,
    "median": _median,
    "nan_to_num": _nan_to_num,
    "tile": _tile,
    "linalg.svd": _singular_values,
    **dict.fromkeys(
        [f"fft.{name}" for name in ("rfft", "irfft", "fft", "ifft", "rfft2", "irfft2", "fft2", "ifft2")], _fourier
    ),
}


def _name(arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword else ""


def _is_last(value: cst.BaseExpression) -> bool:
    if not isinstance(value, cst.UnaryOperation) or not isinstance(value.operator, cst.Minus):
        return False
    return isinstance(value.expression, cst.Integer) and value.expression.value == "1"


def _is_zero(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Integer | cst.Float) and float(value.evaluated_value) == 0.0
