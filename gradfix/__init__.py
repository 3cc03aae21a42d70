"""gradfix: finds why a TensorFlow gradient is missing, and proves the fix before it shows it.

`check` and `repair` are what Python code calls (docs/api.md); they are imported when they are first asked for.
"""

from __future__ import annotations

import sys
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradfix.api import check as check
    from gradfix.api import repair as repair


__all__ = ("__version__", "check", "repair")
__version__: str


class _Package(ModuleType):
    """This package, in which `repair` is the function for users, whether or not the module gradfix/repair.py is loaded.

    The import system binds a submodule to its package under the submodule's name; this property lets that pass.
    """

    @cached_property
    def __version__(self) -> str:
        """What is installed, looked up when it is first asked for: that takes longer than to answer most calls."""
        from importlib.metadata import version

        return version("gradfix")

    @property
    def check(self) -> Any:
        """gradfix.api.check."""
        return import_module("gradfix.api").check

    @property
    def repair(self) -> Any:
        """gradfix.api.repair."""
        return import_module("gradfix.api").repair

    @repair.setter
    def repair(self, module: ModuleType) -> None:
        """Called by the import system; the module is found in sys.modules as ever."""


sys.modules[__name__].__class__ = _Package
