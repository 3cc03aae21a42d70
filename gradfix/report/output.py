"""Where reports go: each format has an `Output`, which hears of files one by one and then of the whole."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol, TextIO

from rich.console import Console

from gradfix.config import Action, Display, OutputFormat
from gradfix.report import concise, github, sarif, statistics
from gradfix.report.as_json import to_json
from gradfix.report.text import console_for, render_diff, render_file, render_summary
from gradfix.sources import Source
from gradfix.values import FileReport, Report, Verdict


class Output(Protocol):
    """Writes one call of gradfix. What is an error of code 2 goes to stderr as well, one line each."""

    def file(self, report: FileReport, source: Source | None) -> None:
        """One file, as soon as it is done; `source` is the file before the patch, None where it cannot be read."""

    def end(self, report: Report, interrupted: bool) -> None:
        """The totals of all files that were done, with the versions that ran them; the files are those of `file`."""


def output_for(form: OutputFormat, display: Display, action: Action, stream: TextIO) -> Output:
    """The output that was asked for. `stream` is where what people read goes: stdout, but not beside a diff."""
    if form is OutputFormat.JSON:
        return Whole(lambda report, interrupted: to_json(report))
    if form is OutputFormat.SARIF:
        return Whole(sarif.to_sarif)
    return People(form, display, action, stream)


class Whole:
    """One JSON text at the end: stdout holds nothing else."""

    def __init__(self, written: Callable[[Report, bool], str]) -> None:
        self.written = written
        self.files: list[FileReport] = []

    def file(self, report: FileReport, source: Source | None) -> None:
        """See Output."""
        _error(report)
        self.files.append(report)

    def end(self, report: Report, interrupted: bool) -> None:
        """See Output."""
        print(self.written(replace(report, files=tuple(self.files)), interrupted), flush=True)


class People:
    """Lines as the files are done: text, concise or GitHub's commands; the diff on stdout where that is asked for."""

    def __init__(self, form: OutputFormat, display: Display, action: Action, stream: TextIO) -> None:
        self.form, self.display, self.action, self.stream = form, display, action, stream
        self.console: Console = console_for(stream)
        self.screen: Console = console_for(sys.stdout)
        self.explained: set[str] = set()
        self.silent = display.quiet and action is Action.DIFF

    def file(self, report: FileReport, source: Source | None) -> None:
        """See Output."""
        _error(report)
        if not self.silent:
            self._explain(report, source)
        if self.action is Action.DIFF and report.diff and source is not None:
            self._diff(report.diff, source.encoding)

    def _diff(self, diff: str, encoding: str) -> None:
        """In colour where a person looks at it; else the bytes that git and patch take."""
        if sys.stdout.isatty() and self.screen.color_system:
            render_diff(diff, self.screen)
            return
        sys.stdout.buffer.write(diff.encode(encoding, "surrogateescape"))
        sys.stdout.buffer.flush()

    def _explain(self, report: FileReport, source: Source | None) -> None:
        """The file in the format that was asked for."""
        if self.form is OutputFormat.TEXT:
            if report.verdict is not Verdict.ERROR:
                text, verbose = source.text if source else None, self.display.verbose
                render_file(report, text, self.console, verbose=verbose, explained=self.explained)
            return
        lines = concise.lines if self.form is OutputFormat.CONCISE else github.lines
        self._say(lines(report))

    def end(self, report: Report, interrupted: bool) -> None:
        """See Output."""
        if self.display.verbose and not self.silent and report.tensorflow:
            versions = f"Python {report.python}, TensorFlow {report.tensorflow}, Keras {report.keras}"
            self._say([f"gradfix {report.gradfix}; {versions}"])
        if report.statistics is not None:
            self._say(statistics.lines(report.statistics))
        if not self.display.quiet:
            applied = self.action is Action.APPLY
            render_summary(report, self.console, applied=applied, interrupted=interrupted)

    def _say(self, lines: list[str] | Iterator[str]) -> None:
        for line in lines:
            print(line, file=self.stream, flush=True)


def _error(report: FileReport) -> None:
    if report.verdict is Verdict.ERROR:
        print(f"gradfix: error: {report.path}: {report.reason}", file=sys.stderr)
