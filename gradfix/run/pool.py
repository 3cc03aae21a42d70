"""Keeps warm workers, one for each environment that files ask for, and replaces one that has died."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

from gradfix.run.messages import Run, Versions
from gradfix.run.worker import Held, Worker

MOST_WORKERS = 2
"""Idle workers kept: each holds a TensorFlow of its own in memory."""

UNSAFE = ("off",)
"""Levels of the sandbox at which runs see what another one writes."""

Environment = tuple[tuple[str, str], ...]


class Closed(Exception):
    """The pool was closed, by Ctrl-C say, while another thread still wanted runs."""


class Pool:
    """Hands runs to workers that are started at the first need, or ahead of it with `warm_up`.

    Any thread may ask. At most `at_once` runs are under way at a time; who wants more, waits.
    """

    def __init__(
        self,
        python: str,
        timeout: float,
        gpu: bool = False,
        sandbox: str = "auto",
        at_once: int = 2,
        memory: float | None = None,
    ) -> None:
        self.python, self.timeout, self.gpu, self.sandbox = python, timeout, gpu, sandbox
        self.memory = int(memory * (1 << 30)) if memory else None
        self.workers: dict[Environment, Worker] = {}
        self.lock = threading.Lock()
        self.users: Counter[Environment] = Counter()
        self.slots = threading.Semaphore(at_once)
        self.first: Versions | None = None
        self.files = 0
        self.closed = False

    @property
    def started(self) -> bool:
        """Whether any worker was needed so far."""
        return self.first is not None or bool(self.workers)

    def warm_up(self) -> None:
        """Starts TensorFlow's import without waiting for it. Raises NoTensorFlow where the interpreter is not there."""
        with self.lock:
            self._worker(())

    def _worker(self, environment: Environment) -> Worker:
        """A worker that lives. The caller holds the lock."""
        if self.closed:
            raise Closed
        worker = self.workers.pop(environment, None)
        if worker is not None and not worker.alive:
            worker.close()
            worker = None
        if worker is None:
            worker = Worker(self.python, self.gpu, dict(environment), self.sandbox)
        self.workers[environment] = worker  # the latest used is the last
        idle = [e for e in self.workers if e != environment and not self.users[e]]
        for old in idle[: max(len(self.workers) - MOST_WORKERS, 0)]:
            self.workers.pop(old).close()
        return worker

    def versions(self) -> Versions:
        """What the first worker that was asked for has; waits for TensorFlow. Raises NoTensorFlow."""
        if self.first is None:
            self.prepare({})
        assert self.first is not None
        return self.first

    def prepare(self, environment: Mapping[str, str]) -> Versions:
        """Waits until a worker with these variables is there. Raises NoTensorFlow."""
        with self.lock:
            worker = self._worker(_key(environment))
        versions = worker.versions()
        self.first = self.first or versions
        return versions

    def run(self, request: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Run:
        """One run, in a worker that was started with these variables. Raises NoTensorFlow."""
        return self.start(request, environment)()

    def start(self, request: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Callable[[], Run]:
        """Starts one run, and gives what waits for it. Raises NoTensorFlow."""
        self.slots.acquire()  # released by the listener when the answer comes, whoever waits for it
        worker, versions, held = self._begun(request, _key(environment or {}))
        if versions.fork:
            return held.wait
        run = held.wait()
        worker.close()  # it serves one run and ends
        return lambda: run

    def _begun(self, request: Mapping[str, Any], key: Environment) -> tuple[Worker, Versions, Held]:
        """Starts one run in a slot that the caller has taken. Raises NoTensorFlow."""
        try:
            with self.lock:
                worker = self._worker(key)
                self.users[key] += 1
            try:
                versions = worker.versions()
            except BaseException:
                self._done(key)
                raise
        except BaseException:
            self.slots.release()
            raise

        def over() -> None:
            self._done(key)
            self.slots.release()

        return worker, versions, worker.hold({"timeout": self.timeout, "memory": self.memory, **request}, over)

    @contextlib.contextmanager
    def one_file(self) -> Iterator[None]:
        """While it lasts, a file is looked at."""
        with self.lock:
            self.files += 1
        try:
            yield
        finally:
            with self.lock:
                self.files -= 1

    def hold(self, request: Mapping[str, Any], environment: Mapping[str, str]) -> Held | None:
        """Begins a run ahead of its need, beside one that is under way; None where that would be in somebody's way.

        That is where another file is looked at, where no run may be added, or where runs are not kept apart.
        """
        if self.files > 1 or self.first is None or not self.first.fork or self.first.sandbox in UNSAFE:
            return None
        return self._begun(request, _key(environment))[2] if self.slots.acquire(blocking=False) else None

    def _done(self, key: Environment) -> None:
        with self.lock:
            self.users[key] -= 1

    def close(self) -> None:
        """Ends all workers, and with them the runs that are under way."""
        with self.lock:
            self.closed = True
            workers, self.workers = list(self.workers.values()), {}
        for worker in workers:
            worker.close()

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _key(environment: Mapping[str, str]) -> Environment:
    return tuple(sorted(environment.items()))
