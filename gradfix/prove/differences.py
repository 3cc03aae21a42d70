"""Checks gradients against finite differences.

Along the gradient's own direction the target must change by the gradient's norm for each unit of the step: random
directions drown in rounding. Several step sizes are tried, since none is right for every target.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from gradfix.run.lab import STASHES, Lab, Seen, Texts
from gradfix.run.messages import Request

SHARES = (2e-3, 2e-2, 1e-1, 2e-4, 4e-5)
"""By how much of its size the target should change with one step. The smallest are the noisiest, but pass no kink, and
no bend of a target most of which is a constant (the reconstruction of a picture in grey)."""
AGREES, DISAGREES = 0.02, 0.2
"""Relative errors: below the first the gradient is right; above the second, at all steps, it is wrong."""
HALF_AGREES = 0.05
AGREE = "finite differences agree to"
UNDECIDED = "not conclusive"
SETTLED = 0.01
"""Slopes of two step sizes that are so near to each other, relative to the gradient's norm, are the derivative."""


def derivative_fault(lab: Lab, look: Seen, request: Request, texts: Texts, checks: dict[str, str]) -> str:
    """What finite differences say against a request's gradients, or "". Writes the check "derivative"."""
    request = next_alike(look, request)
    if request.value is None or not any(s.kind == "variable" for s in request.sources):
        checks["derivative"] = "not checked: the sources are not variables, or the target has no value"
        return ""
    half = any("16" in s.dtype for s in request.sources) or any("16" in d for d in request.target["dtypes"])
    if agreed := _at_once(lab, look, request, texts, HALF_AGREES if half else AGREES):
        checks["derivative"] = agreed
        return ""
    written = lab.perturbed(look, request, texts, write=True)
    direction, same = written.event("direction"), written.at(request.index)
    if direction is None or same is None:
        return _unanswered(written.death or "the step was not reached again", checks)
    if not direction["norm"] or not direction["variables"]:
        checks["derivative"] = "not checked: no direction to go"
        return ""
    if same.value is None or not _near(same.value[0], request.value[0], 1e-5 * request.value[1]):
        checks["derivative"] = "not checked: the target's value differs from run to run"
        return ""
    slopes: list[float] = []
    for step in dict.fromkeys(_step(share, request.value[1], direction) for share in SHARES):
        values = []
        for signed in (step, -step):
            run = lab.perturbed(look, request, texts, step=signed)
            if run.death:
                return _unanswered(run.death, checks)
            moved, answer = run.event("perturbed"), run.at(request.index)
            complete = moved is not None and moved["variables"] == direction["variables"]
            if not complete or answer is None or answer.value is None:
                checks["derivative"] = "not checked: the step fails when the variables move"
                return ""
            values.append(answer.value[0])
        slopes.append((values[0] - values[1]) / (2 * step) / direction["norm"])
        if abs(slopes[-1] - 1) <= (HALF_AGREES if half else AGREES):
            checks["derivative"] = _agreed(abs(slopes[-1] - 1))
            return ""
        if _settled(slopes):
            break
    if direction["opaque"]:
        checks["derivative"] = f"not checked: {', '.join(direction['opaque'])} lies on the path"
        return ""
    error = min(abs(slope - 1) for slope in slopes)
    if not half and (error > DISAGREES or _settled(slopes)):
        checks["derivative"] = f"finite differences differ by {error:.1%}"
        return f"the new gradients are not the derivative of the target: {checks['derivative']}"
    checks["derivative"] = f"{UNDECIDED}: finite differences differ by {error:.1%}"
    return ""


def _settled(slopes: list[float]) -> bool:
    """Whether two step sizes tell the same slope, which is not the gradient's."""
    pairs = combinations(slopes, 2)
    return any(abs(a - b) <= SETTLED and min(abs(a - 1), abs(b - 1)) > HALF_AGREES for a, b in pairs)


def _at_once(lab: Lab, look: Seen, request: Request, texts: Texts, allowed: float) -> str:
    """What is said where one step along the direction that the look wrote down agrees already; "" where it does not.

    One step forward is enough to agree by, but not to tell what is wrong.
    """
    directions = [e for e in look.eager.others if e.get("event") == "direction" and e["index"] == request.index]
    if not directions or request.value is None or not directions[-1]["norm"] or not directions[-1]["variables"]:
        return ""
    direction = directions[-1]
    step = _step(SHARES[0], request.value[1], direction)
    stash = STASHES[look.eager is not look.written]
    run = lab.perturbed(look, request, texts, step=step, stash=stash)
    moved, answer = run.event("perturbed"), run.at(request.index)
    if moved is None or moved["variables"] < direction["variables"] or answer is None or answer.value is None:
        return ""
    slope = (answer.value[0] - request.value[0]) / step
    error = abs(slope - direction["norm"]) / direction["norm"]
    return _agreed(error) if error <= allowed else ""


def _step(share: float, size: float, direction: Mapping[str, Any]) -> float:
    """How far to go for the target to change by a share of its size."""
    return float(min(share * max(size, 1e-3) / direction["norm"], 0.1 * (direction["size"] + 1.0)))


def _agreed(error: float) -> str:
    return f"{AGREE} {max(error, 1e-4):.1%}"


def _unanswered(death: str, checks: dict[str, str]) -> str:
    """A run of the check itself came to nothing: the gradients may be right, but that is not shown."""
    checks["derivative"] = f"not checked: {death}"
    return f"finite differences could not be taken: {death}"


def next_alike(look: Seen, request: Request) -> Request:
    """The next request from the same line where there is one: by then every variable has been made."""
    alike = [r for r in look.eager.requests if r.place == request.place and r.index > request.index]
    return next((r for r in alike if len(r.sources) == len(request.sources)), request)


def _near(a: float, b: float, scale: float) -> bool:
    return abs(a - b) <= scale + 1e-9
