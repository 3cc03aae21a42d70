"""`gradfix -`: a file's text comes in on stdin, and its fixed text goes out on stdout, as an editor wants it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from gradfix.sources import Source, Unreadable, parse_source
from gradfix.survey.text import error
from gradfix.values import FileReport

NAMELESS = "<stdin>"
"""How the text is called where no `--stdin-filename` says better: a file of the current folder."""


@dataclass(frozen=True)
class Piped:
    """What came in, and what it is as a source."""

    data: bytes
    source: Source | Unreadable


def read(name: str) -> Piped:
    """Reads all of stdin, under the name of a file, which need not be there."""
    data = sys.stdin.buffer.read()
    return Piped(data, parse_source(name, data))


def answered(piped: Piped, report: FileReport) -> FileReport:
    """Writes the fixed text to stdout, or what came in where there is no fix. An error where it fixes other files too.

    Those lie on the disk, where nobody asked for a change; and a part of a patch is not proved.
    """
    own = os.path.realpath(report.path)
    rewritten = {os.path.realpath(r.path): r.after for r in report.rewritten}
    others = [os.path.relpath(path) for path in rewritten if path != own]
    fixed = rewritten.get(own, piped.data) if not others else piped.data
    sys.stdout.buffer.write(fixed)
    sys.stdout.buffer.flush()
    return error(report.path, f"not fixed: the fix changes {', '.join(others)} too") if others else report
