"""A made-up table: `pandas.DataFrame`, as far as training files go. Columns come into being when they are asked for."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .columns import column
from .groups import Groups, merged
from .notes import numbers, words
from .rows import Labels, Rows
from .series import Series, lacking, missing


class DataFrame(np.lib.mixins.NDArrayOperatorsMixin):
    """Columns by name. `tree` is the text of the code that asks, where columns may still be made up."""

    def __init__(self, data: Any = None, columns: Any = None, tree: ast.Module | None = None, **_: Any) -> None:
        self.columns_: dict[Any, np.ndarray[Any, Any]] = {}
        self.tree = tree
        if isinstance(data, DataFrame):
            data = data.columns_
        if isinstance(data, dict):
            rows = max((len(v) for v in data.values() if np.ndim(v) or isinstance(v, Series)), default=1)
            self.columns_ = {k: np.asarray(v) if np.ndim(v) else np.full(rows, v) for k, v in data.items()}
        elif data is not None:
            array = np.asarray(data)
            array = array[:, None] if array.ndim == 1 else array
            names = list(columns) if columns is not None else list(range(array.shape[1]))
            self.columns_ = dict(zip(names, array.T, strict=True))

    def with_(self, columns: dict[Any, Any]) -> DataFrame:
        """Other columns."""
        made = DataFrame(columns)
        made.tree = self.tree
        return made

    def of_rows(self, rows: Any) -> DataFrame:
        """Some rows."""
        return self.with_({k: v[rows] for k, v in self.columns_.items()})

    def each(self, change: Callable[[Any], Any]) -> DataFrame:
        """Each column changed."""
        return self.with_({k: change(v) for k, v in self.columns_.items()})

    columns = property(lambda self: Labels(self.columns_), lambda self, names: self.rename_all(names))
    values = property(lambda self: np.asarray(self))
    index = property(lambda self: np.arange(len(self)), lambda self, value: None)
    ndim = property(lambda self: 2)
    shape = property(lambda self: (len(self), len(self.columns_)))
    size = property(lambda self: len(self) * len(self.columns_))
    empty = property(lambda self: not len(self))
    dtypes = property(lambda self: Series([v.dtype for v in self.columns_.values()], index=list(self.columns_)))
    T = property(lambda self: DataFrame(np.asarray(self).T))
    iloc = property(lambda self: Rows(self, False))
    loc = property(lambda self: Rows(self, True))
    at, iat = loc, iloc

    def rename_all(self, names: Any) -> None:
        """New names, in order."""
        self.columns_ = dict(zip(list(names), self.columns_.values(), strict=False))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        columns = list(self.columns_.values())
        made = np.stack(columns, axis=1) if columns else np.zeros((0, 0))
        return made.astype(dtype) if dtype is not None else made

    def __array_ufunc__(self, ufunc: Any, method: Any, *inputs: Any, **options: Any) -> Any:
        made = {}
        for i, name in enumerate(self.columns_):
            plain = [self._part(value, i, name) for value in inputs]
            made[name] = getattr(ufunc, method)(*plain, **options)
        return self.with_(made)

    def _part(self, value: Any, i: int, name: Any) -> Any:
        if isinstance(value, DataFrame):
            return value[name].values
        if isinstance(value, Series):  # statistics, one for each column
            return value[name] if value.keys_ is not None else value.values
        return value[..., i] if isinstance(value, np.ndarray) and value.ndim and value.shape[-1] > 1 else value

    def __len__(self) -> int:
        return len(next(iter(self.columns_.values()), ()))

    def __iter__(self) -> Iterator[Any]:
        return iter(self.columns_)

    def __contains__(self, name: Any) -> bool:
        return name in self.columns_

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, DataFrame):
            return self
        if isinstance(key, slice):
            return self.of_rows(key)
        if isinstance(key, (Series, np.ndarray)) and np.asarray(key).dtype == bool:
            return self.of_rows(np.asarray(key))
        if isinstance(key, (list, tuple, Series, np.ndarray)):
            if len(key) and isinstance(key[0], (bool, np.bool_)):
                return self.of_rows(np.asarray(key))
            return self.with_({name: self[name].values for name in key})
        if key not in self.columns_:
            if self.tree is None:
                raise KeyError(key)
            self.columns_[key] = column(self.tree, str(key), len(self))
        return Series(self.columns_[key], key)

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, (list, tuple, Labels)):
            parts = np.asarray(value)
            for i, name in enumerate(key):
                self[name] = parts[:, i] if parts.ndim == 2 else parts
            return
        values = value if np.ndim(value) or isinstance(value, Series) else np.full(max(1, len(self)), value)
        self.columns_[key] = np.asarray(values)

    def __delitem__(self, key: Any) -> None:
        self.columns_.pop(key, None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("columns_", "tree"):
            raise AttributeError(name)
        if name in self.columns_:
            return self[name]
        if name in words("mean std var min max sum median all any nunique quantile mode prod"):
            return lambda axis=0, **options: self._statistic(name, axis)
        raise AttributeError(lacking(f"DataFrame.{name}"))

    def _statistic(self, name: str, axis: Any) -> Series:
        if axis in (1, "columns"):
            return Series(getattr(np, name)(np.asarray(self), axis=1))
        names = [n for n, v in self.columns_.items() if v.dtype.kind in "iufb"]
        return Series([getattr(self[n], name)() for n in names], index=names)

    def to_numpy(self, dtype: Any = None, *_: Any, **__: Any) -> Any:
        """The values."""
        return self.__array__(dtype)

    def drop(self, labels: Any = None, axis: Any = 0, columns: Any = None, inplace: bool = False, **_: Any) -> Any:
        """Without some columns; without some rows, all stay."""
        names = columns if columns is not None else labels if axis in (1, "columns") else []
        names = {names} if isinstance(names, str) else set(names)
        kept = {k: v for k, v in self.columns_.items() if k not in names}
        if inplace:
            self.columns_ = kept
            return None
        return self.with_(kept)

    def pop(self, name: Any) -> Series:
        """A column, taken out."""
        made = self[name]
        del self[name]
        return made

    def get(self, name: Any, default: Any = None) -> Any:
        """A column."""
        return self[name]

    def insert(self, at: int, name: Any, value: Any, *_: Any) -> None:
        """A new column."""
        self[name] = value

    def assign(self, **columns: Any) -> DataFrame:
        """With more columns."""
        return self.with_(
            {**self.columns_, **{k: np.asarray(v(self) if callable(v) else v) for k, v in columns.items()}}
        )

    def rename(self, *_: Any, columns: Any = None, inplace: bool = False, **__: Any) -> Any:
        """Columns under other names."""
        change = columns or {}
        made = {(change(k) if callable(change) else change.get(k, k)): v for k, v in self.columns_.items()}
        if inplace:
            self.columns_ = made
            return None
        return self.with_(made)

    def isnull(self) -> DataFrame:
        """Which are missing."""
        return self.each(missing)

    isna = isnull

    def astype(self, dtype: Any, *_: Any, **__: Any) -> DataFrame:
        """Of other types."""
        kinds = dtype if isinstance(dtype, dict) else dict.fromkeys(self.columns_, dtype)
        return self.with_({k: self[k].astype(kinds[k]).values if k in kinds else v for k, v in self.columns_.items()})

    def apply(self, function: Any, axis: Any = 0, **_: Any) -> Any:
        """Each column, or each row, changed."""
        if axis in (1, "columns"):
            return Series([function(row) for _, row in self.iterrows()])
        made = {name: function(self[name]) for name in self.columns_}
        if all(np.ndim(v) or isinstance(v, Series) for v in made.values()):
            return self.with_({k: np.asarray(v) for k, v in made.items()})
        return Series(list(made.values()), index=list(made))

    def iterrows(self) -> Iterator[Any]:
        """(number, row)."""
        for i in range(len(self)):
            yield i, Series(_row(self, i), index=list(self.columns_))

    def itertuples(self, *_: Any, **__: Any) -> Iterator[Any]:
        """Rows as objects."""
        for i in range(len(self)):
            yield type("Row", (tuple,), {"Index": i, **{str(k): v[i] for k, v in self.columns_.items()}})(_row(self, i))

    def keys(self) -> Labels:
        """Names of columns."""
        return Labels(self.columns_)

    def items(self) -> Iterator[Any]:
        """(name, column)."""
        return ((name, self[name]) for name in self.columns_)

    def to_dict(self, orient: str = "dict", *_: Any) -> Any:
        """Columns as lists, or rows as dicts."""
        if orient == "records":
            return [dict(zip(self.columns_, _row(self, i), strict=True)) for i in range(len(self))]
        return {k: v.tolist() for k, v in self.columns_.items()}

    def sample(self, n: Any = None, frac: Any = None, random_state: Any = None, **_: Any) -> DataFrame:
        """Some rows."""
        size = n or round(len(self) * (frac or 1.0))
        return self.of_rows(numbers(f"sample {random_state}").permutation(len(self))[:size])

    def select_dtypes(self, include: Any = None, exclude: Any = None) -> DataFrame:
        """Columns of numbers, or of words."""
        words = "object" in str(include) or ("number" in str(exclude) and include is None)
        return self.with_({k: v for k, v in self.columns_.items() if (v.dtype.kind in "OUS") == words})

    def head(self, n: int = 5) -> DataFrame:
        """The first."""
        return self.of_rows(slice(n))

    def tail(self, n: int = 5) -> DataFrame:
        """The last."""
        return self.of_rows(slice(-n, None))

    def groupby(self, by: Any = None, *_: Any, as_index: bool = True, **__: Any) -> Groups:
        """Rows by the values of a column."""
        return Groups(self, by, None, as_index)

    def merge(self, right: DataFrame, how: str = "inner", on: Any = None, *_: Any, **options: Any) -> DataFrame:
        """With the columns of another table."""
        made: DataFrame = merged(self, right, on, options.get("left_on"), options.get("right_on"))
        return made

    def join(self, other: DataFrame, *_: Any, **__: Any) -> DataFrame:
        """With the columns of another table, row by row."""
        rows: Any = np.arange(len(self)) % max(1, len(other))
        return self.with_({**{k: v[rows] for k, v in other.columns_.items()}, **self.columns_})

    def corr(self, *_: Any, **__: Any) -> DataFrame:
        """Correlations."""
        return DataFrame(np.corrcoef(np.asarray(self, "float64").T), columns=list(self.columns_))

    def info(self, *_: Any, **__: Any) -> None:
        """Shows nothing."""

    def _same(self, *_: Any, inplace: bool = False, **__: Any) -> Any:
        return None if inplace else self.each(np.copy)

    copy = fillna = dropna = reset_index = drop_duplicates = sort_values = sort_index = set_index = _same
    describe = replace = interpolate = ffill = bfill = query = convert_dtypes = _same

    def _nothing(self, *_: Any, **__: Any) -> None:
        return None

    to_csv = to_pickle = to_json = to_excel = plot = hist = _nothing


def _row(frame: DataFrame, i: int) -> list[Any]:
    return [v[i] for v in frame.columns_.values()]
