"""Values to JSON and back, by the types that their dataclasses declare."""

from __future__ import annotations

import base64
import collections.abc
import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any


def to_plain(value: Any) -> Any:
    """A value as JSON holds it; equal values give equal JSON, whatever the order of their sets."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return [[to_plain(k), to_plain(v)] for k, v in value.items()]
    if isinstance(value, set | frozenset):
        return sorted(map(to_plain, value))
    return [to_plain(v) for v in value] if isinstance(value, list | tuple) else value


def of_plain(kind: Any, data: Any) -> Any:
    """The value of a type that `to_plain` wrote.

    Raises ValueError, TypeError or KeyError where the data does not fit.
    """
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return data
    if origin in (typing.Union, types.UnionType):
        rest = [p for p in parts if p is not type(None)]
        return None if data is None else of_plain(rest[0], data)
    if origin is tuple:
        return tuple(of_plain(parts[0], item) for item in data)
    if origin in (dict, collections.abc.Mapping):
        return {of_plain(parts[0], k): of_plain(parts[1], v) for k, v in data}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        return kind(**{f.name: of_plain(hints[f.name], data[f.name]) for f in dataclasses.fields(kind)})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if kind is bytes:
        return base64.b64decode(data, validate=True)
    if kind is float and isinstance(data, int):
        return float(data)
    if not isinstance(data, kind):
        raise TypeError(f"{data!r} is no {kind}")
    return data
