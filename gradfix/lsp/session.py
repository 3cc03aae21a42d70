"""One client's documents: their findings, and the runs that it asked for."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from gradfix.choose.baseline import BadBaseline
from gradfix.config import Settings
from gradfix.lsp.capabilities import Client, client_of
from gradfix.lsp.diagnostics import diagnostic_of
from gradfix.lsp.documents import path_of, source_of, unsaved
from gradfix.lsp.findings import Ran, of_text
from gradfix.lsp.preferences import Preferences
from gradfix.lsp.progress import Reporter
from gradfix.lsp.protocol import Protocol
from gradfix.lsp.prover import Ask, Job, Prover
from gradfix.run.worker import NoTensorFlow
from gradfix.settings.options import BadSettings
from gradfix.sources import Source
from gradfix.values import FileReport, Finding

DEBOUNCE = 0.2
"""Seconds without a change after which a text is looked at."""


class NotRun(Exception):
    """A file cannot be run. Its text says why, for the user."""


class Flight:
    """A run with those who wait for it: it is stopped as soon as nobody does."""

    def __init__(self, job: Job) -> None:
        self.job, self.waiting = job, 0
        self.report = asyncio.wrap_future(job.future)


class GradfixServer(LanguageServer):
    """The state of one conversation."""

    protocol: Protocol

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.preferences = Preferences()
        self.prover = Prover()
        self.ran: dict[str, Ran] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._flights: dict[str, Flight] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._complaint = ""

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What went wrong in the server itself goes to stderr: pygls tells the client, for ever if that is gone."""
        print(f"gradfix-lsp: {error}", file=sys.stderr)

    @property
    def client(self) -> Client:
        """What the client can do."""
        return client_of(self.client_capabilities)

    def say(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Shows the user a message."""
        self.window_show_message(types.ShowMessageParams(type=kind, message=f"gradfix: {message}"))

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Has something done while the conversation goes on."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop itself keeps no hold of it
        task.add_done_callback(self._tasks.discard)

    def settings_of(self, document: TextDocument) -> Settings | None:
        """The settings of a document; None where they cannot be followed, which the user is told once."""
        try:
            return self.preferences.for_file(path_of(document) or document.path or "untitled.py")
        except (BadSettings, BadBaseline) as e:
            if str(e) != self._complaint:
                self._complaint = str(e)
                self.say(str(e), types.MessageType.Error)
            return None

    def findings(self, document: TextDocument) -> tuple[Finding, ...] | None:
        """The findings of a document as it is now; None where its text is half typed."""
        source, settings = source_of(document), self.settings_of(document)
        if settings is None or not isinstance(source, Source):
            return None
        try:
            suspects = of_text(source, settings)
        except RecursionError:  # deeper than the walk of its tree goes
            return None
        ran = self.ran.get(document.uri)
        return ran.findings(source.text, suspects) if ran is not None else suspects

    def changed(self, uri: str, wait: float = DEBOUNCE) -> None:
        """A document has another text: its findings are published when it has been left alone for a moment."""
        self.forget_timer(uri)
        loop = asyncio.get_running_loop()
        self._timers[uri] = loop.call_later(wait, self.publish, uri)

    def forget_timer(self, uri: str) -> None:
        """Nothing more is published of what has changed so far."""
        timer = self._timers.pop(uri, None)
        if timer is not None:
            timer.cancel()

    def publish(self, uri: str) -> None:
        """Publishes the findings of a document. While its text is half typed the client keeps what it has."""
        self.forget_timer(uri)
        document = self.workspace.text_documents.get(uri)
        findings = self.findings(document) if document is not None else None
        if document is None or findings is None:
            return
        codec = self.workspace.position_codec
        shown = [diagnostic_of(f, document.source, codec) for f in findings]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, version=document.version, diagnostics=shown)
        )

    def closed(self, uri: str) -> None:
        """A document is not open any more."""
        self.forget_timer(uri)
        self.ran.pop(uri, None)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))

    async def run(self, document: TextDocument) -> FileReport:
        """Runs a document's text, with those of all open documents, and publishes what was seen.

        Raises NotRun and Stopped. Cancelling it stops the run, unless somebody else waits for the same.
        """
        ask = self._ask(document)
        report = self.prover.known(ask) or await self._flown(ask)
        now = self.workspace.text_documents.get(document.uri)
        if now is not None:
            self.ran[document.uri] = Ran(ask.source.text, report)
            self.publish(document.uri)
        return report

    def _ask(self, document: TextDocument) -> Ask:
        if not self.preferences.trusted:
            raise NotRun("nothing is run, because this workspace is not trusted")
        path, source, settings = path_of(document), source_of(document), self.settings_of(document)
        if not path:
            raise NotRun("only Python files are run: save this text as one first")
        if not isinstance(source, Source):
            raise NotRun(f"not run: {source.message}")
        if settings is None:
            raise NotRun(f"not run: {self._complaint}")
        if not self.preferences.may_run(settings):
            raise NotRun("not run, as the setting run = never says")
        others = unsaved(d for d in self.workspace.text_documents.values() if path_of(d) != path)
        return Ask(source, settings, others)

    async def _flown(self, ask: Ask) -> FileReport:
        path = ask.source.path
        flight = self._flights.get(path)
        if flight is None or flight.job.ask != ask or flight.report.done():
            flight = self._flights[path] = self._take_off(ask)
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.report)
        except NoTensorFlow as e:
            raise NotRun(f"not run: {e}") from e
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                if not flight.report.done():
                    self.prover.stop(flight.job)
                if self._flights.get(path) is flight:
                    del self._flights[path]

    def _take_off(self, ask: Ask) -> Flight:
        reporters: list[Reporter] = []
        job = self.prover.start(ask, lambda doing: reporters[0].told(doing) if reporters else None)
        name = ask.source.path.rpartition("/")[2]
        reporter = Reporter(
            self.work_done_progress, self.client.progress, f"gradfix {name}", lambda: self.prover.stop(job)
        )
        reporters.append(reporter)
        flight = Flight(job)

        def over(report: asyncio.Future[FileReport]) -> None:
            reporter.end()
            if not report.cancelled():
                report.exception()  # so that it counts as looked at where nobody waits any more

        flight.report.add_done_callback(over)
        return flight
