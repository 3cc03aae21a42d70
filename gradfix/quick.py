"""The shortest way to the most frequent answer: pre-commit asks for files without a step, and nothing is said of them.

`gradfix --run never FILE...` is answered here where each file is plain, valid Python without any of the words that a
step needs, and no configuration has a say. Where that is not so, files and folders are scanned as ever, but without
the parser of the command line, which alone takes several times as long to import as the shortest answer takes. Nothing
heavy may be imported at the head of this file.
"""

from __future__ import annotations

import ast
import os
import sys
import warnings

from gradfix.scan.prefilter import is_without_a_step

_NEVER = ["--run", "never"]
_SETTINGS, _SHARED = "gradfix.toml", "pyproject.toml"
_JOURNALS = (".gradfix-journal", ".gradfix-journal.tmp")


def scan(argv: list[str]) -> int | None:
    """Runs a call that has no other option than `--run never`, and gives its exit code; None for all other calls."""
    paths = argv[2:]
    if argv[:2] != _NEVER or not paths or any(path.startswith("-") for path in paths):
        return None
    said = answer(argv)
    if said is not None:
        print(said)
        return 0
    from gradfix.call import Call
    from gradfix.choose.baseline import BadBaseline
    from gradfix.config import RunMode
    from gradfix.session import session
    from gradfix.settings.options import BadSettings
    from gradfix.settings.resolve import Resolver

    try:
        return session(Call(tuple(paths), Resolver({"run": RunMode.NEVER})))
    except (BadSettings, BadBaseline) as e:
        print(f"gradfix: error: {e}", file=sys.stderr)
        return 2


def answer(argv: list[str]) -> str | None:
    """The whole output of a call that ends with 0; None where the answer takes more than this."""
    paths = argv[2:]
    if argv[:2] != _NEVER or not paths or sys.stdout.isatty() or os.environ.get("FORCE_COLOR"):
        return None
    folders: set[str] = set()
    files: set[str] = set()
    for path in paths:
        if path.startswith("-") or not path.endswith(".py") or not os.path.isfile(path):
            return None
        files.add(os.path.realpath(path))
        folders |= {os.path.dirname(os.path.abspath(path)), os.path.dirname(os.path.realpath(path))}
    if len(files) != len(paths) or any(_is_special(folder) for folder in _upwards(folders)):
        return None
    if any(os.path.lexists(os.path.join(folder, name)) for folder in folders for name in _JOURNALS):
        return None
    if not all(map(_is_silent, paths)):
        return None
    return f"{len(paths)} file{'' if len(paths) == 1 else 's'} checked: {len(paths)} clean"


def _upwards(folders: set[str]) -> set[str]:
    """The folders, and all around them."""
    found: set[str] = set()
    for folder in folders:
        while folder not in found:
            found.add(folder)
            folder = os.path.dirname(folder)
    return found


def _is_special(folder: str) -> bool:
    """Whether a folder has settings for gradfix, or what might be such."""
    if os.path.lexists(os.path.join(folder, _SETTINGS)):
        return True
    shared = os.path.join(folder, _SHARED)
    if not os.path.lexists(shared):
        return False
    try:
        import tomllib

        with open(shared, "rb") as file:
            tool = tomllib.load(file).get("tool", {})
    except (ImportError, OSError, ValueError):  # Python 3.10 has no tomllib; what is wrong is told elsewhere
        return True
    return not isinstance(tool, dict) or "gradfix" in tool


def _is_silent(path: str) -> bool:
    """Whether a file is Python without a step, beyond all doubt: UTF-8 that says nothing of encodings."""
    try:
        with open(path, "rb") as file:
            data = file.read()
        if not is_without_a_step(data) or data.startswith(b"\xef\xbb\xbf"):
            return False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    return True
