"""`-m package.module`: the file that a module's name stands for, found without importing anything."""

from __future__ import annotations

import os
from dataclasses import dataclass

FOLDERS = ("", "src")
"""Where a module is looked for, counted from the current folder."""


@dataclass(frozen=True)
class Module:
    """A module of the current folder, as `python -m` would run it.

    `name` is what its `__spec__` is called (`package.__main__` of a package), `path` its file, counted from the current
    folder, and `folder` what its name is counted from, absolute.
    """

    name: str
    path: str
    folder: str

    @property
    def package(self) -> str:
        """The package that its relative imports start from, "" for none."""
        return self.name.rpartition(".")[0]


class NoModule(ValueError):
    """There is no such module. The text is one line."""


def find_module(name: str) -> Module:
    """The module in the current folder, or in its `src`. Raises NoModule."""
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):
        raise NoModule(f"-m takes a module's name such as package.module, not {name!r}")
    for folder in FOLDERS:
        base = os.path.join(folder, *parts)
        main = os.path.join(base, "__main__.py")
        package = os.path.isfile(os.path.join(base, "__init__.py"))
        if package and not os.path.isfile(main):
            raise NoModule(f"{name} is a package without a __main__.py: name one of its modules")
        if not package and os.path.isfile(f"{base}.py"):
            return Module(name, f"{base}.py", os.path.abspath(folder))
        if os.path.isfile(main):
            return Module(f"{name}.__main__", main, os.path.abspath(folder))
    raise NoModule(f"no module {name} in this folder or its src")
