"""The code actions of a document's findings."""

from __future__ import annotations

import tokenize
from collections.abc import Callable, Sequence
from typing import Any

from lsprotocol import types
from pygls.workspace import PositionCodec, TextDocument

from gradfix.choose.add_ignore import with_ignores
from gradfix.lsp.capabilities import Client
from gradfix.lsp.diagnostics import diagnostic_of
from gradfix.lsp.edits import text_edits, workspace_edit
from gradfix.lsp.findings import Shown
from gradfix.lsp.positions import share_a_line
from gradfix.lsp.titles import title_of
from gradfix.values import Fix

FIX_ALL = "source.fixAll.gradfix"
FIX = "gradfix.fix"
"""The command behind the actions of a client that wants no edit later: it proves, and has the edit applied then."""
IGNORE = "gradfix.ignore"
"""The command that has a comment written, for a client that knows of no actions but commands."""


def actions_of(
    document: TextDocument,
    findings: Sequence[Shown],
    params: types.CodeActionParams,
    client: Client,
    codec: PositionCodec,
    may_run: bool,
    open_at: Callable[[str], TextDocument | None],
) -> list[types.CodeAction | types.Command]:
    """What can be done about the findings in a range. Nothing runs before one is chosen.

    `open_at` gives the open document of a path: what another file's run has shown is mended by running that again.
    """
    text, only = document.source, params.context.only
    actions: list[types.CodeAction] = []
    for shown in findings:
        finding, diagnostic = shown.finding, diagnostic_of(shown, text, codec)
        if not share_a_line(diagnostic.range, params.range) or not wanted(types.CodeActionKind.QuickFix, only):
            continue
        title = title_of(finding) if may_run else ""
        main = open_at(shown.main) if shown.main else document
        if title and main is not None:
            unsafe = finding.fix is Fix.UNSAFE
            action = types.CodeAction(
                title=title, kind=types.CodeActionKind.QuickFix, diagnostics=[diagnostic], is_preferred=not unsafe
            )
            actions.append(_later(action, main, finding.rule, unsafe, client))
        edit = ignoring(document, shown, client, codec)
        if edit is not None:
            action = types.CodeAction(
                title=f"Ignore {finding.rule} on this line (gradfix)",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                edit=edit,
            )
            if not client.literals:
                arguments = [document.uri, document.version, finding.rule, finding.place.line]
                action.command = types.Command(title=action.title, command=IGNORE, arguments=arguments)
            actions.append(action)
    if may_run and wanted(FIX_ALL, only) and any(_is_safe(s) for s in findings):
        action = types.CodeAction(title="Fix all missing gradients (gradfix)", kind=FIX_ALL)
        actions.append(_later(action, document, "", False, client))
    return [*actions] if client.literals else [a.command for a in actions if a.command is not None]


def wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether a client asks for a kind: `source` stands for `source.fixAll`, too."""
    names = [o.value if isinstance(o, types.CodeActionKind) else o for o in only or ()]
    return not names or any(kind == name or kind.startswith(f"{name}.") for name in names)


def _later(
    action: types.CodeAction, document: TextDocument, rule: str, unsafe: bool, client: Client
) -> types.CodeAction:
    """An action whose edit is not known yet."""
    data: dict[str, Any] = {"uri": document.uri, "version": document.version, "rule": rule, "unsafe": unsafe}
    if client.resolves:
        action.data = data
    else:
        action.command = types.Command(title=action.title, command=FIX, arguments=list(data.values()))
    return action


def _is_safe(shown: Shown) -> bool:
    """Whether a run of the document may mend it without further ado."""
    return not shown.main and shown.finding.fix is not Fix.UNSAFE and bool(title_of(shown.finding))


def ignoring(document: TextDocument, shown: Shown, client: Client, codec: PositionCodec) -> types.WorkspaceEdit | None:
    """The edit that writes a comment, where the finding lies in the document and its line has room for one."""
    if not shown.own:
        return None
    try:
        text = with_ignores(document.source, [shown.finding])
    except (SyntaxError, tokenize.TokenError):
        return None
    if text == document.source:
        return None
    changes = text_edits(document.source, text, codec)
    return workspace_edit([(document.uri, document.version, changes)], client.versioned)
