"""Runs under way: who wants the same text run waits for the same run, which ends when nobody does any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gradfix.lsp.progress import Reporter
from gradfix.lsp.prover import Ask, Job, Prover
from gradfix.values import FileReport

Reporting = Callable[[str, Callable[[], None]], Reporter]
"""Begins to tell the client of the run of a file by its name; the second argument stops it."""


class Flight:
    """A run with those who wait for it: it is stopped as soon as nobody does."""

    def __init__(self, job: Job) -> None:
        self.job, self.waiting = job, 0
        self.report = asyncio.wrap_future(job.future)


class Flights:
    """The runs of one conversation, by the paths of their files."""

    def __init__(self, prover: Prover, reporting: Reporting) -> None:
        self._prover, self._reporting = prover, reporting
        self._flights: dict[str, Flight] = {}

    async def flown(self, ask: Ask) -> FileReport:
        """Has a file run. Raises what its job ends with. Cancelling it stops the run, unless somebody else waits."""
        path = ask.source.path
        flight = self._flights.get(path)
        if flight is None or flight.job.ask != ask or flight.report.done():
            flight = self._flights[path] = self._take_off(ask)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.report)
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                if not flight.report.done():
                    self._prover.stop(flight.job)
                if self._flights.get(path) is flight:
                    del self._flights[path]

    def stop(self) -> None:
        """Ends all that is under way."""
        for flight in list(self._flights.values()):
            self._prover.stop(flight.job)

    def _take_off(self, ask: Ask) -> Flight:
        reporters: list[Reporter] = []
        job = self._prover.start(ask, lambda doing: reporters[0].told(doing) if reporters else None)
        reporter = self._reporting(ask.source.path.rpartition("/")[2], lambda: self._prover.stop(job))
        reporters.append(reporter)
        flight = Flight(job)

        def over(report: asyncio.Future[FileReport]) -> None:
            reporter.end()
            if not report.cancelled():
                report.exception()  # so that it counts as looked at where nobody waits any more

        flight.report.add_done_callback(over)
        return flight
