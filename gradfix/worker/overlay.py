"""Serves changed texts for the user's files: patched ones, and ones with their expressions wrapped for tracing."""

from __future__ import annotations
import __future__

import ast
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import linecache
import os
import sys
import tokenize
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, ModuleType

NOTEBOOK = ".ipynb"
DEEPEST = 20_000
"""Recursion that is allowed while a tree is rewritten and compiled."""

Instrument = Callable[[ast.Module, str], ast.Module]


class Texts:
    """The text of each of the user's files as this run is to see it.

    `changed` maps absolute paths to texts; other files are read from the disk. `instrument`, where given, rewrites
    the syntax tree of each of the user's modules before it is compiled.
    """

    def __init__(self, changed: dict[str, str], owns: Callable[[str], bool], instrument: Instrument | None) -> None:
        self.changed, self.owns, self.instrument = changed, owns, instrument
        for path, text in changed.items():
            # AutoGraph and inspect read source through linecache; no mtime means: never look at the disk
            linecache.cache[path] = (len(text), None, text.splitlines(True), path)

    def code(self, path: str) -> CodeType:
        """The compiled module. Raises SyntaxError, OSError."""
        if self.instrument is None:
            return compile(self.source(path), path, "exec", dont_inherit=True)
        with _deep():
            return compile(self.tree(path), path, "exec", dont_inherit=True)

    def statements(self, path: str) -> Iterator[CodeType]:
        """The module's statements, compiled one by one. Raises SyntaxError, OSError."""
        tree = self.tree(path)
        flags = sum(
            getattr(__future__, name.name).compiler_flag
            for statement in tree.body
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
            for name in statement.names
        )
        for statement in tree.body:
            with _deep():
                code = compile(ast.Module([statement], []), path, "exec", flags, dont_inherit=True)
            yield code

    def tree(self, path: str) -> ast.Module:
        """The module's syntax tree, instrumented where that was asked for. Raises SyntaxError, OSError."""
        tree = ast.parse(self.source(path), path)
        return tree if self.instrument is None else self.instrument(tree, path)

    def source(self, path: str) -> str | bytes:
        """The module's text. Raises OSError."""
        if path in self.changed:
            return self.changed[path]
        with open(path, "rb") as f:
            return f.read()

    def text(self, path: str) -> str:
        """The same as text, whatever its encoding: good enough to look for words of Python. Raises OSError."""
        source = self.source(path)
        return source if isinstance(source, str) else source.decode("latin-1")

    def install(self) -> None:
        """Puts the import hook in front."""
        sys.dont_write_bytecode = True
        sys.meta_path.insert(0, _Finder(self))


@contextlib.contextmanager
def _deep() -> Iterator[None]:
    """While it lasts, trees may be as deep as texts: `compile` takes a tree of less depth than it parses."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)


def write_down(changed: dict[str, str]) -> None:
    """Writes the changed texts to their files: inside a sandbox only, for children that read the disk.

    A text that came in on stdin may have no file.
    """
    for path, text in changed.items():
        if path.endswith(NOTEBOOK) or not os.path.exists(path):  # the program of a notebook is no notebook
            continue
        with open(path, "rb") as old:
            before = old.read()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(before).readline)
        after = text.encode(encoding)
        if after != before:
            with open(path, "wb") as new:
                new.write(after)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, texts: Texts) -> None:
        self.texts = texts

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return None
        origin = os.path.abspath(spec.origin)
        if origin in self.texts.changed or (self.texts.instrument is not None and self.texts.owns(origin)):
            spec.loader = _Loader(fullname, origin, self.texts)
            return spec
        return None


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, texts: Texts) -> None:
        super().__init__(fullname, path)
        self.texts = texts

    def get_code(self, fullname: str) -> CodeType:
        return self.texts.code(self.path)
