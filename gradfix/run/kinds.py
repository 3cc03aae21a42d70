"""Which files share workers."""

from __future__ import annotations

from gradfix.config import Settings
from gradfix.run.pool import Pool


def pool_of(settings: Settings, at_once: int = 2) -> Pool:
    """New workers for files with such settings; `at_once` are the runs that may be under way."""
    return Pool(settings.python, settings.timeout, settings.gpu, settings.sandbox.value, at_once, settings.memory)


def kind_of(settings: Settings) -> object:
    """What is equal for files that can share workers."""
    return settings.python, settings.timeout, settings.gpu, settings.sandbox, settings.memory
