"""Made-up words for a command line, by the type and the name of what is wanted."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FOLDER = re.compile(r"dir|folder|root|path|data|file|out|csv|^src|^dst|input", re.IGNORECASE)
_TRAINS = re.compile(r"train|fit|learn|run|main|start", re.IGNORECASE)


def word(
    name: str, kind: str, choices: Sequence[str] = (), least: float | None = None, most: float | None = None
) -> str:
    """One value. `kind` is int, float, bool, path, uuid, date or anything else for text; bounds are for numbers."""
    if choices:
        return choices[0]
    if kind in ("int", "float"):
        value = 2.0 if kind == "int" else 0.01
        if least is not None and value <= least:
            value = least + (1.0 if kind == "int" else 0.01)
        if most is not None and value >= most:
            value = most if least is None else (least + most) / 2
        return str(int(value) if kind == "int" else value)
    fixed = {"bool": "true", "uuid": "00000000-0000-4000-8000-000000000000", "date": "2024-01-01"}
    if kind in fixed:
        return fixed[kind]
    return "data" if kind == "path" or _FOLDER.search(name) else "made_up"


def command(names: Sequence[str]) -> str:
    """The command that most likely trains, the first one where no name says so."""
    return next((name for name in names if _TRAINS.search(name)), names[0])
