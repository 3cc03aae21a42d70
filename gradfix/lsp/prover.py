"""Runs files and proves patches, one file at a time, on a warm worker that is started at the first need."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Container, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from gradfix.account import Account
from gradfix.config import Settings
from gradfix.run.kinds import kind_of, pool_of
from gradfix.run.messages import Versions
from gradfix.run.pool import Closed, Pool
from gradfix.sources import Source, read_source
from gradfix.values import FileReport

HOLDS = 300.0
"""Seconds that a proof is taken for what a run would show now: data that a script reads may change unnoticed."""


class Stopped(Exception):
    """The run was stopped before it came to an end."""


@dataclass(frozen=True)
class Ask:
    """What is to be run: a file, and the other files whose texts are not those on the disk."""

    source: Source
    settings: Settings
    unsaved: tuple[Source, ...] = ()

    def with_pictures(self) -> Ask:
        """The same, to be told with pictures."""
        return replace(self, settings=replace(self.settings, pictures=True))

    def texts(self, files: Iterable[str]) -> dict[str, str]:
        """The texts of some files as the run saw them, by real path: those on the disk unless they are not saved."""
        unsaved = {os.path.realpath(each.path): each for each in self.unsaved}
        found = {path: unsaved.get(path) or read_source(path) for path in files}
        return {path: each.text for path, each in found.items() if isinstance(each, Source)}


@dataclass(frozen=True)
class _Known:
    """A report with what it was made of: it is not worth more than that."""

    ask: Ask
    report: FileReport
    files: dict[str, tuple[int, int]]
    at: float


class Job:
    """One file that is being run, or waits for its turn."""

    def __init__(self, ask: Ask, told: Callable[[str], None]) -> None:
        self.ask, self.told = ask, told
        self.future: Future[FileReport] = Future()
        self.stopped = False
        self.pool: Pool | None = None


class Prover:
    """Used by the thread of the server. What blocks happens in another one, which lives as long: the kernel ends a
    worker together with the thread that has started it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "gradfix")
        self._lock = threading.Lock()
        self._pools: dict[object, Pool] = {}
        self._jobs: set[Job] = set()
        self._known: dict[str, _Known] = {}
        self._closed = False

    def known(self, ask: Ask) -> FileReport | None:
        """The report of an earlier run of the same texts, with no file changed since that it loaded.

        One with pictures serves who wants none, too.
        """
        found = self._known.get(ask.source.path)
        if found is None or found.ask not in (ask, ask.with_pictures()) or time.monotonic() - found.at > HOLDS:
            return None
        return found.report if found.files == _stamps(found.files) else None

    def start(self, ask: Ask, told: Callable[[str], None]) -> Job:
        """Has a file run as soon as none is. `told` hears what is being done, from the other thread.

        The job's future holds the report (with unsafe patches, too), Stopped, NoTensorFlow or whatever went wrong.
        """
        job = Job(ask, told)
        self._jobs.add(job)
        job.future.add_done_callback(lambda _: self._jobs.discard(job))
        self._thread.submit(self._work, job)
        return job

    def versions(self) -> Versions | None:
        """What has run files here; None where nothing has."""
        with self._lock:
            return next((pool.first for pool in self._pools.values() if pool.first), None)

    def where(self, settings: Settings) -> str:
        """In words, on what files with some settings are run; "" where none was."""
        with self._lock:
            pool = self._pools.get(kind_of(settings))
        versions = pool.first if pool is not None else None
        return f"on TensorFlow {versions.tensorflow}, sandbox: {versions.level}" if versions else ""

    def stop(self, job: Job) -> None:
        """Ends a job at once, and with it the worker that runs it; the next job has a new one."""
        with self._lock:
            job.stopped = True
            pool = job.pool
            self._pools = {key: each for key, each in self._pools.items() if each is not pool}
            _settle(job, Stopped())
        if pool is not None:
            threading.Thread(target=pool.close, name="gradfix-close").start()  # it waits for the worker's end

    def keep(self, kinds: Container[object]) -> None:
        """Ends the workers of all other kinds (as `kind_of` has them), but not one that is at work."""
        with self._lock:
            busy = [job.pool for job in self._jobs]
            idle = {key: pool for key, pool in self._pools.items() if key not in kinds and pool not in busy}
            self._pools = {key: pool for key, pool in self._pools.items() if key not in idle}
        for pool in idle.values():
            threading.Thread(target=pool.close, name="gradfix-close").start()

    def close(self) -> None:
        """Ends everything; nothing can begin any more."""
        with self._lock:
            self._closed = True
            pools, self._pools = list(self._pools.values()), {}
        for job in list(self._jobs):
            self.stop(job)
        for pool in pools:
            pool.close()
        self._thread.shutdown(cancel_futures=True)

    def _work(self, job: Job) -> None:
        from gradfix.repair import repair

        account = Account(job.ask.source.path, lambda _, doing: job.told(doing))
        settings = replace(job.ask.settings, unsafe_fixes=True)
        try:
            pool = self._pool(job, settings)
            report = repair(job.ask.source, pool, settings, account, job.ask.unsaved)
        except BaseException as e:
            with self._lock:
                _settle(job, Stopped() if isinstance(e, Closed) else e)
            return
        with self._lock:
            if not job.stopped and not account.deaths:
                stamps = _stamps(account.files)
                self._known[report.path] = _Known(job.ask, report, stamps, time.monotonic())
            job.pool = None
            _settle(job, report)

    def _pool(self, job: Job, settings: Settings) -> Pool:
        with self._lock:
            if job.stopped or self._closed:
                raise Closed
            key = kind_of(settings)
            if key not in self._pools:
                self._pools[key] = pool_of(settings)
            job.pool = self._pools[key]
            return job.pool


def _settle(job: Job, outcome: FileReport | BaseException) -> None:
    """The caller holds the lock: a job is stopped by one thread and done by another."""
    if job.future.done():
        return
    if isinstance(outcome, BaseException):
        job.future.set_exception(outcome)
    else:
        job.future.set_result(outcome)


def _stamps(files: Iterable[str]) -> dict[str, tuple[int, int]]:
    """What tells whether files have changed; of one that is gone, zeros."""
    stamps = {}
    for path in files:
        try:
            now = os.stat(path)
            stamps[path] = (now.st_mtime_ns, now.st_size)
        except OSError:
            stamps[path] = (0, 0)
    return stamps
