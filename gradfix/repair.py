"""The story: a training file in, a verdict with its evidence out."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace

from gradfix import verdicts
from gradfix.account import READING, Account
from gradfix.choose.silence import Listener
from gradfix.config import Settings
from gradfix.given import BadInput, in_comments, in_table
from gradfix.judge import judge
from gradfix.look.explore import Given, explore
from gradfix.notebook.told import in_cells
from gradfix.prove.harmless import without_harmless
from gradfix.prove.project import project_of
from gradfix.prove.proposing import load_soon
from gradfix.run.lab import Lab, subject_of
from gradfix.run.messages import STAGES, Limits
from gradfix.run.pool import Pool
from gradfix.run.worker import NoTensorFlow
from gradfix.scan.environment import environment_of
from gradfix.scan.stages import in_stages
from gradfix.scan.steps import Step, parsed, steps_of
from gradfix.sources import Source
from gradfix.survey.text import by_text, error, of_suspects, suspects_of
from gradfix.values import FileReport

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
    with account.during(READING):
        report = by_text(source, settings) or _run(source, pool, settings, account, unsaved)
    return replace(report, seconds=round(time.monotonic() - started, 3), spent=account.spent())


def _run(source: Source, pool: Pool, settings: Settings, account: Account, unsaved: Sequence[Source]) -> FileReport:
    """The report of a file that is run."""
    listener = Listener({source.path: source.text}, settings)
    report = _repair(source, pool, settings, listener, account, unsaved)
    if verdicts.unseen(report):
        suspects = of_suspects(source, suspects_of(source, settings))
        report = replace(report, findings=tuple(f for f in suspects if not listener.silences(f)))
    return in_cells(replace(report, silenced=tuple(listener.silenced)), source)


def _repair(
    source: Source, pool: Pool, settings: Settings, listener: Listener, account: Account, unsaved: Sequence[Source]
) -> FileReport:
    tree, steps = parsed(source.text), steps_of(source.text)
    environment = environment_of(tree)
    if (backend := environment.get("KERAS_BACKEND", TENSORFLOW)) != TENSORFLOW:
        return verdicts.inconclusive(
            source.path, f"Keras runs on {backend} here, and gradfix looks at TensorFlow's tapes"
        )
    limits = STAGES if in_stages(tree) else Limits(())
    subject = subject_of(source.path, settings.arguments, settings.module, settings.folder)
    lab = Lab(
        pool,
        subject,
        limits,
        environment,
        source=source,
        account=account,
        suspected=bool(suspects_of(source, settings)),
    )
    if lab.suspected:
        load_soon()
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
        return error(source.path, str(e))
    with pool.one_file(), lab.ahead:
        return _looked_at(source, lab, steps, given, settings, listener, unsaved)


def _looked_at(
    source: Source,
    lab: Lab,
    steps: tuple[Step, ...],
    given: Given,
    settings: Settings,
    listener: Listener,
    unsaved: Sequence[Source],
) -> FileReport:
    """The report of a file whose worker is there."""
    account = lab.account
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
