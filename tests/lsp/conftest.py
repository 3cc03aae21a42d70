"""A client of the real `gradfix-lsp`."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

ALL = types.Range(start=types.Position(line=0, character=0), end=types.Position(line=10_000, character=0))


class Client(LanguageClient):
    """What the server has sent."""

    def __init__(self) -> None:
        super().__init__("tests", "1")
        self.diagnostics: dict[str, Sequence[types.Diagnostic]] = {}
        self.said: list[str] = []
        self.progress: list[Any] = []
        self.tokens: list[types.ProgressToken] = []
        self.applied: list[types.WorkspaceEdit] = []
        self.errors: list[Exception] = []
        self.shown: list[types.ShowDocumentParams] = []
        self.can_show = True
        self.settings: dict[str, Any] = {}
        self.registered: dict[str, Any] = {}
        self.seen: dict[str, dict[str, Any]] = {}

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.diagnostics[params.uri] = params.diagnostics

        @self.feature(types.WINDOW_SHOW_MESSAGE)
        def said(params: types.ShowMessageParams) -> None:
            self.said.append(params.message)

        @self.feature("gradfix/seen")
        def seen(params: Any) -> None:
            self.seen[params.uri] = dict(params._asdict())

        @self.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)
        def created(params: types.WorkDoneProgressCreateParams) -> None:
            self.tokens.append(params.token)

        @self.feature(types.PROGRESS)
        def progressed(params: types.ProgressParams) -> None:
            self.progress.append(dict(params.value))

        @self.feature(types.WORKSPACE_CONFIGURATION)
        def configuration(params: types.ConfigurationParams) -> list[Any]:
            assert {item.section for item in params.items} == {"gradfix"}
            return [self.settings.get(item.scope_uri or "") for item in params.items]

        @self.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams) -> None:
            self.registered |= {r.method: r.register_options for r in params.registrations}

        @self.feature(types.WINDOW_SHOW_DOCUMENT)
        def show(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
            self.shown.append(params)
            return types.ShowDocumentResult(success=self.can_show)

        @self.feature(types.WORKSPACE_APPLY_EDIT)
        def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
            self.applied.append(params.edit)
            return types.ApplyWorkspaceEditResult(applied=True)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What is wrong in the server's bytes, such as a print between messages."""
        self.errors.append(error)

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The server's process."""
        assert self._server is not None
        return self._server


