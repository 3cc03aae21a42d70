"""What gradfix is busy with, on a terminal only, in one line that goes away again."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

from rich.status import Status
from rich.text import Text

from gradfix.account import READING
from gradfix.report.snippet import visible
from gradfix.report.text import console_for

SHOWN = 2
"""Files whose doings are named at a time."""


class Progress:
    """A line on stderr, from the first run of a file on. Any thread may tell."""

    def __init__(self) -> None:
        self.console = console_for(sys.stderr)
        self.total, self.done = 0, 0
        self.doing: dict[str, str] = {}
        self.status: Status | None = None
        self.lock, self.over = threading.Lock(), False

    def told(self, path: str, doing: str) -> None:
        """A file has come to another phase; with "" it is done."""
        with self.lock:
            self.doing.pop(path, None)
            if self.over:  # a thread may still be at it
                return
            if doing:
                self.doing[path] = doing
            if self.status is None and doing not in ("", READING):
                self.status = Status(self._line(), console=self.console)
                self.status.start()
            elif self.status is not None:
                self.status.update(self._line())

    def know(self, total: int) -> None:
        """The number of all files is known: they were found. Nothing is written for it."""
        self.total = total

    def _line(self) -> Text:
        of = f"/{self.total}" if self.total else ""
        count = f"[{self.done + 1}{of}] " if self.total != 1 else ""
        shown = [f"{path}: {doing}" for path, doing in list(self.doing.items())[-SHOWN:]]
        return Text(visible(count + "; ".join(shown)), no_wrap=True, overflow="ellipsis")

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """While it lasts the line is not there, so that a report can be written to the same terminal."""
        with self.lock:
            self.done += 1
            if self.status is not None:
                self.status.stop()
                self.status = None  # what is told next begins a new one
            yield

    def end(self) -> None:
        """Takes the line away for good."""
        with self.lock:
            if self.status is not None:
                self.status.stop()
            self.status, self.over = None, True
