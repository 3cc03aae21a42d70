"""The story: a training file in, a verdict with its evidence out."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace

from gradfix import verdicts
from gradfix.account import READING, Account
from gradfix.choose.silence import Listener
from gradfix.choose.suppressions import skips_file
from gradfix.config import RunMode, Settings
from gradfix.given import BadInput, in_comments, in_table
from gradfix.judge import judge
from gradfix.look.explore import explore
from gradfix.notebook.told import in_cells
from gradfix.prove.harmless import without_harmless
from gradfix.prove.project import project_of
from gradfix.run.lab import Lab, subject_of
from gradfix.run.messages import STAGES, Limits
from gradfix.run.pool import Pool
from gradfix.run.worker import NoTensorFlow
from gradfix.scan.environment import environment_of
from gradfix.scan.prefilter import may_hold_a_step
from gradfix.scan.stages import in_stages
from gradfix.scan.steps import parsed, steps_of
from gradfix.scan.suspects import Suspect, find_suspects
from gradfix.sources import Source
from gradfix.values import FileReport, Finding

TENSORFLOW = "tensorflow"


def repair(
    source: Source,
    pool: Pool,
    settings: Settings,
    account: Account | None = None,
    unsaved: Sequence[Source] = (),
) -> FileReport:
    """Finds the missing gradients of one file, and a patch that TensorFlow has confirmed.

    Never changes the file. `account` is told what goes on. `unsaved` are other files whose texts count in the place of
    those on the disk. Raises NoTensorFlow where the interpreter cannot run it.
    """
    started, account = time.monotonic(), account or Account(source.path)
    listener = Listener({source.path: source.text}, settings)
    with account.during(READING):
        report = _repair(source, pool, settings, listener, account, unsaved)
        if verdicts.unseen(report):
            report = replace(report, findings=_suspected(source, settings, listener))
    seconds = round(time.monotonic() - started, 3)
    report = replace(report, seconds=seconds, silenced=tuple(listener.silenced), spent=account.spent())
    return in_cells(report, source)


def _suspected(source: Source, settings: Settings, listener: Listener) -> tuple[Finding, ...]:
    """What the text alone tells, but for what the user wants no word of."""
    findings = verdicts.of_suspects(source, suspects_of(source, settings))
    return tuple(f for f in findings if not listener.silences(f))


def suspects_of(source: Source, settings: Settings) -> tuple[Suspect, ...]:
    """The suspects of a file, of the rules that are looked for."""
    if not may_hold_a_step(source.text):
        return ()
    return tuple(s for s in find_suspects(source.text) if settings.choice.has(s.rule, source.path))


def will_run(source: Source, settings: Settings) -> bool:
    """Whether a file is run: one with a step in it, but in a folder only one that is suspicious as well."""
    if settings.run is RunMode.NEVER or skips_file(source.text) or not may_hold_a_step(source.text):
        return False
    if settings.run is RunMode.ALWAYS or source.named:
        return bool(steps_of(source.text))
    return bool(suspects_of(source, settings))


def _repair(
    source: Source, pool: Pool, settings: Settings, listener: Listener, account: Account, unsaved: Sequence[Source]
) -> FileReport:
    if not may_hold_a_step(source.text):
        return verdicts.clean(source.path)
    if skips_file(source.text):
        return verdicts.clean(source.path, "skipped, as a comment in it says")
    tree, steps = parsed(source.text), steps_of(source.text)
    if not steps:
        return verdicts.clean(source.path)
    if not will_run(source, settings):
        return verdicts.suspected(source, _suspected(source, settings, listener))
    environment = environment_of(tree)
    if (backend := environment.get("KERAS_BACKEND", TENSORFLOW)) != TENSORFLOW:
        return verdicts.inconclusive(
            source.path, f"Keras runs on {backend} here, and gradfix looks at TensorFlow's tapes"
        )
    limits = STAGES if in_stages(tree) else Limits(())
    subject = subject_of(source.path, settings.arguments, settings.module, settings.folder)
    lab = Lab(pool, subject, limits, environment, source=source, account=account)
    try:
        with account.during("importing TensorFlow"):
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
        given = {**in_table(settings.inputs, lab.subject.path), **in_comments(source.text, tree, source.spot)}
    except BadInput as e:
        return verdicts.error(source.path, str(e))
    with account.during("running"):
        others = {os.path.abspath(each.path): each for each in unsaved}
        texts = {**{path: each.text for path, each in others.items()}, lab.subject.path: source.text}
        explored = explore(lab, texts, steps, given)
    project = project_of(source, lab.subject.path, explored.files, others)
    with account.during("proving"):
        lab, explored, notes = without_harmless(explored.lab.up_to(explored.seen), project.texts, explored)
        listener.texts.update({each.path: each.text for each in project.sources.values()})
        report = judge(lab, project, explored, settings, listener)
    return replace(report, notes=(*report.notes, *notes))
