"""One worker process: started early, answers many requests, may die at any time."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradfix.run.messages import Run, Versions, run_of

LAUNCH = Path(__file__).parent.parent / "worker" / "launch.py"
STARTING = 180.0
"""Seconds that TensorFlow's import may take on a cold, busy machine."""
GONE: dict[str, Any] = {"events": [], "ending": {"reason": "the worker process died"}}
"""The answer of a worker that is no more."""
SLACK = 30.0
"""Seconds beyond a run's own limit after which the worker itself counts as hung."""


@dataclass(frozen=True)
class Held:
    """A run that was begun before all of its request was known. `tell` hands it the rest, or `stop` ends it."""

    tell: Callable[[Mapping[str, Any]], None]
    stop: Callable[[], None]
    wait: Callable[[], Run]


class NoTensorFlow(Exception):
    """The chosen interpreter cannot serve: it is not there, or has no TensorFlow. Its text is one line."""


class Worker:
    """A process under the user's interpreter. Starts at once; whoever asks first waits until TensorFlow is there."""

    def __init__(
        self, python: str, gpu: bool = False, variables: Mapping[str, str] | None = None, sandbox: str = "auto"
    ) -> None:
        self.python = python
        environment = {**os.environ, **(variables or {}), "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONDONTWRITEBYTECODE": "1"}
        environment.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # its reordered sums would differ from run to run
        if gpu:
            environment.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # a run beside a training takes what it needs
        else:
            environment["CUDA_VISIBLE_DEVICES"] = "-1"  # TensorFlow would take the memory of a training under way
        self.answers: dict[int, Future[dict[str, Any]]] = {}
        self.lock, self.writing = threading.Lock(), threading.Lock()
        self.sent = 0
        self.gone = False
        self.hello: Future[dict[str, Any]] = Future()
        try:
            self.process = subprocess.Popen(
                [python, str(LAUNCH), sandbox],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,  # Ctrl-C is for gradfix alone, which then ends the worker in good order
            )
        except OSError as e:
            raise NoTensorFlow(f"cannot start {python}: {e.strerror or e}") from e
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                message = json.loads(line)
            except ValueError:  # printed by the interpreter's own start-up, a sitecustomize say
                continue
            if not isinstance(message, dict):
                continue
            if "hello" in message:
                self.hello.set_result(message["hello"])
            else:
                with self.lock:
                    answer = self.answers.pop(message.get("id", 0), None)
                if answer is not None:
                    answer.set_result(message)
        with self.lock:
            waiting, self.answers, self.gone = list(self.answers.values()), {}, True
        for answer in waiting:
            answer.set_result(GONE)
        if not self.hello.done():
            self.hello.set_result({"error": "it ended before TensorFlow was imported"})

    def versions(self) -> Versions:
        """Waits for TensorFlow's import. Raises NoTensorFlow."""
        try:
            hello = self.hello.result(STARTING)
        except TimeoutError as e:
            raise NoTensorFlow(f"{self.python} did not import TensorFlow within {STARTING:g} s") from e
        if error := hello.get("error"):
            raise NoTensorFlow(f"{self.python} has no usable TensorFlow: {error}")
        return Versions(**{**hello, "folders": tuple(hello.get("folders", ()))})

    @property
    def alive(self) -> bool:
        """Whether requests can still be sent."""
        return not self.gone and self.process.poll() is None

    def start(self, request: dict[str, Any], over: Callable[[], None] = lambda: None) -> Callable[[], Run]:
        """Has one run done, and gives what waits for it. A worker that dies or hangs is a `Run` with a death.

        `over` is called once, as soon as the run has ended, by whatever thread sees that.
        """
        return self.hold(request, over).wait

    def hold(self, request: dict[str, Any], over: Callable[[], None] = lambda: None) -> Held:
        """The same of a request that may still lack something."""
        timeout = float(request["timeout"])
        answer: Future[dict[str, Any]] = Future()
        answer.add_done_callback(lambda _: over())
        with self.lock:
            gone = self.gone  # its process may take a moment yet to be dead
            self.sent += 1
            ident = self.sent
            if not gone:
                self.answers[ident] = answer
        if gone:
            answer.set_result(GONE)
        else:
            self._say({**request, "id": ident})

        def wait() -> Run:
            try:
                return run_of(answer.result(timeout + SLACK), timeout)
            except TimeoutError:
                self.process.kill()
                return Run(death=f"the worker did not answer within {timeout + SLACK:g} s")

        def tell(rest: Mapping[str, Any]) -> None:
            self._say({"tell": ident, "rest": rest})

        return Held(tell, lambda: self._say({"cancel": ident}), wait)

    def _say(self, message: Mapping[str, Any]) -> None:
        assert self.process.stdin is not None
        try:
            with self.writing:
                self.process.stdin.write(json.dumps(message).encode() + b"\n")
                self.process.stdin.flush()
        except (OSError, ValueError):
            self.process.kill()  # nothing more can be asked; the listener then answers all

    def close(self) -> None:
        """Ends the process; its children die with it."""
        if not self.hello.done():  # it would only hear of it once TensorFlow is imported
            self.process.kill()
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.listener.join(2)  # it reads until the process's end is closed
        if self.process.stdout is not None and not self.listener.is_alive():
            self.process.stdout.close()
