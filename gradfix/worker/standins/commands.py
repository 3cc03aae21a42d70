"""click where it is not there: commands with their options and defaults, read by argparse.

What is required and not given is made up as for any other argparse (mains/parsers.py).
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

Function = Callable[..., Any]


class Kind:
    """A type of click's: what a word becomes, and which words there are."""

    def __init__(self, convert: Function = str, choices: tuple[str, ...] = ()) -> None:
        self.convert, self.choices = convert, choices


class Context:
    """What commands hand each other."""

    def __init__(self) -> None:
        self.obj: Any = None
        self.params: dict[str, Any] = {}
        self.invoked_subcommand: str | None = None

    def ensure_object(self, kind: Function) -> Any:
        """The object that commands share, made where there is none."""
        self.obj = kind() if self.obj is None else self.obj
        return self.obj

    def invoke(self, command: Any, **values: Any) -> Any:
        """Runs another command with these values."""
        return getattr(command, "callback", command)(**values)

    forward = invoke

    def exit(self, code: int = 0) -> None:
        """Ends the program."""
        raise SystemExit(code)


class Parameter:
    """An option or an argument, as its decorator describes it."""

    def __init__(self, names: tuple[str, ...], settings: dict[str, Any], positional: bool) -> None:
        plain = [name for name in names if not name.startswith("-")]
        flags = [flag for name in names if name.startswith("-") for flag in name.split("/")[:1]]
        longest = max(flags, key=len, default="")
        self.name = (plain[-1] if plain else longest.lstrip("-")).replace("-", "_").lower()
        self.flags, self.settings, self.positional = flags, settings, positional or not flags
        default = settings.get("default")
        self.default = default() if callable(default) else default
        kind = settings.get("type") or (type(self.default) if isinstance(self.default, (int, float, str)) else str)
        self.kind = kind if isinstance(kind, Kind) else Kind(_bool if kind is bool else kind)
        self.on = any("/" in name for name in names) or settings.get("is_flag", kind is bool and not self.positional)

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Has a parser read it."""
        more: dict[str, Any] = {"default": self.default}
        if self.on:
            parser.add_argument(
                *self.flags, dest=self.name, nargs="?", const=True, type=_bool, default=bool(self.default)
            )
            return
        more |= {"type": self.kind.convert, "choices": self.kind.choices or None}
        nargs, required = self.settings.get("nargs"), self.settings.get("required", self.positional)
        if self.settings.get("multiple"):
            more |= {"action": "append", "default": list(self.default or ())}
        if self.positional:
            given = "*" if nargs == -1 else nargs
            optional = not required or self.default is not None
            parser.add_argument(self.name, nargs=given or ("?" if optional else None), **more)
        else:
            parser.add_argument(
                *self.flags, dest=self.name, nargs=nargs, required=required and self.default is None, **more
            )


class Command:
    """A function with parameters; called without any, it reads the command line."""

    def __init__(self, callback: Function, name: str = "", hands_context: bool = False) -> None:
        self.function, self.hands_context = callback, hands_context or hasattr(callback, "_gradfix_context")
        self.name = name or callback.__name__.replace("_", "-")
        self.params: list[Parameter] = list(reversed(getattr(callback, "_gradfix_parameters", [])))
        self.commands: dict[str, Command] = {}
        self.alone = False
        self.__name__, self.__doc__ = callback.__name__, callback.__doc__

    @property
    def callback(self) -> Any:
        """The function itself."""
        return self.function

    def command(self, name: Any = None, *args: Any, **kwargs: Any) -> Any:
        """A decorator that makes a command of this group."""
        return _maker(name, self.add_command)

    def group(self, name: Any = None, *args: Any, **kwargs: Any) -> Any:
        """A decorator that makes a group of this group."""
        return self.command(name)

    def add_command(self, command: Command, name: str | None = None) -> None:
        """Takes a command into this group."""
        self.commands[name or command.name] = command

    def parser(self, parser: argparse.ArgumentParser | None = None) -> argparse.ArgumentParser:
        """The reader of its command line."""
        parser = parser or argparse.ArgumentParser(self.name)
        for parameter in self.params:
            parameter.add_to(parser)
        if self.commands:
            below = parser.add_subparsers(dest=f"command of {self.name}", required=not self.alone)
            for name, command in self.commands.items():
                command.parser(below.add_parser(name))
        return parser

    def main(self, args: Any = None, *_: Any, standalone_mode: bool = True, **__: Any) -> Any:
        """Reads the command line and runs."""
        values = vars(self.parser().parse_args(sys.argv[1:] if args is None else list(args)))
        result = self.run(values, Context())
        if standalone_mode:
            raise SystemExit(0)
        return result

    def run(self, values: dict[str, Any], context: Context) -> Any:
        """Calls the function, and then that of the command that was chosen."""
        own = {one.name: values[one.name] for one in self.params}
        own = {name: tuple(value) if isinstance(value, list) else value for name, value in own.items()}
        chosen = values.get(f"command of {self.name}")
        context.params, context.invoked_subcommand = own, chosen
        result = self.function(*([context] if self.hands_context else []), **own)
        return self.commands[chosen].run(values, context) if chosen else result

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.main(*args, **kwargs)


def _bool(word: Any) -> bool:
    return str(word).lower() in ("1", "true", "yes", "on", "y", "t")


def _path(word: str) -> str:
    return word


_path.__name__ = "Path"  # mains/parsers.py knows it by that


def _bounded(kind: Function, min: Any = None, max: Any = None, **_: Any) -> Function:
    def convert(word: str) -> Any:
        return kind(word)

    convert.__name__ = kind.__name__
    convert.__dict__.update(least=min, most=max)
    return convert


def _maker(name: Any, add: Function = lambda command, name=None: None, kind: type[Command] = Command) -> Any:
    """A decorator that makes a command, used with or without a call."""

    def make(function: Any, name: str = "") -> Command:
        command = function if isinstance(function, Command) else kind(function, name)
        add(command)
        return command

    if callable(name):
        return make(name)
    return lambda function: make(function, name or "")


def _parameter(positional: bool) -> Function:
    def describe(*names: str, **settings: Any) -> Function:
        def decorate(function: Any) -> Any:
            one = Parameter(names, settings, positional)
            if isinstance(function, Command):
                function.params.insert(0, one)
            else:
                function._gradfix_parameters = [*getattr(function, "_gradfix_parameters", []), one]
            return function

        return decorate

    return describe


def _group(name: Any = None, *_: Any, invoke_without_command: bool = False, **__: Any) -> Any:
    def alone(command: Command, name: str | None = None) -> None:
        command.alone = invoke_without_command

    return _maker(name, alone)


def _hand_context(function: Any) -> Any:
    if isinstance(function, Command):
        function.hands_context = True
    else:
        function._gradfix_context = True
    return function


def _hand_object(function: Any) -> Any:
    def handed(context: Context, *args: Any, **kwargs: Any) -> Any:
        return function(context.obj, *args, **kwargs)

    handed.__name__, handed.__dict__ = function.__name__, dict(function.__dict__)
    return _hand_context(handed)


def _echo(message: Any = "", *args: Any, nl: bool = True, **kwargs: Any) -> None:
    print(message, end="\n" if nl else "")


def _answer(text: str = "", default: Any = None, *args: Any, type: Any = None, **kwargs: Any) -> Any:
    return default if default is not None else type(2) if type in (int, float) else "made_up"


@contextlib.contextmanager
def _bar(iterable: Any = None, length: int = 0, *args: Any, **kwargs: Any) -> Iterator[Any]:
    yield iterable if iterable is not None else range(length)


def _same(*args: Any, **kwargs: Any) -> Any:
    return args[0] if args and callable(args[0]) else lambda function: function


class _Error(Exception):
    """What click raises."""


def click_names() -> dict[str, Any]:
    """The names of click."""
    number = {"INT": Kind(int), "FLOAT": Kind(float), "STRING": Kind(), "BOOL": Kind(_bool), "UUID": Kind()}
    errors = dict.fromkeys(("ClickException", "UsageError", "BadParameter", "Abort", "BadOptionUsage"), _Error)
    return {
        **number,
        **errors,
        "command": lambda name=None, *a, **k: _maker(name),
        "group": _group,
        "option": _parameter(False),
        "argument": _parameter(True),
        "pass_context": _hand_context,
        "pass_obj": _hand_object,
        "version_option": _same,
        "help_option": _same,
        "Context": Context,
        "Command": Command,
        "Group": Command,
        "Choice": lambda choices, *a, **k: Kind(str, tuple(map(str, choices))),
        "Path": lambda *a, path_type=None, **k: Kind(path_type or _path),
        "File": lambda mode="r", *a, **k: Kind(lambda path: open(path, mode)),
        "IntRange": lambda *a, **k: Kind(_bounded(int, *a, **k)),
        "FloatRange": lambda *a, **k: Kind(_bounded(float, *a, **k)),
        "echo": _echo,
        "secho": _echo,
        "style": lambda text, *a, **k: text,
        "prompt": _answer,
        "confirm": lambda *a, **k: True,
        "progressbar": _bar,
    }
