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

from gradfix import __version__, stdin, verdicts
from gradfix.apply.patch import Unwritten, apply_patch, take_back
from gradfix.cache.store import Cache
from gradfix.call import Call
from gradfix.choose.add_ignore import add_ignores
from gradfix.choose.baseline import Baseline, read_baseline, stale, updated, write_baseline
from gradfix.choose.silence import UNUSED
from gradfix.config import Action, Display, Settings
from gradfix.discovery import find_files
from gradfix.jobs import Executor, LocalExecutor, NoCluster, Task
from gradfix.report import Unwritable
from gradfix.run.messages import Versions
from gradfix.run.worker import NoTensorFlow
from gradfix.settings.resolve import Resolver
from gradfix.sources import Source, Unreadable, read_source
from gradfix.values import FileReport, Fix, Report, Verdict
from gradfix_codemods.base import CannotLoad

if TYPE_CHECKING:
    from gradfix.report.output import Output
    from gradfix.report.progress import Progress

OK, FINDINGS, ERRORS, INTERRUPTED = 0, 1, 2, 130


def session(call: Call) -> int:
    """Checks the paths, prints the report and returns the exit code.

    0: clean or all fixed; 1: findings; 2: errors; 130: interrupted, with the report of what was done until then.
    Raises BadSettings, also where it has begun: what a folder holds is known only when it is looked at. Raises
    BadBaseline.
    """
    whole = _of_the_call(call)
    with contextlib.ExitStack() as stack:
        try:
            page = _page(call, stack)
            executor = stack.enter_context(_executor(call, whole))
            return _session(call, whole, executor, page)
        except (NoTensorFlow, CannotLoad, NoCluster, Unwritable) as e:
            print(f"gradfix: error: {e}", file=sys.stderr)
            return ERRORS


def _executor(call: Call, whole: Settings) -> Executor:
    """Where the files of a call are looked at. Raises NoCluster."""
    one = call.action is Action.APPLY  # one at a time: a patch may change what the next file imports
    if not call.cluster:
        return LocalExecutor(1 if one else whole.jobs, Cache() if call.cache else None)
    try:
        from gradfix.cluster.executor import ClusterExecutor
    except ModuleNotFoundError as e:
        raise NoCluster(f"--cluster needs the package {e.name}: pip install 'gradfix[cluster]'") from e
    return ClusterExecutor(call.cluster, cache=call.cache, one=one)


def reports_of(paths: tuple[str, ...], resolver: Resolver, source: Source | Unreadable | None = None) -> Report:
    """The report on paths, or on a text that is called by the first of them; nothing is printed or changed.

    Raises BadSettings, BadBaseline, NoTensorFlow.
    """
    call = Call(paths, resolver, stdin="" if source is None else paths[0])
    whole = _of_the_call(call) if paths else Settings()
    with LocalExecutor(whole.jobs, Cache()) as executor:
        tasks = _tasks(call, whole, None if source is None else stdin.Piped(b"", source), executor)
        return _report([report for _, report in _reports(tasks, executor)], executor.versions())


def _of_the_call(call: Call) -> Settings:
    """The settings that hold for the whole call: those of its first path. Raises BadSettings, BadBaseline."""
    whole = call.resolver.for_path(call.stdin or call.paths[0])
    whole = replace(whole, silent=call.action in (Action.ADD_IGNORE, Action.UPDATE_BASELINE))
    if whole.baseline:
        known = read_baseline(whole.baseline, missing=call.action is Action.UPDATE_BASELINE)
        whole = replace(whole, known=known)
    return whole


def _page(call: Call, stack: contextlib.ExitStack) -> list[Output]:
    """The HTML report, where one is asked for. Raises Unwritable, before anything is run."""
    if not call.page:
        return []
    from gradfix.report.html.writer import HtmlReport

    return [stack.enter_context(HtmlReport(call.page, applied=call.action is Action.APPLY))]


