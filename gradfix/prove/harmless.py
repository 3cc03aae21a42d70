"""Sources that are rightly without a gradient: a note, and no finding.

What a model gives beside what the target uses (a head for another task, a pooler), and what drops out of a derivative
(the last bias of a network whose slope is fitted).
"""

from __future__ import annotations

from dataclasses import replace

from gradfix.breaks import DROPS_OUT, HARMLESS, LEFT_OUT
from gradfix.look.diagnose import left_out, trace_of
from gradfix.look.explore import Exploration
from gradfix.prove.zeros import rightly_zero
from gradfix.run.lab import Harmless, Lab, Seen, Texts
from gradfix.run.messages import Request, missing_of

DERIVATIVES = (".gradient()", ".jacobian()", ".batch_jacobian()")
MOST_NAMES = 3


def without_harmless(lab: Lab, texts: Texts, explored: Exploration) -> tuple[Lab, Exploration, tuple[str, ...]]:
    """A lab that expects what is rightly None, what was seen in that light, and a note for each step with such."""
    found = harmless_in(lab, texts, explored.seen)
    if not found:
        return lab, explored, ()
    lab = lab.excusing(found)
    seen = tuple(lab.excused(look, texts) for look in explored.seen)
    return lab, replace(explored, seen=seen), tuple(h.note for h in found)


def harmless_in(lab: Lab, texts: Texts, seen: tuple[Seen, ...]) -> tuple[Harmless, ...]:
    """Looks at each step that lacks some of its gradients: the sources of which a trace shows that this is right."""
    found: dict[object, Harmless | None] = {}
    for look in seen:
        for request in look.eager.requests:
            if request.place in found or not _partial(request):
                continue
            found[request.place] = _harmless(lab, texts, look, request)
    return tuple(h for h in found.values() if h is not None)


def _partial(request: Request) -> bool:
    """Whether some of several variables with names of their own are missing, and nothing else is wrong."""
    missing = missing_of(request)
    names = [s.name for s in request.sources]
    return (
        0 < len(missing) < len(request.sources)
        and not request.error
        and not request.mispaired
        and all(request.gradients[i] is None for i in missing)
        and all(names[i] and names.count(names[i]) == 1 for i in missing)
    )


def _harmless(lab: Lab, texts: Texts, look: Seen, request: Request) -> Harmless | None:
    run = lab.trace(look, request, texts)
    trace = trace_of(run, request, texts)
    if cut := left_out(run, texts):
        kind, segment = LEFT_OUT, cut
    elif trace.breaks and all(b.operation in DERIVATIVES for b in trace.breaks):
        kind, segment = DROPS_OUT, trace.breaks[0].segment
    else:
        return None
    missing = missing_of(request)
    if not _without_effect(lab, look, request, texts, missing):
        return None
    names = [request.sources[i].name for i in missing]
    shown = ", ".join(f"`{n}`" for n in names[:MOST_NAMES])
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    why = f"`{segment}` {HARMLESS[LEFT_OUT]}" if kind == LEFT_OUT else f"the target {HARMLESS[kind]} `{segment}`"
    where = lab.spot(request.place) if request.place else "somewhere"
    note = f"{where}: {shown}{more} get no gradient, and rightly: {why}; leave them out of the sources"
    return Harmless(frozenset(names), note)


def _without_effect(lab: Lab, look: Seen, request: Request, texts: Texts, missing: tuple[int, ...]) -> bool:
    """Whether the target stays the same wherever these sources are."""
    lab.perturbed(look, request, texts, write=True)
    return rightly_zero(lab, look, request, texts, missing)
