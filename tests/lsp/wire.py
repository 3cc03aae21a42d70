"""A client that speaks the bare protocol: what it is sent is read strictly, and kept as the JSON that it was.

lsprotocol reads an action that has a command as a bare command, so that a client of pygls does not see what was sent.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

HEAD = re.compile(rb"Content-Length: (\d+)\r\n(Content-Type: [^\r\n]*\r\n)?\r\n")
Json = dict[str, Any]
WAIT = 90.0
"""Seconds that anything may take on a busy machine."""


class Refusal(Exception):
    """The server answered a request with an error."""

    @property
    def code(self) -> int:
        return int(self.args[0]["code"])


class Wire:
    """A client and its server.

    `answers` says what the server's own requests are answered with, by method; those in `silent` never are.
    """

    def __init__(self, folder: Path, *command: str, **more: Any) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            command or (sys.executable, "-m", "gradfix.lsp"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more
        )
        self.answers: dict[str, Callable[[Any], Any]] = {"window/workDoneProgress/create": lambda _: None}
        self.silent: set[str] = set()
        self.heard: list[Json] = []
        self.stray = b""
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.capabilities: Json = {}
        self._answered: dict[Any, Json] = {}
        self._sent = 0
        self._writing = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    # what goes out

    def send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        with self._writing:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            self.process.stdin.flush()

    def tell(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any = None) -> int:
        """Sends a request, and gives what its answer is asked for with."""
        self._sent += 1
        self.send({"id": self._sent, "method": method, "params": params})
        return self._sent

    def answered(self, ident: int) -> bool:
        return ident in self._answered

    def answer(self, ident: int, seconds: float = WAIT) -> Any:
        """Waits for the answer to a request. Raises Refusal."""
        self.until(lambda: ident in self._answered, seconds)
        message = self._answered[ident]
        if "error" in message:
            raise Refusal(message["error"])
        return message.get("result")

    def request(self, method: str, params: Any = None, seconds: float = WAIT) -> Any:
        return self.answer(self.ask(method, params), seconds)

    # what comes in

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            head = b""
            while not head.endswith(b"\r\n\r\n") and (line := stream.readline()):
                head += line
            found = HEAD.fullmatch(head)
            if found is None:
                self.stray = head + stream.read()
                return
            message = json.loads(stream.read(int(found[1])))
            if "method" not in message:
                self._answered[message["id"]] = message
                continue
            if "id" in message and message["method"] not in self.silent:
                self._reply(message)
            self.heard.append(message)

    def _reply(self, message: Json) -> None:
        how = self.answers.get(message["method"])
        with contextlib.suppress(OSError):
            if how is None:
                self.send({"id": message["id"], "error": {"code": -32601, "message": "no such method"}})
            else:
                self.send({"id": message["id"], "result": how(message["params"])})

    def until(self, holds: Callable[[], bool], seconds: float = WAIT) -> None:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"not within {seconds:g} s; said: {self.said()}")
            if not self._reader.is_alive() and not holds():
                raise EOFError(f"the server is gone; stray: {self.stray!r}; said: {self.said()}")
            time.sleep(0.01)

    def of(self, method: str) -> list[Any]:
        """What was heard of a method."""
        return [m["params"] for m in list(self.heard) if m["method"] == method]

    def said(self) -> list[str]:
        return [p["message"] for p in self.of("window/showMessage")]

    def until_said(self, word: str) -> str:
        """Waits for a message with a word in it."""
        self.until(lambda: any(word in m for m in self.said()))
        return next(m for m in self.said() if word in m)

    def published(self) -> list[Any]:
        """All diagnostics that were published, with their documents."""
        return self.of("textDocument/publishDiagnostics")

    def shown(self, uri: str) -> list[Any] | None:
        """The diagnostics of a document that were published last."""
        return next((p["diagnostics"] for p in reversed(self.published()) if p["uri"] == uri), None)

    # what an editor does

    def start(self, capabilities: Json, options: Any = None, process: int | None = None) -> None:
        """Shakes hands, with one folder."""
        params = {
            "processId": process,
            "rootUri": self.folder.as_uri(),
            "workspaceFolders": [{"uri": self.folder.as_uri(), "name": "project"}],
            "capabilities": capabilities,
            "initializationOptions": options,
        }
        self.capabilities = self.request("initialize", params)["capabilities"]
        self.tell("initialized", {})

    def open(self, name: str, text: str, *, saved: bool = True) -> str:
        uri = (self.folder / name).as_uri()
        if saved:
            (self.folder / name).write_bytes(text.encode())
        self.texts[uri], self.versions[uri] = text, 1
        item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, text: str) -> None:
        self.texts[uri] = text
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    @staticmethod
    def whole(uri: str, only: list[str] | None = None) -> Json:
        """What is asked for to get the actions of a whole document."""
        start, end = {"line": 0, "character": 0}, {"line": 9999, "character": 0}
        context = {"diagnostics": [], **({"only": only} if only else {})}
        return {"textDocument": {"uri": uri}, "range": {"start": start, "end": end}, "context": context}

    def actions(self, uri: str, only: list[str] | None = None) -> list[Any]:
        """The actions of a whole document."""
        return list(self.request("textDocument/codeAction", self.whole(uri, only)) or ())

    def action(self, uri: str, word: str) -> Json:
        """The one action with a word in its title."""
        (found,) = [a for a in self.actions(uri) if word in a["title"]]
        return dict(found)

    def run(self, command: Json) -> Any:
        """Has a command executed, as it stands in an action."""
        return self.request("workspace/executeCommand", {k: command[k] for k in ("command", "arguments")})

    def end(self) -> int:
        """Says farewell as the protocol has it, and gives the server's exit code."""
        self.request("shutdown")
        self.tell("exit")
        return self.gone()

    def gone(self, seconds: float = 30) -> int:
        """Waits for the server's end, and gives its exit code."""
        code = self.process.wait(seconds)
        self._reader.join(5)
        return code

    def close(self) -> None:
        """Ends what is left of the server."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(5)
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                assert stream is not None
                stream.close()


@contextlib.contextmanager
def wire(folder: Path, capabilities: Json, options: Any = None) -> Iterator[Wire]:
    """A client that has shaken hands. It ends in good order, unless the server has ended before."""
    client = Wire(folder)
    try:
        client.start(capabilities, options)
        yield client
        if client.process.poll() is None:
            assert client.end() == 0
        assert client.stray == b""
    finally:
        client.close()


def after(edit: Json, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts that an edit leaves, of a client that counts in UTF-16; `texts` are those before, by address."""
    changes = dict(edit.get("changes") or {})
    for each in edit.get("documentChanges") or ():
        changes[each["textDocument"]["uri"]] = each["edits"]
    return {uri: _after(texts[uri], edits) for uri, edits in changes.items()}


def _after(text: str, edits: list[Json]) -> str:
    for edit in sorted(edits, key=lambda e: -int(e["range"]["start"]["line"])):
        start, end = (_offset(text, edit["range"][side]) for side in ("start", "end"))
        text = text[:start] + str(edit["newText"]) + text[end:]
    return text


def _offset(text: str, position: Json) -> int:
    lines = text.split("\n")
    before = sum(len(line) + 1 for line in lines[: position["line"]])
    if position["line"] >= len(lines):
        return len(text)
    units = lines[position["line"]].encode("utf-16-le")[: 2 * position["character"]]
    return before + len(units.decode("utf-16-le"))
