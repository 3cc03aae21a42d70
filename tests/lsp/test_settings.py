"""Settings, folders and trust, at the start and later. The interpreters are scripts that never have a TensorFlow."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from tests.conftest import Mark
from tests.lsp.conftest import Editor, Editors
from tests.lsp.texts import BROKEN, ROUNDED

IGNORED = {"ignore": ["loss-outside-tape"]}


def _refusing(folder: Path, name: str = "python") -> str:
    """An interpreter that writes down where it was asked to run, and has no TensorFlow."""
    program = folder / name
    program.write_text(f"#!/bin/sh\ntouch {program}.started\nexit 1\n")
    program.chmod(0o755)
    return str(program)


async def _told(e: Editor, word: str) -> str:
    await e.until(lambda: any(word in said for said in e.client.said))
    return next(said for said in e.client.said if word in said)


def test_pushed_settings_hold_without_a_new_start(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            await e.published(uri, bool)
            e.configure({"gradfix": IGNORED})
            await e.published(uri, lambda found: not found)
            e.configure({"gradfix": {"ignore": None, "extendSelect": ["GF101"], "trace": {"server": "off"}}})
            await e.published(uri, bool)
            e.configure({"pylsp": {"plugins": {}}})  # those of another server, and none at all
            e.configure(None)
            e.change(uri, BROKEN + "\n")
            await e.published(uri, bool)
            assert e.client.said == []

    asyncio.run(story())


def test_settings_are_pulled_for_each_folder(editor: Editors, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "the other"
    one.mkdir()
    other.mkdir()

    async def story() -> None:
        settings = {"": {"run": "never"}, other.as_uri(): IGNORED}
        async with editor(folders=("one", "the other"), settings=settings) as e:
            await e.until(lambda: len(e.client.registered) == 2)
            assert e.client.registered["workspace/didChangeConfiguration"]["section"] == "gradfix"
            watchers = e.client.registered["workspace/didChangeWatchedFiles"]["watchers"]
            assert [w["globPattern"] for w in watchers] == ["**/gradfix.toml", "**/pyproject.toml"]
            first, second = e.open("one/train.py", BROKEN), e.open("the other/train.py", BROKEN)
            await e.published(first, bool)
            await e.published(second, lambda found: not found)
            assert len(await e.actions(first)) == 1  # nothing is run anywhere
            e.client.settings = {one.as_uri(): IGNORED}
            e.configure(None)
            await e.published(first, lambda found: not found)
            await e.published(second, bool)
            assert e.client.said == []

    asyncio.run(story())


def test_an_empty_answer_leaves_what_was_said_at_the_start_and_takes_back_what_came_later(editor: Editors) -> None:
    async def story() -> None:
        async with editor({"settings": IGNORED}, settings={}) as e:
            folder = e.uri("")
            e.client.settings = {"": {}, folder: {}}  # as lsp-mode answers
            e.configure(None)
            uri = e.open("train.py", BROKEN)
            await e.published(uri, lambda found: not found)
            for answer, there in (({"select": ["GF101"]}, True), (IGNORED, False), ({}, True)):
                e.client.settings = {"": answer, folder: answer}
                e.configure(None)
                await e.published(uri, lambda found, there=there: bool(found) is there)

    asyncio.run(story())


def test_a_configuration_file_that_is_saved_elsewhere_is_read(editor: Editors, tmp_path: Path) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            await e.published(uri, bool)
            file = tmp_path / "pyproject.toml"
            file.write_text('[tool.gradfix]\nignore = ["GF101"]\n')
            change = types.FileEvent(uri=file.as_uri(), type=types.FileChangeType.Created)
            e.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes=[change]))
            await e.published(uri, lambda found: not found)
            e.configure({"gradfix": {"select": ["GF101"], "ignore": []}})  # the editor wins, as the command line does
            await e.published(uri, bool)

    asyncio.run(story())


WRONG: list[tuple[Any, str]] = [
    ({"pyhton": "x"}, "settings of the editor: unknown key 'pyhton'; did you mean python?"),
    ({"unsafeFixes": "yes"}, "settings of the editor: unsafe-fixes must be true or false, not 'yes'"),
    ({"select": ["GF999x"]}, "settings of the editor: select: "),
    (["python"], "settings of the editor must be an object, not ['python']"),
]


@pytest.mark.parametrize(("settings", "message"), WRONG)
def test_settings_that_cannot_be_followed_are_told_once_and_can_be_mended(
    editor: Editors, settings: Any, message: str
) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            await e.published(uri, bool)
            e.configure({"gradfix": settings})
            told = await _told(e, "settings of the editor")
            assert told.startswith(f"gradfix: {message}")
            e.configure({"gradfix": settings})
            await e.command("gradfix.checkNow", uri)  # what was meant is not known: nothing is run
            await _told(e, "not run: settings")
            assert e.client.said.count(told) == 1
            assert e.client.diagnostics[uri]
            assert len(await e.actions(uri)) == 1
            e.configure({"gradfix": {}})
            assert len(await e.actions(uri)) == 3

    asyncio.run(story())


def test_two_wrong_files_are_told_once_each(editor: Editors, tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "gradfix.toml").write_text("tiemout = 3\n")

    async def story() -> None:
        async with editor() as e:
            uris = [e.open(f"{name}/train.py", BROKEN) for name in ("one", "other")]
            for end in ("\n", "\n\n"):
                for uri in uris:
                    e.change(uri, BROKEN + end)
                    await e.actions(uri)
            await e.until(lambda: len(e.client.said) == 2)
            assert all("unknown key 'tiemout'; did you mean timeout?" in said for said in e.client.said)
            (tmp_path / "one" / "gradfix.toml").write_text("timeout = 3\n")
            e.change(uris[0], BROKEN)
            await e.published(uris[0], bool)

    asyncio.run(story())


def test_each_folder_has_its_interpreter_and_is_the_current_one_of_its_runs(editor: Editors, tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name / "below").mkdir(parents=True)
        _refusing(tmp_path / name, "python")
        (tmp_path / name / "gradfix.toml").write_text("timeout = 5\n")

    async def story() -> None:
        other = (tmp_path / "other").as_uri()
        settings = {"": {"python": "./python"}, other: {"python": "./third"}}
        _refusing(tmp_path / "other", "third")
        async with editor(folders=("one", "other"), settings=settings) as e:
            uris = [e.open(f"{name}/below/train.py", BROKEN) for name in ("one", "other")]
            await e.until(lambda: len(e.client.registered) == 2)
            for uri, name in zip(uris, ("python", "third"), strict=True):
                await e.command("gradfix.checkNow", uri)
                assert (await _told(e, f"{name} has no usable TensorFlow")).startswith("gradfix: not run: ")
            started = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.started"))
            assert started == ["one/python.started", "other/third.started"]

    asyncio.run(story())


def test_files_are_run_in_their_folder_of_the_workspace(editor: Editors, tmp_path: Path) -> None:
    # in the place of a text that is not there a run is given another one
    text = BROKEN.replace("w * 3.0", "w * float(open('scale.txt').read())")
    for name in ("one", "other"):
        (tmp_path / name / "below").mkdir(parents=True)
    (tmp_path / "other" / "scale.txt").write_text("3.0")

    async def story() -> None:
        async with editor(folders=("one", "other")) as e:
            for name, told in (("one", "could not convert"), ("other", "a fix is proved")):
                await e.command("gradfix.checkNow", e.open(f"{name}/below/train.py", text))
                await _told(e, told)

    asyncio.run(story())


def test_another_interpreter_is_taken_without_a_new_start(editor: Editors, tmp_path: Path) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            for name in ("first", "second"):
                e.configure({"gradfix": {"python": _refusing(tmp_path, name)}})
                await e.command("gradfix.checkNow", uri)
                await _told(e, f"{name} has no usable TensorFlow")

    asyncio.run(story())


def test_folders_come_and_go(editor: Editors, tmp_path: Path) -> None:
    (tmp_path / "late").mkdir()
    late = types.WorkspaceFolder(uri=(tmp_path / "late").as_uri(), name="late")

    async def story() -> None:
        async with editor(folders=(), settings={late.uri: IGNORED}) as e:
            uri = e.open("late/train.py", BROKEN)
            await e.published(uri, bool)
            for added, removed in (([late], []), ([], [late])):
                event = types.WorkspaceFoldersChangeEvent(added=added, removed=removed)
                e.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event=event))
                await e.published(uri, lambda found, there=bool(removed): bool(found) is there)

    asyncio.run(story())


def test_nothing_runs_before_a_workspace_is_trusted(editor: Editors, tmp_path: Path) -> None:
    program = _refusing(tmp_path)
    (tmp_path / "gradfix.toml").write_text(f"python = '{program}'\n")

    async def story() -> None:
        async with editor({"trusted": False}) as e:
            uri = e.open("train.py", BROKEN)
            await e.published(uri, bool)
            e.configure({"gradfix": {"trusted": True}})  # what a workspace's own settings could say
            await _told(e, "unknown key 'trusted'")
            e.configure({"gradfix": {}})
            await e.command("gradfix.checkNow", uri)
            await _told(e, "this workspace is not trusted")
            assert [a.title for a in await e.actions(uri)] == ["Ignore loss-outside-tape on this line (gradfix)"]
            assert not Path(f"{program}.started").exists()
            e.client.protocol.notify("gradfix/didChangeTrust", {"trusted": True})
            assert len(await e.actions(uri)) == 3
            await e.command("gradfix.checkNow", uri)
            await _told(e, "python has no usable TensorFlow")

    asyncio.run(story())


def test_trust_that_is_taken_back_ends_what_runs(editor: Editors, tmp_path: Path, mark: Mark) -> None:
    program = tmp_path / "sleeper"
    program.write_text(f"#!/bin/bash\nexec -a {mark.name} sleep 600\n")
    program.chmod(0o755)

    async def story() -> None:
        async with editor({"settings": {"python": str(program)}}) as e:
            uri = e.open("train.py", ROUNDED)
            await e.command("gradfix.checkNow", uri)
            await e.until(lambda: bool(mark.alive()))
            e.client.protocol.notify("gradfix/didChangeTrust", {"trusted": False})
            await e.until(lambda: not mark.alive())

    asyncio.run(story())
