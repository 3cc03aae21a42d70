"""What the text of a file decides: whether the file is run, and its report where it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gradfix.choose.silence import Listener
from gradfix.choose.suppressions import skips_file
from gradfix.config import RunMode, Settings
from gradfix.notebook.told import in_cells
from gradfix.scan.prefilter import may_hold_a_step
from gradfix.scan.steps import steps_of
from gradfix.scan.suspects import Suspect, find_suspects
from gradfix.sources import Source
from gradfix.values import Basis, FileReport, Finding, Place, Verdict

Finds = Callable[[str], tuple[Suspect, ...]]
"""Gives the suspects of a text."""


def by_text(source: Source, settings: Settings) -> FileReport | None:
    """The report of a file that is not run; None for one that is to be run."""
    if not may_hold_a_step(source.text):
        return clean(source.path)
    if skips_file(source.text):
        return clean(source.path, "skipped, as a comment in it says")
    if not steps_of(source.text):
        return clean(source.path)
    if settings.run is RunMode.ALWAYS or (settings.run is RunMode.AUTO and source.named):
        return None
    suspects = suspects_of(source, settings)
    if settings.run is RunMode.AUTO and suspects:
        return None
    listener = Listener({source.path: source.text}, settings)
    findings = tuple(f for f in of_suspects(source, suspects) if not listener.silences(f))
    return in_cells(replace(suspected(source, findings), silenced=tuple(listener.silenced)), source)


def will_run(source: Source, settings: Settings) -> bool:
    """Whether a file is run: one with a step in it, but in a folder only one that is suspicious as well."""
    return by_text(source, settings) is None


def suspects_of(source: Source, settings: Settings, find: Finds = find_suspects) -> tuple[Suspect, ...]:
    """The suspects of a file, of the rules that are looked for."""
    if not may_hold_a_step(source.text):
        return ()
    return tuple(s for s in find(source.text) if settings.choice.has(s.rule, source.path))


def of_suspects(source: Source, suspects: tuple[Suspect, ...]) -> tuple[Finding, ...]:
    """A finding for each suspect."""
    return tuple(
        Finding(
            s.rule, s.code, Place(source.path, s.line, s.column, s.end_line, s.end_column), s.message, basis=Basis.TEXT
        )
        for s in suspects
    )


_CLEAN = FileReport("", Verdict.CLEAN)


def clean(path: str, reason: str = "") -> FileReport:
    """Nothing is missing, as far as was looked; `reason` says where that was not far."""
    report = object.__new__(FileReport)  # nearly all files of a tree have one: what is usual in it is made once
    report.__dict__.update(_CLEAN.__dict__, path=path, reason=reason)
    return report


def error(path: str, reason: str) -> FileReport:
    """The file could not be looked at."""
    return FileReport(path, Verdict.ERROR, reason)


def suspected(source: Source, suspects: tuple[Finding, ...]) -> FileReport:
    """A file that was not run: inconclusive where its text is suspicious."""
    if not suspects:
        return clean(source.path, "not run")
    count = f"{len(suspects)} suspect{'' if len(suspects) == 1 else 's'}"
    reason = f"not run: {count}, from the text alone"
    return FileReport(source.path, Verdict.INCONCLUSIVE, reason, findings=suspects)
