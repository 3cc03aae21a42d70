"""The code actions of a document's findings."""

from __future__ import annotations

import tokenize
from collections.abc import Callable, Sequence
from typing import Any

from lsprotocol import types
from pygls.workspace import PositionCodec

from gradfix.choose.add_ignore import with_ignores
from gradfix.lsp.capabilities import Client
from gradfix.lsp.diagnostics import diagnostic_of
from gradfix.lsp.documents import Opened
from gradfix.lsp.edits import edits_of, workspace_edit
from gradfix.lsp.findings import Shown
from gradfix.lsp.positions import share_a_line
from gradfix.lsp.titles import title_of
from gradfix.notebook.cells import Inexpressible
from gradfix.sources import Source
from gradfix.values import Fix

FIX_ALL = "source.fixAll.gradfix"
FIX_ALL_OF_NOTEBOOK = f"notebook.{FIX_ALL}"
FIX = "gradfix.fix"
"""The command behind the actions of a client that wants no edit later: it proves, and has the edit applied then."""
IGNORE = "gradfix.ignore"
"""The command that has a comment written, for a client that knows of no actions but commands."""


def actions_of(
    opened: Opened,
    findings: Sequence[Shown],
    params: types.CodeActionParams,
    client: Client,
    codec: PositionCodec,
    may_run: bool,
    open_at: Callable[[str], Opened | None],
) -> list[types.CodeAction | types.Command]:
    """What can be done about the findings in a range. Nothing runs before one is chosen.

    `open_at` gives the open document of a path: what another file's run has shown is mended by running that again.
    """
    here, only = params.text_document.uri, params.context.only
    actions: list[types.CodeAction] = []
    for shown in findings:
        finding, (page, place) = shown.finding, opened.on_page(shown.place)
        diagnostic = diagnostic_of(finding, place, page.text, codec)
        if (
            page.uri != here
            or not share_a_line(diagnostic.range, params.range)
            or not wanted(types.CodeActionKind.QuickFix, only)
        ):
            continue
        title = title_of(finding) if may_run else ""
        main = open_at(shown.main) if shown.main else opened
        if title and main is not None:
            unsafe = finding.fix is Fix.UNSAFE
            action = types.CodeAction(
                title=title, kind=types.CodeActionKind.QuickFix, diagnostics=[diagnostic], is_preferred=not unsafe
            )
            actions.append(_later(action, main, finding.rule, unsafe, client))
        edit = ignoring(opened, shown, client, codec)
        if edit is not None:
            action = types.CodeAction(
                title=f"Ignore {finding.rule} on this line (gradfix)",
                kind=types.CodeActionKind.QuickFix,
                diagnostics=[diagnostic],
                edit=edit,
            )
            if not client.literals:
                arguments = [opened.uri, opened.version, finding.rule, finding.place.line]
                action.command = types.Command(title=action.title, command=IGNORE, arguments=arguments)
            actions.append(action)
    safe = [opened.on_page(s.place)[0].uri for s in findings if _is_safe(s)] if may_run else []
    for kind in _kinds_of_all(opened, here == next(iter(safe), ""), only) if safe else ():
        action = types.CodeAction(title="Fix all missing gradients (gradfix)", kind=kind)
        actions.append(_later(action, opened, "", False, client))
    return [*actions] if client.literals else [a.command for a in actions if a.command is not None]


def wanted(kind: str, only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether a client asks for a kind: `source` stands for `source.fixAll`, too."""
    names = [o.value if isinstance(o, types.CodeActionKind) else o for o in only or ()]
    return not names or any(kind == name or kind.startswith(f"{name}.") for name in names)


def _kinds_of_all(
    opened: Opened, first: bool, only: Sequence[types.CodeActionKind | str] | None
) -> list[types.CodeActionKind | str]:
    """By which kinds all fixes are offered. `first` says that the first of them lies in the document that is asked for.

    A notebook is proved as a whole. VS Code asks for `notebook.` kinds once, and for the others in all cells at a time,
    so that only one of these may answer.
    """
    if opened.cells is None:
        return [FIX_ALL] if wanted(FIX_ALL, only) else []
    kinds = [FIX_ALL_OF_NOTEBOOK, *([FIX_ALL] if first and only else [])]
    return [kind for kind in kinds if wanted(kind, only)]


def _later(action: types.CodeAction, opened: Opened, rule: str, unsafe: bool, client: Client) -> types.CodeAction:
    """An action whose edit is not known yet."""
    data: dict[str, Any] = {"uri": opened.uri, "version": opened.version, "rule": rule, "unsafe": unsafe}
    if client.resolves:
        action.data = data
    else:
        action.command = types.Command(title=action.title, command=FIX, arguments=list(data.values()))
    return action


def _is_safe(shown: Shown) -> bool:
    """Whether a run of the file may mend it without further ado."""
    return not shown.main and shown.finding.fix is not Fix.UNSAFE and bool(title_of(shown.finding))


def ignoring(opened: Opened, shown: Shown, client: Client, codec: PositionCodec) -> types.WorkspaceEdit | None:
    """The edit that writes a comment, where the finding lies in the file and its line has room for one."""
    source = opened.source
    if not shown.own or not isinstance(source, Source):
        return None
    try:
        edits = edits_of(opened, with_ignores(source.text, [shown.finding]), codec)
    except (SyntaxError, tokenize.TokenError, Inexpressible):
        return None
    return workspace_edit(edits, client.versioned) if edits else None
