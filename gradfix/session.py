"""One call of gradfix: paths in, reports out, exit code back. The same for every way of asking."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from gradfix import __version__, stdin, verdicts
from gradfix.add_ignore import add_ignores
from gradfix.apply.patch import Unwritten, apply_patch, take_back
from gradfix.baseline import Baseline, read_baseline, stale, updated, write_baseline
from gradfix.config import OutputFormat, Settings
from gradfix.discovery import find_files
from gradfix.jobs import Executor, LocalExecutor, Task
from gradfix.repair import will_run
from gradfix.run.messages import Versions
from gradfix.run.worker import NoTensorFlow
from gradfix.settings.resolve import Resolver
from gradfix.silence import UNUSED
from gradfix.sources import Source, Unreadable, read_source
from gradfix.values import FileReport, Fix, Report, Verdict


class Action(Enum):
    """What is done with proved fixes."""

    CHECK = "check"
    DIFF = "diff"
    APPLY = "apply"
    ADD_IGNORE = "add ignore"
    """Every finding gets a comment that suppresses it."""
    UPDATE_BASELINE = "update baseline"
    """Every finding is put into the baseline, and what is not there any more taken out."""


@dataclass(frozen=True)
class Call:
    """What one call of gradfix is asked for. `stdin` is the name of the file that comes in on stdin, "" for none."""

    paths: tuple[str, ...]
    resolver: Resolver
    action: Action = Action.CHECK
    stdin: str = ""
    verbose: bool = False


def session(call: Call) -> int:
    """Checks the paths, prints the report and returns the exit code (0 clean or all fixed, 1 findings, 2 errors).

    Raises BadSettings, also where it has begun: what a folder holds is known only when it is looked at. Raises
    BadBaseline.
    """
    whole = call.resolver.for_path(call.stdin or call.paths[0])
    whole = replace(whole, silent=call.action in (Action.ADD_IGNORE, Action.UPDATE_BASELINE))
    if whole.baseline:
        whole = replace(whole, known=read_baseline(whole.baseline, missing=call.action is Action.UPDATE_BASELINE))
    # with --apply one at a time: a patch may change what the next file imports
    with LocalExecutor(1 if call.action is Action.APPLY else whole.jobs) as executor:
        try:
            return _session(call, whole, executor)
        except NoTensorFlow as e:
            print(f"gradfix: error: {e}", file=sys.stderr)
            return 2


def _session(call: Call, whole: Settings, executor: Executor) -> int:
    action, as_json = call.action, whole.output_format is OutputFormat.JSON
    piped = stdin.read(call.stdin) if call.stdin else None
    tasks = _tasks(call, whole, piped, executor)
    # rich is needed here only; TensorFlow is imported meanwhile
    from gradfix.report.text import console_for, render_file, render_summary

    people = console_for(sys.stderr if as_json or action is Action.DIFF or _echoes(call) else sys.stdout)
    done: list[FileReport] = []
    for source, report in _reports(tasks, executor):
        if action is Action.APPLY and piped is not None:
            report = stdin.answered(piped, report)
        elif action is Action.APPLY and report.rewritten:
            report = _applied(report)
        if report.verdict is Verdict.ERROR:
            print(f"gradfix: error: {report.path}: {report.reason}", file=sys.stderr)
        elif not as_json:
            render_file(report, source.text if isinstance(source, Source) else None, people, verbose=call.verbose)
        if action is Action.DIFF and report.diff and isinstance(source, Source) and not as_json:
            sys.stdout.buffer.write(report.diff.encode(source.encoding, "surrogateescape"))
            sys.stdout.buffer.flush()
        done.append(report)
    code = max((_exit_code(report, action) for report in done), default=0)
    if action is Action.ADD_IGNORE:
        code = max(code, _ignored(done))
    if whole.known is not None:
        _compared(whole.baseline, whole.known, done, call)
    everything = _report(done, executor.versions())
    if as_json:
        from gradfix.report.as_json import to_json

        print(to_json(everything))
    else:
        render_summary(everything, people, applied=action is Action.APPLY)
    return code


def _ignored(done: list[FileReport]) -> int:
    """Writes the comments of --add-ignore, says so, and returns the exit code."""
    code = 0
    for result in add_ignores(done):
        if isinstance(result, Unwritten):
            print(f"gradfix: error: {os.path.relpath(result.path)}: not written: {result.message}", file=sys.stderr)
            code = 2
        else:
            print(f"gradfix: comments written: {os.path.relpath(result)}", file=sys.stderr)
    return code


def _compared(path: str, known: Baseline, done: list[FileReport], call: Call) -> None:
    """Writes the new baseline where that is asked for; else, with --verbose, says what is stale in the old one."""
    if call.action is Action.UPDATE_BASELINE:
        new = updated(known, done)
        write_baseline(path, new)
        count = sum(new.counts.values())
        print(f"gradfix: {path}: {count} finding{'' if count == 1 else 's'}", file=sys.stderr)
    elif call.verbose:
        for (file, rule, line), count in stale(known, done).items():
            times = f" ({count} times)" if count > 1 else ""
            print(f"gradfix: {path}: not found any more: {file}: {rule}: {line}{times}", file=sys.stderr)


def _echoes(call: Call) -> bool:
    """Whether stdout is for the text that came in on stdin."""
    return bool(call.stdin) and call.action is Action.APPLY


def _reports(tasks: list[Task | Unreadable], executor: Executor) -> Iterator[tuple[Source | Unreadable, FileReport]]:
    """Each file with its report, in order."""
    reports = executor.reports(task for task in tasks if not isinstance(task, Unreadable))
    for task in tasks:
        if isinstance(task, Unreadable):
            yield task, verdicts.error(task.path, task.message)
        else:
            yield task[0], next(reports)


def _tasks(call: Call, whole: Settings, piped: stdin.Piped | None, executor: Executor) -> list[Task | Unreadable]:
    """Reads each file; the first that will be run starts TensorFlow's import, while the rest is still read.

    Raises BadSettings.
    """
    waiting: list[Task | Unreadable] = []
    warm = False
    for source in _sources(call) if piped is None else [piped.source]:
        if isinstance(source, Unreadable):
            waiting.append(source)
            continue
        settings = call.resolver.for_file(source.path)
        settings = replace(settings, known=whole.known, silent=whole.silent)
        if not warm and will_run(source, settings):
            executor.warm_up(settings)
            warm = True
        waiting.append((source, settings))
    return waiting


def _sources(call: Call) -> Iterator[Source | Unreadable]:
    """Reads the files that are named, and those of folders."""
    settled: set[str] = set()
    named = set(call.paths)
    for path in find_files(call.paths, lambda folder: call.resolver.for_folder(folder).excluded):
        folder = os.path.dirname(os.path.realpath(path)) if isinstance(path, str) else ""
        if folder and folder not in settled:
            settled.add(folder)
            yield from _settled(folder)
        yield path if isinstance(path, Unreadable) else read_source(path, named=path in named)


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
    if report.verdict is Verdict.FIXED and action is Action.APPLY:
        return int(any(f.fix is Fix.REFUSED or f.rule == UNUSED[0] for f in report.findings))
    return 1


def _report(files: list[FileReport], versions: Versions | None) -> Report:
    return Report(
        __version__,
        versions.python if versions else platform.python_version(),
        versions.tensorflow if versions else "",
        versions.keras if versions else "",
        tuple(files),
        versions.level if versions else "",
    )
