"""argparse: required options, positional arguments, one of a required group, commands."""

from __future__ import annotations

import argparse
import enum
import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

from . import words

Note = Callable[[str, str], None]

_KINDS = {"int": "int", "float": "float", "text": "text", "Path": "path", "PurePath": "path", "FileType": "path"}


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
    command: list[str] = []  # the last: what comes behind it is read by its own parser
    positional = _positional(parser, given)
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
            name = words.command(list(action.choices))
            command.append(name)
            note("command", name)
    for group in parser._mutually_exclusive_groups:
        actions = group._group_actions
        if group.required and not any(flags & set(action.option_strings) for action in actions):
            value = _value(actions[0])
            made += [actions[0].option_strings[-1], *value]
            note(f"argument {actions[0].option_strings[-1]}", " ".join(value))
    return made + command


def _positional(parser: argparse.ArgumentParser, given: list[str]) -> int:
    """How many of the words given are neither options nor the values of options."""
    count = skipped = 0
    for word in given:
        if skipped:
            skipped -= 1
        elif word.startswith("-") and word != "-":
            action = parser._option_string_actions.get(word)
            takes = 0 if action is None else action.nargs if action.nargs is not None else 1
            skipped = takes if isinstance(takes, int) else 1
        else:
            count += 1
    return count


def _value(action: argparse.Action) -> list[str]:
    """As many values as an argument takes."""
    if action.nargs == 0:
        return []
    count = action.nargs if isinstance(action.nargs, int) else 1
    return [_one(action)] * count


def _one(action: argparse.Action) -> str:
    choices = tuple(str(c.value if isinstance(c, enum.Enum) else c) for c in action.choices or ())
    kind = "text" if action.type in (None, str) else str(getattr(action.type, "__name__", type(action.type).__name__))
    kind = _KINDS.get(kind, kind)
    bounds = getattr(action.type, "least", None), getattr(action.type, "most", None)
    return words.word(action.dest, kind, choices, *bounds) if choices or kind in _KINDS.values() else "1"
