"""What a client can do, as far as that changes what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lsprotocol import types
from pygls.capabilities import get_capability


@dataclass(frozen=True)
class Client:
    """`resolves` says whether edits may come later, when an action is chosen; `may_be_told_to_run` whether a command
    may come in their place. `literals` says whether an action may be more than a command, `shows` whether it opens an
    address when it is asked to, and `hears` whether it wants to be told what was seen."""

    resolves: bool
    may_be_told_to_run: bool
    literals: bool
    versioned: bool
    progress: bool
    shows: bool
    hears: bool


def client_of(capabilities: types.ClientCapabilities) -> Client:
    """What capabilities mean for gradfix."""
    later = get_capability(capabilities, "text_document.code_action.resolve_support.properties") or ()
    data = bool(get_capability(capabilities, "text_document.code_action.data_support"))
    resolves = data and "edit" in later
    # ALE applies edits and says that it does not: so this is asked only where there is another way
    applies = bool(get_capability(capabilities, "workspace.apply_edit"))
    return Client(
        resolves=resolves,
        may_be_told_to_run=resolves and "command" in later and applies,
        literals=resolves
        or get_capability(capabilities, "text_document.code_action.code_action_literal_support") is not None,
        versioned=bool(get_capability(capabilities, "workspace.workspace_edit.document_changes")),
        progress=bool(get_capability(capabilities, "window.work_done_progress")),
        shows=bool(get_capability(capabilities, "window.show_document.support")),
        hears=_experimental(capabilities, "gradfixSeen") is True,
    )


def _experimental(capabilities: types.ClientCapabilities, name: str) -> object:
    """What is no part of the protocol: pygls makes objects of it."""
    given = capabilities.experimental
    return given.get(name) if isinstance(given, Mapping) else getattr(given, name, None)
