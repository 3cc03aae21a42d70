"""One client's documents: their findings, and the runs that it asked for."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, NoReturn

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from gradfix.choose.baseline import BadBaseline
from gradfix.config import Settings
from gradfix.lsp.capabilities import Client, client_of
from gradfix.lsp.desk import Desk
from gradfix.lsp.diagnostics import diagnostic_of, diagnostics_of
from gradfix.lsp.documents import Opened, text_opened, unsaved
from gradfix.lsp.findings import Ran, Shown, of_text, shown_in
from gradfix.lsp.flights import Flights
from gradfix.lsp.pace import Pace
from gradfix.lsp.patched import as_patched
from gradfix.lsp.preferences import Preferences
from gradfix.lsp.progress import Reporter
from gradfix.lsp.protocol import Protocol
from gradfix.lsp.prover import Ask, Prover
from gradfix.lsp.seen import seen_of
from gradfix.lsp.standing import stand_in, stands
from gradfix.lsp.telling import Telling
from gradfix.notebook.told import in_cells, in_program
from gradfix.run.kinds import kind_of
from gradfix.run.worker import NoTensorFlow
from gradfix.scan.steps import parsed_after
from gradfix.scan.suspects.follower import Follower
from gradfix.settings.options import BadSettings
from gradfix.sources import Source
from gradfix.survey.text import suspected
from gradfix.values import FileReport
from gradfix_codemods.base import CannotLoad

ANSWERED = 5.0
"""Seconds in which a client is to say what its settings are."""


class NotRun(Exception):
    """A file cannot be run. Its text says why, for the user."""


class Typed(NamedTuple):
    """The document that was looked at last, with its text then: the next one is most likely much the same."""

    uri: str = ""
    text: str = ""


class GradfixServer(LanguageServer):
    """The state of one conversation."""

    protocol: Protocol

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.preferences = Preferences()
        self.home = os.getcwd()
        self.protocol.beforehand = self.stand
        self.pace = Pace(self.look, self.publish)
        self.protocol.typed = self.pace.typed
        self._telling = Telling(self.protocol.send)
        self.prover = Prover()
        self.ran: dict[str, Ran] = {}
        self._closed: dict[str, str] = {}  # files that are not open and have diagnostics: their addresses, by real path
        self._last = Typed()
        self._follower = Follower()
        self._settings: dict[str, Settings | None] = {}  # as they were when files were looked at last
        self._flights = Flights(self.prover, self._reporter)
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

    def stand(self) -> None:
        """Goes home where the current folder has vanished: JupyterLab empties the one that it names at the start."""
        if not stands():
            stand_in(self.home)

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

    @property
    def desk(self) -> Desk:
        """What is open."""
        return Desk(self.workspace)

    def settings_of(self, opened: Opened) -> Settings | None:
        """The settings of a file as they are now; None where they cannot be followed, which the user is told once."""
        self._settings[opened.uri] = settings = self._settings_of(opened)
        return settings

    def _settings_of(self, opened: Opened) -> Settings | None:
        try:
            settings = self.preferences.for_file(opened.near)
        except (BadSettings, BadBaseline) as e:
            if str(e) not in self._complaints.values():
                self.say(str(e), types.MessageType.Error)
            self._complaints[opened.uri] = str(e)
            return None
        self._complaints.pop(opened.uri, None)
        return settings

    def prefer(self, preferences: Preferences) -> None:
        """Follows what the client wants from now on, and configuration files as they are now."""
        for problem in sorted(preferences.problems - self.preferences.problems):
            self.say(problem, types.MessageType.Error)
        self.preferences = preferences
        if not preferences.trusted:
            self._flights.stop()
        files = list(self.desk.all())
        for opened in files:
            self.pace.saved(opened.uri)
        settings = [self.settings_of(opened) for opened in files] if preferences.trusted else []
        self.prover.keep({kind_of(each) for each in settings if each is not None})

    @property
    def runs(self) -> list[Ran]:
        """What was run, and what has proved its fixes."""
        return [each for ran in self.ran.values() for each in (ran, ran.after) if each is not None]

    def findings(self, opened: Opened) -> tuple[Shown, ...] | None:
        """The findings of a file as it is now; None where its text is half typed."""
        return self._findings(opened, self.settings_of(opened))

    def _findings(self, opened: Opened, settings: Settings | None) -> tuple[Shown, ...] | None:
        if opened.cells is None and self._last.uri == opened.uri:
            parsed_after(self._last.text, opened.text)
        source = opened.source
        if settings is None or not isinstance(source, Source):
            return None
        self._last = Typed(opened.uri, source.text)
        try:
            suspects = of_text(source, settings, self._follower.find)
        except RecursionError:  # deeper than the walk of its tree goes
            return None
        if not self.ran:
            return tuple(Shown(s, s.place) for s in suspects)
        return shown_in(source.path, suspects, self.runs, self.desk.texts())

    def look(self, uri: str) -> None:
        """Publishes the findings of a file whose text alone has changed: its settings were read when it was left alone
        last, and are read anew when it is again."""
        opened = self.desk.opened(uri)
        if opened is not None and uri in self._settings:
            self._show(opened, self._findings(opened, self._settings[uri]))

    def publish(self, uri: str) -> None:
        """Publishes the findings of a file, and of the files that share some of them.

        While its text is half typed the client keeps what it has of it.
        """
        self.stand()
        opened = self.desk.opened(uri)
        if opened is None:
            return
        self._show_opened(opened)
        self._show_files(self._sharing(opened.path))

    def opened(self, uri: str) -> None:
        """A file was opened, of which the client may know nothing."""
        self._telling.forget(uri)
        self.publish(uri)

    def _sharing(self, path: str) -> set[str]:
        """The other files that runs have shown something of together with one, by real path."""
        if not self.ran:
            return set()
        path = os.path.realpath(path) if path else ""
        files = [set(ran.files()) for ran in self.ran.values() if ran.told]
        return {each for together in files if path in together for each in together} - {path}

    def _show_files(self, paths: set[str]) -> None:
        for path in sorted(paths):
            opened = self.desk.at(path)
            if opened is not None:
                self._show_opened(opened)
            else:
                self._show_closed(path)

    def _show_opened(self, opened: Opened) -> None:
        self._show(opened, self.findings(opened))

    def _show(self, opened: Opened, findings: tuple[Shown, ...] | None) -> None:
        if findings is None:
            return
        known = self._closed and opened.path
        there = self._closed.pop(os.path.realpath(opened.path), opened.uri) if known else opened.uri
        if there != opened.uri:  # the client calls the file otherwise than was guessed
            self._telling.tell(there, None, [])
        shown = diagnostics_of(opened, findings, self.workspace.position_codec)
        facts = seen_of(opened, self.runs, self.desk.texts()) if self.client.hears else None
        for page in opened.pages:
            self._telling.tell(page.uri, page.version, shown[page.uri])
            if facts is not None:
                self._telling.seen(page.uri, page.version, facts)

    def _show_closed(self, path: str) -> None:
        """Publishes what runs of other files have shown of a file that is not open."""
        texts, codec = self.desk.texts(), self.workspace.position_codec
        text = texts(path) or ""
        uri = uris.from_fs_path(path) or ""
        found = shown_in(path, (), self.runs, texts)
        shown = [diagnostic_of(each.finding, each.place, text, codec) for each in found]
        if shown or path in self._closed:
            self._telling.tell(uri, None, shown)
            self._closed[path] = uri

    def closed(self, uri: str, cells: Sequence[str] = ()) -> None:
        """A file is not open any more, nor are the cells that it had."""
        self.pace.closed(uri)
        self._settings.pop(uri, None)
        path = text_opened(TextDocument(uri, "")).path
        others = self._sharing(path)
        self.ran.pop(uri, None)
        self._complaints.pop(uri, None)
        self.clear(cells or [uri])
        self._show_files({*others, os.path.realpath(path)} if path else others)

    def clear(self, documents: Iterable[str]) -> None:
        """Takes the diagnostics of documents away."""
        for uri in documents:
            self._telling.tell(uri, None, [])
            self._telling.forget(uri)

    async def run(self, opened: Opened, *, pictures: bool = False) -> FileReport:
        """Runs a file's text, with those of all open documents, and publishes what was seen.

        With `pictures` the report has the ways from targets to sources. Raises NotRun and Stopped. Cancelling it stops
        the run, unless somebody else waits for the same.
        """
        if self.asked is not None and not self.asked.done():
            await asyncio.wait({self.asked}, timeout=ANSWERED)
        ask = self._ask(opened)
        ask = ask.with_pictures() if pictures else ask
        report = self.prover.known(ask) or await self._flown(ask)
        if self.desk.opened(opened.uri) is not None:
            before = self._sharing(opened.path)
            ran = Ran(opened.text, in_program(report, ask.source))
            ran = replace(ran, others=ask.texts(ran.files()), where=self.prover.where(ask.settings))
            self.ran[opened.uri] = replace(ran, after=as_patched(ran, ask.source))
            self.publish(opened.uri)
            self._show_files(before - self._sharing(opened.path))
        return report

    def last_seen(self, opened: Opened, source: Source) -> FileReport:
        """What is known of a text without a run: what the last one has shown of it, else its suspects."""
        ran = self.ran.get(opened.uri)
        if ran is not None and ran.as_it_was(self.desk.texts()):
            return in_cells(ran.report, source)
        settings = self.settings_of(opened)
        return in_cells(suspected(source, of_text(source, settings) if settings is not None else ()), source)

    def _ask(self, opened: Opened) -> Ask:
        path, source, settings = opened.path, opened.source, self.settings_of(opened)
        if not path:
            raise NotRun("only Python files and notebooks are run: save this text as one first")
        if not isinstance(source, Source):
            raise NotRun(f"not run: {source.message}")
        if settings is None:
            raise NotRun(f"not run: {self._complaints[opened.uri]}")
        if why := self.preferences.why_not(path, settings):
            raise NotRun(why)
        others = unsaved(other for other in self.desk.all() if other.path != path)
        return Ask(source, settings, others)

    async def _flown(self, ask: Ask) -> FileReport:
        try:
            return await self._flights.flown(ask)
        except (NoTensorFlow, CannotLoad) as e:
            raise NotRun(f"not run: {e}") from e

    def _reporter(self, name: str, stop: Callable[[], None]) -> Reporter:
        return Reporter(self.work_done_progress, self.client.progress, f"gradfix {name}", stop)