class Editor:
    """An editor with one folder, and what it was told."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client, self.folder = client, folder
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.capabilities: types.ServerCapabilities | None = None

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str, *, saved: bool = True) -> str:
        uri = self.uri(name)
        if saved:
            (self.folder / name).write_bytes(text.encode())
        self.texts[uri], self.versions[uri] = text, 1
        item = types.TextDocumentItem(uri=uri, language_id="python", version=1, text=text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
        return uri

    def change(self, uri: str, text: str) -> None:
        self.texts[uri] = text
        self.versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                text_document=types.VersionedTextDocumentIdentifier(uri=uri, version=self.versions[uri]),
                content_changes=[types.TextDocumentContentChangeWholeDocument(text=text)],
            )
        )

    async def published(self, uri: str, holds: Callable[[list[types.Diagnostic]], bool]) -> list[types.Diagnostic]:
        """The diagnostics of a document as soon as they are as they should be."""
        await self.until(lambda: uri in self.client.diagnostics and holds(list(self.client.diagnostics[uri])))
        return list(self.client.diagnostics[uri])

    async def until(self, holds: Callable[[], bool], seconds: float = 90) -> None:
        async with asyncio.timeout(seconds) if sys.version_info >= (3, 11) else contextlib.nullcontext():
            while not holds():
                await asyncio.sleep(0.02)

    async def actions(self, uri: str, only: list[str] | None = None, at: types.Range = ALL) -> list[types.CodeAction]:
        params = types.CodeActionParams(
            text_document=types.TextDocumentIdentifier(uri=uri),
            range=at,
            context=types.CodeActionContext(diagnostics=[], only=only),  # type: ignore[arg-type]
        )
        answer = await self.client.text_document_code_action_async(params)
        return [a for a in answer or () if isinstance(a, types.CodeAction)]

    async def action(self, uri: str, word: str) -> types.CodeAction:
        """The one action with a word in its title."""
        (found,) = [a for a in await self.actions(uri) if word in a.title]
        return found

    def configure(self, settings: Any) -> None:
        """Sends settings as clients do that are not asked for them."""
        self.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=settings))

    async def hover(self, uri: str, line: int) -> tuple[list[str], types.Range | None]:
        """The lines of what is told of a line, and the range that it is told of."""
        at = types.Position(line=line, character=3)
        document = types.TextDocumentIdentifier(uri=uri)
        found = await self.client.text_document_hover_async(types.HoverParams(text_document=document, position=at))
        if found is None:
            return [], None
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value.split("\n"), found.range

    def command(self, name: str, *arguments: Any) -> Any:
        params = types.ExecuteCommandParams(command=name, arguments=list(arguments))
        return self.client.workspace_execute_command_async(params)

    def with_edit(self, edit: types.WorkspaceEdit) -> dict[str, str]:
        """The texts after an edit, which has to be of the versions that are open."""
        after = {}
        for change in edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            uri = change.text_document.uri
            if uri in self.versions:
                assert change.text_document.version == self.versions[uri]
                text = self.texts[uri]
            else:
                assert change.text_document.version is None
                text = Path(uri.removeprefix("file://")).read_bytes().decode()
            lines = text.split("\n")
            for e in sorted(change.edits, key=lambda e: e.range.start.line, reverse=True):
                assert isinstance(e, types.TextEdit)
                start, end = _offset(lines, e.range.start), _offset(lines, e.range.end)
                text = text[:start] + e.new_text + text[end:]
            after[uri] = text
        return after


def _offset(lines: list[str], position: types.Position) -> int:
    """Where a position lies, of a client that counts in UTF-16."""
    before = sum(len(line) + 1 for line in lines[: position.line])
    if position.line >= len(lines):
        return before - 1
    data = lines[position.line].encode("utf-16-le")[: 2 * position.character]
    return before + len(data.decode("utf-16-le"))


Editors = Callable[..., AbstractAsyncContextManager[Editor]]


@pytest.fixture
def editor(tmp_path: Path) -> Editors:
    """Gives a function that starts an editor with a server of its own. Both end in good order."""

    @contextlib.asynccontextmanager
    async def start(
        options: Any = None,
        *,
        resolves: bool = True,
        encodings: list[str] | None = None,
        folders: Sequence[str] = ("",),
        settings: dict[str, Any] | None = None,
    ) -> AsyncIterator[Editor]:
        client = Client()
        client.settings = settings or {}
        known = Editor(client, tmp_path)
        await client.start_io(sys.executable, "-m", "gradfix.lsp")
        answer = await client.initialize_async(
            types.InitializeParams(
                capabilities=_capabilities(resolves, encodings, settings is not None),
                initialization_options=options,
                workspace_folders=[types.WorkspaceFolder(uri=known.uri(f), name=f or "project") for f in folders],
            )
        )
        client.initialized(types.InitializedParams())
        known.capabilities = answer.capabilities
        try:
            yield known
        finally:
            if client.process.returncode is None:
                await client.shutdown_async(None)
                client.exit(None)
                assert await asyncio.wait_for(client.process.wait(), 20) == 0
            await client.stop()
        assert not client.errors

    return start


def _capabilities(resolves: bool, encodings: list[str] | None, pulls: bool) -> types.ClientCapabilities:
    later = types.ClientCodeActionResolveOptions(properties=["edit"]) if resolves else None
    return types.ClientCapabilities(
        experimental={"gradfixSeen": True},
        general=types.GeneralClientCapabilities(position_encodings=encodings),  # type: ignore[arg-type]
        window=types.WindowClientCapabilities(
            work_done_progress=True, show_document=types.ShowDocumentClientCapabilities(support=True)
        ),
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
            configuration=pulls,
            workspace_folders=True,
            did_change_configuration=types.DidChangeConfigurationClientCapabilities(dynamic_registration=pulls),
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=pulls),
        ),
        notebook_document=types.NotebookDocumentClientCapabilities(
            synchronization=types.NotebookDocumentSyncClientCapabilities()
        ),
        text_document=types.TextDocumentClientCapabilities(
            code_action=types.CodeActionClientCapabilities(data_support=True, resolve_support=later)
        ),
    )
