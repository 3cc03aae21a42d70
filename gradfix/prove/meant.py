"""Whether what holds a gradient back may be meant: then a person should agree to the rewrite that lets it through."""

from __future__ import annotations

from gradfix.breaks import NOT_DIFFERENTIABLE, STOPPED, Break, Trace
from gradfix.scan.terms import has_difference


def doubt_of(cut: Break, trace: Trace) -> str:
    """What a person has to decide where a rewrite answers a `stop_gradient` that may be meant; else "".

    Where another way to the same sources ends at an operation without a gradient, that may be the mistake: a quantised
    value is compared with what it was made of, and one of the two is held constant. What stops a difference is the
    straight-through trick itself.
    """
    other = next((b for b in trace.breaks if b.kind == NOT_DIFFERENTIABLE), None)
    if other is None or cut.kind != STOPPED or has_difference(cut.segment):
        return ""
    return f"line {other.place.line} holds the gradient back as well, and this stop may be meant"
