"""The call's side of a cluster: an executor that hands files to Dask and gives their reports in order."""

from __future__ import annotations

import logging
import os
import pickle
import secrets
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from importlib.metadata import version
from types import TracebackType

from distributed import Client, Future, KilledWorker
from distributed.comm.addressing import resolve_address

from gradfix import __version__
from gradfix.account import Told, nobody
from gradfix.cluster.bench import Answer
from gradfix.cluster.plugin import Benches, NoBench, look
from gradfix.config import Settings
from gradfix.jobs import AHEAD, Task, in_order
from gradfix.run.messages import Versions
from gradfix.run.worker import NoTensorFlow
from gradfix.runs import NoCluster
from gradfix.sources import Source
from gradfix.survey.text import error, will_run
from gradfix.values import FileReport

ANSWER = 10.0
"""Seconds within which a scheduler has to answer."""
RETRIES = 2
"""Times that a file is looked at anew where the process for it has ended, as one that ran out of memory."""


class ClusterExecutor:
    """Files are looked at by the workers of a Dask cluster, each thread of them at one file at a time.

    A file is looked at again where its worker is lost. `one` is for calls that write: one file after the other.
    """

    def __init__(self, address: str, *, cache: bool = True, one: bool = False) -> None:
        self.address, self.one = address, one
        self.told: Told = nobody
        self.seen: Versions | None = None
        self.under_way: dict[str, Future[bytes]] = {}
        self.benches = Benches(f"gradfix-{secrets.token_hex(8)}", os.getcwd(), sys.executable, cache)

    def warm_up(self, settings: Settings) -> None:
        """See Executor. TensorFlow is imported where the files are."""

    def must_run(self, source: Source, settings: Settings) -> bool:
        """See Executor."""
        return will_run(source, settings)

    def reports(self, tasks: Iterable[Task | FileReport]) -> Iterator[FileReport]:
        """See Executor. Raises NoCluster where the scheduler is lost."""
        return in_order(tasks, self._begin, self._ended, lambda begun: begun[1].done(), self._most)

    def versions(self, *, wait: bool = True) -> Versions | None:
        """See Executor: of the first machine that has run a file."""
        return self.seen

    def _most(self) -> int:
        """Files that are under way at a time."""
        return 1 if self.one else AHEAD * max(sum(self.client.nthreads().values()), 1)

    def _begin(self, task: Task) -> tuple[str, Future[bytes]]:
        path = task[0].path
        self.told(path, "on the cluster")
        future = self.client.submit(look, self.benches.name, pickle.dumps(task), pure=False, retries=RETRIES)
        self.under_way[path] = future
        return path, future

    def _ended(self, begun: tuple[str, Future[bytes]]) -> FileReport:
        path, future = begun
        try:
            answer = pickle.loads(future.result())
        except KilledWorker:
            return error(path, "each worker of the cluster that looked at it has died")
        except NoBench as e:
            return error(path, str(e))
        except (CancelledError, OSError) as e:
            raise NoCluster(f"the scheduler at {self.address} is lost") from e
        finally:
            self.told(path, "")
            self.under_way.pop(path, None)
        assert isinstance(answer, Answer)
        if answer.report is None:
            raise NoTensorFlow(answer.failure)
        self.seen = self.seen or answer.versions
        return answer.report

    def __enter__(self) -> ClusterExecutor:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it means for the call, the call says
        try:
            resolve_address(self.address)  # a client that was never given a good one does not end by itself
            self.client = Client(self.address, timeout=ANSWER, set_as_default=False)
        except (OSError, ValueError) as e:
            said = f"{e}".splitlines()[0] if f"{e}" else type(e).__name__
            raise NoCluster(f"no Dask scheduler answers at {self.address}: {said}") from e
        try:
            self._fit()
            self.client.register_plugin(self.benches)
        except BaseException:
            self.client.close()
            raise
        return self

    def _fit(self) -> None:
        """Raises NoCluster where the workers are not what a call can use."""
        try:
            found = self.client.run(version, "gradfix")
        except ModuleNotFoundError as e:  # importlib.metadata's PackageNotFoundError is one
            raise NoCluster(f"the workers at {self.address} have no gradfix: install gradfix[cluster] there") from e
        if not found:
            raise NoCluster(f"the scheduler at {self.address} has no workers")
        for worker, other in found.items():
            if other != __version__:
                raise NoCluster(f"{worker} has gradfix {other}, and this is {__version__}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.client.cancel(list(self.under_way.values()), force=True)
            self.client.unregister_worker_plugin(self.benches.name)
        except (CancelledError, OSError):  # the scheduler is gone, and its workers end with it
            pass
        finally:
            self.client.close()
