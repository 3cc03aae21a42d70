"""click and typer: required options and arguments, prompts, groups without a command, paths that must be there."""

from __future__ import annotations

import enum
import functools
import os
from collections.abc import Callable, Sequence
from typing import Any

from ..loading import when_loaded
from . import words

Note = Callable[[str, str], None]

MODULES = ("click.core", "typer._click.core", "typer.core")
"""typer has had its own copy of click since 0.29."""


def install(note: Note) -> None:
    """Wraps the modules when they are loaded."""
    when_loaded(dict.fromkeys(MODULES, functools.partial(_change, note)))


def _change(note: Note, module: Any) -> None:
    for kind in list(vars(module).values()):
        if not isinstance(kind, type) or kind.__module__ != module.__name__:
            continue
        own = vars(kind)
        if "process_value" in own:
            setattr(kind, "process_value", _processing(own["process_value"], note))  # noqa: B010
        if "prompt_for_value" in own:
            setattr(kind, "prompt_for_value", _prompting(note))  # noqa: B010
        if "parse_args" in own and hasattr(kind, "list_commands"):
            setattr(kind, "parse_args", _choosing(own["parse_args"], note))  # noqa: B010


def _processing(original: Callable[..., Any], note: Note) -> Callable[..., Any]:
    @functools.wraps(original)
    def process_value(self: Any, ctx: Any, value: Any) -> Any:
        try:
            return original(self, ctx, value)
        except Exception as e:
            if type(e).__name__ == "MissingParameter" and not ctx.resilient_parsing:
                value = _values(self, note)
            elif type(e).__name__ != "BadParameter" or not _may_be_absent(self, value):
                raise
        return process_value(self, ctx, value)

    return process_value


def _prompting(note: Note) -> Callable[..., Any]:
    def prompt_for_value(self: Any, ctx: Any) -> Any:
        default = self.get_default(ctx)
        if type(default).__name__ in ("NoneType", "Sentinel", "_Sentinel"):  # click's UNSET
            return self.process_value(ctx, _values(self, note))
        note(f"answer to {_shown(self)}", str(default))
        return self.process_value(ctx, default)

    return prompt_for_value


def _choosing(original: Callable[..., Any], note: Note) -> Callable[..., Any]:
    @functools.wraps(original)
    def parse_args(self: Any, ctx: Any, args: list[str]) -> Any:
        asked = any(not arg.startswith("-") or arg in ctx.help_option_names for arg in args)
        if not asked and not getattr(self, "invoke_without_command", False):
            names = self.list_commands(ctx)
            if names:
                chosen = words.command(names)
                note("command", chosen)
                args = [*args, chosen]
        return original(self, ctx, args)

    return parse_args


def _may_be_absent(parameter: Any, value: Any) -> bool:
    """Whether a path that is not there is the trouble; it is let through then, and what it names is made up."""
    settings = _settings(parameter)
    if not getattr(settings, "exists", False) or not isinstance(value, (str, os.PathLike)) or os.path.exists(value):
        return False
    settings.exists = False
    return True


def _settings(parameter: Any) -> Any:
    """What holds `exists`, `min` and `max` of a parameter: in typer its info, in click its type."""
    described = getattr(parameter, "type_descriptor", None)
    return parameter.type if described is None else getattr(described, "parameter_info", None)


def _values(parameter: Any, note: Note) -> Any:
    """As many values as a parameter takes, as words."""
    parts = getattr(getattr(parameter, "type", None), "types", None)
    if parts:  # a tuple of several types
        value: Any = tuple(words.word(parameter.name or "", _kind(part)) for part in parts)
    else:
        one = words.word(parameter.name or "", *_described(parameter))
        value = one if parameter.nargs == 1 else (one,) * max(parameter.nargs, 1)
    told = " ".join(value) if isinstance(value, tuple) else value
    note(f"argument {_shown(parameter)}", told)
    return (value,) if getattr(parameter, "multiple", False) else value


def _shown(parameter: Any) -> str:
    return max(parameter.opts, key=len) if parameter.opts else str(parameter.name)


def _described(parameter: Any) -> tuple[str, Sequence[str], float | None, float | None]:
    """The kind of a parameter, its choices and its bounds."""
    described, settings = getattr(parameter, "type_descriptor", None), _settings(parameter)
    if described is not None:
        kind = _kind(described.annotation)
        choices = described.choices if getattr(described, "is_choice", False) else None
    else:
        kind, choices = _kind(parameter.type), getattr(parameter.type, "choices", None)
    texts = [
        str(c.value if described is not None else c.name) if isinstance(c, enum.Enum) else str(c) for c in choices or ()
    ]
    return kind, texts, getattr(settings, "min", None), getattr(settings, "max", None)


def _kind(kind: Any) -> str:
    """int, float, bool, path, uuid, date or text, of a type of click's or of Python's."""
    names = (getattr(kind, name, None) for name in ("name", "__name__"))
    text = next((name for name in names if isinstance(name, str)), str(kind)).lower()
    for part, said in (("int", "int"), ("float", "float"), ("bool", "bool"), ("path", "path"), ("file", "path"),
                       ("dir", "path"), ("uuid", "uuid"), ("date", "date")):  # fmt: skip
        if part in text:
            return said
    return "text"
