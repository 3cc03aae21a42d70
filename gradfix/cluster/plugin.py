"""What gradfix has in each worker of Dask: benches, one for each thread that looks at a file."""

from __future__ import annotations

import contextlib
import pickle
import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection

from distributed import Worker, get_worker
from distributed.diagnostics.plugin import WorkerPlugin

from gradfix.cluster.bench import Answer, as_there
from gradfix.jobs import Task

IDLE = 120.0
"""Seconds for which a bench with nothing to do is kept: a call that was killed takes nothing back."""
PATIENCE = 20.0
"""Seconds that a bench may take to end once its line is closed."""


class NoBench(Exception):
    """A bench cannot be started on a worker, or has ended without an answer."""


class Bench:
    """One process that looks at files, and the line to it."""

    def __init__(self, folder: str, cache: bool) -> None:
        near, far = socket.socketpair()
        with far:
            command = [sys.executable, "-P", "-m", "gradfix.cluster", str(far.fileno()), str(cache)]
            if sys.version_info < (3, 11):
                command.remove("-P")
            try:
                self.process = subprocess.Popen(
                    command,
                    cwd=folder,
                    pass_fds=[far.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as e:
                near.close()
                raise NoBench(f"{socket.gethostname()} cannot start in {folder}: {e.strerror}") from e
        self.line = Connection(near.detach())

    def look(self, task: Task) -> Answer:
        """Has a file looked at. Raises NoBench where the process ends meanwhile."""
        try:
            self.line.send(task)
            answer = self.line.recv()
        except (EOFError, OSError) as e:
            raise NoBench(f"a process of gradfix on {socket.gethostname()} has ended") from e
        assert isinstance(answer, Answer)
        return answer

    def close(self) -> None:
        """Ends the process, and what it runs."""
        self.line.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Benches(WorkerPlugin):
    """The benches of one call on one worker. `folder` is the call's current folder, `own` its interpreter."""

    def __init__(self, name: str, folder: str, own: str, cache: bool) -> None:
        self.name, self.folder, self.own, self.cache = name, folder, own, cache

    def setup(self, worker: Worker) -> None:
        """Called by Dask as soon as the worker has it."""
        self.lock = threading.Lock()
        self.free: list[Bench] = []
        self.busy: set[Bench] = set()
        self.timer: threading.Timer | None = None

    def teardown(self, worker: Worker) -> None:
        """Called by Dask when the worker ends or the call does."""
        with self.lock:
            if self.timer is not None:
                self.timer.cancel()
            benches = [*self.free, *self.busy]
            self.free, self.busy = [], set()
        for bench in benches:
            bench.close()

    def look(self, task: Task) -> Answer:
        """Looks at one file, on a bench of its own meanwhile. Raises NoBench."""
        with self.lock:
            if self.timer is not None:
                self.timer.cancel()
            bench = self.free.pop() if self.free else Bench(self.folder, self.cache)
            self.busy.add(bench)
        source, settings = task
        try:
            answer = bench.look((source, as_there(settings, self.own)))
        except BaseException:
            with self.lock:
                self.busy.discard(bench)
            bench.close()
            raise
        with self.lock:
            if bench in self.busy:  # else the call is over
                self.busy.discard(bench)
                self.free.append(bench)
                self._rest()
        return answer

    def _rest(self) -> None:
        """The caller holds the lock."""
        if not self.busy:
            self.timer = threading.Timer(IDLE, self._forget)
            self.timer.daemon = True
            self.timer.start()

    def _forget(self) -> None:
        with self.lock:
            benches, self.free = self.free, []
        for bench in benches:
            with contextlib.suppress(OSError):
                bench.close()


def look(name: str, task: bytes) -> bytes:
    """The task that Dask hands to a worker: a pickled Task in, a pickled Answer out. Raises NoBench."""
    benches = get_worker().plugins[name]
    assert isinstance(benches, Benches)
    return pickle.dumps(benches.look(pickle.loads(task)))
