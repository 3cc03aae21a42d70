"""Work-done progress of a run: what is being done, and a button that stops it."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.progress import Progress


class Reporter:
    """Tells a client of one run. Everything but `told` happens in the server's thread."""

    def __init__(self, progress: Progress, wanted: bool, title: str, stop: Callable[[], None]) -> None:
        """`wanted` says whether the client knows such progress; `stop` is called when it cancels."""
        self._progress, self._title, self._stop = progress, title, stop
        self._token = str(uuid.uuid4())
        self._loop = asyncio.get_running_loop()
        self._begun = self._ended = False
        self._last = ""
        self._task = asyncio.create_task(self._begin()) if wanted else None

    def told(self, doing: str) -> None:
        """Hears what is being done, from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody is there to read it
            self._loop.call_soon_threadsafe(self._report, doing)

    def end(self) -> None:
        """The run is over."""
        self._ended = True
        if self._begun:
            self._progress.end(self._token, types.WorkDoneProgressEnd())

    async def _begin(self) -> None:
        try:
            await self._progress.create_async(self._token)
        except JsonRpcException:  # a client may refuse, and then has no progress to show
            return
        if self._ended:
            return
        self._begun = True
        begin = types.WorkDoneProgressBegin(title=self._title, cancellable=True, message=self._last or None)
        self._progress.begin(self._token, begin)
        self._progress.tokens[self._token].add_done_callback(lambda future: future.cancelled() and self._stop())

    def _report(self, doing: str) -> None:
        if doing and doing != self._last:
            self._last = doing
            if self._begun and not self._ended:
                self._progress.report(self._token, types.WorkDoneProgressReport(message=doing))
