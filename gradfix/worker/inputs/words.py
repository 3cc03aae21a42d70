"""What docstrings and comments say of a value: its shape, its type, its bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .specs import Spec

_DTYPE = r"(?:tf\.|np\.|jnp\.)?(float\d*|double|u?int\d*|integers?|ints|floats?|bool(?:ean)?s?)"
_DTYPES = {"float": "float32", "floats": "float32", "double": "float64", "int": "int32", "ints": "int32"}
_DTYPES |= {"integer": "int32", "integers": "int32", "boolean": "bool", "booleans": "bool", "bools": "bool"}


def from_words(text: str, name: str, batch: int, constants: Mapping[str, Any]) -> Spec | None:
    """A spec out of what a docstring or comment says of `name`, such as "x, t: float32 tensors of shape (n, 1)"."""
    names = rf"(?<![\w.]){re.escape(name)}\b(?:\s*(?:,|and|/)\s*\w+)*"
    words = (
        r"(?:\s|[:=`*\-]|\b(?:is|are|a|an|the|of|with|shape|shaped|tensors?|arrays?|batch(?:es)?|tf|np|ndarray)\b|\.)*"
    )
    found = re.search(
        rf"{names}{words}(?:{_DTYPE}\b)?[,;]?{words}[\(\[]([\w\s,.*?]*)[\)\]],?\s*(?:of\s+)?(?:{_DTYPE}\b)?", text
    )
    spec: Spec = {"kind": "tensor"}
    if found:
        sizes = [size.strip() for size in found.group(2).split(",") if size.strip()]
        spec["shape"] = [_size(size, index, batch, constants) for index, size in enumerate(sizes)]
    said = (found.group(1) or found.group(3)) if found else None
    if said is None and (loose := re.search(rf"{names}{words}{_DTYPE}\b", text)):
        said = loose.group(1)
    if said:
        spec["dtype"] = _DTYPES.get(said, said)
    if found and (span := re.match(r"[^\n]*?\bin \[\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*\]", text[found.end() :])):
        spec["low"], spec["high"] = float(span.group(1)), float(span.group(2))
    return spec if len(spec) > 1 else None


def _size(word: str, index: int, batch: int, constants: Mapping[str, Any]) -> int:
    if word.isdigit():
        return int(word)
    if index == 0:
        return batch
    known = constants.get(word, constants.get(word.upper()))
    if isinstance(known, int):
        return known
    return {"h": 16, "w": 16, "height": 16, "width": 16, "c": 3, "channels": 3, "t": 8}.get(word.lower(), 8)
