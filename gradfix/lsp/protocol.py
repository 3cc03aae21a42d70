"""What pygls leaves open of a conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from gradfix.lsp.changes import Change, whole


class Protocol(LanguageServerProtocol):
    """Answers what is asked after `shutdown`, where pygls is silent, and ends as it should with requests under way.

    Changes of parts of a document become whole texts, and a request that nobody can read gets an answer.
    """

    beforehand: Callable[[], None] = staticmethod(lambda: None)
    """What is done before each message is."""
    typed: Callable[[str], None] = staticmethod(lambda uri: None)
    """What is done when a document has changed."""

    @property
    def was_shut_down(self) -> bool:
        """Whether the client asked for the end."""
        return self._shutdown

    def handle_message(self, message: Any) -> None:
        """One message. A request after `shutdown` is an error, as the protocol has it."""
        if self._shutdown and hasattr(message, "id") and hasattr(message, "method"):
            error = types.ResponseError(
                code=types.ErrorCodes.InvalidRequest.value, message="the server is shutting down"
            )
            self._send_response(message.id, error=error)
            return
        if getattr(message, "method", "") == types.SHUTDOWN:
            # pygls cancels what is under way while it goes through it, and stumbles over what removes itself then:
            # requests to the client are such, and nobody waits for their answers any more
            for ident, future in list(self._request_futures.items()):
                if not future.done():
                    future.cancel()
                self._request_futures.pop(ident, None)
        if isinstance(message, types.DidChangeTextDocumentNotification) and self._changed(message.params):
            return
        if isinstance(message, types.DidChangeNotebookDocumentNotification):
            cells = message.params.change.cells
            for cell in (cells and cells.text_content) or ():
                cell.changes = self._whole(cell.document.uri, cell.changes)
        self.beforehand()
        super().handle_message(message)

    def _changed(self, params: types.DidChangeTextDocumentParams) -> bool:
        """Takes a document's new text; False where none of that name is open.

        The way of pygls from here to a handler (two tasks, three identifiers) takes as long as the look at a short
        text. Nothing can come between: a change is a notification, and the handlers of pygls know nothing of it.
        """
        uri = params.text_document.uri
        document = self.workspace.text_documents.get(unquote(uri))
        if document is None:
            return False
        self.beforehand()
        document.apply_change(whole(document.source, params.content_changes, self.workspace.position_codec))
        document.version = params.text_document.version
        self.typed(uri)
        return True

    def send(self, body: bytes) -> None:
        """Sends a message that is JSON already."""
        assert self.writer is not None
        self.writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def structure_message(self, data: dict[str, Any]) -> Any:
        """What a message means. A request whose parts are not what they should be is answered with an error."""
        if "jsonrpc" not in data:  # a part of one
            return data
        try:
            return super().structure_message(data)
        except JsonRpcException as e:
            if "method" in data and "id" in data:
                self._send_response(data["id"], error=e.to_response_error())
            raise

    def _whole(self, uri: str, changes: Sequence[Change]) -> Sequence[Change]:
        document = self.workspace.text_documents.get(unquote(uri))
        return changes if document is None else [whole(document.source, changes, self.workspace.position_codec)]
