"""Writes the report as the files are done: their sections wait on the disk, and the page is there as a whole or not."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import IO

from gradfix.report import Unwritable
from gradfix.report.html.page import MARK, Row, Tally, closing, opening
from gradfix.report.html.section import gist, section
from gradfix.sources import Source, reason_of
from gradfix.values import Basis, FileReport, Report, Verdict

OPENED = 3
"""Files whose sections are open at first."""
MOST_CLEAN = 200
"""Clean files that have a section with their steps: a browser has to read all of them."""


class HtmlReport:
    """An Output that writes one HTML file. Used in a `with` block, whose end leaves nothing half-written behind.

    `applied` says that patches are written into the files.
    """

    def __init__(self, path: str, *, applied: bool = False) -> None:
        """Raises Unwritable where nothing can be written to `path`: before anything is run."""
        self.path, self.applied = os.path.realpath(path), applied
        self._check(path)
        self.beside = os.path.join(os.path.dirname(self.path), f".gradfix-{secrets.token_hex(8)}.tmp")
        try:
            self.page: IO[bytes] = open(self.beside, "xb")  # noqa: SIM115 - closed by __exit__
        except (OSError, ValueError) as problem:
            raise Unwritable(f"--report {path}: {reason_of(problem)}") from problem
        self.sections: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as above
        self.rows: list[Row] = []
        self.tally, self.opened, self.clean = Tally(), 0, 0
        self.first: tuple[FileReport, str | None] | None = None

    def file(self, report: FileReport, source: Source | None) -> None:
        """See Output. The program of a notebook is of no use to the reader: its cells are in the report."""
        self._write_first(alone=False)
        number = 0
        well = report.verdict is Verdict.CLEAN and not report.findings and not report.notes
        if not well or (report.steps and self.clean < MOST_CLEAN):
            self.clean += well
            number = len(self.rows) + 1
            text = source.text if source is not None and source.notebook is None else None
            if self.rows:
                self._write(report, text, number)
            else:  # how it is shown depends on whether there is another
                self.first = report, text
        self.rows.append(Row(report.path, report.verdict, gist(report), number))
        missing = sum(len(s.missing_before) for s in report.steps)
        left = sum(len(s.missing_after) for s in report.steps)
        fixed = report.verdict is Verdict.FIXED
        suspects = sum(f.basis is Basis.TEXT for f in report.findings)
        self.tally = replace(
            self.tally,
            missing=self.tally.missing + missing,
            back=self.tally.back + (missing - left if fixed else 0),
            suspects=self.tally.suspects + suspects,
        )

    def end(self, report: Report, interrupted: bool) -> None:
        """See Output. Raises Unwritable where the disk is full, say."""
        self._write_first(alone=True)
        with self._told():
            head = opening(report, self.rows, self.tally, applied=self.applied, interrupted=interrupted)
            self.page.write(head.encode())
            self.sections.seek(0)
            shutil.copyfileobj(self.sections, self.page)
            self.page.write(closing(self.rows).encode())
            self.page.close()
            if os.path.exists(self.path):
                shutil.copymode(self.path, self.beside)
            os.replace(self.beside, self.path)

    def _write_first(self, *, alone: bool) -> None:
        """Writes the section of the first file, as soon as it is known whether there are others."""
        if self.first is not None:
            (report, text), self.first = self.first, None
            self._write(report, text, 1, alone=alone)

    def _write(self, report: FileReport, text: str | None, number: int, *, alone: bool = False) -> None:
        opened = alone or (report.verdict is not Verdict.CLEAN and self.opened < OPENED)
        self.opened += opened
        with self._told():
            self.sections.write(section(report, text, number, opened=opened, applied=self.applied).encode())

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What the disk refuses is told as Unwritable."""
        try:
            yield
        except OSError as problem:
            raise Unwritable(f"--report {self.path}: not written: {reason_of(problem)}") from problem

    def __enter__(self) -> HtmlReport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in (self.page, self.sections):
            with contextlib.suppress(OSError):  # what could not be written has been told
                file.close()
        with contextlib.suppress(FileNotFoundError):  # it has its name
            os.unlink(self.beside)

    def _check(self, path: str) -> None:
        """Whether something is there already that is not to be lost. Raises Unwritable."""
        try:
            mode, start = os.stat(self.path).st_mode, b""
            if stat.S_ISREG(mode):
                with open(self.path, "rb") as file:
                    start = file.read(len(MARK))
        except FileNotFoundError:
            return
        except (OSError, ValueError) as problem:
            raise Unwritable(f"--report {path}: {reason_of(problem)}") from problem
        if not stat.S_ISREG(mode):
            raise Unwritable(f"--report {path}: {'is a folder' if stat.S_ISDIR(mode) else 'is no regular file'}")
        if start and start != MARK.encode():
            raise Unwritable(f"--report {path}: is there already, and is no report of gradfix")
