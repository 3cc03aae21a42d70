"""Reads TOML files, on every Python that gradfix runs under."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class BadToml(ValueError):
    """A file that is not valid TOML. Its text is one line and names the file."""


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file. Raises BadToml, OSError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise BadToml(f"{path}: {' '.join(str(e).split())}") from e
