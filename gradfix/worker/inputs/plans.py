"""How to call a function that nothing calls, with made-up inputs; and calling it so."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import building, telling
from .specs import Spec

_DESCRIBING = ("OptionInfo", "ArgumentInfo")
"""Classes of typer's."""


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt. `lines` are the places of the user's frames of the error, innermost last."""

    reached: bool
    error: BaseException | None
    lines: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Plan:
    """How to call the function: on which receiver (or out of which factory), with which made-up arguments."""

    qualname: str
    receiver: Spec | None
    arguments: dict[str, Spec]

    def to_json(self) -> dict[str, Any]:
        return {"qualname": self.qualname, "receiver": self.receiver, "arguments": self.arguments}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Plan:
        return Plan(data["qualname"], data["receiver"], dict(data["arguments"]))

    def describe(self) -> list[str]:
        """What was made up, a line for each value."""
        label = "factory" if "<locals>" in self.qualname else "self"
        lines = [telling.describe(label, self.receiver)] if self.receiver else []
        return lines + [telling.describe(name, spec) for name, spec in self.arguments.items()]


@dataclass(frozen=True)
class Stuck:
    """Why no inputs were found, in one sentence, and what the user can give."""

    reason: str


def target(plan: Plan, namespace: Mapping[str, Any]) -> tuple[Callable[..., Any], Any]:
    """The function that the plan calls, and its receiver, made afresh."""
    *_, last = plan.qualname.split(".")
    if plan.receiver is None:
        found = building.resolve(namespace, plan.qualname)
        return (functools.partial(found.main, [], standalone_mode=False) if is_command(found) else found), None
    receiver = building.build(plan.receiver, namespace, building.rng_for("self"))
    return (receiver if "<locals>" in plan.qualname else getattr(receiver, last)), receiver


def is_command(value: Any) -> bool:
    """Whether a function has become a command of click's, which reads its arguments itself."""
    return all(hasattr(value, name) for name in ("main", "callback", "params")) and not isinstance(value, type)


def call_with(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Calls with values by position as far as the signature goes in their order, the rest by name.

    A function that takes other names, as the wrapper of a decorator may, is given all of them by position. Parameters
    such as `*args` are left empty. A default that only describes an option of typer's is not one: its own is taken.
    """
    parameters: list[inspect.Parameter] = []
    with contextlib.suppress(TypeError, ValueError):
        parameters = list(inspect.signature(function).parameters.values())
    named = {one.name for one in parameters if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)}
    if parameters and parameters[-1].kind is not inspect.Parameter.VAR_KEYWORD and not values.keys() <= named:
        return function(*values.values())
    described = {one.name: one.default for one in parameters if type(one.default).__name__ in _DESCRIBING}
    rest = {name: info.default for name, info in described.items()} | dict(values)
    args = []
    for one in parameters:
        if one.name not in rest or one.kind not in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD):
            break
        args.append(rest.pop(one.name))
    return function(*args, **rest)


def perform(plan: Plan, namespace: Mapping[str, Any], times: int = 2) -> Any:
    """Builds the values of the plan and calls its function `times` times. Gives what the last call returned."""
    function, receiver = target(plan, namespace)  # a tf.function holds its receiver by a weak reference only
    values = building.build_args(plan.arguments, namespace)
    result = None
    for _ in range(times):
        result = call_with(function, values)
    del receiver
    return result
