"""How a run tells what it saw: marked lines in a pipe.

User code lives in the same process, and can find anything in it if it looks for it. What writes to every open file, or
prints what looks like an event, is not heard: each line bears a word that is made up anew for each run, and the pipe
has a number that cannot be known beforehand.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
from collections.abc import Callable
from typing import Any

from .isolation.limits import Bounds, told

READY = "ready"
Emit = Callable[[dict[str, Any]], None]


class Channel:
    """The run's end of the pipe. `begun` is when its request came; `written_as` are a folder's path in the sandbox and
    what is to be said for it.
    """

    def __init__(self, pipe: int, token: str, begun: float = 0.0) -> None:
        self.pipe, self.token, self.begun = pipe, token, begun
        self.written_as = ("", "")
        self.bounds: Bounds | None = None

    def open(self) -> Emit:
        """Moves the pipe out of the way, and gives the one function that writes to it. The channel forgets the word."""
        pipe, mark, owner = _moved(self.pipe), self.token.encode() + b" ", os.getpid()
        self.pipe, self.token = -1, ""
        encode, write, getpid, bounds = json.JSONEncoder().encode, os.write, os.getpid, self.bounds
        inside, outside = (json.dumps(path)[1:-1] for path in self.written_as)

        def emit(event: dict[str, Any]) -> None:
            if getpid() != owner:  # a fork of user code
                return
            error = event.get("error")
            if bounds is not None and isinstance(error, dict):
                event = {**event, "error": {**error, "message": told(error["message"], bounds)}}
            text = encode(event)
            if inside:
                text = text.replace(inside, outside)
            data = mark + text.encode() + b"\n"
            while data:
                data = data[write(pipe, data) :]

        return emit


def _moved(pipe: int) -> int:
    """The pipe under a high number that code does not hit by chance, and that no program it starts inherits."""
    most = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 65536)
    for _ in range(100):
        number = random.SystemRandom().randrange(max(most // 4, 3), most)
        try:
            os.fstat(number)
        except OSError:
            os.dup2(pipe, number, inheritable=False)
            os.close(pipe)
            return number
    return pipe


def events_in(data: bytes, token: str) -> tuple[list[dict[str, Any]], float | None]:
    """The events in what a run has sent, and the seconds that its sandbox took to set up, if it said so.

    A line without the word, or that is no JSON object (cut off by death, or forged), is left out.
    """
    events, setup = [], None
    mark = token.encode() + b" "
    for line in data.split(b"\n"):
        if not line.startswith(mark):
            continue
        with contextlib.suppress(ValueError):
            event = json.loads(line[len(mark) :])
            if isinstance(event, dict) and event.get("event") == READY:
                setup = event["seconds"]
            elif isinstance(event, dict):
                events.append(event)
    return events, setup
