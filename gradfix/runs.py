"""Has those files run whose text does not decide, and puts all reports into the order of the files."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from gradfix.account import Told, nobody
from gradfix.call import Call
from gradfix.config import Action, Settings
from gradfix.run.messages import Versions
from gradfix.survey.one import Surveyed, Surveyor
from gradfix.values import FileReport

if TYPE_CHECKING:
    from gradfix.jobs import Executor, Task


class NoCluster(Exception):
    """There is no cluster at the address, or none that can be used; the text is one line."""


class Runs:
    """The runs of one call. Nothing that runs files is imported or started before the first that is to be run."""

    def __init__(self, call: Call, whole: Settings) -> None:
        self.call, self.whole = call, whole
        self.told: Told = nobody
        self.executor: Executor | None = None

    def reports(self, surveyed: Iterator[Surveyed]) -> Iterator[tuple[Surveyed, FileReport]]:
        """Each file with its report, in order. Raises NoTensorFlow, NoCluster, BadSettings."""
        for found in surveyed:
            if found.report is None:
                yield from self._with_runs(found, surveyed)
                return
            yield found, found.report

    def _with_runs(self, first: Surveyed, others: Iterator[Surveyed]) -> Iterator[tuple[Surveyed, FileReport]]:
        """The same from the first file on that is to be run."""
        executor = self._started()
        waiting: deque[Surveyed] = deque()

        def tasks() -> Iterator[Task | FileReport]:
            warm = False
            found: Surveyed | None = first
            while found is not None:
                waiting.append(found)
                if found.report is None:
                    task = self._task(found)
                    if not warm and executor.must_run(*task):
                        executor.warm_up(task[1])
                        warm = True
                    yield task
                else:
                    yield found.report
                found = next(others, None)

        for report in executor.reports(tasks()):
            yield waiting.popleft(), report

    def _task(self, found: Surveyed) -> Task:
        assert found.source is not None
        return found.source, Surveyor(self.call.resolver, self.whole).settings(found.path)

    def _started(self) -> Executor:
        executor = self._executor()
        executor.told = self.told
        self.executor = executor.__enter__()
        return self.executor

    def _executor(self) -> Executor:
        """Where the files of the call are run. Raises NoCluster."""
        one = self.call.action is Action.APPLY  # one at a time: a patch may change what the next file imports
        if not self.call.cluster:
            from gradfix.cache.store import Cache
            from gradfix.jobs import LocalExecutor

            return LocalExecutor(1 if one else self.whole.jobs, Cache() if self.call.cache else None)
        try:
            from gradfix.cluster.executor import ClusterExecutor
        except ModuleNotFoundError as e:
            raise NoCluster(f"--cluster needs the package {e.name}: pip install 'gradfix[cluster]'") from e
        return ClusterExecutor(self.call.cluster, cache=self.call.cache, one=one)

    def versions(self, *, wait: bool = True) -> Versions | None:
        """What has run the files; None where none was run, and without `wait` where none is ready."""
        return None if self.executor is None else self.executor.versions(wait=wait)

    def __enter__(self) -> Runs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.executor is not None:
            self.executor.__exit__(kind, error, trace)
