"""Finds and reads configuration files: `gradfix.toml`, and `[tool.gradfix]` of `pyproject.toml`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradfix.settings.options import BadSettings, check_table
from gradfix.sources import reason_of
from gradfix.toml import BadToml, read_toml

OWN, SHARED = "gradfix.toml", "pyproject.toml"
NAMES = (OWN, SHARED)
"""In one folder the first wins."""


@dataclass(frozen=True)
class Layer:
    """Settings from one place: `where` says which, paths in it count from `base`."""

    where: str
    base: str
    values: Mapping[str, Any] = field(default_factory=dict)


def in_folder(folder: str) -> Layer | None:
    """The settings that a folder's own files hold; None for none. Raises BadSettings."""
    for name in NAMES:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            layer = in_file(path)
            if layer is not None:
                return layer
    return None


def in_file(path: str) -> Layer | None:
    """The settings of one file; None for a pyproject.toml without a table for gradfix. Raises BadSettings."""
    try:
        table: Any = read_toml(Path(path))
    except BadToml as e:
        raise BadSettings(str(e)) from e
    except OSError as e:
        raise BadSettings(f"{path}: {reason_of(e)}") from e
    where = path
    if os.path.basename(path) == SHARED:
        tool = table.get("tool", {})
        table = tool.get("gradfix") if isinstance(tool, Mapping) else None
        where = f"{path}: tool.gradfix"
        if table is None:
            return None
        if not isinstance(table, Mapping):
            raise BadSettings(f"{where} must be a table, not {table!r}")
    check_table(table, where)
    return Layer(where, os.path.dirname(os.path.abspath(path)), table)
