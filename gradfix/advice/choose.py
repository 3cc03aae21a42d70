"""Finds the advice for a break, by walking the package: there is no list to keep."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from gradfix import advice
from gradfix.advice.base import Advice
from gradfix.breaks import Break


@cache
def all_advice() -> tuple[Advice, ...]:
    """One of each, those that look at an operation first, what fits anything last."""
    modules = [importlib.import_module(f"{advice.__name__}.{m.name}") for m in pkgutil.iter_modules(advice.__path__)]
    kinds = {c for m in modules for _, c in inspect.getmembers(m, inspect.isclass) if c.__module__ == m.__name__}
    known = [k() for k in kinds if issubclass(k, Advice) and not inspect.isabstract(k)]
    return tuple(sorted(known, key=lambda a: (a.code < "GF200", a.code)))


def advice_for(cut: Break) -> Advice:
    """The first that fits; there is always one."""
    return next(a for a in all_advice() if a.fits(cut))
