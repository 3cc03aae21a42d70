"""What a notebook finds in its namespace: `get_ipython()` and `display`, which nothing here has a kernel for.

The host has put calls of `get_ipython()` in the place of magics that later cells may depend on.
"""

from __future__ import annotations

import builtins
import glob
import importlib
import os
import shlex
import sys
from typing import Any

from ..loading import when_loaded
from .inert import Inert
from .notes import Notes


class Lines(list[str]):
    """The output of a shell command as IPython gives it."""

    @property
    def n(self) -> str:
        """As one text."""
        return "\n".join(self)

    @property
    def s(self) -> str:
        """As words."""
        return " ".join(self)

    @property
    def l(self) -> list[str]:  # noqa: E743 - IPython's own name
        """As a list."""
        return list(self)


class Shell(Inert):
    """The stand-in of IPython's shell: what is not here takes any use, and does nothing."""

    def __init__(self, notes: Notes) -> None:
        super().__init__("IPython", "get_ipython()", True)
        self.__dict__.update(notes=notes, written=set())

    def run_line_magic(self, name: str, line: str = "", *more: Any, **options: Any) -> Any:
        """`%name line`."""
        known = {"cd": _change_folder, "env": _set_variable, "set_env": _set_variable, "run": self._run}
        if name in known:
            return known[name](line.strip())
        return os.getcwd() if name == "pwd" else Inert("IPython", f"%{name}", True)

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        """`%%name line` over a cell: only files are written."""
        if name in ("writefile", "file"):
            self._write(line.strip(), cell)
            return None
        return Inert("IPython", f"%%{name}", True)

    magic = run_line_magic

    def getoutput(self, command: str, *more: Any, **options: Any) -> Lines:
        """`files = !command`: nothing is run, but the current folder is known."""
        words = _words(command)
        if words == ["pwd"]:
            return Lines([os.getcwd()])
        if words[:1] == ["ls"] and not any(c in command for c in "|;&><"):
            return Lines(_listed([w for w in words[1:] if not w.startswith("-")]))
        self.__dict__["notes"].say(f"the output of `{command[:80]}`", "no line")
        return Lines()

    def system(self, command: str) -> None:
        """`!command`: not run."""

    def _write(self, line: str, cell: str) -> None:
        words = _words(line)
        path = os.path.abspath(os.path.expanduser(words[-1]))
        os.makedirs(os.path.dirname(path), exist_ok=True)  # which a shell line before may have done
        with open(path, "a" if words[0] in ("-a", "--append") else "w", encoding="utf-8") as file:
            file.write(cell)
        self.__dict__["written"].add(path)
        importlib.invalidate_caches()

    def _run(self, line: str) -> None:
        """`%run file.py`: its names become the notebook's."""
        words = [word for word in _words(line) if not word.startswith("-")]
        if not words or not words[0].endswith(".py"):
            return
        path = os.path.abspath(words[0])
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
        names = {"__name__": "__main__", "__file__": path}
        exec(code, names)
        frame = self.__dict__["notes"].user()
        if frame is not None:
            frame.f_globals.update({k: v for k, v in names.items() if not k.startswith("__")})


Shell.__name__ = Shell.__qualname__ = "ZMQInteractiveShell"  # people ask for it to tell notebooks from consoles


def install(notes: Notes) -> set[str]:
    """Puts both names where IPython has them. Gives the files that the notebook writes, as it goes."""
    shell = Shell(notes)
    builtins.get_ipython = lambda: shell  # type: ignore[attr-defined]
    builtins.display = lambda *shown, **options: None  # type: ignore[attr-defined]
    when_loaded({"IPython.core.getipython": lambda module: setattr(module, "get_ipython", lambda: shell)})
    written: set[str] = shell.__dict__["written"]
    return written


def _change_folder(line: str) -> None:
    words = _words(line)
    if words and os.path.isdir(os.path.expanduser(words[0])):
        os.chdir(os.path.expanduser(words[0]))
        sys.path.insert(0, os.getcwd())  # a kernel looks for modules in the folder that is the current one


def _set_variable(line: str) -> None:
    name, _, value = line.partition("=") if "=" in line else line.partition(" ")
    if value:
        os.environ[name.strip()] = value.strip()


def _listed(names: list[str]) -> list[str]:
    """What `ls` prints of these names, of the current folder where there is none."""
    found: list[str] = []
    for name in names or ["."]:
        if os.path.isdir(name):
            found += [entry for entry in os.listdir(name) if not entry.startswith(".")]
        else:
            found += glob.glob(name)
    return sorted(found)


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()
