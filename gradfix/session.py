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

import gradfix
from gradfix import stdin
from gradfix.apply.patch import Unwritten, apply_patch, take_back
from gradfix.call import Call
from gradfix.choose.add_ignore import add_ignores
from gradfix.choose.baseline import Baseline, read_baseline, stale, updated, write_baseline
from gradfix.choose.silence import UNUSED
from gradfix.config import Action, Display, OutputFormat, Settings
from gradfix.discovery import find_in_folders
from gradfix.report import Unwritable
from gradfix.run.messages import Versions
from gradfix.run.worker import NoTensorFlow
from gradfix.runs import NoCluster, Runs
from gradfix.settings.resolve import Resolver
from gradfix.sources import Source, Unreadable
from gradfix.survey.many import survey
from gradfix.survey.one import Surveyed, Surveyor
from gradfix.survey.text import error
from gradfix.survey.timed import Timed
from gradfix.tally import Tally
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
            runs = stack.enter_context(Runs(call, whole))
            return _session(call, whole, runs, page)
        except (NoTensorFlow, CannotLoad, NoCluster, Unwritable) as e:
            print(f"gradfix: error: {e}", file=sys.stderr)
            return ERRORS


def reports_of(paths: tuple[str, ...], resolver: Resolver, source: Source | Unreadable | None = None) -> Report:
    """The report on paths, or on a text that is called by the first of them; nothing is printed or changed.

    Raises BadSettings, BadBaseline, NoTensorFlow.
    """
    call = Call(paths, resolver, stdin="" if source is None else paths[0])
    whole = _of_the_call(call) if paths else Settings()
    piped = None if source is None else stdin.Piped(b"", source)
    with Runs(call, whole) as runs:
        reports = tuple(report for _, report in runs.reports(_surveyed(call, whole, piped)))
        return replace(_report(runs.versions()), files=reports)


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


def _session(call: Call, whole: Settings, runs: Runs, page: list[Output]) -> int:
    from gradfix.report.output import output_for

    started = time.monotonic()
    piped = stdin.read(call.stdin) if call.stdin else None
    surveyed = Timed(_surveyed(call, whole, piped))
    beside = call.action is Action.DIFF or _echoes(call)
    output = output_for(whole.output_format, call.display, call.action, sys.stderr if beside else sys.stdout)
    outputs = [output, *page]
    progress = _progress(call.display)
    if progress is not None:
        runs.told, surveyed.ended = progress.told, progress.know
    tally, kept = Tally(), list[FileReport]()
    code, interrupted = OK, False
    alone = contextlib.nullcontext()
    try:
        for found, report in runs.reports(surveyed):
            if call.action is Action.APPLY and piped is not None:
                report = stdin.answered(piped, report)
            elif call.action is Action.APPLY and report.rewritten:
                report = _applied(report)
            with progress.aside() if progress else alone:
                for each in outputs:
                    each.file(report, found.source)
            tally.add(found, report)
            code = max(code, _exit_code(report, call))
            if report.silenced or (report.judged and whole.known is not None):
                kept.append(report)  # for comments and the baseline
    except KeyboardInterrupt:
        interrupted = True
    finally:
        if progress is not None:
            progress.end()
    with _uninterrupted():
        if not interrupted:
            code = max(code, _followed_up(call, whole, kept))
        named = bool(page) or call.display.verbose or whole.output_format in (OutputFormat.JSON, OutputFormat.SARIF)
        everything = replace(_report(runs.versions(wait=not interrupted), named=named), totals=tally.totals())
        if call.display.statistics:
            statistics = tally.statistics(surveyed.seconds, time.monotonic() - started)
            everything = replace(everything, statistics=statistics)
        for each in outputs:
            each.end(everything, interrupted)
    return INTERRUPTED if interrupted else code


def _followed_up(call: Call, whole: Settings, done: list[FileReport]) -> int:
    """Does what needs all reports: comments that suppress, the baseline. Returns the exit code."""
    code = _ignored(done) if call.action is Action.ADD_IGNORE else OK
    if whole.known is not None:
        _compared(whole.baseline, whole.known, done, call)
    return code


def _progress(display: Display) -> Progress | None:
    """The line that says what is under way, where somebody is there to read it."""
    if display.quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    from gradfix.report.progress import Progress

    return Progress()


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


def _surveyed(call: Call, whole: Settings, piped: stdin.Piped | None) -> Iterator[Surveyed]:
    """What the texts of the files that are meant come to, in order. Raises BadSettings."""
    surveyor = Surveyor(call.resolver, whole, frozenset(call.paths))
    return survey(_paths(call), surveyor) if piped is None else iter([surveyor.looked(piped.source)])


def _paths(call: Call) -> Iterator[str | Unreadable]:
    """The files that are named, and those of folders."""
    settled: set[str] = set()
    for found in find_in_folders(call.paths, lambda folder: call.resolver.for_folder(folder).excluded):
        if isinstance(found, Unreadable):
            yield found
            continue
        if found.folder not in settled:
            settled.add(found.folder)
            yield from _settled(found.folder)
        yield found.name


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
    return error(report.path, f"not written: {where}{problem.message}")


def _exit_code(report: FileReport, call: Call) -> int:
    if report.verdict is Verdict.ERROR:
        return ERRORS
    if report.verdict is Verdict.CLEAN or call.display.exit_zero:
        return OK
    if report.verdict is Verdict.FIXED and call.action is Action.APPLY:
        return int(any(f.fix is Fix.REFUSED or f.rule == UNUSED[0] for f in report.findings))
    return FINDINGS


def _report(versions: Versions | None, *, named: bool = True) -> Report:
    """A report without files; not `named`, it does not say what gradfix this is, which takes long to look up."""
    return Report(
        gradfix.__version__ if named else "",
        versions.python if versions else platform.python_version(),
        versions.tensorflow if versions else "",
        versions.keras if versions else "",
        (),
        versions.level if versions else "",
    )
