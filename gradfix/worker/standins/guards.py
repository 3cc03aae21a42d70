"""Whether the user's code is ready for what is not there: then it must hear the truth."""

from __future__ import annotations

import ast
import functools
import linecache
import os
import sys
import sysconfig
from collections.abc import Iterator
from types import FrameType

from .notes import Notes

IMPORT = frozenset({"ImportError", "ModuleNotFoundError"})
FILE = frozenset({"FileNotFoundError", "OSError", "IOError", "EnvironmentError", "NotFoundError"})
ANY = frozenset({"Exception", "BaseException", ""})
LEAVING = frozenset({"exit", "quit", "_exit", "abort"})


def tree_of(path: str) -> ast.Module | None:
    """The syntax tree of a file as this run sees it, None where there is none."""
    return _parsed("".join(linecache.getlines(path)))


@functools.lru_cache(64)
def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def package(frame: FrameType) -> list[str]:
    """The user's files that a line belongs to: its own, those that led to it, and the modules that these import."""
    paths: dict[str, None] = {}
    at: FrameType | None = frame
    while at is not None:
        if _is_users(at.f_code.co_filename):
            paths[at.f_code.co_filename] = None
        at = at.f_back
    for path in list(paths):
        tree = tree_of(path)
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                paths.update(dict.fromkeys(f for f in _imported(node) if _is_users(f)))
    return list(paths)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The files of the modules that an import names, as far as they are loaded."""
    names = {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        above = node.module or ""
        names = {above, *(f"{above}.{name}".lstrip(".") for name in names)} - {""}
    ends = tuple(f".{name}" for name in names)
    for known, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        relative = isinstance(node, ast.ImportFrom) and node.level > 0
        if isinstance(path, str) and (known in names or (relative and known.endswith(ends))):
            yield path


def _is_users(path: str) -> bool:
    inside = (sysconfig.get_path("stdlib"), os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    installed = "site-packages" in path or "dist-packages" in path
    return path.endswith(".py") and not installed and not path.startswith(inside)


def ready(notes: Notes, frame: FrameType, errors: frozenset[str]) -> bool:
    """Whether one of `errors` would be caught and lived with: by the asking function, or by a caller who names it.

    A caller that catches every Exception around all of its work is not ready for this one.
    """
    if _caught(frame, errors | ANY):
        return True
    outer = frame.f_back
    while outer is not None:
        if notes.owns(outer) and _caught(outer, errors):
            return True
        outer = outer.f_back
    return False


def _caught(frame: FrameType, errors: frozenset[str]) -> bool:
    tree = tree_of(frame.f_code.co_filename)
    if tree is None:
        return False
    line = frame.f_lineno
    return any(errors & names for names in _handled(tree, line))


def _handled(tree: ast.Module, line: int) -> Iterator[set[str]]:
    """The names of what is caught around a line, and lived with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and _within(node.body, line):
            for handler in node.handlers:
                if not _gives_up(handler.body):
                    yield _names(handler.type)
        elif isinstance(node, ast.With) and _within(node.body, line):
            for item in node.items:
                call = item.context_expr
                if isinstance(call, ast.Call) and _names(call.func) == {"suppress"}:
                    yield {name for argument in call.args for name in _names(argument)}


def _within(body: list[ast.stmt], line: int) -> bool:
    return body[0].lineno <= line <= (body[-1].end_lineno or 0)


def _names(kind: ast.expr | None) -> set[str]:
    if isinstance(kind, ast.Tuple):
        return {name for element in kind.elts for name in _names(element)}
    if isinstance(kind, ast.Attribute):
        return {kind.attr}
    return {kind.id} if isinstance(kind, ast.Name) else {""}


def _gives_up(body: list[ast.stmt]) -> bool:
    """Whether a handler ends the program or raises again: the code cannot live without."""
    for statement in body:
        if isinstance(statement, ast.Raise):
            return True
        value = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(value, ast.Call) and _names(value.func) & LEAVING:
            return True
    return False
