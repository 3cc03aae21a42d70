"""`pandas` itself: reading made-up tables, and real ones where the file is there."""

from __future__ import annotations

import csv
import os
import sys
import types
from typing import Any

import numpy as np

from . import columns
from .guards import tree_of
from .notes import ROWS, Notes, numbers
from .series import Series, missing
from .tables import DataFrame

READERS = ("read_csv", "read_table", "read_excel", "read_parquet", "read_feather", "read_json", "read_hdf", "read_sql")


def names(notes: Notes) -> dict[str, Any]:
    """By the names of the package."""
    for name in [n for n in sys.modules if n.endswith("engine.data_adapter")]:
        # Keras 2 looked for pandas when it was loaded, and takes tables only where it was there
        sys.modules[name].pd = types.SimpleNamespace(DataFrame=DataFrame, Series=Series)  # type: ignore[attr-defined]
    plain = {f.__name__: f for f in (concat, merge, get_dummies, to_datetime, to_numeric, cut, factorize, date_range)}
    readers = {name: _reader(name, notes) for name in READERS}
    null = {"isnull": missing, "isna": missing, "notnull": lambda v: ~missing(v)}
    silent = type("Options", (), {"__setattr__": lambda *a: None, "__getattr__": lambda self, name: self})()
    shown: dict[str, Any] = {"options": silent, "set_option": lambda *a, **k: None}
    rest = {"unique": lambda v: Series(np.asarray(v)).unique(), "Categorical": Series, "Index": list}
    return {**plain, **readers, **null, **shown, **rest, "DataFrame": DataFrame, "Series": Series, "NaT": None}


def _reader(name: str, notes: Notes) -> Any:
    def read(path: Any = None, *_: Any, **options: Any) -> Any:
        if isinstance(path, (str, os.PathLike)) and os.path.isfile(path) and name in ("read_csv", "read_table"):
            return _real(
                os.fspath(path), options.get("sep", options.get("delimiter", "," if name == "read_csv" else "\t"))
            )
        frame = notes.asker()
        tree = tree_of(frame.f_code.co_filename) if frame is not None else None
        shown = path if isinstance(path, (str, os.PathLike)) else type(path).__name__
        made: Any = columns.table(frame, str(shown))
        if isinstance(options.get("names"), (list, tuple)):
            wanted = [str(n) for n in options["names"]]
            made = {n: made[n] if n in made else columns.column(tree, n, ROWS) for n in wanted}
        elif options.get("header", 0) is None and all(isinstance(k, str) for k in made):
            made = dict(enumerate(made.values()))
        if isinstance(options.get("usecols"), (list, tuple)) and all(isinstance(n, str) for n in options["usecols"]):
            made = {n: made[n] if n in made else columns.column(tree, n, ROWS) for n in options["usecols"]}
        if isinstance(options.get("index_col"), str):
            made.pop(options["index_col"], None)
        notes.say(f"pandas.{name}({str(shown)!r})", _described(made))
        size = options.get("chunksize")
        table = DataFrame(made, tree=tree)
        return iter([table]) if size else table

    return read


def _described(made: dict[Any, Any]) -> str:
    listed = ", ".join(map(str, list(made)[:8])) + (", ..." if len(made) > 8 else "")
    rows = len(next(iter(made.values()), ()))
    return f"a random table of {rows} rows and {len(made)} columns: {listed}; more where they are asked for"


def _real(path: str, separator: str) -> DataFrame:
    """A file that is there, read plainly."""
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        head, *rows = list(csv.reader(file, delimiter=separator if len(separator) == 1 else ","))
    rows = [r for r in rows if len(r) == len(head)]
    made: dict[Any, Any] = {}
    for i, key in enumerate(head):
        values = np.array([r[i] for r in rows], dtype=object)
        for kind in ("int64", "float64"):
            try:
                values = np.array([v or "nan" for v in values]).astype(kind)
                break
            except ValueError:
                continue
        made[key] = values
    return DataFrame(made)


def concat(parts: Any, axis: Any = 0, **_: Any) -> Any:
    """Below one another, or side by side."""
    parts = list(parts.values() if isinstance(parts, dict) else parts)
    if axis in (1, "columns"):
        made: dict[Any, Any] = {}
        for i, part in enumerate(parts):
            made.update(part.columns_ if isinstance(part, DataFrame) else {part.name or i: part.values})
        return DataFrame(made)
    if all(isinstance(p, Series) for p in parts):
        return Series(np.concatenate([p.values for p in parts]), parts[0].name)
    return DataFrame({k: np.concatenate([p[k].values for p in parts]) for k in parts[0].columns_})


def merge(left: DataFrame, right: DataFrame, *args: Any, **options: Any) -> DataFrame:
    """Two tables by a common column."""
    return left.merge(right, *args, **options)


def get_dummies(data: Any, columns: Any = None, prefix: Any = None, dtype: Any = bool, **options: Any) -> DataFrame:
    """A column of zeros and ones for each value."""
    if not isinstance(data, DataFrame):
        values = np.asarray(data)
        found = np.unique(values.astype(str) if values.dtype == object else values)
        return DataFrame({(f"{prefix}_{v}" if prefix else v): (values == v).astype(dtype) for v in found})
    chosen = columns if columns is not None else [k for k, v in data.columns_.items() if v.dtype.kind in "OUS"]
    chosen = [chosen] if isinstance(chosen, str) else list(chosen)
    made = {k: v for k, v in data.columns_.items() if k not in chosen}
    for name in chosen:
        values = data[name].values
        if values.dtype.kind == "f":  # made up as numbers, but meant as categories
            values = (values * 3).astype("int64")
        found = np.unique(values.astype(str) if values.dtype == object else values)
        kept = found[1:] if options.get("drop_first") else found
        made.update({f"{name}_{v}": (values == v).astype(dtype) for v in kept})
    return DataFrame(made)


def to_datetime(values: Any, *_: Any, **__: Any) -> Any:
    """Dates; numbers and other things become days in a row."""
    array = np.asarray(values)
    try:
        made = array.astype(str).astype("datetime64[s]")
    except ValueError:
        made = np.arange(array.size).reshape(array.shape).astype("datetime64[D]").astype("datetime64[s]")
    return Series(made, getattr(values, "name", None)) if array.ndim else made


def to_numeric(values: Any, *_: Any, **__: Any) -> Any:
    """Numbers; what is none becomes one."""
    array = np.asarray(values)
    try:
        made = array.astype("float64") if array.dtype == object else array
    except ValueError:
        made = numbers("numeric").random(array.shape)
    return Series(made, getattr(values, "name", None))


def cut(values: Any, bins: Any, labels: Any = None, **_: Any) -> Series:
    """Numbers of bins."""
    array = np.asarray(values, "float64")
    edges = np.linspace(array.min(), array.max(), bins + 1) if isinstance(bins, int) else np.asarray(bins)
    found = np.clip(np.digitize(array, edges[1:-1]), 0, len(edges) - 2)
    return Series(np.asarray(labels, dtype=object)[found] if isinstance(labels, (list, tuple)) else found)


def factorize(values: Any, **_: Any) -> Any:
    """(numbers of the values, values)."""
    found, where = np.unique(np.asarray(values).astype(str), return_inverse=True)
    return where, found


def date_range(start: Any = "2020-01-01", *_: Any, periods: Any = 100, **__: Any) -> Series:
    """Days in a row."""
    return Series((np.datetime64(str(start)[:10]) + np.arange(int(periods))).astype("datetime64[s]"))
