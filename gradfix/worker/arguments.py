"""Makes up the command-line arguments that a script requires and was not given.

Defaults stay as they are; only what would end the script with a usage error is filled in, and reported.
"""

from __future__ import annotations

import argparse
import functools
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

Note = Callable[[str, str], None]

_FOLDER = re.compile(r"dir|folder|root|path|data|out", re.IGNORECASE)


def install(note: Note) -> None:
    """Wraps argparse. `note(what, given)` reports each argument that is made up."""
    parse = argparse.ArgumentParser.parse_known_args

    @functools.wraps(parse)
    def parsed(self: Any, args: Sequence[str] | None = None, namespace: Any = None) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        return parse(self, [*given, *_missing(self, given, note)], namespace)

    setattr(argparse.ArgumentParser, "parse_known_args", parsed)  # noqa: B010 - an overloaded method to mypy


def _missing(parser: argparse.ArgumentParser, given: list[str], note: Note) -> list[str]:
    """Arguments for what is required and not among those given."""
    if "-h" in given or "--help" in given:
        return []
    made: list[str] = []
    positional = sum(not g.startswith("-") for g in given)
    flags = {g.split("=")[0] for g in given}
    for action in parser._actions:
        if action.option_strings:
            if not action.required or flags & set(action.option_strings):
                continue
            value = _value(action)
            made += [action.option_strings[-1], *value]
            note(f"argument {action.option_strings[-1]}", " ".join(value))
        elif action.required and not isinstance(action, argparse._SubParsersAction):
            if positional:
                positional -= 1
                continue
            value = _value(action)
            made += value
            note(f"argument {action.dest}", " ".join(value))
        elif isinstance(action, argparse._SubParsersAction) and action.required and not positional:
            name = next(iter(action.choices))
            made.append(name)
            note("command", name)
    return made


def _value(action: argparse.Action) -> list[str]:
    """As many values as an argument takes."""
    if action.nargs == 0:
        return []
    count = action.nargs if isinstance(action.nargs, int) else 1
    return [_one(action)] * count


def _one(action: argparse.Action) -> str:
    if action.choices:
        return str(next(iter(action.choices)))
    if action.type is int:
        return "2"
    if action.type is float:
        return "0.01"
    if action.type is None and _FOLDER.search(action.dest):
        return "data"
    return "1" if action.type is not None and action.type is not str else "made_up"
