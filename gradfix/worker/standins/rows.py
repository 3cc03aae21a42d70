"""Names of columns and choices of rows of a made-up table: `df.columns`, `df.iloc`, `df.loc`."""

from __future__ import annotations

from typing import Any

import numpy as np

from .series import Series


class Labels(list[Any]):
    """Names of columns, as `df.columns` gives them."""

    values = property(lambda self: np.asarray(self, dtype=object))
    size = property(len)

    def tolist(self) -> list[Any]:
        """A list."""
        return list(self)

    to_list = tolist

    def get_loc(self, name: Any) -> int:
        """Where a name stands."""
        return self.index(name)

    def difference(self, others: Any) -> Labels:
        """Without some."""
        return Labels(n for n in self if n not in others)

    drop = difference

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return Labels(list(self)[key])
        return list.__getitem__(self, key) if isinstance(key, int) else Labels(np.asarray(self, dtype=object)[key])


class Rows:
    """`.iloc` and `.loc`."""

    def __init__(self, frame: Any, by_name: bool) -> None:
        self.frame, self.by_name = frame, by_name

    def _columns(self, key: Any) -> Any:
        names = self.frame.columns
        if not self.by_name:
            return names[key] if isinstance(key, (int, slice)) else [names[int(i)] for i in key]
        if isinstance(key, slice):
            start = names.index(key.start) if key.start is not None else None
            stop = names.index(key.stop) + 1 if key.stop is not None else None
            return names[start:stop]
        return key

    def __getitem__(self, key: Any) -> Any:
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        names = self._columns(columns)
        rows = rows.values if isinstance(rows, Series) else rows
        if isinstance(rows, slice) and self.by_name and rows.stop is not None:
            rows = slice(rows.start, rows.stop + 1)  # names of rows include the last
        if not isinstance(names, list):
            return self.frame[names][rows]
        part = self.frame[list(names)]
        if isinstance(rows, (int, np.integer)):
            return Series([v[rows] for v in part.columns_.values()], index=names)
        return part.of_rows(rows)

    def __setitem__(self, key: Any, value: Any) -> None:
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        names = self._columns(columns)
        for name in names if isinstance(names, list) else [names]:
            values = self.frame[name].values
            values = values.astype("float64") if isinstance(value, float) and values.dtype.kind in "iu" else values
            values[rows.values if isinstance(rows, Series) else rows] = value
            self.frame.columns_[name] = values
