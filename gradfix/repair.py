"""The story: a training file in, a verdict with its evidence out."""

from __future__ import annotations

import time
from dataclasses import replace

from gradfix import verdicts
from gradfix.config import RunMode, Settings
from gradfix.explore import explore
from gradfix.given import BadInput, in_comments, in_table
from gradfix.harmless import without_harmless
from gradfix.notebook.told import in_cells
from gradfix.project import project_of
from gradfix.proof import broken_in
from gradfix.proposing import propose_soon
from gradfix.run.lab import Lab, subject_of
from gradfix.run.messages import STAGES, Limits
from gradfix.run.pool import Pool
from gradfix.run.worker import NoTensorFlow
from gradfix.scan.environment import environment_of
from gradfix.scan.prefilter import may_hold_a_step
from gradfix.scan.stages import in_stages
from gradfix.scan.steps import parsed, steps_of
from gradfix.scan.suspects import Suspect, find_suspects
from gradfix.search import search
from gradfix.silent import lost_terms, search_terms
from gradfix.sources import Source
from gradfix.values import FileReport

TENSORFLOW = "tensorflow"


def repair(source: Source, pool: Pool, settings: Settings) -> FileReport:
    """Finds the missing gradients of one file, and a patch that TensorFlow has confirmed.

    Never changes the file. Raises NoTensorFlow where the interpreter cannot run it.
    """
    started = time.monotonic()
    report = verdicts.with_suspects(_repair(source, pool, settings), source, suspects_of(source, settings))
    return in_cells(replace(report, seconds=round(time.monotonic() - started, 3)), source)


def suspects_of(source: Source, settings: Settings) -> tuple[Suspect, ...]:
    """The suspects of a file, of the rules that are looked for."""
    if not may_hold_a_step(source.text.encode("utf-8", "replace")):
        return ()
    return tuple(s for s in find_suspects(source.text) if settings.choice.has(s.rule, source.path))


def will_run(source: Source, settings: Settings) -> bool:
    """Whether a file is run: one with a step in it, but in a folder only one that is suspicious as well."""
    if settings.run is RunMode.NEVER or not may_hold_a_step(source.text.encode("utf-8", "replace")):
        return False
    if settings.run is RunMode.ALWAYS or source.named:
        return bool(steps_of(source.text))
    return bool(suspects_of(source, settings))


def _repair(source: Source, pool: Pool, settings: Settings) -> FileReport:
    if not may_hold_a_step(source.text.encode("utf-8", "replace")):
        return verdicts.clean(source.path)
    tree, steps = parsed(source.text), steps_of(source.text)
    if not steps:
        return verdicts.clean(source.path)
    if not will_run(source, settings):
        return verdicts.suspected(source, suspects_of(source, settings))
    environment = environment_of(tree)
    if (backend := environment.get("KERAS_BACKEND", TENSORFLOW)) != TENSORFLOW:
        return verdicts.inconclusive(
            source.path, f"Keras runs on {backend} here, and gradfix looks at TensorFlow's tapes"
        )
    limits = STAGES if in_stages(tree) else Limits(())
    subject = subject_of(source.path, settings.arguments, settings.module)
    lab = Lab(pool, subject, limits, environment, source=source)
    try:
        versions = pool.prepare(environment)
    except NoTensorFlow as e:
        if not environment:
            raise
        return verdicts.inconclusive(source.path, f"with what the file sets in os.environ, {e}")
    if not versions.runs:
        return verdicts.inconclusive(
            source.path, f"not run: --sandbox {settings.sandbox.value} needs the full sandbox ({versions.why})"
        )
    try:
        given = {**in_table(settings.inputs, lab.subject.path), **in_comments(source.text, tree)}
    except BadInput as e:
        return verdicts.error(source.path, str(e))
    explored = explore(lab, {lab.subject.path: source.text}, steps, given)
    project = project_of(source, lab.subject.path, explored.files)
    lab, explored, notes = without_harmless(explored.lab.up_to(explored.seen), project.texts, explored)
    if any(broken_in(look) for look in explored.seen):
        outcome = search(lab, project.texts, explored.seen, propose_soon())
    elif lost := lost_terms(lab, project.texts, explored.seen):
        outcome = search_terms(lab, project.texts, explored.seen, lost, propose_soon())
    else:
        return noted(verdicts.unbroken(source, explored), notes)
    return noted(verdicts.of_search(project, explored, outcome, settings.unsafe_fixes), notes)


def noted(report: FileReport, notes: tuple[str, ...]) -> FileReport:
    """A report with more notes."""
    return replace(report, notes=(*report.notes, *notes))
