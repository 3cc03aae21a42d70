"""What a run that was begun ahead is asked for: it goes as far as it can without knowing, and waits to be told.

So a traced run gets to its request beside the run that shows what is missing there, and a run whose variables are to be
moved gets to its tape beside the one that shows in which direction. What it does then is what it would have done.
"""

from __future__ import annotations

import json
import socket
from typing import Any

from .recorder import Enough


class Rest:
    """The rest of a request, which comes through the door that the request came through."""

    def __init__(self, door: socket.socket) -> None:
        self.door = door

    def told(self) -> dict[str, Any]:
        """Waits for it. Raises Enough where it will not come: the run is then of no use, and another one is made."""
        data = b""
        while not data.endswith(b"\n"):
            try:
                more = self.door.recv(65536)
            except OSError:  # user code has closed it
                more = b""
            if not more:
                raise Enough
            data += more
        self.door.close()
        return dict(json.loads(data))
