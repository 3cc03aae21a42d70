"""The page with pictures that an editor asks for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pygls import uris

from tests.lsp.conftest import Editors
from tests.lsp.texts import BROKEN, ROUNDED


def _page(uri: object) -> str:
    assert isinstance(uri, str)
    path = uris.to_fs_path(uri)
    assert path is not None
    return Path(path).read_text(encoding="utf-8")


def test_the_report_of_a_document_is_written_and_shown(editor: Editors) -> None:
    async def story() -> None:
        async with editor() as e:
            uri = e.open("train.py", BROKEN)
            page = await e.command("gradfix.report", uri)
            await e.until(lambda: bool(e.client.shown))
            assert [(p.uri, p.external) for p in e.client.shown] == [(page, True)]
            assert _page(page).count("<figure>") == 2
            assert "One patch brings back the missing gradient" in _page(page)
            assert "<dt>TensorFlow</dt>" in _page(page)
            runs = len([p for p in e.client.progress if p["kind"] == "begin"])
            assert (await e.client.code_action_resolve_async(await e.action(uri, "Compute"))).edit is not None
            assert len([p for p in e.client.progress if p["kind"] == "begin"]) == runs  # its run served the fix, too
            # the text counts as it is in the editor; the page has one address
            e.change(uri, ROUNDED)
            assert await e.command("gradfix.report", uri, False) == page
            assert "1 gradient is missing" in _page(page)
            assert "tf.round(y)" in _page(page)
            assert len(e.client.shown) == 1
            e.client.can_show = False
            await e.command("gradfix.report", uri)
            await e.until(lambda: f"gradfix: the report is in {page}" in e.client.said)

    asyncio.run(story())


def test_what_is_not_run_is_reported_by_its_text(editor: Editors) -> None:
    async def story() -> None:
        async with editor({"trusted": False}) as e:
            uri = e.open("train.py", BROKEN)
            page = await e.command("gradfix.report", uri)
            assert "1 suspect, from the text alone" in _page(page)
            assert "nothing was run" in _page(page)
            assert "gradfix: nothing is run, because this workspace is not trusted" in e.client.said
            assert await e.command("gradfix.report", e.uri("other.py")) is None
            e.change(uri, "def (")
            assert await e.command("gradfix.report", uri) is None
            await e.until(lambda: any(said.startswith("gradfix: no report: line 1") for said in e.client.said))

    asyncio.run(story())
