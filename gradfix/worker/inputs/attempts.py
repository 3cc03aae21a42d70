"""Attempts to call the function with a plan, and what they teach."""

from __future__ import annotations

import ast
import contextlib
import inspect
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from . import building
from .definitions import dotted
from .frames import Frame
from .layers import is_model
from .module import Module
from .plans import Outcome, Plan, call_with, target
from .scene import Known, Scene
from .uses import Use
from .watching import Seen, watched

MOST_ATTEMPTS = 80
_EXPECTED = re.compile(
    r"non-persistent GradientTape|No gradients provided|NoneType|None values not supported|None for gradient"
    r"|gradients? (?:is|are) None"
)


@dataclass(frozen=True)
class Try:
    """What one attempt taught. `progress`: the lines of the step, and of what it calls, at which it failed."""

    outcome: Outcome
    live: dict[str, Any]
    seen: Seen
    progress: tuple[int, ...]

    @property
    def settled(self) -> bool:
        """Whether the step ended well, or failed as it does for want of a gradient."""
        error = self.outcome.error
        return error is None or bool(_EXPECTED.search(str(error)))

    @property
    def message(self) -> str:
        error = self.outcome.error
        return "" if error is None else f"{type(error).__name__}: {error}"


@dataclass
class Attempts:
    """All attempts of one search: how many may still be made, and what they came to."""

    module: Module
    qualname: str
    attempt: Callable[[Callable[[], Any]], Outcome]
    deadline: float
    left: int = MOST_ATTEMPTS
    last: str = ""
    furthest: tuple[int, ...] = ()
    missing: set[str] = field(default_factory=set)
    fallback: Plan | None = None

    @property
    def over(self) -> bool:
        return self.left <= 0 or time.monotonic() > self.deadline

    def look(self, frame: Frame) -> dict[str, Any] | None:
        """The objects of a frame, to be looked at; None if they cannot be made."""
        live: dict[str, Any] = {}

        def make() -> None:
            for name, spec in frame.objects.items():
                live[name] = building.build(spec, self.module.namespace, building.rng_for(name))
            function, receiver = target(Plan(self.qualname, frame.receiver, {}), self.module.namespace)
            live.update(_closure(function))
            live["self"] = receiver

        outcome = self.attempt(make)
        if "self" not in live and outcome.error:
            self.last = f"{type(outcome.error).__name__}: {str(outcome.error)[:160]}"
            return None
        return live

    def make(self, plan: Plan) -> Try:
        """Calls the function as the plan says."""
        self.left -= 1
        live: dict[str, Any] = {}
        seen: Seen = []
        namespace = self.module.namespace

        def thunk() -> None:
            function, receiver = target(plan, namespace)
            values = building.build_args(plan.arguments, namespace)
            live.update({**_closure(function), **{k: v for k, v in values.items() if is_model(v)}, "self": receiver})
            with watched(seen, [*live.values(), *namespace.values()]):
                call_with(function, values)

        outcome = self.attempt(thunk)
        lines = [line for _, line in outcome.lines]
        result = Try(outcome, live, seen, self._progress(lines))
        if outcome.error is not None:
            text = str(outcome.error).strip().splitlines() or [""]
            if result.progress >= self.furthest:
                self.furthest, self.last = result.progress, f"{type(outcome.error).__name__}: {text[0][:160]}"
            self._note_missing(lines)
        return result

    def _progress(self, lines: list[int]) -> tuple[int, ...]:
        """The lines of an error, from the outermost one in the function on."""
        function = self.module.function
        first, last = function.lineno, function.end_lineno or function.lineno
        start = next((i for i, line in enumerate(lines) if first <= line <= last), None)
        return tuple(lines[start:]) if start is not None else ()

    def _note_missing(self, lines: list[int]) -> None:
        """Attributes of self that the failing lines of the class read: a method may have to fill them first."""
        if self.module.owner is None:
            return
        for part in ast.walk(self.module.owner):
            if isinstance(part, ast.Attribute) and part.lineno in lines and dotted(part.value) == "self":
                self.missing.add(part.attr)


def learned(scene: Scene, result: Try, leaves: Iterable[Use]) -> Scene:
    """The scene after an attempt: with its objects, and with the shapes that came out of the layers it called."""
    then = scene.seeing(result.live)
    outputs = dict(scene.known.outputs)
    for callee in sorted({out.callee for use in leaves for one in use.walk() for _, out in one.targets}):
        layer = then.thing(callee)
        returned = [tree for called, tree in result.seen if called is layer and tree is not None]
        outputs |= {callee: returned[-1]} if returned else {}
    order = tuple(tree for _, tree in result.seen if tree is not None) if result.seen else scene.known.order
    return replace(scene, live={**scene.live, **result.live}, known=Known(outputs, order))


def _closure(function: Any) -> dict[str, Any]:
    """The objects of the factory that an inner function uses."""
    plain = inspect.unwrap(getattr(function, "python_function", function))
    with contextlib.suppress(TypeError, ValueError):
        return dict(inspect.getclosurevars(plain).nonlocals)
    return {}
