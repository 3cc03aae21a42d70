"""Tables put together by a common column, and rows by the values of one: `merge`, `groupby`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .notes import words
from .series import Series, lacking

STATISTICS = words("mean sum min max median std var prod count size nunique first last any all")


def listed(names: Any) -> list[Any]:
    """One name or several, as a list."""
    return list(names) if isinstance(names, (list, tuple, set)) else [names]


def statistic(values: Any, kind: Any) -> Any:
    """One number for some values: by the name of a statistic, or by a function."""
    if not isinstance(kind, str):
        return kind(Series(values))
    if kind in ("count", "size"):
        return len(values)
    if kind in ("first", "last"):
        return values[0 if kind == "first" else -1]
    return getattr(Series(values), kind)()


class Groups:
    """`df.groupby(by)`, and `df.groupby(by)[column]`. `chosen` are the columns that statistics are made of."""

    def __init__(self, frame: Any, by: Any, chosen: Any = None, as_index: bool = True) -> None:
        self.frame, self.by, self.chosen, self.as_index = frame, listed(by), chosen, as_index
        keys = [np.asarray(name) if np.ndim(name) else frame[name].values for name in self.by]
        found: dict[Any, list[int]] = {}
        for i, key in enumerate(zip(*(k.tolist() for k in keys), strict=True)):
            found.setdefault(key if isinstance(by, (list, tuple)) and len(key) > 1 else key[0], []).append(i)
        self.rows = {key: np.array(found[key]) for key in sorted(found, key=str if _mixed(found) else None)}

    def __getitem__(self, names: Any) -> Groups:
        for name in listed(names):
            self.frame[name]  # a column that is made up comes into being
        return Groups(self.frame, self.by if len(self.by) > 1 else self.by[0], names, self.as_index)

    def __iter__(self) -> Iterator[Any]:
        return ((key, self._part(rows)) for key, rows in self.rows.items())

    def __len__(self) -> int:
        return len(self.rows)

    def _part(self, rows: Any) -> Any:
        part = self.frame.of_rows(rows)
        return part if self.chosen is None else part[self.chosen]

    @property
    def ngroups(self) -> int:
        """How many groups there are."""
        return len(self.rows)

    @property
    def groups(self) -> dict[Any, Any]:
        """Numbers of rows by key."""
        return self.rows

    @property
    def _names(self) -> list[Any]:
        """Columns that statistics are made of."""
        if self.chosen is not None:
            return listed(self.chosen)
        columns = self.frame.columns_
        plain = [name for name in self.by if not np.ndim(name)]
        return [n for n, v in columns.items() if n not in plain and v.dtype.kind in "iufb"]

    def __getattr__(self, name: str) -> Any:
        if name in STATISTICS:
            return lambda *args, **options: self._each(name)
        if name in self.__dict__.get("frame").columns_:  # type: ignore[union-attr]
            return self[name]
        raise AttributeError(name if name.startswith("_") else lacking(f"GroupBy.{name}"))

    def _each(self, kind: Any) -> Any:
        """A statistic of each group."""
        keys = list(self.rows)
        if kind == "size" or (self.chosen is not None and not isinstance(self.chosen, list)):
            values = self.frame[self.by[0] if self.chosen is None else self.chosen].values
            return Series([statistic(values[r], kind) for r in self.rows.values()], self.chosen, index=keys)
        return self._table({name: (name, kind) for name in self._names})

    def _table(self, wanted: dict[Any, tuple[Any, Any]]) -> Any:
        made: dict[Any, Any] = {}
        for i, name in enumerate(self.by):  # also where they are the index: nothing else here has an index
            if not np.ndim(name):
                made[name] = np.array([k[i] if isinstance(k, tuple) else k for k in self.rows])
        for name, (column, kind) in wanted.items():
            values = self.frame[column].values
            made[name] = np.array([statistic(values[r], kind) for r in self.rows.values()])
        return self.frame.with_(made)

    def agg(self, kind: Any = None, *_: Any, **named: Any) -> Any:
        """Statistics by name, by function, or by column."""
        if isinstance(kind, dict):
            several = [(c, k) for c, kinds in kind.items() for k in listed(kinds)]
            plain = len({c for c, _ in several}) == len(several)
            return self._table({c if plain else (c, k): (c, k) for c, k in several})
        if named:
            return self._table(named)
        if isinstance(kind, (list, tuple)):
            return self._table({k: (self._names[0], k) for k in kind})
        return self._each(kind)

    aggregate = agg

    def transform(self, kind: Any, *_: Any, **__: Any) -> Any:
        """A value for each row, of its group."""
        made = {name: self._spread(self.frame[name].values, kind) for name in self._names}
        if self.chosen is not None and not isinstance(self.chosen, list):
            return Series(made[self.chosen], self.chosen)
        return self.frame.with_(made)

    def _spread(self, values: Any, kind: Any) -> Any:
        parts = {key: statistic(values[rows], kind) for key, rows in self.rows.items()}
        kinds = [np.asarray(part).dtype for part in parts.values()]
        made: Any = np.empty(len(values), dtype=np.result_type(*kinds) if kinds else float)
        for key, rows in self.rows.items():
            made[rows] = np.asarray(parts[key])
        return made

    def apply(self, function: Callable[[Any], Any], *_: Any, **__: Any) -> Any:
        """What a function makes of each group."""
        made = [function(part) for _, part in self]
        if made and hasattr(made[0], "columns_"):
            return self.frame.with_({k: np.concatenate([m[k].values for m in made]) for k in made[0].columns_})
        return Series(made, index=list(self.rows))

    def get_group(self, key: Any) -> Any:
        """The rows of one group."""
        return self._part(self.rows[key])

    def head(self, n: int = 5) -> Any:
        """The first rows of each."""
        return self._part(np.sort(np.concatenate([rows[:n] for rows in self.rows.values()])))

    def cumcount(self) -> Series:
        """The number of each row within its group."""
        made: Any = np.zeros(len(self.frame), "int64")
        for rows in self.rows.values():
            made[rows] = np.arange(len(rows))
        return Series(made)


def _mixed(keys: dict[Any, Any]) -> bool:
    return len({type(key) for key in keys}) > 1


def merged(left: Any, right: Any, on: Any = None, left_on: Any = None, right_on: Any = None) -> Any:
    """Each row of the left with the row of the right that has its key, or, where the keys are made up and differ,
    with any."""
    lefts, rights = listed(on or left_on), listed(on or right_on)
    if lefts == [None] or rights == [None]:
        lefts = rights = [n for n in left.columns_ if n in right.columns_]
    found = {key: i for i, key in reversed(list(enumerate(_keys(right, rights))))}
    rows = np.array([found.get(key, i % max(1, len(right))) for i, key in enumerate(_keys(left, lefts))], dtype=int)
    made = dict(left.columns_)
    for name, values in right.columns_.items():
        if name not in rights and not (name in made and right.tree is not None):  # made up for both tables
            made[name if name not in made else f"{name}_y"] = values[rows]
    return left.with_(made)


def _keys(frame: Any, names: list[Any]) -> list[Any]:
    return list(zip(*(frame[name].values.tolist() for name in names), strict=True))
