"""Keeps warm workers, one for each environment that files ask for, and replaces one that has died."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from gradfix.run.messages import Run, Versions
from gradfix.run.worker import Worker

MOST_WORKERS = 2
"""Workers kept at a time: each holds a TensorFlow of its own in memory."""

Environment = tuple[tuple[str, str], ...]


class Pool:
    """Hands runs to workers that are started at the first need, or ahead of it with `warm_up`."""

    def __init__(self, python: str, timeout: float, gpu: bool = False, sandbox: str = "auto") -> None:
        self.python, self.timeout, self.gpu, self.sandbox = python, timeout, gpu, sandbox
        self.workers: dict[Environment, Worker] = {}

    @property
    def started(self) -> bool:
        """Whether any worker was needed so far."""
        return bool(self.workers)

    def warm_up(self) -> None:
        """Starts TensorFlow's import without waiting for it. Raises NoTensorFlow where the interpreter is not there."""
        self._worker(())

    def _worker(self, environment: Environment) -> Worker:
        worker = self.workers.pop(environment, None)
        if worker is not None and not worker.alive:
            worker.close()
            worker = None
        if worker is None:
            worker = Worker(self.python, self.gpu, dict(environment), self.sandbox)
        self.workers[environment] = worker  # the latest used is the last
        while len(self.workers) > MOST_WORKERS:
            self.workers.pop(next(iter(self.workers))).close()
        return worker

    def versions(self) -> Versions:
        """Waits for TensorFlow. Raises NoTensorFlow."""
        return self._worker(next(reversed(self.workers), ())).versions()

    def prepare(self, environment: Mapping[str, str]) -> Versions:
        """Waits until a worker with these variables is there. Raises NoTensorFlow."""
        return self._worker(tuple(sorted(environment.items()))).versions()

    def run(self, request: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Run:
        """One run, in a worker that was started with these variables. Raises NoTensorFlow."""
        return self.start(request, environment)()

    def start(self, request: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Callable[[], Run]:
        """Starts one run, and gives what waits for it. Raises NoTensorFlow."""
        worker = self._worker(tuple(sorted((environment or {}).items())))
        versions = worker.versions()
        answer = worker.start({"timeout": self.timeout, **request})
        if versions.fork:
            return answer
        run = answer()
        worker.close()  # it serves one run and ends
        return lambda: run

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self.workers.values():
            worker.close()
        self.workers.clear()
