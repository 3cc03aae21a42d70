"""Makes the batches that a file asks for smaller, where the file says in numbers how large they are.

Only digits are changed, and blanks make up for those that are left out, so that every line and column stays what it
was: what a run of the smaller text tells of places holds for the user's own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from gradfix.scan.steps import parsed

MADE = frozenset(
    {
        "uniform",
        "normal",
        "truncated_normal",
        "stateless_uniform",
        "stateless_normal",
        "standard_normal",
        "rand",
        "randn",
        "random",
        "random_sample",
        "randint",
        "integers",
        "zeros",
        "ones",
        "fill",
        "full",
        "empty",
    }
)
"""What makes values of a shape."""
SHAPED = frozenset({"reshape", "broadcast_to", "ensure_shape", "set_shape", "TensorSpec"})
"""What is told a shape again."""
COUNTED = frozenset({"range", "arange", "ones", "zeros", "rand", "random", "uniform"})
VARIABLES = frozenset({"Variable", "add_weight", "add_variable", "get_variable"})
_NAMED = re.compile(r"^-*(bs|bsz|(\w+_)?batch(_?si?ze?\w*|_dim)?|\w*batch_?size\w*)$", re.IGNORECASE)
_NUMBER_OF = re.compile(r"^-*(n|nb|nr|no|num|number_of|max|total)_|first|last|next|current", re.IGNORECASE)


class Number(NamedTuple):
    """A whole number of the text: its line, its columns in UTF-8 bytes, and its value."""

    line: int
    column: int
    end: int
    value: int


@dataclass(frozen=True)
class Smaller:
    """A text with smaller batches, and what was changed: a number of the text and the one in its place."""

    text: str
    changes: tuple[tuple[int, int], ...]


def with_smaller_batches(text: str, size: int) -> Smaller:
    """The text with batches of `size`; what is made in multiples of a batch shrinks as much. Raises SyntaxError."""
    tree = parsed(text)
    named = set(_sizes(tree))
    shapes = dict(_shapes(tree))
    whole = {number for number, rank in shapes.items() if rank > 1}
    sizes = [number.value for number in (named or whole) if number.value > size]
    if not sizes:
        return Smaller(text, ())
    batch = min(sizes)
    known = {number.value for number in named | whole}
    again = {number for number in (*shapes, *_counts(tree), *_bounds(tree)) if number.value in known}
    lines = text.split("\n")
    changes = {}
    for number in named | whole | again:
        new = max(number.value * size // batch, min(size, number.value))
        if new < number.value and _put(lines, number, new):
            changes[number.value] = new
    return Smaller("\n".join(lines), tuple(sorted(changes.items())))


def _put(lines: list[str], number: Number, new: int) -> bool:
    """Writes a number over another one, if there are nothing but digits."""
    line = lines[number.line - 1].encode("utf-8", "surrogateescape")
    old = line[number.column : number.end]
    if not re.fullmatch(rb"[0-9_]+", old):
        return False
    line = line[: number.column] + str(new).encode().rjust(len(old)) + line[number.end :]
    lines[number.line - 1] = line.decode("utf-8", "surrogateescape")
    return True


def _is_size(name: str) -> bool:
    return bool(_NAMED.match(name.replace("-", "_").lstrip("_"))) and not _NUMBER_OF.search(name)


def _number(node: ast.AST | None) -> Iterator[Number]:
    if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        yield Number(node.lineno, node.col_offset, node.end_col_offset or 0, node.value)


def _sizes(tree: ast.Module) -> Iterator[Number]:
    """Numbers that are called the size of a batch."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _assigned(target, node.value)
        elif isinstance(node, ast.AnnAssign):
            yield from _assigned(node.target, node.value)
        elif isinstance(node, ast.arguments):
            positional = [*node.posonlyargs, *node.args]
            pairs = [*zip(reversed(positional), reversed(node.defaults), strict=False)]
            for parameter, default in (*pairs, *zip(node.kwonlyargs, node.kw_defaults, strict=True)):
                if _is_size(parameter.arg):
                    yield from _number(default)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and _is_size(key.value):
                    yield from _number(value)
        elif isinstance(node, ast.Call):
            yield from _handed(node)


def _assigned(target: ast.expr, value: ast.expr | None) -> Iterator[Number]:
    if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        for one, given in zip(target.elts, value.elts, strict=False):
            yield from _assigned(one, given)
    elif _is_size(getattr(target, "id", getattr(target, "attr", ""))):
        yield from _number(value)


def _handed(call: ast.Call) -> Iterator[Number]:
    """The size of a batch among the arguments of a call: `batch_size=64`, `.batch(64)`, an option's default."""
    words = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    option = any(_is_size(word) for word in words)
    for keyword in call.keywords:
        if _is_size(keyword.arg or "") or (option and keyword.arg == "default"):
            yield from _number(keyword.value)
    if option and _called(call).startswith("DEFINE_"):
        yield from _number(call.args[1] if len(call.args) > 1 else None)
    if _called(call) in ("batch", "padded_batch") and isinstance(call.func, ast.Attribute) and call.args:
        yield from _number(call.args[0])


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls that are not part of what makes a variable."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            if _called(node) in VARIABLES:
                continue
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def _shapes(tree: ast.Module) -> Iterator[tuple[Number, int]]:
    """The numbers with which shapes of what is made begin, and how many dimensions those have."""
    for call in _calls(tree):
        if _called(call) not in MADE:
            continue
        given = [*call.args, *(k.value for k in call.keywords if k.arg in ("shape", "size"))]
        tuples = [a.elts for a in given if isinstance(a, (ast.Tuple, ast.List))]
        if not tuples and _called(call) in ("rand", "randn"):
            tuples = [call.args]
        for shape in tuples[:1]:
            for first in _number(shape[0] if shape else None):
                yield first, len(shape)


def _counts(tree: ast.Module) -> Iterator[Number]:
    """Numbers that say a size again: of a row of labels, of a shape that something is brought into."""
    for call in _calls(tree):
        name = _called(call)
        if name in COUNTED:
            yield from _number(call.args[-1] if len(call.args) in (1, 3) else None)
        if name in ("randint", "integers"):
            yield from _number(call.args[2] if len(call.args) > 2 else None)
        for given in (*call.args, *(k.value for k in call.keywords if k.arg in ("shape", "batch_shape"))):
            if isinstance(given, (ast.Tuple, ast.List)) and given.elts and name in SHAPED:
                yield from _number(given.elts[0])
        for keyword in call.keywords:
            if keyword.arg == "size":
                yield from _number(keyword.value)
            if keyword.arg == "batch_shape" and isinstance(keyword.value, (ast.Tuple, ast.List)):
                yield from _number(keyword.value.elts[0] if keyword.value.elts else None)


def _bounds(tree: ast.Module) -> Iterator[Number]:
    """Numbers at the end of a slice: `x[:64]`, `x[i : i + 64]`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            upper = node.slice.upper
            yield from _number(upper.right if isinstance(upper, ast.BinOp) else upper)
