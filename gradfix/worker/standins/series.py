"""A column of a made-up table: `pandas.Series`, as far as training files go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from .notes import numbers, words


def missing(values: Any) -> Any:
    """Which values are missing."""
    values = np.asarray(values)
    if values.dtype.kind == "f":
        return np.isnan(values)
    if values.dtype == object:
        return np.array([v is None or v != v for v in values.ravel()], dtype=bool).reshape(values.shape)
    return np.zeros(values.shape, dtype=bool)


def lacking(what: str) -> str:
    """What is said of an attribute that the stand-ins do not have: the real package has more."""
    return f"needs the package pandas, which is not installed in the worker's Python ({what} is used)"


class Accessor:
    """`.str`, `.dt` and `.cat`."""

    def __init__(self, series: Series) -> None:
        self.series = series

    @property
    def codes(self) -> Series:
        """Numbers of the values."""
        return self.series.with_(np.unique(self.series.values.astype(str), return_inverse=True)[1])

    @property
    def categories(self) -> Any:
        """The values."""
        return np.unique(self.series.values.astype(str))

    def _date(self, name: str) -> Any:
        days = self.series.values.astype("datetime64[s]")
        start = {"year": "Y", "month": "M", "day": "D", "hour": "h", "minute": "m", "second": "s"}
        if name in ("dayofweek", "weekday"):
            return (days.astype("datetime64[D]").astype("int64") + 3) % 7
        if name == "dayofyear":
            return (days.astype("datetime64[D]") - days.astype("datetime64[Y]")).astype("int64") + 1
        if name == "year":
            return days.astype("datetime64[Y]").astype("int64") + 1970
        outer = {"month": "Y", "day": "M", "hour": "D", "minute": "h", "second": "m"}[name]
        whole = days.astype(f"datetime64[{start[name]}]") - days.astype(f"datetime64[{outer}]").astype(
            f"datetime64[{start[name]}]"
        )
        return whole.astype("int64") + (name in ("month", "day"))

    def __getattr__(self, name: str) -> Any:
        if name in ("year", "month", "day", "hour", "minute", "second", "dayofweek", "weekday", "dayofyear"):
            return self.series.with_(self._date(name))
        if name.startswith("_"):
            raise AttributeError(name)

        def apply(*args: Any, **kwargs: Any) -> Series:
            made: list[Any]
            if name == "len":
                made = [len(str(v)) for v in self.series.values]
            elif name == "contains":
                made = [bool(re.search(args[0], str(v))) for v in self.series.values]
            elif name == "get":
                made = [v[args[0]] for v in self.series.values]
            else:
                options = {k: v for k, v in kwargs.items() if k not in ("regex", "expand")}
                made = [getattr(str(v), name)(*args, **options) for v in self.series.values]
            return self.series.with_(made)

        return apply


class Series(np.lib.mixins.NDArrayOperatorsMixin):
    """Values with a name."""

    def __init__(self, data: Any = None, name: Any = None, dtype: Any = None, index: Any = None, **_: Any) -> None:
        if isinstance(data, dict):
            index, data = list(data), list(data.values())
        self.values = np.asarray([] if data is None else data, dtype=dtype)
        self.name = name
        self.keys_ = list(index) if index is not None else None

    def with_(self, values: Any) -> Series:
        """Other values under the same name."""
        values = values if isinstance(values, np.ndarray) else _listed(values)
        return Series(values, self.name)

    dtype = property(lambda self: self.values.dtype)
    ndim = property(lambda self: self.values.ndim)
    shape = property(lambda self: self.values.shape)
    size = property(lambda self: self.values.size)
    empty = property(lambda self: not self.values.size)
    T = property(lambda self: self)
    index = property(lambda self: np.asarray(self.keys_) if self.keys_ else np.arange(len(self.values)))
    str = property(Accessor)
    dt = property(Accessor)
    cat = property(Accessor)
    iloc = property(lambda self: self)
    loc = property(lambda self: self)
    at = property(lambda self: self)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.values.astype(dtype) if dtype is not None else self.values

    def __array_ufunc__(self, ufunc: Any, method: Any, *inputs: Any, **options: Any) -> Any:
        plain = [i.values if isinstance(i, Series) else i for i in inputs]
        if any(hasattr(i, "columns_") for i in plain):
            return NotImplemented
        made = getattr(ufunc, method)(*plain, **options)
        return self.with_(made) if np.ndim(made) else made

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def __getitem__(self, key: Any) -> Any:
        if self.keys_ is not None and not isinstance(key, (int, slice)) and np.ndim(key) == 0:
            return self.values[self.keys_.index(key)]
        key = key.values if isinstance(key, Series) else key
        made = self.values[key]
        return self.with_(made) if np.ndim(made) else made

    def __setitem__(self, key: Any, value: Any) -> None:
        self.values[key.values if isinstance(key, Series) else key] = value

    def __getattr__(self, name: Any) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        numeric = words("mean std var min max sum median prod all any cumsum cumprod argmax argmin round clip")
        if name in numeric:
            return lambda *args, **options: self._number(name, args)
        if name in (self.__dict__.get("keys_") or ()):
            return self[name]
        raise AttributeError(lacking(f"Series.{name}"))

    def _number(self, name: Any, args: Any) -> Any:
        values = self.values
        if name == "median":
            return np.median(values)
        if name in ("std", "var"):
            return getattr(values, name)(ddof=1 if len(values) > 1 else 0)
        made = getattr(values, name)(*(args if name in ("clip", "round") else ()))
        return self.with_(made) if np.ndim(made) else made

    def to_numpy(self, dtype: Any = None, *_: Any, **__: Any) -> Any:
        """The values."""
        return self.__array__(dtype)

    def tolist(self) -> list[Any]:
        """A list of the values."""
        return list(self.values.tolist())

    to_list = tolist

    def astype(self, dtype: Any, *_: Any, **__: Any) -> Series:
        """Of another type."""
        kind: Any = object if dtype in ("category", "string", "str") or dtype is str else dtype
        values: Any = [f"{v}" for v in self.values] if dtype in ("str", str) else self.values
        return Series(np.asarray(values, dtype=kind), self.name)

    def map(self, function: Any, *_: Any, **__: Any) -> Series:
        """Each value changed."""
        change = function.get if isinstance(function, dict) else function
        return self.with_([change(v) for v in self.values])

    def apply(self, function: Any, *_: Any, args: Any = (), **options: Any) -> Series:
        """Each value changed."""
        return self.with_([function(v, *args, **options) for v in self.values])

    def replace(self, old: Any, new: Any = None, **_: Any) -> Series:
        """Some values changed."""
        changes = old if isinstance(old, dict) else {old: new}
        return self.with_([changes.get(v, v) for v in self.values])

    def unique(self) -> Any:
        """Each value once, in order of appearance."""
        return _listed(dict.fromkeys(self.values.tolist()))

    def nunique(self, *_: Any) -> int:
        """How many there are."""
        return len(set(self.values.tolist()))

    def value_counts(self, normalize: bool = False, **_: Any) -> Series:
        """How often each is there."""
        found, counts = np.unique(self.values, return_counts=True)
        return Series(counts / len(self) if normalize else counts, self.name, index=found.tolist())

    def isnull(self) -> Series:
        """Which are missing."""
        return self.with_(missing(self.values))

    def notnull(self) -> Series:
        """Which are not."""
        return self.with_(~missing(self.values))

    isna, notna = isnull, notnull

    def isin(self, values: Any) -> Series:
        """Which are among some."""
        return self.with_(np.isin(self.values, list(values)))

    def items(self) -> Any:
        """Pairs."""
        return zip(self.index, self.values, strict=True)

    def quantile(self, q: Any = 0.5, *_: Any) -> Any:
        """A quantile."""
        return np.quantile(self.values, q)

    def mode(self) -> Series:
        """The most frequent value."""
        found, counts = np.unique(self.values, return_counts=True)
        return self.with_(found[np.argmax(counts)][None])

    def shift(self, n: int = 1, *_: Any, **__: Any) -> Series:
        """Moved along; what comes in is the end that goes out."""
        return self.with_(np.roll(self.values, n))

    def diff(self, *_: Any) -> Series:
        """Differences."""
        return self.with_(np.diff(self.values, prepend=self.values[:1]))

    def pct_change(self, *_: Any) -> Series:
        """Relative differences."""
        return self.with_(np.diff(self.values, prepend=self.values[:1]) / (np.abs(self.values) + 1e-9))

    def head(self, n: int = 5) -> Series:
        """The first."""
        return self.with_(self.values[:n])

    def tail(self, n: int = 5) -> Series:
        """The last."""
        return self.with_(self.values[-n:])

    def sample(self, n: Any = None, frac: Any = None, random_state: Any = None, **_: Any) -> Series:
        """Some."""
        size = n or int(len(self) * (frac or 1.0))
        return self.with_(self.values[numbers(f"sample {random_state}").permutation(len(self))[:size]])

    def sort_values(self, *_: Any, ascending: bool = True, **__: Any) -> Series:
        """In order."""
        made = np.sort(self.values)
        return self.with_(made if ascending else made[::-1])

    def to_frame(self, name: Any = None) -> Any:
        """A table of one column."""
        from .tables import DataFrame

        return DataFrame({name or self.name or 0: self.values})

    def _same(self, *_: Any, **__: Any) -> Series:
        return self.with_(self.values.copy())

    copy = fillna = dropna = reset_index = interpolate = ffill = bfill = _same


def _listed(values: Any) -> Any:
    """An array of one dimension, whatever the values are."""
    values = list(values)
    made = np.asarray(values) if not values or np.ndim(values[0]) == 0 else None
    if made is None or made.dtype.kind in "US":
        made = np.empty(len(values), dtype=object)
        made[:] = values
    return made