def _session(call: Call, whole: Settings, executor: Executor, page: list[Output]) -> int:
    started = time.monotonic()
    piped = stdin.read(call.stdin) if call.stdin else None
    tasks = _tasks(call, whole, piped, executor)
    reading = time.monotonic() - started
    # rich is needed from here on only; TensorFlow is imported meanwhile
    from gradfix.report.output import output_for
    from gradfix.report.statistics import statistics_of

    beside = call.action is Action.DIFF or _echoes(call)
    output = output_for(whole.output_format, call.display, call.action, sys.stderr if beside else sys.stdout)
    outputs = [output, *page]
    progress = _progress(len(tasks), call.display)
    if progress is not None:
        executor.told = progress.told
    done: list[tuple[Source | None, FileReport]] = []
    interrupted = False
    try:
        for source, report in _reports(tasks, executor):
            if call.action is Action.APPLY and piped is not None:
                report = stdin.answered(piped, report)
            elif call.action is Action.APPLY and report.rewritten:
                report = _applied(report)
            with progress.aside() if progress else contextlib.nullcontext():
                for each in outputs:
                    each.file(report, source)
            done.append((source, report))
    except KeyboardInterrupt:
        interrupted = True
    finally:
        if progress is not None:
            progress.end()
    with _uninterrupted():
        reports = [report for _, report in done]
        code = max((_exit_code(report, call) for report in reports), default=OK)
        if not interrupted:
            code = max(code, _followed_up(call, whole, reports))
        everything = _report(reports, executor.versions(wait=not interrupted))
        if call.display.statistics:
            everything = replace(everything, statistics=statistics_of(done, reading, time.monotonic() - started))
        for each in outputs:
            each.end(everything, interrupted)
    return INTERRUPTED if interrupted else code


def _followed_up(call: Call, whole: Settings, done: list[FileReport]) -> int:
    """Does what needs all reports: comments that suppress, the baseline. Returns the exit code."""
    code = _ignored(done) if call.action is Action.ADD_IGNORE else OK
    if whole.known is not None:
        _compared(whole.baseline, whole.known, done, call)
    return code


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


def _ignored(done: list[FileReport]) -> int:
    """Writes the comments of --add-ignore, says so, and returns the exit code."""
    code = OK
    for result in add_ignores(done):
        if isinstance(result, Unwritten):
            print(f"gradfix: error: {os.path.relpath(result.path)}: not written: {result.message}", file=sys.stderr)
            code = ERRORS
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
    elif call.display.verbose:
        for (file, rule, line), count in stale(known, done).items():
            times = f" ({count} times)" if count > 1 else ""
            print(f"gradfix: {path}: not found any more: {file}: {rule}: {line}{times}", file=sys.stderr)


def _echoes(call: Call) -> bool:
    """Whether stdout is for the text that came in on stdin."""
    return bool(call.stdin) and call.action is Action.APPLY


def _reports(tasks: list[Task | Unreadable], executor: Executor) -> Iterator[tuple[Source | None, FileReport]]:
    """Each file with its report, in order; None in the place of one that cannot be read."""
    reports = executor.reports(task for task in tasks if not isinstance(task, Unreadable))
    for task in tasks:
        if isinstance(task, Unreadable):
            yield None, verdicts.error(task.path, task.message)
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
        if not warm and executor.must_run(source, settings):
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


def _exit_code(report: FileReport, call: Call) -> int:
    if report.verdict is Verdict.ERROR:
        return ERRORS
    if report.verdict is Verdict.CLEAN or call.display.exit_zero:
        return OK
    if report.verdict is Verdict.FIXED and call.action is Action.APPLY:
        return int(any(f.fix is Fix.REFUSED or f.rule == UNUSED[0] for f in report.findings))
    return FINDINGS


def _report(files: list[FileReport], versions: Versions | None) -> Report:
    return Report(
        __version__,
        versions.python if versions else platform.python_version(),
        versions.tensorflow if versions else "",
        versions.keras if versions else "",
        tuple(files),
        versions.level if versions else "",
    )
