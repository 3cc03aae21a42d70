"""One client's documents: their findings, and the runs that it asked for."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine
from dataclasses import replace
from functools import cache
from typing import Any, NoReturn
from urllib.parse import unquote

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from gradfix import verdicts
from gradfix.choose.baseline import BadBaseline
from gradfix.config import Settings
from gradfix.jobs import kind_of
from gradfix.lsp.capabilities import Client, client_of
from gradfix.lsp.diagnostics import diagnostic_of
from gradfix.lsp.documents import path_of, source_of, unsaved
from gradfix.lsp.findings import Ran, Shown, Texts, of_text, shown_in
from gradfix.lsp.preferences import Preferences
from gradfix.lsp.progress import Reporter
from gradfix.lsp.protocol import Protocol
from gradfix.lsp.prover import Ask, Job, Prover
from gradfix.run.worker import NoTensorFlow
from gradfix.settings.options import BadSettings
from gradfix.sources import Source, read_source
from gradfix.values import FileReport
from gradfix_codemods.base import CannotLoad

DEBOUNCE = 0.2
"""Seconds without a change after which a text is looked at."""
ANSWERED = 5.0
"""Seconds in which a client is to say what its settings are."""


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
        self._closed: dict[str, str] = {}  # files that are not open and have diagnostics: their addresses, by real path
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._flights: dict[str, Flight] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._complaints: dict[str, str] = {}
        self.asked: asyncio.Future[Any] | None = None
        """The last question for settings: nothing is run before it is answered."""

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What went wrong in the server itself goes to stderr: pygls tells the client, for ever if that is gone."""
        print(f"gradfix-lsp: {error}", file=sys.stderr)

    def orphaned(self) -> NoReturn:
        """The client's process is gone: nothing is left to be done, and the thread that reads stdin may never end."""
        self.prover.close()
        os._exit(1)

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

    def document(self, uri: str) -> TextDocument | None:
        """An open document. pygls knows it by an address without escapes."""
        document: TextDocument | None = self.workspace.text_documents.get(unquote(uri))
        return document

    def settings_of(self, document: TextDocument) -> Settings | None:
        """The settings of a document; None where they cannot be followed, which the user is told once."""
        try:
            settings = self.preferences.for_file(path_of(document) or document.path or "untitled.py")
        except (BadSettings, BadBaseline) as e:
            if str(e) not in self._complaints.values():
                self.say(str(e), types.MessageType.Error)
            self._complaints[document.uri] = str(e)
            return None
        self._complaints.pop(document.uri, None)
        return settings

    def prefer(self, preferences: Preferences) -> None:
        """Follows what the client wants from now on, and configuration files as they are now."""
        for problem in sorted(preferences.problems - self.preferences.problems):
            self.say(problem, types.MessageType.Error)
        self.preferences = preferences
        if not preferences.trusted:
            for flight in list(self._flights.values()):
                self.prover.stop(flight.job)
        documents = list(self.workspace.text_documents.values())
        for document in documents:
            self.changed(document.uri, 0)
        settings = [self.settings_of(document) for document in documents] if preferences.trusted else []
        self.prover.keep({kind_of(each) for each in settings if each is not None})

    def findings(self, document: TextDocument) -> tuple[Shown, ...] | None:
        """The findings of a document as it is now; None where its text is half typed."""
        source, settings = source_of(document), self.settings_of(document)
        if settings is None or not isinstance(source, Source):
            return None
        try:
            suspects = of_text(source, settings)
        except RecursionError:  # deeper than the walk of its tree goes
            return None
        return shown_in(source.path, suspects, self.ran.values(), self._texts())

    def open_at(self, path: str) -> TextDocument | None:
        """The open document of a path."""
        path = os.path.realpath(path)
        documents = self.workspace.text_documents.values()
        return next((d for d in documents if path_of(d) and os.path.realpath(path_of(d)) == path), None)

    def _texts(self) -> Texts:
        """Gives the texts of files as they are now: in the editor, else on the disk."""

        @cache
        def text_of(path: str) -> str | None:
            document = self.open_at(path)
            if document is not None:
                return document.source
            source = read_source(path)
            return source.text if isinstance(source, Source) else None

        return text_of

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
        """Publishes the findings of a document, and of the files that share some of them.

        While its text is half typed the client keeps what it has of it.
        """
        self.forget_timer(uri)
        document = self.document(uri)
        if document is None:
            return
        self._show_document(document)
        self._show_files(self._sharing(document))

    def _sharing(self, document: TextDocument) -> set[str]:
        """The other files that runs have shown something of together with a document's, by real path."""
        path = os.path.realpath(path_of(document))
        files = [set(ran.files()) for ran in self.ran.values() if ran.told]
        return {each for together in files if path in together for each in together} - {path}

    def _show_files(self, paths: set[str]) -> None:
        for path in sorted(paths):
            document = self.open_at(path)
            if document is not None:
                self._show_document(document)
            else:
                self._show_closed(path)

    def _show_document(self, document: TextDocument) -> None:
        findings = self.findings(document)
        if findings is None:
            return
        there = self._closed.pop(os.path.realpath(path_of(document)), document.uri)
        if there != document.uri:  # the client calls the file otherwise than was guessed
            self._tell(there, None, [])
        codec = self.workspace.position_codec
        shown = [diagnostic_of(each, document.source, codec) for each in findings]
        self._tell(document.uri, document.version, shown)

    def _show_closed(self, path: str) -> None:
        """Publishes what runs of other files have shown of a file that is not open."""
        texts = self._texts()
        text = texts(path) or ""
        uri = uris.from_fs_path(path) or ""
        shown = [
            diagnostic_of(s, text, self.workspace.position_codec) for s in shown_in(path, (), self.ran.values(), texts)
        ]
        if shown or path in self._closed:
            self._tell(uri, None, shown)
            self._closed[path] = uri

    def _tell(self, uri: str, version: int | None, diagnostics: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, version=version, diagnostics=diagnostics)
        )

    def closed(self, uri: str) -> None:
        """A document is not open any more."""
        self.forget_timer(uri)
        document = TextDocument(uri, "")
        others = self._sharing(document)
        self.ran.pop(uri, None)
        self._tell(uri, None, [])
        self._show_files({*others, os.path.realpath(path_of(document))} if path_of(document) else others)

    async def run(self, document: TextDocument, *, pictures: bool = False) -> FileReport:
        """Runs a document's text, with those of all open documents, and publishes what was seen.

        With `pictures` the report has the ways from targets to sources. Raises NotRun and Stopped. Cancelling it stops
        the run, unless somebody else waits for the same.
        """
        if self.asked is not None and not self.asked.done():
            await asyncio.wait({self.asked}, timeout=ANSWERED)
        ask = self._ask(document)
        ask = ask.with_pictures() if pictures else ask
        report = self.prover.known(ask) or await self._flown(ask)
        now = self.document(document.uri)
        if now is not None:
            before = self._sharing(now)
            ran = Ran(ask.source.text, report)
            unsaved = {os.path.realpath(each.path): each for each in ask.unsaved}
            others = {path: unsaved.get(path) or read_source(path) for path in ran.files()}
            texts = {path: each.text for path, each in others.items() if isinstance(each, Source)}
            self.ran[document.uri] = replace(ran, others=texts)
            self.publish(document.uri)
            self._show_files(before - self._sharing(now))
        return report

    def last_seen(self, document: TextDocument, source: Source) -> FileReport:
        """What is known of a text without a run: what the last one has shown of it, else its suspects."""
        ran = self.ran.get(document.uri)
        if ran is not None and ran.as_it_was(self._texts()):
            return ran.report
        settings = self.settings_of(document)
        return verdicts.suspected(source, of_text(source, settings) if settings is not None else ())

    def _ask(self, document: TextDocument) -> Ask:
        path, source, settings = path_of(document), source_of(document), self.settings_of(document)
        if not path:
            raise NotRun("only Python files are run: save this text as one first")
        if not isinstance(source, Source):
            raise NotRun(f"not run: {source.message}")
        if settings is None:
            raise NotRun(f"not run: {self._complaints[document.uri]}")
        if why := self.preferences.why_not(path, settings):
            raise NotRun(why)
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
        except (NoTensorFlow, CannotLoad) as e:
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
