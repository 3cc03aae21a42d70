"""Holds the run before and the run after a patch side by side, and says whether the patch is proved."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gradfix.run.lab import Seen
from gradfix.run.messages import Request, Run, missing_of

TOLERANCE = 1e-4
"""Relative to the sum of sizes of what is compared: NumPy and TensorFlow sum float32 in another order, and NumPy often
in float64."""
GRADIENT_TOLERANCE = 2e-3
"""Relative to a gradient's norm, for the same reason: a gradient may be a small difference of large numbers."""


ENOUGH = 3
"""Requests that must be seen again: runs are ended by the clock, not all after the same number."""


@dataclass(frozen=True)
class Proof:
    """`verdict` is proved, unsafe or refused; `why` says what speaks against it; `checks` has a line for each point."""

    verdict: str
    why: str
    checks: dict[str, str]

    @property
    def holds(self) -> bool:
        """Whether the patch mends what it claims, though it may change something."""
        return self.verdict != "refused"


def first_broken(run: Run) -> Request | None:
    """The first request of a run that left a source without a gradient."""
    asked = (r for r in run.requests if not r.accepted)
    return next((r for r in asked if missing_of(r) or r.error or not r.sources or r.swapped), None)


def broken_in(look: Seen) -> Request | None:
    """The first broken request of a look; the eager run comes first, since it has numbers."""
    return first_broken(look.eager) or first_broken(look.written)


@dataclass(frozen=True)
class Promise:
    """What the codemods of a patch say of the target: that its value stays, and that it is the same thing at all.

    `doubt` is what they say where the value may not stay. `completes`: gradients that were there lacked a part, and
    finite differences confirm them as they are now.
    """

    keeps_value: bool = True
    same_target: bool = True
    doubt: str = "the target may have another value with it"
    completes: bool = False


def prove(before: Seen, after: Seen, promise: Promise, up_to: int | None = None) -> Proof:
    """Compares two looks at the same entry; see docs/architecture.md, "What a proof must hold".

    With `up_to`, only the requests up to that index need have their gradients: what is broken after it is mended by
    another edit of the patch. An entry that was not broken must stay as it was.
    """
    checks: dict[str, str] = {}
    for old_run, run in ((before.written, after.written), (before.eager, after.eager)):
        why = _gradients(run, up_to) or _mispaired(old_run, run)
        if run.death and run.death != old_run.death:
            why = f"the patched run: {run.death}"
        if why:
            return Proof("refused", why, {**checks, "gradients": why})
    old, new = before.eager, after.eager
    broken = first_broken(old)
    if broken is None:  # broken as a graph only
        old, new = before.written, after.written
        broken = first_broken(old)
    if broken is None:
        return _unbroken(before, after, checks)
    mended = new.at(broken.index)
    if mended is None and broken.raised and new.requests:  # the exception came after the last one
        mended = new.requests[-1]
    if mended is None:
        return Proof("refused", "the patched run did not get as far as the step", checks)
    if len(mended.sources) < max(sum(s.trainable for s in broken.sources), 1):
        return Proof("refused", "the patched step asks for fewer sources", checks)
    if any(mended.gradients[i] is None or mended.gradients[i].zero for i in broken.zeros):  # type: ignore[union-attr]
        return Proof("refused", "the gradients are still zero", checks)
    count = len(mended.sources)
    several = f"all {count} sources have a finite gradient of their shape"
    checks["gradients"] = several if count > 1 else "the source has a finite gradient of its shape"
    if up_to is None and (why := _new_trouble(before, after)):
        return Proof("refused", why, {**checks, "run": why})
    last = broken.index if promise.same_target else broken.index - 1
    changed = _values(old, new, last, checks)
    moved = _others(old, new, last, checks)
    checks["update"] = _update(mended, new)
    if changed or not promise.keeps_value:
        return Proof("unsafe", changed or promise.doubt, checks)
    if moved and not promise.completes:
        return Proof("unsafe", moved, checks)
    if moved:
        checks["others"] += ", which lacked a part"
    return Proof("proved", "", checks)


def _unbroken(before: Seen, after: Seen, checks: dict[str, str]) -> Proof:
    """An entry that the patch had nothing to mend in: all must be as it was."""
    last = min((r.index for r in before.eager.requests[-1:]), default=-1)
    if len(after.eager.requests) < min(len(before.eager.requests), ENOUGH):
        return Proof("refused", "code that was not broken no longer gets to its gradients", checks)
    changed = _values(before.eager, after.eager, last, checks) or _others(before.eager, after.eager, last, checks)
    return Proof("unsafe" if changed else "proved", changed or "", checks)


