"""Whether Python parses a text."""

from __future__ import annotations

import ast
import sys
import warnings

from gradfix.scan.steps import parsed

VERSION = f"Python {sys.version_info[0]}.{sys.version_info[1]}"


def is_valid(text: str) -> bool:
    """Whether Python parses a text; the tree is kept for `parsed`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            parsed(text)
        except (SyntaxError, RecursionError, MemoryError, ValueError):
            return False
    return True


def problem_of(code: str | bytes) -> tuple[int, str] | None:
    """The line (from 1, 0 where none is known) and in words the reason why Python does not parse a text, or None."""
    try:
        with warnings.catch_warnings():
            # An invalid escape in a user's file is not for gradfix to report.
            warnings.simplefilter("ignore")
            ast.parse(code)
    except SyntaxError as problem:
        return problem.lineno or 1, f"not valid {VERSION}: {' '.join(problem.msg.split())}"
    except (RecursionError, MemoryError):
        return 0, f"nested too deeply for {VERSION} to parse"
    except ValueError as problem:
        return 0, f"not valid {VERSION}: {' '.join(str(problem).split())}"
    return None
