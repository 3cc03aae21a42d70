"""Keeps the time of a survey."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from gradfix.survey.one import Surveyed


class Timed:
    """Files as they are surveyed; `seconds` is what was waited for them, `ended` is told their number."""

    def __init__(self, files: Iterator[Surveyed]) -> None:
        self.files = files
        self.seconds, self.count = 0.0, 0
        self.ended: Callable[[int], None] = lambda count: None

    def __iter__(self) -> Iterator[Surveyed]:
        return self

    def __next__(self) -> Surveyed:
        began = time.monotonic()
        try:
            found = next(self.files)
        except StopIteration:
            self.ended(self.count)
            raise
        finally:
            self.seconds += time.monotonic() - began
        self.count += 1
        return found
