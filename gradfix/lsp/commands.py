"""The commands of `gradfix-lsp`. Each is answered at once and then does its work: some clients drop late answers."""

from __future__ import annotations

import os

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from gradfix.lsp.actions import FIX, IGNORE, ignoring
from gradfix.lsp.fixing import STALE, Refused, Wish, edit_for, told, wish_of
from gradfix.lsp.prover import Stopped
from gradfix.lsp.session import GradfixServer, NotRun

CHECK = "gradfix.checkNow"


def add_commands(server: GradfixServer) -> None:
    """Has a server serve its commands.

    pygls hands itself to a function whose first parameter its class fits, which `object` does as well.
    """

    @server.command(FIX)
    def fix(server: GradfixServer, *arguments: object) -> None:
        wish = wish_of(dict(zip(Wish._fields, arguments, strict=False)))
        if wish is not None:
            server.do(_fix(server, wish))

    @server.command(IGNORE)
    def ignore(server: GradfixServer, uri: str, version: int, rule: str, line: int) -> None:
        server.do(_ignore(server, uri, version, rule, line))

    @server.command(CHECK)
    def check(server: GradfixServer, *arguments: object) -> None:
        server.do(_check(server, [a for a in arguments if isinstance(a, str)]))


def explain(server: GradfixServer, refused: Refused) -> None:
    """Tells the user why there is no edit."""
    if str(refused):
        server.say(str(refused), types.MessageType.Warning)


async def _fix(server: GradfixServer, wish: Wish) -> None:
    """Has the client apply a fix once it is proved."""
    if not server.client.progress:
        server.say("the fix is tried on TensorFlow first, which takes some seconds")
    try:
        edit = await edit_for(server, wish)
    except Refused as e:
        explain(server, e)
    else:
        await _applied(server, edit, "Fix missing gradients")


async def _ignore(server: GradfixServer, uri: str, version: int, rule: str, line: int) -> None:
    """Has the client write the comment that silences a finding."""
    document = server.document(uri)
    if document is None or document.version != version:
        explain(server, Refused(STALE))
        return
    for shown in server.findings(document) or ():
        if (shown.finding.rule, shown.place.line) == (rule, line):
            edit = ignoring(document, shown, server.client, server.workspace.position_codec)
            if edit is not None:
                await _applied(server, edit, f"Ignore {rule}")
            return


async def _applied(server: GradfixServer, edit: types.WorkspaceEdit, label: str) -> None:
    try:
        answer = await server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit=edit, label=label))
    except JsonRpcException as e:
        server.say(f"the editor cannot apply the fix: {e.message}", types.MessageType.Warning)
        return
    if not answer.applied:
        why = answer.failure_reason or "it does not say why"
        server.say(f"the editor did not apply the fix: {why}", types.MessageType.Warning)


async def _check(server: GradfixServer, wanted: list[str]) -> None:
    """Runs some documents, all that are open where none is named, and says what that came to."""
    for uri in wanted or [document.uri for document in server.workspace.text_documents.values()]:
        document = server.document(uri)
        if document is None:
            server.say(f"{uri} is not open")
            continue
        try:
            report = await server.run(document)
        except Stopped:
            return
        except NotRun as e:
            server.say(str(e), types.MessageType.Warning)
            continue
        server.say(f"{os.path.basename(report.path)}: {told(report)}")
