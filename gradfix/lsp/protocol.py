"""What pygls leaves open of the end of a conversation."""

from __future__ import annotations

from typing import Any

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol


class Protocol(LanguageServerProtocol):
    """Answers what is asked after `shutdown`, where pygls is silent, and ends as it should with requests under way."""

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
        super().handle_message(message)
