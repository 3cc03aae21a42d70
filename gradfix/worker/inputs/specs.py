"""Made-up values: what each one is, as JSON.

A spec is a plain dict with a "kind" (`building.py` builds it, `telling.py` tells the user of it):

* tensor   {"dtype", "shape", "low", "high", "as": "tensor" | "array" | "variable"}; of whole numbers "high" is excluded
* one_hot  {"dtype", "shape", "as"}: one 1 in each row of the last axis
* value    {"value"}: a plain Python value;  shape {"value": [...]}: a tuple of numbers
* name     {"name", "rows"}: an object of the module, dotted names allowed; "rows" takes that many of its first rows
* first    {"name", "path"}: out of the first element of a dataset of the module
* call     {"name", "args": {name: spec}, "then": [{"name", "args"}]}: a class or factory of the module is called; the
           methods in "then" are called on what it made; of what it returned, "pick" names the function to take,
           "item" the position
* optimizer, loss {"name"}: of Keras;  model {"input", "output", "dtype"}: a small dense network
* tuple, list {"items": [...]};  dict {"items": {...}};  bag {"items": {...}}: an object with attributes
* batches  {"element", "count", "as": "dataset" | "list"}

The same name and spec give the same numbers at every run, and no global random state is touched by building numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Spec = dict[str, Any]
Namespace = Mapping[str, Any]


def floats(shape: Sequence[int], dtype: str = "float32", **more: Any) -> Spec:
    return {"kind": "tensor", "dtype": dtype, "shape": list(shape), **more}


def ints(shape: Sequence[int], high: int, dtype: str = "int32") -> Spec:
    """Whole numbers from 0, all below `high`."""
    return {"kind": "tensor", "dtype": dtype, "shape": list(shape), "low": 0, "high": max(int(high), 1)}


def distinct(specs: Sequence[Spec]) -> list[Spec]:
    """Each spec once, where it came first."""
    return [spec for i, spec in enumerate(specs) if spec not in specs[:i]]
