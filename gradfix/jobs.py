"""Looks at many files, some at a time. What a session knows of where that happens is `Executor`, and nothing else."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol, TypeVar

from gradfix.account import Account, Told, nobody
from gradfix.cache.store import Cache
from gradfix.config import Settings
from gradfix.repair import repair
from gradfix.run.kinds import kind_of, pool_of
from gradfix.run.messages import Versions
from gradfix.run.pool import Pool
from gradfix.sources import Source
from gradfix.survey.text import will_run
from gradfix.values import FileReport

AHEAD = 2
"""Files for each job that may be begun or done while the first in order is still looked at: what memory holds."""
PASSED = 256
"""Files that need no run and wait, with their reports, for one before them that does."""
MOST_JOBS = 32
MEMORY_FOR_A_JOB = 2 << 30
"""Bytes that are to be free for each job: TensorFlow is shared, but models, data and gradients are not."""


Task = tuple[Source, Settings]
"""A file, and how it is looked at."""
Begun = TypeVar("Begun")
"""A task on its way to a report, as an executor has it."""


class Executor(Protocol):
    """Where files are looked at. Used by one thread, in a `with` block, whose end stops what is still under way.

    `told` hears what is being done with which file, from whatever thread does it.
    """

    told: Told

    def warm_up(self, settings: Settings) -> None:
        """Told as soon as the first file is known that will be run. Raises NoTensorFlow."""

    def must_run(self, source: Source, settings: Settings) -> bool:
        """Whether a file is to be run, and no earlier report on it holds still."""

    def reports(self, tasks: Iterable[Task | FileReport]) -> Iterator[FileReport]:
        """The report of each file in the order of the files, each as soon as it and all before it are there.

        A report among the tasks is passed on in its place. Few tasks are taken ahead. Raises NoTensorFlow.
        """

    def versions(self, *, wait: bool = True) -> Versions | None:
        """What has run the files; None where none was run, and without `wait` where none is ready.

        Raises NoTensorFlow.
        """

    def __enter__(self) -> Executor: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LocalExecutor:
    """Files are looked at on this machine, `jobs` at a time (0 for as many as fit it), by one warm worker.

    Where settings differ in the interpreter or the limits of a run, each such kind has a worker of its own.
    """

    def __init__(self, jobs: int = 0, cache: Cache | None = None) -> None:
        self.cache, self.found = cache, list[Versions]()
        self.told: Told = nobody
        self.jobs = jobs or usual_jobs()
        if sys.platform != "linux":  # without fork a worker serves one run, and the next one waits for another
            self.jobs = 1
        self.at_once = max(self.jobs, min(2, _cores()))  # a file alone may have two runs under way
        self.pools: dict[object, Pool] = {}
        # the threads live as long as the pool: the kernel ends a worker with the thread that has started it
        self.threads = ThreadPoolExecutor(self.jobs, "gradfix")

    def warm_up(self, settings: Settings) -> None:
        """Starts TensorFlow's import without waiting for it."""
        if not self.pool(settings).started:
            self.pool(settings).warm_up()

    def pool(self, settings: Settings) -> Pool:
        """The workers for files with such settings. Asked by the thread of the caller only."""
        key = kind_of(settings)
        if key not in self.pools:
            self.pools[key] = pool_of(settings, self.at_once)
        return self.pools[key]

    def reports(self, tasks: Iterable[Task | FileReport]) -> Iterator[FileReport]:
        """See Executor."""
        begin: Callable[[Task], Task | Future[FileReport]] = (lambda task: task) if self.jobs == 1 else self._begun
        return in_order(tasks, begin, self._ended, _is_done, lambda: AHEAD * self.jobs)

    def _begun(self, task: Task) -> Future[FileReport]:
        source, settings = task
        return self.threads.submit(self._report, source, self.pool(settings), settings)

    def _ended(self, task: Task | Future[FileReport]) -> FileReport:
        if isinstance(task, Future):
            return task.result()
        source, settings = task
        return self._report(source, self.pool(settings), settings)

    def must_run(self, source: Source, settings: Settings) -> bool:
        """See Executor."""
        return will_run(source, settings) and not (self.cache and self.cache.find(source, settings))

    def _report(self, source: Source, pool: Pool, settings: Settings) -> FileReport:
        cache = self.cache if self.cache and will_run(source, settings) else None
        if cache is not None and (entry := cache.find(source, settings)) is not None:
            self.found.append(entry.versions)
            return entry.report
        account = Account(source.path, self._tell)
        try:
            report = repair(source, pool, settings, account)
        finally:
            self.told(source.path, "")
        if cache is not None:
            cache.keep(source, settings, report, account, pool.first)
        return report

    def _tell(self, path: str, doing: str) -> None:
        self.told(path, doing)

    def versions(self, *, wait: bool = True) -> Versions | None:
        """See Executor. Where there are several kinds of workers: what the first that was started has."""
        if not wait:
            return next((pool.first for pool in self.pools.values() if pool.first), None)
        return next((pool.versions() for pool in self.pools.values() if pool.started), next(iter(self.found), None))

    def __enter__(self) -> LocalExecutor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self.pools.values():
            pool.close()  # what is under way ends with it, and nothing can begin
        self.threads.shutdown(cancel_futures=True)


def in_order(
    tasks: Iterable[Task | FileReport],
    begin: Callable[[Task], Begun],
    ended: Callable[[Begun], FileReport],
    is_done: Callable[[Begun], bool],
    most: Callable[[], int],
) -> Iterator[FileReport]:
    """What `Executor.reports` gives, of tasks that are begun one after the other.

    `ended` waits for the report of one that was begun, `is_done` says whether it would not have to; `most` is how many
    may be under way, asked whenever one was begun.
    """
    waiting: deque[FileReport | Begun] = deque()
    running = limit = 0

    def first() -> FileReport:
        nonlocal running
        task = waiting.popleft()
        if isinstance(task, FileReport):
            return task
        running -= 1
        return ended(task)

    def is_there(task: FileReport | Begun) -> bool:
        return isinstance(task, FileReport) or is_done(task)

    for task in tasks:
        if isinstance(task, FileReport):
            waiting.append(task)
        else:
            waiting.append(begin(task))
            running, limit = running + 1, most()
        while waiting and (is_there(waiting[0]) or running >= limit or len(waiting) >= PASSED):
            yield first()
    while waiting:
        yield first()


def _is_done(task: Task | Future[FileReport]) -> bool:
    return isinstance(task, Future) and task.done()


def usual_jobs() -> int:
    """As many jobs as half of the cores, where there is memory for them: a file alone may keep two cores busy."""
    try:
        with open("/proc/meminfo") as f:
            free = next(int(line.split()[1]) << 10 for line in f if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):  # not Linux
        free = MEMORY_FOR_A_JOB
    return max(min(_cores() // 2, free // MEMORY_FOR_A_JOB, MOST_JOBS), 1)


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
