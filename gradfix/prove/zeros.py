"""Finds gradients that are there but tell nothing: all zeros, and still so wherever the variables are.

`tf.sign` and an operation that drops what it was given yield zeros instead of None. A zero of its own right (a LoRA
factor that starts at zero, a hinge that is satisfied) goes away when the variables move.
"""

from __future__ import annotations

from dataclasses import replace

from gradfix.breaks import NEVER_USED, UNWATCHED
from gradfix.look.diagnose import trace_of
from gradfix.prove.differences import next_alike
from gradfix.run.lab import Lab, Seen, Texts
from gradfix.run.messages import Request, Run

NOISE = 0.5
"""Scale of the noise, relative to one plus a variable's size, under which a zero must stay to count as missing."""
FAR = 4.0
"""The same scale where a target is to stay as it is: steps such as those of `tf.sign` must show."""
SAME = 1e-5
"""How much a target may change, relative to its values' sizes, where it does not depend on what moved."""


DROPPING = (".write()", ".scatter()", ".stack()", ".concat()", ".gather()", ".read()")
"""Methods of a TensorArray, which gives back a new array: a target that does not move is no excuse there."""


def settled(lab: Lab, look: Seen, texts: Texts) -> Seen:
    """The look with lasting zeros marked as missing, where a trace shows the expression that makes them."""
    marks: dict[object, tuple[int, ...]] = {}
    for request in look.eager.requests:
        if request.place in marks or request.missing or request.excused:
            continue
        zeros = stays_zero(lab, look, request, texts)
        if zeros:
            marked = replace(request, zeros=zeros)
            trace = trace_of(lab.trace(look, marked, texts), marked, texts)
            if (
                not trace.breaks
                or trace.breaks[0].kind in (NEVER_USED, UNWATCHED)
                or (
                    not any(b.operation in DROPPING for b in trace.breaks)
                    and rightly_zero(lab, look, marked, texts, zeros)
                )
            ):
                zeros = ()
        marks[request.place] = zeros
    if not any(marks.values()):
        return look
    eager = _marked(look.eager, marks)
    return Seen(look.entry, eager if look.written is look.eager else look.written, eager)


def rightly_zero(lab: Lab, look: Seen, request: Request, texts: Texts, zeros: tuple[int, ...]) -> bool:
    """Whether the target stays the same where the sources with these numbers move: their gradient is zero indeed.

    The bias of a critic whose mean over generated examples is taken from that over real ones is such a source. Asked
    after `stays_zero`, which has saved the direction.
    """
    request = next_alike(look, request)
    for seed in (1, 2, 3):
        run = lab.perturbed(look, request, texts, noise=FAR, seed=seed, only=list(zeros))
        answer = run.at(request.index)
        if answer is None or answer.value is None or request.value is None:
            return False
        if abs(answer.value[0] - request.value[0]) > SAME * request.value[1]:
            return False
    return True


def _marked(run: Run, marks: dict[object, tuple[int, ...]]) -> Run:
    return replace(run, requests=tuple(replace(r, zeros=marks.get(r.place, ())) for r in run.requests))


def stays_zero(lab: Lab, look: Seen, request: Request, texts: Texts) -> tuple[int, ...]:
    """The sources of a request whose gradient is all zeros, and still is after their variables were moved twice."""
    zeros = {i for i, g in enumerate(request.gradients) if g is not None and g.zero and request.sources[i].trainable}
    zeros = {i for i in zeros if request.sources[i].kind == "variable"}
    if not zeros or request.graph or request.call != "gradient":
        return ()
    request = next_alike(look, request)
    lab.perturbed(look, request, texts, write=True)
    for seed in (1, 2):
        run = lab.perturbed(look, request, texts, noise=NOISE, seed=seed)
        answer, moved = run.at(request.index), run.event("perturbed")
        if answer is None or moved is None or not moved["variables"]:
            return ()
        zeros &= {i for i, g in enumerate(answer.gradients) if g is not None and g.zero}
    return tuple(sorted(zeros))
