"""What NumPy's functions are called in TensorFlow, and how their arguments carry over.

One line for each function: NumPy's parameters in their order, then TensorFlow's name and, in its order, those of its
parameters that it has too (`axis`, or `input_tensor=a` where the names differ). What is not listed (`out`, `where`,
`ddof`) has no counterpart: a call that uses it is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One function of NumPy. `takes` are its parameters, `gives` pairs TensorFlow's parameters with them, in order.

    `others` are the names of functions to try where the first does not fit (for vectors in place of matrices).
    `axis` is written where the call gives none and NumPy's default is not TensorFlow's.
    """

    name: str
    takes: tuple[str, ...]
    gives: tuple[tuple[str, str], ...]
    axis: str = ""
    others: tuple[str, ...] = ()


def _table(text: str) -> dict[str, Entry]:
    table = {}
    for line in text.strip().splitlines():
        names, takes, right = (part.strip() for part in line.split("|"))
        first, *gives = right.split()
        name, *others = first.split("/")
        axis = next((g.partition("!")[2] for g in gives if "!" in g), "")
        pairs = tuple(_pair(g.partition("!")[0]) for g in gives)
        for numpy in names.split():
            table[numpy] = Entry(name, tuple(takes.split()), pairs, axis, tuple(others))
    return table


def _pair(given: str) -> tuple[str, str]:
    name, _, source = given.partition("=")
    return name, source or name


def _same(numpy: str, tensorflow: str, takes: str) -> str:
    parameters = takes.split()
    return f"{numpy} | {takes} | {tensorflow} {' '.join(parameters)}"


_ONE = {
    "abs absolute fabs": "abs", "exp": "exp", "expm1": "math.expm1", "log": "math.log", "log1p": "math.log1p",
    "sqrt": "sqrt", "square": "square", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh",
    "tanh": "tanh", "arcsin asin": "asin", "arccos acos": "acos", "arctan atan": "atan", "arcsinh asinh": "asinh",
    "arccosh acosh": "acosh", "arctanh atanh": "atanh", "negative": "negative", "sign": "sign",
    "reciprocal": "math.reciprocal", "isnan": "math.is_nan", "isfinite": "math.is_finite", "isinf": "math.is_inf",
    "logical_not": "logical_not", "copy": "identity",
}  # fmt: skip
_TWO = {
    "maximum fmax": "maximum", "minimum fmin": "minimum", "add": "add", "subtract": "subtract", "multiply": "multiply",
    "divide true_divide": "divide", "power float_power": "pow", "arctan2 atan2": "atan2", "greater": "greater",
    "greater_equal": "greater_equal", "less": "less", "less_equal": "less_equal", "equal": "equal",
    "not_equal": "not_equal", "logical_and": "logical_and", "logical_or": "logical_or",
    "mod remainder": "math.floormod",
}  # fmt: skip

NUMPY = _table(
    "\n".join(
        [
            *(_same(names, name, "x") for names, name in _ONE.items()),
            *(_same(names, name, "x y") for names, name in _TWO.items()),
        ]
    )
    + """
mean             | a axis dtype out keepdims | reduce_mean input_tensor=a axis keepdims
sum              | a axis dtype out keepdims | reduce_sum input_tensor=a axis keepdims
prod             | a axis dtype out keepdims | reduce_prod input_tensor=a axis keepdims
max amax         | a axis out keepdims       | reduce_max input_tensor=a axis keepdims
min amin         | a axis out keepdims       | reduce_min input_tensor=a axis keepdims
std              | a axis dtype out ddof keepdims | math.reduce_std input_tensor=a axis keepdims
var              | a axis dtype out ddof keepdims | math.reduce_variance input_tensor=a axis keepdims
all              | a axis out keepdims       | reduce_all input_tensor=a axis keepdims
any              | a axis out keepdims       | reduce_any input_tensor=a axis keepdims
where            | condition x y             | where condition x y
concatenate      | arrays axis               | concat values=arrays axis!0
stack            | arrays axis               | stack values=arrays axis
expand_dims      | a axis                    | expand_dims input=a axis
squeeze          | a axis                    | squeeze input=a axis
transpose        | a axes                    | transpose a perm=axes
reshape          | a shape                   | reshape tensor=a shape
matmul           | a b                       | matmul/linalg.matvec a b
pad              | array pad_width           | pad tensor=array paddings=pad_width
tile             | A reps                    | tile input=A multiples=reps
repeat           | a repeats axis            | repeat input=a repeats axis
roll             | a shift axis              | roll input=a shift axis
take             | a indices axis            | gather params=a indices axis
sort             | a axis                    | sort values=a axis
einsum           | subscripts a b            | einsum equation=subscripts a b
tensordot        | a b axes                  | tensordot a b axes
trace            | a                         | linalg.trace x=a
zeros_like       | a dtype                   | zeros_like input=a dtype
ones_like        | a dtype                   | ones_like input=a dtype
broadcast_to     | array shape               | broadcast_to input=array shape
linalg.norm      | x ord axis keepdims       | norm tensor=x ord axis keepdims
linalg.inv       | a                         | linalg.inv input=a
linalg.pinv      | a                         | linalg.pinv a
linalg.cholesky  | a                         | linalg.cholesky input=a
linalg.eigvalsh  | a                         | linalg.eigvalsh tensor=a
linalg.slogdet   | a                         | linalg.slogdet input=a
linalg.det       | a                         | linalg.det input=a
linalg.solve     | a b                       | linalg.solve matrix=a rhs=b
"""
)
"""NumPy's functions that differ from TensorFlow's by their names and those of their parameters alone."""

# fmt: off
SAME_NAME = frozenset({
    "append", "atleast_1d", "atleast_2d", "atleast_3d", "average", "cbrt", "cross", "cumprod", "deg2rad", "diag",
    "diagonal", "diff", "dsplit", "dstack", "exp2", "flip", "fliplr", "flipud", "hsplit", "kron", "logaddexp",
    "logaddexp2", "moveaxis", "nanmean", "nanprod", "nansum", "polyval", "positive", "ptp", "rad2deg", "real",
    "rot90", "select", "sinc", "swapaxes", "take_along_axis", "tril", "triu", "vander", "vsplit",
})
"""Functions that `tf.experimental.numpy` has under the same name, with NumPy's parameters."""

METHODS = frozenset({
    "mean", "sum", "prod", "max", "min", "std", "var", "all", "any", "reshape", "squeeze", "transpose", "repeat",
    "clip", "flatten", "ravel", "dot", "cumsum", "astype", "copy", "cumprod", "diagonal", "ptp", "swapaxes", "trace",
})
# fmt: on
"""Methods of arrays that are functions too, with the array as their first argument."""

PYTHON_MATH = {
    "sqrt": "sqrt", "exp": "exp", "log": "math.log", "log1p": "math.log1p", "expm1": "math.expm1", "sin": "sin",
    "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asin": "asin", "acos": "acos",
    "atan": "atan", "atan2": "atan2", "pow": "pow", "fabs": "abs", "erf": "math.erf", "lgamma": "math.lgamma",
    "fsum": "add_n", "radians": "experimental.numpy.deg2rad", "degrees": "experimental.numpy.rad2deg",
}  # fmt: skip
"""The functions of Python's `math`."""
