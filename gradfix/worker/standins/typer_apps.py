"""typer where it is not there: the parameters are those of a function's signature."""

from __future__ import annotations

import enum
import inspect
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .commands import Command, Context, Kind, Parameter, click_names

Function = Callable[..., Any]


class Info:
    """What `typer.Option` and `typer.Argument` say of a parameter."""

    def __init__(self, default: Any = ..., *names: str, **settings: Any) -> None:
        self.default, self.names, self.settings = default, names, settings

    @classmethod
    def of(cls, positional: bool) -> Function:
        """The function that makes them."""

        def make(default: Any = ..., *names: str, **settings: Any) -> Info:
            made = cls(default, *names, **settings)
            made.settings["positional"] = positional
            return made

        make.__name__ = "Argument" if positional else "Option"
        return make


Info.__name__ = "OptionInfo"  # by which a call with made-up inputs knows it


class Typer(Command):
    """An application: the one function that it has, or a group of several."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(lambda: None, "app")
        self.own = False
        self.params = []

    def command(self, name: Any = None, *args: Any, **kwargs: Any) -> Any:
        """A decorator that leaves the function as it is, and makes a command of it."""

        def keep(function: Function) -> Function:
            self.add_command(_typed(function, name or ""))
            return function

        return keep

    def callback(self, *args: Any, invoke_without_command: bool = False, **kwargs: Any) -> Any:
        """A decorator for the function that is called before any command."""

        def keep(function: Function) -> Function:
            before = _typed(function, "")
            self.function, self.params, self.hands_context = before.function, before.params, before.hands_context
            self.alone, self.own = invoke_without_command, True
            return function

        return keep

    def add_typer(self, app: Typer, name: str = "", **kwargs: Any) -> None:
        """Takes the commands of another application into this one."""
        app.own = True
        self.add_command(app, name or app.name)

    def main(self, args: Any = None, *_: Any, **more: Any) -> Any:
        """Reads the command line and runs; a lone command needs no name."""
        if len(self.commands) == 1 and not self.own:
            return next(iter(self.commands.values())).main(args, **more)
        return super().main(args, **more)


def _typed(function: Function, name: str) -> Command:
    """A command with the parameters of a function's signature."""
    command = Command(function, name)
    hints = typing.get_type_hints(function, include_extras=True)
    for one in inspect.signature(function).parameters.values():
        hint = hints.get(one.name, str)
        infos = [extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, Info)]
        info = one.default if isinstance(one.default, Info) else infos[0] if infos else None
        default = one.default.default if isinstance(one.default, Info) else one.default
        default = None if default in (..., inspect.Parameter.empty) else default
        required = default is None and (info is None or info.default is ...) and one.default is not None
        plain = typing.get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
        choices = [part for part in typing.get_args(plain) if part is not type(None)]
        plain = choices[0] if choices and not isinstance(plain, type) else plain
        if plain is Context:
            command.hands_context = True
            continue
        positional = info.settings["positional"] if info else required
        names = () if positional else (info.names if info and info.names else (f"--{one.name.replace('_', '-')}",))
        command.params.append(
            Parameter((*names, one.name), {"default": default, "type": _kind(plain), "required": required}, positional)
        )
    return command


def _kind(plain: Any) -> Any:
    if isinstance(plain, type) and issubclass(plain, enum.Enum):
        return Kind(plain, tuple(plain))
    return plain if plain in (int, float, bool, str, Path) else str


def _run(function: Function) -> None:
    _typed(function, "").main()


def typer_names() -> dict[str, Any]:
    """The names of typer."""
    kept = ("echo", "secho", "style", "prompt", "confirm", "progressbar", "BadParameter", "Abort")
    names: dict[str, Any] = {name: value for name, value in click_names().items() if name in kept}
    names.update(Typer=Typer, Option=Info.of(False), Argument=Info.of(True), Context=Context, Exit=SystemExit, run=_run)
    return names
