"""One more run of a file, begun before it is known what is asked of it: it goes as far as it can, and waits.

A file's runs follow from one another, and each is mostly the way to the place where it begins to differ. So the run
that traces a break goes that way beside the first look, and the one that moves variables beside the look at a rewrite.
What comes of it is what a run that was begun later would have shown. Where another one is wanted in the end, or it
comes to nothing, it is ended: nothing was lost but the work of a processor that was idle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from gradfix.run.messages import Run
from gradfix.run.pool import Pool
from gradfix.run.worker import Held

TRACE, PERTURB = "trace", "perturb"
ANSWERS = {TRACE: TRACE, PERTURB: "perturbed"}
"""The event without which a run of a kind has come to nothing."""

Json = Mapping[str, Any]


class Ahead:
    """Holds the one run of a file that is begun ahead. Used by the one thread that looks at the file."""

    def __init__(self, pool: Pool, environment: Mapping[str, str]) -> None:
        self.pool, self.environment = pool, environment
        self.held: Held | None = None
        self.request: Json = {}

    def begin(self, request: Json, kind: str) -> None:
        """Begins a run whose `trace` or `perturb` is known in part, where nobody else wants the workers."""
        self.request = {**request, "held": kind}
        self.held = self.pool.hold(self.request, self.environment)

    def start(self, request: Json) -> Callable[[], Run]:
        """Starts a run, and gives what waits for it: the one that is held, if it is on the way to the same."""
        held = self.held
        if held is None or not self._fits(request):
            return self.pool.start(request, self.environment)
        self.held, kind = None, self.request["held"]
        held.tell({kind: request[kind]})

        def wait() -> Run:
            run = held.wait()
            return run if run.event(ANSWERS[kind]) else self.pool.run(request, self.environment)

        return wait

    def _fits(self, request: Json) -> bool:
        """Whether the run that is held may become this one.

        It reads from the disk what it was not given: the further texts are those of files that a run has loaded.
        """
        kind = self.request["held"]
        asked, begun = request.get(kind), self.request[kind]
        if not asked or any(request[key] != value for key, value in self.request.items() if key in _ALIKE):
            return False
        texts = request["overlay"]
        if any(texts.get(path) != text for path, text in self.request["overlay"].items()):
            return False
        if kind == TRACE:
            same = asked["index"] == begun["index"] and asked["start"] == begun["start"]
            return bool(same and not asked.get("picture"))
        return bool("step" in asked and asked.get("stash") == begun["stash"] and asked["serial"] >= begun["serial"])

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop()

    def drop(self) -> None:
        """Ends what nobody has asked for."""
        if self.held is not None:
            self.held.stop()
            self.held = None


_ALIKE = ("path", "root", "cwd", "argv", "search", "package", "module", "entry", "limits", "eager")
