"""The commands of `gradfix-lsp`. Each is answered at once and then does its work: some clients drop late answers.

But for the one whose answer is its work: that of a report is where it lies.
"""

from __future__ import annotations

import os

from lsprotocol import types
from pygls import uris
from pygls.exceptions import JsonRpcException

from gradfix.lsp.actions import FIX, IGNORE, ignoring
from gradfix.lsp.fixing import STALE, Refused, Wish, edit_for, wish_of
from gradfix.lsp.prover import Stopped
from gradfix.lsp.seen import told
from gradfix.lsp.session import GradfixServer, NotRun
from gradfix.sources import Source

CHECK = "gradfix.checkNow"
REPORT = "gradfix.report"


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

    @server.command(REPORT)
    async def report(server: GradfixServer, *arguments: object) -> str | None:
        uri, show = (*arguments, True)[:2] if arguments else ("", True)
        return await _report(server, str(uri), show=show is not False)


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
    opened = server.desk.opened(uri)
    if opened is None or opened.version != version:
        explain(server, Refused(STALE))
        return
    for shown in server.findings(opened) or ():
        if (shown.finding.rule, shown.place.line) == (rule, line):
            edit = ignoring(opened, shown, server.client, server.workspace.position_codec)
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
    for uri in wanted or [opened.uri for opened in server.desk.all()]:
        opened = server.desk.opened(uri)
        if opened is None:
            server.say(f"{uri} is not open")
            continue
        try:
            report = await server.run(opened)
        except Stopped:
            return
        except NotRun as e:
            server.say(str(e), types.MessageType.Warning)
            continue
        server.say(f"{os.path.basename(report.path)}: {told(report)}")


async def _report(server: GradfixServer, uri: str, *, show: bool) -> str | None:
    """Writes the page with pictures on a document, has the client show it, and gives its address; None for none.

    Where the document cannot be run, the page holds what its last run has shown of this text, else its suspects.
    """
    # a page takes a sixteenth of the start to import, and most servers never write one
    from gradfix.lsp.reporting import write_page
    from gradfix.report import Unwritable

    opened = server.desk.opened(uri)
    if opened is None:
        server.say(f"{uri} is not open")
        return None
    source = opened.source
    if not isinstance(source, Source):
        server.say(f"no report: {source.message}", types.MessageType.Warning)
        return None
    try:
        report = await server.run(opened, pictures=True)
    except Stopped:
        return None
    except NotRun as e:
        server.say(str(e), types.MessageType.Warning)
        report = server.last_seen(opened, source)
    try:
        page = uris.from_fs_path(write_page(report, source, server.prover.versions())) or ""
    except (Unwritable, OSError) as e:
        server.say(f"no report: {e}", types.MessageType.Error)
        return None
    if show:
        server.do(_show(server, page))
    return page


async def _show(server: GradfixServer, page: str) -> None:
    """Has the client open a page, or tells where it is."""
    if server.client.shows:
        try:
            answer = await server.window_show_document_async(types.ShowDocumentParams(uri=page, external=True))
        except JsonRpcException:
            pass
        else:
            if answer.success:
                return
    server.say(f"the report is in {page}")
