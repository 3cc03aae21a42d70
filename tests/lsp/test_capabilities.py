"""Editors by what they say they can do, as pytest-lsp has recorded it: its client complains of what is beyond that."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.texts import BROKEN

pytest_lsp = pytest.importorskip("pytest_lsp", reason="pytest-lsp is of the extra dev")

EVERYTHING = types.Range(start=types.Position(line=0, character=0), end=types.Position(line=99, character=0))
LEAST = types.ClientCapabilities(text_document=types.TextDocumentClientCapabilities())
EDITORS = {
    "visual-studio-code@v1.65.2": ("edit later", "markdown"),
    "emacs@v29.1": ("command", "markdown"),
    "neovim@v0.7": ("edit later", "markdown"),
    "neovim@v0.11": ("edit later", "markdown"),
    "": ("command", "plaintext"),
}


async def _until(holds: Callable[[], object]) -> None:
    for _ in range(4500):
        if holds():
            return
        await asyncio.sleep(0.02)
    pytest.fail("it did not come to that in 90 s")


def _way(action: types.CodeAction | types.Command) -> str:
    """How a client comes to the edit of an action. lsprotocol takes an action with a command for a bare one."""
    if isinstance(action, types.Command):
        return "command"
    return "edit later" if action.data is not None else "edit"


@pytest.mark.parametrize("editor", EDITORS)
def test_an_editor_is_sent_what_it_knows(editor: str, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    registered: list[str] = []
    client = pytest_lsp.make_test_lsp_client()
    capabilities = pytest_lsp.client_capabilities(editor) if editor else LEAST

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)  # type: ignore[untyped-decorator]
    def register(params: types.RegistrationParams) -> None:
        registered.extend(each.method for each in params.registrations)

    async def story() -> None:
        await client.start_io(sys.executable, "-m", "gradfix.lsp")
        await client.initialize_session(
            types.InitializeParams(
                capabilities=capabilities,
                initialization_options={"settings": {"python": str(python)}},
                workspace_folders=[types.WorkspaceFolder(uri=tmp_path.as_uri(), name="project")],
            )
        )
        uri = (tmp_path / "train.py").as_uri()
        item = types.TextDocumentItem(uri=uri, language_id="python", version=1, text=BROKEN)
        client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
        await _until(lambda: client.diagnostics.get(uri))
        document = types.TextDocumentIdentifier(uri=uri)
        context = types.CodeActionContext(diagnostics=list(client.diagnostics[uri]))
        answer = await client.text_document_code_action_async(
            types.CodeActionParams(text_document=document, range=EVERYTHING, context=context)
        )
        step = types.Position(line=6, character=0)
        hover = await client.text_document_hover_async(types.HoverParams(text_document=document, position=step))
        ways = [_way(action) for action in answer]
        assert (ways[0], hover.contents.kind.value) == EDITORS[editor]
        assert ways[1] == ("edit" if editor else "command")
        if ways[0] == "edit later":
            assert (await client.code_action_resolve_async(answer[0])).edit is None
        wanted = types.ExecuteCommandParams(command="gradfix.checkNow", arguments=[uri])
        await client.workspace_execute_command_async(wanted)
        await _until(lambda: len(client.messages) == (2 if ways[0] == "edit later" else 1))
        assert "has no usable TensorFlow" in client.messages[-1].message
        assert client.progress_reports or not editor
        assert client.error is None
        await client.shutdown_session()
        await client.stop()

    asyncio.run(story())
    for method in registered:
        assert _may_register(capabilities, method), method


def _may_register(capabilities: types.ClientCapabilities, method: str) -> bool:
    workspace = capabilities.workspace
    assert workspace is not None
    known = {
        types.WORKSPACE_DID_CHANGE_CONFIGURATION: workspace.did_change_configuration,
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: workspace.did_change_watched_files,
    }[method]
    return known is not None and known.dynamic_registration is True
