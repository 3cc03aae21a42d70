"""Settings, folders and trust that the client changes while it is served: all of it holds without a new start."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from lsprotocol import types
from pygls import uris
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcException

from gradfix.lsp.parent import when_gone
from gradfix.lsp.preferences import Wanted, preferences_of, wanted_of
from gradfix.lsp.session import GradfixServer
from gradfix.lsp.standing import stand_in
from gradfix.settings.read import NAMES

SECTION = "gradfix"
TRUST = "gradfix/didChangeTrust"
"""A notification: `{"trusted": true}`. Settings cannot say it, as a workspace has settings of its own."""


def configure(server: GradfixServer) -> None:
    """Has a server follow what its client says of settings, folders and trust."""

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        when_gone(params.process_id, server.orphaned)
        given = [folder.uri for folder in params.workspace_folders or ()]
        folders = _paths(given or [params.root_uri or uris.from_fs_path(params.root_path or "") or ""])
        if folders:
            server.home = folders[0]  # files are called in messages as on a command line there
            stand_in(server.home)
        server.prefer(preferences_of(params.initialization_options, folders))

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        await asyncio.gather(_pull(server), _ask_for_news(server))

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def settings_changed(params: types.DidChangeConfigurationParams) -> None:
        told = params.settings
        if isinstance(told, Mapping) and SECTION in told:
            now = server.preferences
            server.prefer(replace(now, everywhere=_heard(told[SECTION], now.everywhere)))
        await _pull(server)

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = _paths(folder.uri for folder in params.event.removed)
        new = _paths(folder.uri for folder in params.event.added)
        kept = [folder for folder in server.preferences.folders if folder not in gone]
        server.prefer(replace(server.preferences, folders=tuple(dict.fromkeys((*kept, *new)))))
        await _pull(server)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def files_changed(_: types.DidChangeWatchedFilesParams) -> None:
        server.prefer(server.preferences)

    @server.feature(TRUST)
    async def trust_changed(params: Any) -> None:
        trusted = getattr(params, "trusted", None)
        if isinstance(trusted, bool):
            server.prefer(replace(server.preferences, trusted=trusted))


def _paths(folders: Iterable[str]) -> tuple[str, ...]:
    """The folders of this machine among addresses."""
    paths = [uris.to_fs_path(uri) for uri in folders if uri.startswith("file:")]
    return tuple(os.path.abspath(path) for path in paths if path)


async def _ask_for_news(server: GradfixServer) -> None:
    """Has the client tell what it tells only to those who ask for it."""
    capabilities = server.client_capabilities
    wanted = []
    if get_capability(capabilities, "workspace.did_change_configuration.dynamic_registration"):
        options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
        wanted.append(types.Registration("gradfix-settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, options))
    if get_capability(capabilities, "workspace.did_change_watched_files.dynamic_registration"):
        watchers = [types.FileSystemWatcher(glob_pattern=f"**/{name}") for name in NAMES]
        files = types.DidChangeWatchedFilesRegistrationOptions(watchers=watchers)
        wanted.append(types.Registration("gradfix-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, files))
    if wanted:
        try:
            await server.client_register_capability_async(types.RegistrationParams(registrations=wanted))
        except JsonRpcException as e:  # it goes without: files are read anew at each change of a text
            print(f"gradfix-lsp: the client does not tell of changes: {e}", file=sys.stderr)


async def _pull(server: GradfixServer) -> None:
    """Asks the client for the settings of each folder, where it has them for the asking."""
    if not get_capability(server.client_capabilities, "workspace.configuration"):
        return
    folders = server.preferences.folders
    items = [types.ConfigurationItem(section=SECTION)]
    items += [types.ConfigurationItem(scope_uri=uris.from_fs_path(folder), section=SECTION) for folder in folders]
    question = server.workspace_configuration_async(types.ConfigurationParams(items=items))
    server.asked = mine = asyncio.ensure_future(question)
    try:
        answer = await mine
    except JsonRpcException as e:
        print(f"gradfix-lsp: the client does not give its settings: {e}", file=sys.stderr)
        return
    if mine is not server.asked or len(answer) != len(items):  # a later question has a later answer
        return
    now, (everywhere, *rest) = server.preferences, answer
    given = {folder: each for folder, each in zip(folders, rest, strict=True) if each is not None}
    heard = {folder: _heard(each, now.scoped.get(folder)) for folder, each in given.items()}
    scoped = {folder: wanted for folder, wanted in heard.items() if wanted is not None}
    server.prefer(replace(now, everywhere=_heard(everywhere, now.everywhere), scoped=scoped))


def _heard(answer: Any, before: Wanted | None) -> Wanted | None:
    """What an answer means for settings, given what was said before.

    Some clients (lsp-mode) answer with an empty object where nothing was set: it takes back what was said in this way,
    and no more.
    """
    return before if answer is None or (answer == {} and before is None) else wanted_of(answer)
