"""Keeps one warm worker, and replaces it when it has died."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from gradfix.run.messages import Run, Versions
from gradfix.run.worker import Worker


class Pool:
    """Hands runs to a worker that is started at the first need, or ahead of it with `warm_up`."""

    def __init__(self, python: str, timeout: float, gpu: bool = False) -> None:
        self.python, self.timeout, self.gpu = python, timeout, gpu
        self.worker: Worker | None = None

    def warm_up(self) -> None:
        """Starts TensorFlow's import without waiting for it. Raises NoTensorFlow where the interpreter is not there."""
        self._worker()

    def _worker(self) -> Worker:
        if self.worker is None or not self.worker.alive:
            if self.worker is not None:
                self.worker.close()
            self.worker = Worker(self.python, self.gpu)
        return self.worker

    def versions(self) -> Versions:
        """Waits for TensorFlow. Raises NoTensorFlow."""
        return self._worker().versions()

    def run(self, request: dict[str, Any]) -> Run:
        """One run, in a worker that is alive. Raises NoTensorFlow."""
        worker = self._worker()
        versions = worker.versions()
        run = worker.run({"timeout": self.timeout, **request})
        if not versions.fork:  # it serves one run and ends
            worker.close()
        return run

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.worker is not None:
            self.worker.close()
            self.worker = None
