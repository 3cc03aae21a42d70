"""A run whose expressions are followed, up to one request: what comes out of it is one event."""

from __future__ import annotations

import ast
from typing import Any

from .breaks import Finder
from .holding import Rest
from .instrument import instrument
from .layers import Layers
from .recorder import Enough, Recorder
from .sites import Sites
from .terms import terms_event
from .trace import Tracer
from .way import way_event


class Tracing:
    """A traced run: the window is open from request `start` to request `index`, at which the run ends.

    Begun ahead it is told there what is wanted of that request: the `rest`.
    """

    def __init__(self, wanted: dict[str, Any], rest: Rest | None) -> None:
        self.index, self.start, self.rest = wanted["index"], wanted["start"], rest
        self.wanted = wanted
        self.sites = Sites()
        self.tracer = Tracer(self.sites, wanted.get("memory", 0))

    def instrument(self, tree: ast.Module, path: str) -> ast.Module:
        """What the import hook does to each module of the user's."""
        return instrument(tree, path, self.sites)

    def install(self, recorder: Recorder) -> None:
        """Starts to follow, at once or when the request before the window is over."""
        self.recorder = recorder
        self.tracer.install()
        self.layers = Layers(self.tracer, recorder.places)
        self.layers.install()
        recorder.on_request.append(self.asked)
        recorder.on_answer.append(self.answered)
        if self.start == 0:
            self.tracer.start()

    def asked(self, tape: Any, target: Any, sources: list[Any], event: dict[str, Any]) -> None:
        """Looks at the broken request; raises Enough, since nothing after it is of interest."""
        if event["index"] != self.index:
            return
        self.tracer.stop()
        wanted = self.rest.told()["trace"] if self.rest is not None else self.wanted
        missing = [sources[i] for i in wanted["missing"] if i < len(sources)] or sources
        finder = Finder(self.tracer, tape, target, missing)
        if wanted.get("picture"):
            facts = way_event(finder, sources, self.layers.said)
        else:
            facts = terms_event(finder) if wanted.get("whole") else finder.facts()
        self.recorder.emit(event)
        self.recorder.emit(facts)
        raise Enough

    def answered(self, event: dict[str, Any]) -> None:
        """Opens the window after the request before its start."""
        if event["index"] == self.start - 1:
            self.tracer.start()
