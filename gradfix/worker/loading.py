"""Changes modules right after they are loaded: those that user code may import, and that cost time to import."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any


def when_loaded(changes: Mapping[str, Callable[[Any], None]]) -> None:
    """Makes each change: now where its module is loaded, else when it is."""
    for name in [n for n in changes if n in sys.modules]:
        changes[name](sys.modules[name])
    sys.meta_path.insert(0, _After({n: change for n, change in changes.items() if n not in sys.modules}))


class _After(importlib.abc.MetaPathFinder):
    """Gives modules their usual spec, whose loader is followed by the change."""

    def __init__(self, changes: Mapping[str, Callable[[Any], None]]) -> None:
        self.changes = changes

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        change = self.changes.get(fullname)
        if change is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        loader: Any = getattr(spec, "loader", None)
        if spec is None or loader is None:
            return None
        load = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            change(module)

        loader.exec_module = exec_module
        return spec
