"""One call of gradfix: paths in, reports out, exit code back. The same for every way of asking."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

from gradfix import __version__, verdicts
from gradfix.apply.patch import Unwritten, apply_patch, take_back
from gradfix.config import Settings
from gradfix.discovery import find_files
from gradfix.jobs import Executor, LocalExecutor
from gradfix.repair import will_run
from gradfix.run.messages import Versions
from gradfix.run.worker import NoTensorFlow
from gradfix.sources import Source, Unreadable, read_source
from gradfix.values import FileReport, Report, Verdict


class Action(Enum):
    """What is done with proved fixes."""

    CHECK = "check"
    DIFF = "diff"
    APPLY = "apply"


def session(paths: list[str], settings: Settings, action: Action, *, as_json: bool) -> int:
    """Checks the paths, prints the report and returns the exit code (0 clean or all fixed, 1 findings, 2 errors)."""
    if action is Action.APPLY:  # one at a time: a patch may change what the next file imports
        settings = replace(settings, jobs=1)
    with LocalExecutor(settings) as executor:
        try:
            return _session(paths, settings, action, as_json, executor)
        except NoTensorFlow as e:
            print(f"gradfix: error: {e}", file=sys.stderr)
            return 2


def _session(paths: list[str], settings: Settings, action: Action, as_json: bool, executor: Executor) -> int:
    sources = _sources(paths, settings, executor)
    # rich is needed here only; TensorFlow is imported meanwhile
    from gradfix.report.text import console_for, render_file, render_summary

    people = console_for(sys.stderr if as_json or action is Action.DIFF else sys.stdout)
    done: list[FileReport] = []
    for source, report in _reports(sources, executor):
        if action is Action.APPLY and report.rewritten:
            report = _applied(report)
        if report.verdict is Verdict.ERROR:
            print(f"gradfix: error: {report.path}: {report.reason}", file=sys.stderr)
        elif not as_json:
            render_file(report, source.text if isinstance(source, Source) else None, people)
        if action is Action.DIFF and report.diff and isinstance(source, Source) and not as_json:
            sys.stdout.buffer.write(report.diff.encode(source.encoding, "surrogateescape"))
            sys.stdout.buffer.flush()
        done.append(report)
    whole = _report(done, executor.versions())
    if as_json:
        from gradfix.report.as_json import to_json

        print(to_json(whole))
    else:
        render_summary(whole, people, applied=action is Action.APPLY)
    return max((_exit_code(report, action) for report in done), default=0)


def _reports(
    sources: list[Source | Unreadable], executor: Executor
) -> Iterator[tuple[Source | Unreadable, FileReport]]:
    """Each file with its report, in order."""
    reports = executor.reports(source for source in sources if isinstance(source, Source))
    for source in sources:
        if isinstance(source, Unreadable):
            yield source, verdicts.error(source.path, source.message)
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


def _exit_code(report: FileReport, action: Action) -> int:
    if report.verdict is Verdict.ERROR:
        return 2
    if report.verdict is Verdict.CLEAN:
        return 0
    return 0 if report.verdict is Verdict.FIXED and action is Action.APPLY else 1


def _report(files: list[FileReport], versions: Versions | None) -> Report:
    return Report(
        __version__,
        versions.python if versions else platform.python_version(),
        versions.tensorflow if versions else "",
        versions.keras if versions else "",
        tuple(files),
        versions.level if versions else "",
    )