def _gradients(run: Run, up_to: int | None) -> str:
    """Point 1: what is wrong with the gradients of the patched run, or ""."""
    for request in run.requests:
        if up_to is not None and request.index > up_to:
            break
        if request.accepted:
            continue
        if request.swapped:
            return "the optimizer is still handed variables for gradients"
        if not request.sources:
            return "the patched step still asks for no sources"
        if request.error:
            return f"the patched step raises {request.error.splitlines()[0]}"
        if missing := missing_of(request):
            return f"{len(missing)} of {len(request.sources)} gradients are still missing"
        if any(g is not None and not g.finite for g in request.gradients):
            return "a gradient is not finite"
    return "" if run.requests else "the patched run asks for no gradients"


def _mispaired(before: Run, after: Run) -> str:
    """Whether a patch that changed what is asked for left the optimizer with other variables than that, or ""."""
    for request in after.requests:
        old = before.at(request.index)
        if request.mispaired and old is not None and not old.mispaired and request.sources != old.sources:
            return "the optimizer is handed the new gradients for other variables"
    return ""


def _new_trouble(before: Seen, after: Seen) -> str:
    """An exception that the patch brought: one before its last request, or about gradients; or one that is still there
    where the gradients are put to use."""
    for old, new in ((before.written, after.written), (before.eager, after.eager)):
        trouble = new.trouble
        if trouble is None:
            continue
        again = _behind(old) is not None and _behind(old) == _behind(new)
        if not again and old.trouble is not None and old.trouble.line == trouble.line:
            continue
        if old.trouble is None or again or "gradient" in trouble.message.lower() or "None" in trouble.message:
            return f"the patched run stops with {trouble.line}"
    return ""


def _behind(run: Run) -> tuple[str, int, int] | None:
    """Where a run stopped, told from its last request: the update of these gradients fails, with or without a patch.

    None where Keras updates by itself: what stops a `fit` need not be its update; and where no update stops so.
    """
    last = run.requests[-1].place if run.requests else None
    if run.trouble is None or not run.trouble.places or last is None or run.trouble.type not in OF_UPDATES:
        return None
    stop = run.trouble.places[-1]
    near = stop.path == last.path and 0 <= stop.line - last.line <= MOST_LINES
    own = (stop.line, stop.column) != (last.line, last.column)
    return (stop.path, stop.line - last.line, stop.column) if near and own else None


MOST_LINES = 12
"""How far behind its gradients an update may stand."""
OF_UPDATES = ("AttributeError", "TypeError", "ValueError", "InvalidArgumentError", "NotImplementedError")
"""What is raised by an update of what is no variable, or by gradients that do not fit."""


def _close(a: float, b: float, allowed: float) -> bool:
    return math.isfinite(a) and math.isfinite(b) and abs(a - b) <= allowed + 1e-7


def _pairs(before: Run, after: Run, last: int) -> list[tuple[Request, Request]]:
    """Requests of both runs with the same number, up to `last`."""
    return [(r, new) for r in before.requests if r.index <= last and (new := after.at(r.index)) is not None]


def _values(before: Run, after: Run, last: int, checks: dict[str, str]) -> str:
    """Point 2: how the target's value changed, "" where it did not or cannot be compared."""
    compared = 0
    for old, new in _pairs(before, after, last):
        if old.value is None or new.value is None:
            continue
        compared += 1
        if not all(
            _close(a, b, TOLERANCE * max(old.value[1], new.value[1])) for a, b in zip(old.value, new.value, strict=True)
        ):
            checks["value"] = f"changed: {old.value[0]:.6g} became {new.value[0]:.6g}"
            return f"the target's value changes from {old.value[0]:.6g} to {new.value[0]:.6g}"
    checks["value"] = "equal before and after" if compared else "not checked: the original has no value to compare"
    return ""


def _others(before: Run, after: Run, last: int, checks: dict[str, str]) -> str:
    """Point 3: which gradient that existed before has changed, or ""."""
    compared = 0
    for old, new in _pairs(before, after, last):
        if len(old.sources) != len(new.sources) or old.error:
            continue
        for a, b, source in zip(old.gradients, new.gradients, old.sources, strict=False):
            if a is None or b is None or a.norm is None or b.norm is None or a.shape != b.shape:
                continue
            compared += 1
            allowed = GRADIENT_TOLERANCE * max(a.norm, b.norm, 1e-3)
            if not _close(a.norm, b.norm, allowed) or not _close(a.sum or 0.0, b.sum or 0.0, 10 * allowed):
                checks["others"] = f"changed: the gradient of {source.name}"
                return f"the gradient of {source.name or 'a source'} that was there before changes"
    checks["others"] = f"{compared} gradients that were there are unchanged" if compared else "none was there before"
    return ""


def _update(mended: Request, run: Run) -> str:
    """Point 6: whether the user's own update moves the variables. Reported only."""
    variables = [i for i, s in enumerate(mended.sources) if s.kind == "variable"]
    moved = [r.moved for r in run.requests if r.moved and r.place == mended.place]
    if not variables:
        return "not checked: the sources are not variables"
    if not any(any(m) for m in moved):
        return "not checked: the code that ran does not update the variables"
    count = max(sum(bool(m) for m in each) for each in moved)
    return f"one update moves {count} of {len(variables)} variables"
