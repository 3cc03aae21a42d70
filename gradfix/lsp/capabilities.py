"""What a client can do, as far as that changes what it is given."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol import types
from pygls.capabilities import get_capability


@dataclass(frozen=True)
class Client:
    """`resolves` says whether edits may come later, when an action is chosen; `runs_commands` the same of commands."""

    resolves: bool
    runs_commands: bool
    versioned: bool
    progress: bool


def client_of(capabilities: types.ClientCapabilities) -> Client:
    """What capabilities mean for gradfix."""
    later = get_capability(capabilities, "text_document.code_action.resolve_support.properties") or ()
    data = bool(get_capability(capabilities, "text_document.code_action.data_support"))
    return Client(
        resolves=data and "edit" in later,
        runs_commands=data and "command" in later,
        versioned=bool(get_capability(capabilities, "workspace.workspace_edit.document_changes")),
        progress=bool(get_capability(capabilities, "window.work_done_progress")),
    )
