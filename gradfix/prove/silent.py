"""Terms that a target lost in silence: no gradient is None, and the gradients are those of another loss."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gradfix.breaks import Break, Trace
from gradfix.look.diagnose import terms_of
from gradfix.prove.differences import AGREE, derivative_fault
from gradfix.prove.proof import TOLERANCE, Promise, Proof, prove
from gradfix.prove.search import MOST_EDITS, MOST_TRIES, Edit, Outcome, Propose, Refusal
from gradfix.run.lab import Lab, Seen, Texts
from gradfix.run.messages import Request, missing_of
from gradfix.scan.terms import may_lose_a_term

OPAQUE, INCONCLUSIVE = "not checked: tf.", "not conclusive"
"""How the check of the derivative begins where differences were taken and did not agree."""
CHANGED = "gradients that are there change, since they lacked a term"


@dataclass(frozen=True)
class LostTerms:
    """What a request's target lost: the breaks, and the number of the look that the request belongs to."""

    look: int
    request: Request
    terms: tuple[Break, ...]


def lost_terms(lab: Lab, texts: Texts, seen: tuple[Seen, ...]) -> LostTerms | None:
    """Looks at steps that have all their gradients; None where no target lost a term, as far as two witnesses tell.

    A trace must show a value that left TensorFlow and was added to what trains, and finite differences must disagree
    with the gradients. A factor that is held fixed is no such term: weights are often meant so.
    """
    if not any(may_lose_a_term(text) for text in texts.values()):
        return None
    for index, look in enumerate(seen):
        for request in _one_for_each_step(look):
            terms = terms_of(lab.trace(look, request, texts, whole=True), texts)
            if terms and _disagree(lab, look, request, texts):
                return LostTerms(index, request, terms)
    return None


def _disagree(lab: Lab, look: Seen, request: Request, texts: Texts) -> bool:
    """Whether finite differences disagree with a request's gradients, by how little ever; a trace has spoken already.

    Where `stop_gradient` or a gradient of the user's own lies on the path they may, and nothing follows from it.
    """
    checks: dict[str, str] = {}
    if derivative_fault(lab, look, request, texts, checks):
        return True
    said = checks["derivative"]
    boxes = said.startswith(OPAQUE) and "stop_gradient" not in said and "custom_gradient" not in said
    return boxes or said.startswith(INCONCLUSIVE)


def _one_for_each_step(look: Seen) -> tuple[Request, ...]:
    """The first request of each line that got all it asked for."""
    found: dict[object, Request] = {}
    for request in look.eager.requests:
        if (
            request.place
            and not request.accepted
            and not request.error
            and not missing_of(request)
            and request.value is not None
        ):
            found.setdefault((request.place.path, request.place.line), request)
    return tuple(found.values())


def search_terms(lab: Lab, texts: Texts, before: tuple[Seen, ...], lost: LostTerms, propose: Propose) -> Outcome:
    """The patch after which finite differences agree; the terms alone where there is none.

    It changes gradients that are there, and so is never more than unsafe. Each round takes a rewrite that is right at
    once, else the first that leaves fewer terms lost.
    """
    index, request, terms = lost.look, lost.request, lost.terms
    refusals: list[Refusal] = []
    edits: tuple[Edit, ...] = ()
    now, left = texts, terms
    for _ in range(MOST_EDITS):
        fewer: tuple[Edit, Texts, tuple[Break, ...]] | None = None
        offers = [(cut, candidate) for cut in left for candidate in propose(now, request, cut)]
        for cut, candidate in offers[:MOST_TRIES]:
            if unfit := candidate.fault or lab.unfit(candidate.path, candidate.text):
                refusals.append(Refusal(candidate, cut, unfit))
                continue
            new = {**now, candidate.path: candidate.text}
            edit = Edit(candidate, cut, request, now[candidate.path], index)
            after = lab.look(before[index].entry, new, like=before[index], note=request)
            why, derivative = _compared(lab, before[index], after, request, edit, new)
            if derivative.startswith(AGREE):
                done = tuple(replace(e, derivative=derivative) for e in (*edits, edit))
                return _proved(lab, before, new, done, tuple(refusals))
            refusals.append(Refusal(candidate, cut, why or derivative))
            still = left if why else terms_of(lab.trace(after, request, new, whole=True), new)
            if fewer is None and len(still) < len(left):
                fewer = edit, new, still
        if fewer is None:
            break
        edits, now, left = (*edits, fewer[0]), fewer[1], fewer[2]
    return Outcome(texts, (), before, (), tuple(refusals), request, Trace(terms), index)


def _compared(lab: Lab, before: Seen, after: Seen, request: Request, edit: Edit, texts: Texts) -> tuple[str, str]:
    """What speaks against a rewrite, or "", and what finite differences say of its gradients."""
    proof = prove(before, after, Promise(edit.candidate.keeps_value, edit.candidate.same_target))
    answer = after.eager.at(request.index)
    if not proof.holds or answer is None:
        return proof.why or "the patched run did not get as far as the step", ""
    checks: dict[str, str] = {}
    derivative_fault(lab, after, answer, texts, checks)
    return "", checks["derivative"]


def _changes(request: Request, after: Seen) -> str:
    """What the patch changes: the gradients, as it should, and the target's value if it does."""
    answer = after.eager.at(request.index)
    if answer is None or answer.value is None or request.value is None:
        return CHANGED
    (old, scale), new = request.value, answer.value[0]
    return CHANGED if abs(old - new) <= TOLERANCE * scale + 1e-7 else f"the target's value changes from {old:.6g}"


def _proved(
    lab: Lab, before: tuple[Seen, ...], texts: Texts, edits: tuple[Edit, ...], refusals: tuple[Refusal, ...]
) -> Outcome:
    """The patch with its proof at every entry; refused where one of them does not hold."""
    looks = tuple(lab.look(look.entry, texts, like=look) for look in before)
    keeps = all(e.candidate.keeps_value for e in edits)
    proofs = tuple(prove(b, a, Promise(keeps)) for b, a in zip(before, looks, strict=True))
    if why := next((p.why for p in proofs if not p.holds), ""):
        refused = (*refusals, *(Refusal(e.candidate, e.cut, why) for e in edits))
        return Outcome(
            texts, (), before, (), refused, edits[0].request, Trace(tuple(e.cut for e in edits)), edits[0].look
        )
    at = edits[0].look
    checks = {**proofs[at].checks, "derivative": edits[-1].derivative}
    checked = Proof("unsafe", _changes(edits[0].request, looks[at]), checks)
    taken = {id(e.candidate) for e in edits}
    left = tuple(r for r in refusals if id(r.candidate) not in taken)
    return Outcome(texts, edits, looks, (*proofs[:at], checked, *proofs[at + 1 :]), left)
