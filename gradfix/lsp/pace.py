"""When a text that is typed on is looked at."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

QUICK = 0.025
"""Processor seconds that a look may take to be had after each key: nobody types so fast that the next one waits."""
PAUSE = 0.2
"""Seconds without a key after which a text is looked at with all that its findings may come of."""


class Pace:
    """Looks at a document after each key as long as that is quick, and once more when it has been left alone.

    Keys that have come together are looked at together. `look` and `settle` take the address of a document.
    """

    def __init__(self, look: Callable[[str], None], settle: Callable[[str], None]) -> None:
        self._look, self._settle = look, settle
        self._next: dict[str, asyncio.Handle] = {}
        self._pauses: dict[str, asyncio.TimerHandle] = {}
        self._looked: set[str] = set()
        self._dear: set[str] = set()

    def typed(self, uri: str) -> None:
        """A document has another text."""
        self.forget(uri)
        loop = asyncio.get_running_loop()
        if uri not in self._dear:
            # not call_soon: that would come before the next key is read, which may be there
            self._next[uri] = loop.call_later(0, self._at_once, uri)
        self._pauses[uri] = loop.call_later(PAUSE, self._left_alone, uri)

    def saved(self, uri: str) -> None:
        """A document, or what its findings come of, is to be looked at now."""
        self.forget(uri)
        self._next[uri] = asyncio.get_running_loop().call_soon(self._left_alone, uri)

    def forget(self, uri: str) -> None:
        """Nothing more is looked at of what has changed so far."""
        self._looked.discard(uri)
        for waiting in (self._next.pop(uri, None), self._pauses.pop(uri, None)):
            if waiting is not None:
                waiting.cancel()

    def closed(self, uri: str) -> None:
        """Nothing is known of a document any more."""
        self.forget(uri)
        self._dear.discard(uri)

    def _at_once(self, uri: str) -> None:
        del self._next[uri]
        self._timed(self._look, uri)
        self._looked.add(uri)

    def _left_alone(self, uri: str) -> None:
        looked = uri in self._looked
        self.forget(uri)
        if looked:  # most of it is known by now: how long the rest takes says nothing
            self._settle(uri)
        else:
            self._timed(self._settle, uri)

    def _timed(self, look: Callable[[str], None], uri: str) -> None:
        began = time.thread_time()
        look(uri)
        self._dear.discard(uri)
        if time.thread_time() - began > QUICK:
            self._dear.add(uri)
