"""What the client wants of the files in each folder of its workspace, and the settings that follow."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gradfix.choose.baseline import read_baseline
from gradfix.config import RunMode, Settings
from gradfix.settings.options import BadSettings, check_table
from gradfix.settings.read import Layer
from gradfix.settings.resolve import Resolver

OPTIONS = "initializationOptions"
EDITOR = "settings of the editor"
OWN = frozenset({"server", "trace"})
"""What clients keep for themselves among the settings of gradfix."""


@dataclass(frozen=True)
class Wanted:
    """Settings from one place, by the keys of configuration files; where there is a problem, none."""

    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Preferences:
    """What was said at the start, and since then of all files or of those in one folder: the last of these that was
    said counts, whole as it is, so that what is taken out of it is gone.

    `folders` are those of the workspace. Nothing runs unless it is `trusted`.
    """

    trusted: bool = True
    folders: tuple[str, ...] = ()
    start: Wanted = field(default_factory=Wanted)
    everywhere: Wanted | None = None
    scoped: Mapping[str, Wanted] = field(default_factory=dict)

    def folder_of(self, path: str) -> str:
        """The innermost folder of the workspace that a file lies in, "" for none."""
        around = [f for f in self.folders if path.startswith(os.path.join(f, ""))]
        return max(around, key=len, default="")

    def for_file(self, path: str) -> Settings:
        """The settings of a file. Configuration files are read anew. Raises BadSettings and BadBaseline."""
        folder = self.folder_of(path)
        settings = Resolver(Layer(EDITOR, folder or os.getcwd(), self._of(folder).values)).for_file(path)
        settings = replace(settings, folder=folder)
        return replace(settings, known=read_baseline(settings.baseline)) if settings.baseline else settings

    def why_not(self, path: str, settings: Settings) -> str:
        """Why nothing is run for a file, "" where it may be."""
        if not self.trusted:
            return "nothing is run, because this workspace is not trusted"
        if problem := self._of(self.folder_of(path)).problem:
            return f"not run: {problem}"
        return "not run, as the setting run = never says" if settings.run is RunMode.NEVER else ""

    @property
    def problems(self) -> frozenset[str]:
        """What cannot be followed of all that was said."""
        each = (self.everywhere or self.start, *self.scoped.values())
        return frozenset(wanted.problem for wanted in each if wanted.problem)

    def _of(self, folder: str) -> Wanted:
        return self.scoped.get(folder) or self.everywhere or self.start


def preferences_of(options: Any, folders: tuple[str, ...] = ()) -> Preferences:
    """What `initializationOptions` say. Where they cannot be followed, what was meant is not known: nothing is run."""
    if options is None:
        return Preferences(folders=folders)
    unknown = [key for key in options if key not in ("trusted", "settings")] if isinstance(options, Mapping) else []
    trusted = options.get("trusted", True) if isinstance(options, Mapping) else True
    if not isinstance(options, Mapping):
        problem = f"{OPTIONS} must be an object, not {options!r}"
    elif unknown:
        problem = f"{OPTIONS}: unknown key {unknown[0]!r}; there are trusted and settings"
    elif not isinstance(trusted, bool):
        problem = f"{OPTIONS}: trusted must be true or false, not {trusted!r}"
    else:
        return Preferences(trusted, folders, wanted_of(options.get("settings") or {}, f"{OPTIONS}: settings"))
    return Preferences(False, folders, Wanted(problem=problem))


def wanted_of(table: Any, where: str = EDITOR) -> Wanted:
    """The settings that a client gives. Keys may be in camel case, as editors have them; null and "" say nothing."""
    if not isinstance(table, Mapping):
        return Wanted(problem=f"{where} must be an object, not {table!r}")
    values = {_key(key): value for key, value in table.items() if value not in (None, "") and key not in OWN}
    try:
        check_table(values, where)
        Resolver(Layer(where, os.getcwd(), values))  # whether its rules are known
    except BadSettings as e:
        return Wanted(problem=str(e))
    return Wanted(values)


def _key(name: str) -> str:
    """`unsafeFixes` as a configuration file has it."""
    return re.sub(r"(?<=[a-z])[A-Z]", lambda capital: f"-{capital[0].lower()}", name)
