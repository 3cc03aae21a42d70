"""gradfix from Python: the functions that the command line is made of. docs/api.md shows their use."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from gradfix.session import reports_of
from gradfix.settings.options import check_table
from gradfix.settings.resolve import Resolver
from gradfix.sources import parse_source
from gradfix.values import FileReport, Report

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def check(paths: Paths, *, config: str = "", isolated: bool = False, **settings: Any) -> Report:
    """Looks at files and folders as `gradfix PATH...` does, and changes none.

    `settings` are those of configuration files (docs/configuration.md) with `_` for `-`, such as `run="never"`,
    `python=...`, `timeout=...`, `select=[...]`; they go before what the files say. `config` is a file of settings in
    the place of all others; with `isolated` none is read. A file that cannot be read has the verdict `error`.

    Raises BadSettings for a setting that cannot be followed, NoTensorFlow where files are to be run and the interpreter
    cannot do it, BadBaseline.
    """
    given = (paths,) if isinstance(paths, str | os.PathLike) else paths
    named = tuple(os.fspath(path) for path in given)
    return reports_of(named, _resolver(settings, config, isolated))


def repair(
    text: str, *, path: str | os.PathLike[str] = "stdin.py", config: str = "", isolated: bool = False, **settings: Any
) -> FileReport:
    """Finds the missing gradients of a text, and a patch that TensorFlow has confirmed: `patched` has the new texts.

    `path` is what the text is called: imports, data and configuration count from its folder; the file need not exist,
    and is neither read nor written. Settings and exceptions as for `check`. A text that is no Python is a report with
    the verdict `error`.
    """
    name = os.fspath(path)
    source = parse_source(name, text.encode("utf-8"))
    return reports_of((name,), _resolver(settings, config, isolated), source).files[0]


def _resolver(settings: dict[str, Any], config: str, isolated: bool) -> Resolver:
    """Keyword arguments as settings. Raises BadSettings."""
    table = {key.replace("_", "-"): list(v) if isinstance(v, tuple) else v for key, v in settings.items()}
    check_table(table, "keyword arguments")
    return Resolver(table, config=config, isolated=isolated)
