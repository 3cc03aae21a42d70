"""What the client may ask of `gradfix-lsp`, and who answers."""

from __future__ import annotations

import asyncio

from lsprotocol import types

from gradfix import __version__
from gradfix.lsp.actions import FIX, FIX_ALL, FIX_ALL_OF_NOTEBOOK, actions_of
from gradfix.lsp.commands import add_commands, explain
from gradfix.lsp.configuring import configure
from gradfix.lsp.fixing import Refused, edit_for, wish_of
from gradfix.lsp.hovering import add_hover
from gradfix.lsp.protocol import Protocol
from gradfix.lsp.session import GradfixServer

PATIENCE = 7.0
"""Seconds that an answer may take: some clients (Emacs) drop a request after ten."""
PYTHON_CELLS = types.NotebookDocumentSyncOptions(
    [types.NotebookDocumentFilterWithNotebook(notebook="*", cells=[types.NotebookCellLanguage(language="python")])]
)


def make_server() -> GradfixServer:
    """A server that has not begun to listen."""
    server = GradfixServer(
        "gradfix",
        __version__,
        # whole texts: pygls ends lines where neither Python nor the protocol does, which tears changes of parts
        text_document_sync_kind=types.TextDocumentSyncKind.Full,
        notebook_document_sync=PYTHON_CELLS,
        protocol_cls=Protocol,
    )
    configure(server)
    _documents(server)
    _notebooks(server)
    _actions(server)
    add_commands(server)
    add_hover(server)
    return server


def _documents(server: GradfixServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.opened(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.pace.saved(params.text_document.uri)  # settings may have been saved elsewhere

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)


def _notebooks(server: GradfixServer) -> None:
    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenNotebookDocumentParams) -> None:
        server.opened(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeNotebookDocumentParams) -> None:
        cells = params.change.cells
        structure = cells.structure if cells else None
        server.clear(cell.uri for cell in (structure.did_close if structure else None) or ())
        server.pace.typed(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveNotebookDocumentParams) -> None:
        server.pace.saved(params.notebook_document.uri)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseNotebookDocumentParams) -> None:
        server.closed(params.notebook_document.uri, [cell.uri for cell in params.cell_text_documents])


def _actions(server: GradfixServer) -> None:
    kinds = [types.CodeActionKind.QuickFix, FIX_ALL, FIX_ALL_OF_NOTEBOOK]

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=kinds, resolve_provider=True)
    )
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
        opened = server.desk.opened(params.text_document.uri)
        findings = server.findings(opened) if opened is not None else None
        settings = server.settings_of(opened) if opened is not None else None
        if opened is None or settings is None or not findings:
            return []
        may_run = not server.preferences.why_not(opened.path, settings)
        codec = server.workspace.position_codec
        return actions_of(opened, findings, params, server.client, codec, may_run, server.desk.at)

    @server.feature(types.CODE_ACTION_RESOLVE)
    async def resolve(action: types.CodeAction) -> types.CodeAction:
        wish = wish_of(action.data)
        if wish is None:
            return action
        proving = asyncio.ensure_future(edit_for(server, wish))
        try:
            # a client that takes a command in the place of the edit need not be kept waiting for it
            await asyncio.wait({proving}, timeout=PATIENCE if server.client.may_be_told_to_run else None)
            if not proving.done():
                action.command = types.Command(title=action.title, command=FIX, arguments=list(wish))
                proving.add_done_callback(_look_at)
                return action
            action.edit = proving.result()
        except Refused as e:
            explain(server, e)
            action.data = None  # Eglot asks again and again for as long as there is something to ask for
        except asyncio.CancelledError:
            proving.cancel()
            raise
        return action


def _look_at(proving: asyncio.Future[types.WorkspaceEdit]) -> None:
    """Of a proof that nobody waits for any more: the command that follows begins where it has come to."""
    if not proving.cancelled():
        proving.exception()
