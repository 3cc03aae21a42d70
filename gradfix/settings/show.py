"""`--show-settings`: the settings of a path as TOML, each with the place that it comes from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from gradfix.discovery import LEFT_OUT
from gradfix.rules import rules
from gradfix.settings.options import OPTIONS
from gradfix.settings.resolve import COMMAND_LINE, Resolver

DEFAULT = "default"


def shown(resolver: Resolver, paths: Iterable[str]) -> str:
    """The settings of each path, in TOML that `gradfix.toml` could hold. Raises BadSettings."""
    return "\n".join(_of_path(resolver, path) for path in paths)


def _of_path(resolver: Resolver, path: str) -> str:
    settings = resolver.for_path(path)
    layer = resolver.layer(path if os.path.isdir(path) else os.path.dirname(os.path.abspath(path)))
    command = resolver.command.values
    usual: dict[str, Any] = {
        "select": ["ALL"],
        "exclude": sorted(LEFT_OUT),
        "force-exclude": settings.excluded.force,
        "run": settings.run,
        "python": settings.python,
        "timeout": settings.timeout,
        "sandbox": settings.sandbox,
        "memory": settings.memory,
        "gpu": settings.gpu,
        "unsafe-fixes": settings.unsafe_fixes,
        "baseline": settings.baseline,
        "jobs": settings.jobs,
        "output-format": settings.output_format,
    }
    names = settings.choice.names
    off = [rule.code for rule in rules() if names is not None and rule.name not in names]
    lines = [f"# settings of {path}", f"# rules that are left out: {', '.join(off) or 'none'}"]
    for option in OPTIONS:
        if option.key in command:
            value, where = command[option.key], COMMAND_LINE
        elif layer is not None and option.key in layer.values:
            value, where = layer.values[option.key], layer.where
        else:
            value, where = usual.get(option.key), DEFAULT
        if value is not None and value != "":
            lines.append(f"{option.key} = {_toml(value)}  # {where}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)  # strings, numbers and booleans are written as in JSON
