"""What the client has been told of each document: it is not told the same twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lsprotocol import types

SEEN = "gradfix/seen"


class Telling:
    """Publishes diagnostics. `send` takes the JSON of a message.

    It is made here: pygls looks up how each of the values is written, once for each key and diagnostic.
    """

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._last: dict[str, bytes] = {}
        self._last_seen: dict[str, bytes] = {}

    def tell(self, uri: str, version: int | None, diagnostics: Sequence[types.Diagnostic]) -> None:
        """Tells the client what there is in a version of a document, unless it knows that."""
        params: dict[str, Any] = {"uri": uri}
        if version is not None:
            params["version"] = version
        params["diagnostics"] = [_json(each) for each in diagnostics]
        self._tell(self._last, types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)

    def seen(self, uri: str, version: int | None, facts: Mapping[str, Any]) -> None:
        """Tells a client that asks for it what was seen of a version of a document (seen.py)."""
        self._tell(self._last_seen, SEEN, {"uri": uri, "version": version, **facts})

    def _tell(self, last: dict[str, bytes], method: str, params: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode()
        if last.get(params["uri"]) != body:
            last[params["uri"]] = body
            self._send(body)

    def forget(self, uri: str) -> None:
        """The client may know nothing of a document any more."""
        self._last.pop(uri, None)
        self._last_seen.pop(uri, None)


def _json(diagnostic: types.Diagnostic) -> dict[str, Any]:
    """All that gradfix says in a diagnostic."""
    told: dict[str, Any] = {
        "range": {
            "start": {"line": diagnostic.range.start.line, "character": diagnostic.range.start.character},
            "end": {"line": diagnostic.range.end.line, "character": diagnostic.range.end.character},
        },
        "message": diagnostic.message,
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "source": diagnostic.source,
    }
    if diagnostic.code_description is not None:
        told["codeDescription"] = {"href": diagnostic.code_description.href}
    return told
