"""When a text that is typed on is looked at."""

from __future__ import annotations

import asyncio
import time

from gradfix.lsp.pace import PAUSE, QUICK, Pace


class Looks:
    """What is looked at, and how: each look takes `dear` seconds of the processor."""

    def __init__(self) -> None:
        self.had: list[str] = []
        self.dear = 0.0
        self.pace = Pace(lambda uri: self._have(f"look {uri}"), lambda uri: self._have(f"settle {uri}"))

    def _have(self, what: str) -> None:
        began = time.thread_time()
        while time.thread_time() - began < self.dear:
            pass
        self.had.append(what)

    async def until(self, *what: str) -> None:
        end = time.monotonic() + 60
        while self.had != list(what):
            assert time.monotonic() < end, self.had
            await asyncio.sleep(0.001)
        self.had.clear()


def test_keys_that_come_together_are_looked_at_together_and_once_more_when_they_end() -> None:
    async def story() -> None:
        looks = Looks()
        for _ in range(3):
            looks.pace.typed("a")
            looks.pace.typed("b")
            await asyncio.sleep(0)  # as between two messages that are there
        await looks.until("look a", "look b", "settle a", "settle b")

    asyncio.run(story())


def test_where_looking_is_dear_the_pause_is_waited_for_until_it_is_quick_again() -> None:
    async def story() -> None:
        looks = Looks()
        looks.dear = 2 * QUICK
        looks.pace.typed("a")
        await looks.until("look a", "settle a")
        looks.pace.typed("a")
        await looks.until("settle a")
        looks.dear = 0
        looks.pace.typed("a")
        await looks.until("settle a")
        looks.pace.typed("a")
        await looks.until("look a", "settle a")

    asyncio.run(story())


def test_what_is_saved_is_looked_at_once_and_what_is_closed_no_more() -> None:
    async def story() -> None:
        looks = Looks()
        looks.pace.typed("a")
        looks.pace.saved("a")
        looks.pace.typed("b")
        looks.pace.closed("b")
        await looks.until("settle a")
        await asyncio.sleep(1.5 * PAUSE)
        assert not looks.had

    asyncio.run(story())
