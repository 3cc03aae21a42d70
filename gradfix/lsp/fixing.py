"""From an action that was chosen to the edit that it is, or to the words that say why there is none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from lsprotocol import types

from gradfix.lsp.edits import Changed, patch_edit
from gradfix.lsp.prover import Stopped
from gradfix.lsp.session import GradfixServer, NotRun
from gradfix.values import FileReport, Finding, Fix, Verdict

STALE = "the text has changed since the fix was offered"


class Wish(NamedTuple):
    """What was chosen: the fix of a document in one version, for the sake of a rule ("" for all safe fixes)."""

    uri: str
    version: int | None
    rule: str
    unsafe: bool


class Refused(Exception):
    """There is no edit. Its text says why; it is empty where the user knows."""


def wish_of(data: Any) -> Wish | None:
    """What an action's data mean; None for data that are not gradfix's."""
    if not isinstance(data, Mapping) or not isinstance(data.get("uri"), str):
        return None
    version = data.get("version")
    return Wish(
        data["uri"],
        int(version) if isinstance(version, (int, float)) else None,
        str(data.get("rule", "")),
        data.get("unsafe") is True,
    )


async def edit_for(server: GradfixServer, wish: Wish) -> types.WorkspaceEdit:
    """Runs the document as it is in the editor, and gives the edit that the proof stands for. Raises Refused."""
    opened = server.desk.opened(wish.uri)
    if opened is None or opened.version != wish.version:
        raise Refused(STALE)
    try:
        report = await server.run(opened)
    except NotRun as e:
        raise Refused(str(e)) from e
    except Stopped as e:
        raise Refused("") from e
    opened = server.desk.opened(wish.uri)
    if opened is None or opened.version != wish.version:
        raise Refused("the text has changed while the fix was being proved")
    changes = _unsafe(report)
    if report.verdict is not Verdict.FIXED:
        raise Refused(_why(report))
    if changes is not None and not wish.unsafe:
        raise Refused(f"not applied: {changes.help}. It is offered as a fix of its own now")
    rules = {f.rule for f in report.findings if f.fix in (Fix.PROVED, Fix.UNSAFE)}
    if wish.rule and wish.rule not in rules:
        server.say(f"what was proved is another fix: {report.reason}")
    codec, versioned = server.workspace.position_codec, server.client.versioned
    try:
        return patch_edit(report.rewritten, server.desk.all(), codec, versioned)
    except Changed as e:
        raise Refused(f"{os.path.basename(str(e))} has changed while the fix was being proved") from e


def _unsafe(report: FileReport) -> Finding | None:
    return next((f for f in report.findings if f.fix is Fix.UNSAFE), None)


def _why(report: FileReport) -> str:
    """Why a run gave no patch."""
    if report.verdict is Verdict.CLEAN:
        return "nothing to fix: run on TensorFlow, no gradient is missing"
    if report.verdict is Verdict.ADVICE:
        tried = next((f.help for f in report.findings if f.help), "")
        return f"no fix could be proved: {report.reason}" + (f" ({tried})" if tried else "")
    return f"no fix: {report.verdict.value}: {report.reason}"
