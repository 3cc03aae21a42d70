"""Pages with pictures for an editor: kept in the cache folder, one for each document."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re

from platformdirs import user_cache_dir

from gradfix import __version__
from gradfix.report.html.writer import HtmlReport
from gradfix.run.messages import Versions
from gradfix.sources import Source
from gradfix.values import FileReport, Report

MOST = 100
"""Pages that are kept, those that were written last."""


def write_page(report: FileReport, source: Source, versions: Versions | None) -> str:
    """Writes the page on a file and gives its path, which is the same each time. Raises Unwritable and OSError."""
    folder = os.path.join(user_cache_dir("gradfix"), "reports")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    name = re.sub(r"[^\w.-]", "_", os.path.basename(source.path))[-60:]
    digest = hashlib.sha256(os.fsencode(source.path)).hexdigest()[:12]
    path = os.path.join(folder, f"{name}-{digest}.html")
    with HtmlReport(path) as page:
        page.file(report, source)
        page.end(_whole(report, versions), False)
    _forget(folder)
    return path


def _whole(report: FileReport, versions: Versions | None) -> Report:
    if versions is None:
        return Report(__version__, platform.python_version(), "", "", (report,))
    return Report(__version__, versions.python, versions.tensorflow, versions.keras, (report,), versions.level)


def _forget(folder: str) -> None:
    """Removes the oldest pages, where there are too many."""
    with contextlib.suppress(OSError):  # another server may be at it
        pages = sorted(os.scandir(folder), key=lambda e: e.stat().st_mtime)
        for entry in pages[: max(len(pages) - MOST, 0)]:
            os.unlink(entry.path)
