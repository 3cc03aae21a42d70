"""A process beside a worker of Dask, in the folder of the call: looks at one file after the other, as a call here does.

It is one of its own because the current folder and signals are a process's, and because what Dask starts a thread for
must not outlive it: when the other end of its line is closed, in whatever way, it ends what it runs and itself.
"""

from __future__ import annotations

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from gradfix.cache.store import Cache
from gradfix.config import Settings
from gradfix.jobs import LocalExecutor, Task
from gradfix.run.messages import Versions
from gradfix.run.pool import Closed
from gradfix.run.worker import NoTensorFlow
from gradfix.sources import Source, read_source
from gradfix.survey.text import error
from gradfix.values import FileReport
from gradfix_codemods.base import CannotLoad


@dataclass(frozen=True)
class Answer:
    """What came of one file: its report and what has run it, or why nothing can be run here."""

    report: FileReport | None
    versions: Versions | None = None
    failure: str = ""


def main() -> None:
    """Serves on the open socket whose number is the first argument; the second is whether proofs are cached."""
    connection = Connection(int(sys.argv[1]))
    with LocalExecutor(1, Cache() if sys.argv[2] == "True" else None) as executor:
        thread = ThreadPoolExecutor(1, "gradfix-bench")  # its one thread lives as long as the workers that it starts
        while True:
            try:
                task = connection.recv()
            except (EOFError, OSError):
                break
            thread.submit(_serve, connection, executor, task)
    thread.shutdown(cancel_futures=True)


def _serve(connection: Connection, executor: LocalExecutor, task: Task) -> None:
    try:
        answer = answer_of(executor, *task)
    except Closed:  # nobody listens any more
        return
    try:
        connection.send(answer)
    except OSError:
        return


def answer_of(executor: LocalExecutor, source: Source, settings: Settings) -> Answer:
    """Looks at one file, if it is here what it is where the call was made."""
    here = read_source(source.path, named=source.named)
    if not isinstance(here, Source) or here.text != source.text:
        said = "it differs from" if isinstance(here, Source) else f"{here.message}: not"
        reason = f"on {socket.gethostname()} {said} what it is here; a cluster's machines need the same files"
        return Answer(error(source.path, reason))
    try:
        report = next(iter(executor.reports([(source, settings)])))
        return Answer(report, executor.versions(wait=False))
    except (NoTensorFlow, CannotLoad) as e:
        return Answer(None, failure=f"on {socket.gethostname()}: {e}")


def as_there(settings: Settings, own: str) -> Settings:
    """Settings for another machine: where the interpreter is the call's `own`, there it is that of the bench."""
    return replace(settings, python=sys.executable) if settings.python == own else settings
