"""What an error of TensorFlow's says should be different about a value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from .specs import Spec

_NAMED = {"float": "float32", "double": "float64", "half": "float16", "int": "int32", "long": "int64"}
_TYPE = r"(?:tf\.)?(float\d*|double|half|u?int\d+|int|bool)"


_BY_RANK: dict[int, Callable[[int], list[int]]] = {
    2: lambda batch: [batch, 8],
    3: lambda batch: [batch, 8, 4],
    4: lambda batch: [batch, 32, 32, 3],
    5: lambda batch: [batch, 8, 16, 16, 1],
}


def repairs(message: str, spec: Spec, batch: int) -> list[Spec]:
    """How a value of this spec would have to differ, going by an error; nothing if the error is not about it."""
    if spec["kind"] not in ("tensor", "one_hot"):
        if spec["kind"] == "list" and re.search(r"unhashable|list indices|'list' object", message):
            return [{**spec, "kind": "tuple"}]
        return []
    message = message[:2000]
    own, found = list(spec["shape"]), []
    for dims in _mentioned(message):
        if dims != own and _mentions(message, own):
            found.append([batch if dim is None and not i else 8 if dim is None else dim for i, dim in enumerate(dims)])
    if (rank := re.search(r"expected (?:min_)?ndim=(\d+), found ndim=(\d+)", message)) and int(rank.group(2)) == len(
        own
    ):
        wanted = int(rank.group(1))
        found = [_BY_RANK[wanted](batch) if wanted in _BY_RANK else own, *found]
        if wanted == 4:
            found.insert(1, [batch, 28, 28, 1])
    if value := re.search(r"axis (-?\d+) of input shape to have value (\d+)", message):
        found = [*_with_last(own, message, int(value.group(1)), int(value.group(2))), *found]
    if pair := re.search(
        r"In\[0\]:? (?:mismatch In\[1\] shape: )?\[([\d,]+)\],? (?:In\[1\]: |vs\. )?\[([\d,]+)\]", message
    ):
        left, right = ([int(dim) for dim in side.split(",")] for side in pair.groups())
        if left == own or (len(left) < len(own) and left[-1] == own[-1] and own[0] == left[0]):  # or a slice of it
            found.insert(0, [*own[:-1], right[-2] if len(right) > 1 else right[0]])
        elif right == own:
            found.insert(0, [left[-1], *own[1:]])
    if len(own) < 3 and re.search(r"In\[0\] ndims must be >= 2|has different ndims: \[\d+\] vs", message):
        rows = re.search(r"vs\. \[(\d+),\d+\]", message)  # one more axis, as where a sequence is taken step by step
        found.append([*(own or [batch]), int(rows.group(1)) if rows else 4])
    made = [
        {**spec, "kind": "tensor" if shape != own else spec["kind"], "shape": shape}
        for shape in found
        if len(shape) < 6
    ]
    if (
        re.search(
            r"only (?:length-1|size-1|0-dim)|must be a scalar|can only convert an array of size 1|ambiguous", message
        )
        and own
    ):
        made.append({**spec, "kind": "tensor", "shape": []})
    return [*_retyped(message, spec), *made]


def _mentioned(message: str) -> list[list[int | None]]:
    found: list[list[int | None]] = []
    for inside in re.findall(r"[\(\[]((?:(?:\d+|None|\?)\s*,?\s*)+|)[\)\]]", message):
        words = re.findall(r"\d+|None|\?", inside)
        dims = [int(word) if word.isdigit() else None for word in words]
        if dims not in found and all(dim is None or 0 < dim < 5000 for dim in dims):
            found.append(dims)
    return found


def _mentions(message: str, shape: list[int]) -> bool:
    return any(
        len(dims) == len(shape) and all(d in (None, s) for d, s in zip(dims, shape, strict=True)) and any(dims)
        for dims in _mentioned(message)
    )


def _with_last(own: list[int], message: str, axis: int, value: int) -> list[list[int]]:
    """Shapes whose axis has a value that a layer wants, also where the layer stands behind a flattening."""
    if axis != -1 and not 0 < axis < len(own):
        return []
    if _mentions(message, own):
        return [[*own[:axis], value, *(own[axis + 1 :] if axis != -1 else [])]]
    if len(own) == 4:
        sides = [(math.isqrt(value // depth), depth) for depth in (1, 3) if value % depth == 0]
        return [[own[0], side, side, depth] for side, depth in sides if side * side * depth == value]
    for seen in sorted(_flat(message)) if len(own) > 1 else ():  # several values may have been joined
        parts, rest = divmod(seen, own[-1])
        if parts > 1 and not rest and value % parts == 0:
            return [[*own[:-1], value // parts]]
    return []


def _flat(message: str) -> set[int]:
    return {dims[-1] for dims in _mentioned(message) if dims and dims[-1]}


def _retyped(message: str, spec: Spec) -> list[Spec]:
    """The spec with another type, other bounds, or as another kind of array."""
    own = spec.get("dtype", "float32")
    if (
        spec["kind"] == "tensor"
        and own.startswith(("int", "uint"))
        and (
            top := re.search(
                r"not in \[0, (\d+)\)|valid range of \[0, (\d+)\)|out of bounds for axis \d+ with size (\d+)", message
            )
        )
    ):
        return [{**spec, "high": min(spec.get("high") or 99, int(next(filter(None, top.groups()))))}]
    if re.search(r"ndarray' object has no attribute", message):
        return [{**spec, "as": "tensor"}]
    if re.search(r"object has no attribute '(?:assign|_unique_id)|ResourceVariable|not a .*Variable", message):
        return [{**spec, "as": "variable"}]
    if re.search(
        r"EagerTensor.* object has no attribute|EagerTensor' object does not support item assignment", message
    ):
        return [{**spec, "as": "array"}]
    if not re.search(r"dtype|type|tensor but is a|float|double|int", message):
        return []
    named = {_NAMED.get(word, word) for word in re.findall(_TYPE + r"\b", message)}
    found = []
    for dtype in sorted(named - {own}) if own in named or "could not convert" in message.lower() else []:
        whole = dtype.startswith(("int", "uint"))
        bounds = {"low": 0, "high": spec.get("high") if own[:3] == "int" else 2} if whole else {}
        kept = {key: value for key, value in spec.items() if key not in ("low", "high")}
        found.append({**kept, "kind": "tensor" if whole else spec["kind"], "dtype": dtype, **bounds})
    return found
