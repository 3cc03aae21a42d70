"""What the client has been told of each document: it is not told the same twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from lsprotocol import types


class Telling:
    """Publishes diagnostics. `send` takes the JSON of a message.

    It is made here: pygls looks up how each of the values is written, once for each key and diagnostic.
    """

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._last: dict[str, bytes] = {}

    def tell(self, uri: str, version: int | None, diagnostics: Sequence[types.Diagnostic]) -> None:
        """Tells the client what there is in a version of a document, unless it knows that."""
        params: dict[str, Any] = {"uri": uri}
        if version is not None:
            params["version"] = version
        params["diagnostics"] = [_json(each) for each in diagnostics]
        message = {"jsonrpc": "2.0", "method": types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, "params": params}
        body = json.dumps(message).encode()
        if self._last.get(uri) != body:
            self._last[uri] = body
            self._send(body)

    def forget(self, uri: str) -> None:
        """The client may know nothing of a document any more."""
        self._last.pop(uri, None)


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
