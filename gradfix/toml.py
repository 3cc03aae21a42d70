"""Reads TOML files, on every Python that gradfix runs under."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class BadToml(ValueError):
    """A file that is not valid TOML. Its text is one line and names the file."""


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file, shared by all who ask: not to be changed. Raises BadToml, OSError."""
    try:
        return _loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise BadToml(f"{path}: {' '.join(str(e).split())}") from e


@lru_cache(16)
def _loads(text: str) -> dict[str, Any]:
    """A language server reads the same files at each key; to parse them takes longer than to look at the program."""
    return tomllib.loads(text)
