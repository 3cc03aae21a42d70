"""The site in a real browser: its search finds, no page is wider than a phone, nothing that it asks for is missing."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.programs import program

pytestmark = pytest.mark.editor
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)


class Served(SimpleHTTPRequestHandler):
    """The site's folder, the page that looks at it, and what that page tells."""

    folder: Path
    told: queue.Queue[dict[str, Any]]
    refused: list[str]

    def __init__(self, *given: Any) -> None:
        super().__init__(*given, directory=str(self.folder))

    def do_GET(self) -> None:
        """See SimpleHTTPRequestHandler."""
        if self.path == "/harness":
            self._answer("text/html", Path(__file__).with_name("harness.html").read_bytes())
        elif self.path == "/pages.json":
            found = [path.relative_to(self.folder).parent.as_posix() for path in self.folder.rglob("index.html")]
            pages = [page for page in sorted(found) if not page.startswith("rules/")] + ["rules/numpy-where"]
            self._answer("application/json", json.dumps([f"/{page}/".replace("/./", "/") for page in pages]).encode())
        else:
            super().do_GET()

    def do_POST(self) -> None:
        """Hears what the page has seen."""
        self.told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer("text/plain", b"")

    def send_error(self, code: int, *given: Any, **named: Any) -> None:
        """Notes what is not there."""
        self.refused.append(self.path)
        super().send_error(code, *given, **named)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, type[Served]]]:
    """The address of the site on this machine, and what came of it."""
    handler = type("Here", (Served,), {"folder": folder, "told": queue.Queue(), "refused": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", handler
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def seen(site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page `harness.html` saw of the site, and under `refused` what was not there."""
    chromium = program("chromium", "chromium-browser", "google-chrome")
    with served(site) as (address, handler):
        profile = f"--user-data-dir={tmp_path_factory.mktemp('profile')}"
        away = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
        command = [chromium, *FLAGS, profile, away, f"{address}/harness"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
            try:
                told = handler.told.get(timeout=240)
            finally:
                browser.terminate()
    assert "error" not in told, told["error"]
    return {**told, "refused": handler.refused}


def test_no_page_is_wider_than_a_phone(seen: dict[str, Any]) -> None:
    assert len(seen["overflow"]) > 20
    assert not {page: beyond for page, beyond in seen["overflow"].items() if beyond > 0}


def test_the_search_finds_messages_rules_and_pages(seen: dict[str, Any]) -> None:
    found = {words: [*dict.fromkeys(pages)][:3] for words, pages in seen["found"].items()}
    assert "/messages/" in found["No gradients provided for any variable"], found
    assert "/rules/numpy-where/" in found["GF102"], found
    assert "/ci/" in found["pre-commit"], found


def test_pictures_are_as_light_or_dark_as_the_page(seen: dict[str, Any]) -> None:
    assert seen["paper"] == {"light": [250, 249, 245], "dark": [18, 19, 21]}


def test_the_site_has_all_that_it_asks_for(seen: dict[str, Any]) -> None:
    assert seen["refused"] == []
