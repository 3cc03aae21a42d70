"""One call of gradfix: paths in, reports out, exit code back. The same for every way of asking."""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gradfix import __version__, verdicts
from gradfix.apply.patch import Unwritten, apply_patch, take_back
from gradfix.config import Action, Display, Settings
from gradfix.discovery import find_files
from gradfix.jobs import Executor, LocalExecutor
from gradfix.repair import will_run
from gradfix.run.messages import Versions
from gradfix.run.worker import NoTensorFlow
from gradfix.sources import Source, Unreadable, read_source
from gradfix.values import FileReport, Report, Verdict

if TYPE_CHECKING:
    from gradfix.report.progress import Progress


OK, FINDINGS, ERRORS, INTERRUPTED = 0, 1, 2, 130


def session(paths: list[str], settings: Settings, action: Action, display: Display) -> int:
    """Checks the paths, prints the report and returns the exit code.

    0: clean or all fixed; 1: findings; 2: errors; 130: interrupted, with the report of what was done until then.
    """
    if action is Action.APPLY:  # one at a time: a patch may change what the next file imports
        settings = replace(settings, jobs=1)
    with LocalExecutor(settings) as executor:
        try:
            return _session(paths, settings, action, display, executor)
        except NoTensorFlow as e:
            print(f"gradfix: error: {e}", file=sys.stderr)
            return ERRORS


def _session(paths: list[str], settings: Settings, action: Action, display: Display, executor: Executor) -> int:
    started = time.monotonic()
    sources = _sources(paths, settings, executor)
    reading = time.monotonic() - started
    # rich is needed from here on only; TensorFlow is imported meanwhile
    from gradfix.report.output import output_for
    from gradfix.report.statistics import statistics_of

    output = output_for(display, action)
    progress = _progress(len(sources), display)
    if progress is not None:
        executor.told = progress.told
    done: list[tuple[Source | None, FileReport]] = []
    interrupted = False
    try:
        for source, report in _reports(sources, executor):
            if action is Action.APPLY and report.rewritten:
                report = _applied(report)
            with progress.aside() if progress else contextlib.nullcontext():
                output.file(report, source)
            done.append((source, report))
    except KeyboardInterrupt:
        interrupted = True
    finally:
        if progress is not None:
            progress.end()
    with _uninterrupted():
        whole = _report([report for _, report in done], None if interrupted else executor.versions())
        if display.statistics:
            whole = replace(whole, statistics=statistics_of(done, reading, time.monotonic() - started))
        output.end(whole, interrupted)
    if interrupted:
        return INTERRUPTED
    return max((_exit_code(report, action, display) for report in whole.files), default=OK)


def _progress(total: int, display: Display) -> Progress | None:
    """The line that says what is under way, where somebody is there to read it."""
    if display.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    from gradfix.report.progress import Progress

    return Progress(total)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """While it lasts Ctrl-C does nothing: what is being written is written to its end."""
    if threading.current_thread() is not threading.main_thread():  # only that one hears of Ctrl-C
        yield
        return
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _reports(sources: list[Source | Unreadable], executor: Executor) -> Iterator[tuple[Source | None, FileReport]]:
    """Each file with its report, in order; None in the place of one that cannot be read."""
    reports = executor.reports(source for source in sources if isinstance(source, Source))
    for source in sources:
        if isinstance(source, Unreadable):
            yield None, verdicts.error(source.path, source.message)
        else:
            yield source, next(reports)


def _sources(paths: list[str], settings: Settings, executor: Executor) -> list[Source | Unreadable]:
    """Reads each file; the first that will be run starts TensorFlow's import, while the rest is still read."""
    waiting: list[Source | Unreadable] = []
    settled: set[str] = set()
    named = set(paths)
    warm = False
    for path in find_files(paths):
        folder = os.path.dirname(os.path.realpath(path)) if isinstance(path, str) else ""
        if folder and folder not in settled:
            settled.add(folder)
            waiting.extend(_settled(folder))
        source = path if isinstance(path, Unreadable) else read_source(path, named=path in named)
        if isinstance(source, Source) and not warm and will_run(source, settings):
            executor.warm_up()
            warm = True
        waiting.append(source)
    return waiting


def _settled(folder: str) -> Iterator[Unreadable]:
    """Takes back a patch that an interrupted gradfix has left half-written there; yields why that was not possible."""
    result = take_back(folder)
    if isinstance(result, Unwritten):
        yield Unreadable(os.path.relpath(result.path), result.message)
    elif result is not None:
        files = {"taken back": result.files, "left, since somebody has changed it": result.left}
        said = "; ".join(f"{what}: {', '.join(map(os.path.relpath, paths))}" for what, paths in files.items() if paths)
        print(f"gradfix: a patch was interrupted; {said}", file=sys.stderr)


def _applied(report: FileReport) -> FileReport:
    """Writes a proved patch, all of its files or none; a report of an error where that was not possible."""
    problem = apply_patch(report.rewritten)
    if problem is None:
        return report
    own = os.path.realpath(problem.path) == os.path.realpath(report.path)
    where = "" if own else f"{os.path.relpath(problem.path)}: "
    return verdicts.error(report.path, f"not written: {where}{problem.message}")


def _exit_code(report: FileReport, action: Action, display: Display) -> int:
    if report.verdict is Verdict.ERROR:
        return ERRORS
    if report.verdict is Verdict.CLEAN or display.exit_zero:
        return OK
    return OK if report.verdict is Verdict.FIXED and action is Action.APPLY else FINDINGS


def _report(files: list[FileReport], versions: Versions | None) -> Report:
    return Report(
        __version__,
        versions.python if versions else platform.python_version(),
        versions.tensorflow if versions else "",
        versions.keras if versions else "",
        tuple(files),
        versions.level if versions else "",
    )
