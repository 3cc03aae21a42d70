"""Tries the codemods' rewrites on TensorFlow until no gradient is missing, or none is left to try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from gradfix.breaks import LEFT_TENSORFLOW, NEVER_USED, OUTSIDE_TAPE, WORDS, Break, Trace
from gradfix.look.diagnose import is_factor, left_in, terms_of, trace_of
from gradfix.prove.differences import AGREE, UNDECIDED, derivative_fault
from gradfix.prove.elsewhere import elsewhere_fault
from gradfix.prove.harmless import harmless_in
from gradfix.prove.meant import doubt_of
from gradfix.prove.proof import Promise, Proof, broken_in, prove
from gradfix.prove.undo import extent, undone
from gradfix.prove.zeros import rightly_zero, stays_zero
from gradfix.run.lab import Harmless, Lab, Seen, Texts
from gradfix.run.messages import Request, missing_of
from gradfix.scan.terms import may_lose_a_term

MOST_TRIES = 24
"""Rewrites that are run for one missing gradient."""
MOST_EDITS = 8
"""Edits that one patch may need."""


@dataclass(frozen=True)
class Candidate:
    """A rewrite of one file's whole text that a codemod offers for a break; or its `fault`, where it failed at that."""

    rule: str
    code: str
    mistake: str
    title: str
    path: str
    text: str
    keeps_value: bool
    same_target: bool = True
    rewrites_step: bool = False
    fault: str = ""
    doubt: str = ""
    completes: bool = False


Propose = Callable[[Texts, Request, Break], Iterator[Candidate]]


@dataclass(frozen=True)
class Edit:
    """A rewrite that was taken: the break that it answers, in the text before it, and the request that it mends.

    `look` is the number of the entry whose request that is; `derivative` is what finite differences said.
    """

    candidate: Candidate
    cut: Break
    request: Request
    before: str
    look: int = 0
    derivative: str = ""


@dataclass(frozen=True)
class Refusal:
    """A rewrite that was tried and not taken."""

    candidate: Candidate
    cut: Break
    why: str


@dataclass(frozen=True)
class Outcome:
    """What the search came to.

    `texts` are the patched texts and `proofs` has one proof for each look. Where `broken` is not None that request
    could not be mended: there is no patch, and `trace` says what was seen of it. `look` is the number of the look that
    it belongs to.
    """

    texts: Texts
    edits: tuple[Edit, ...]
    looks: tuple[Seen, ...]
    proofs: tuple[Proof, ...]
    refusals: tuple[Refusal, ...] = ()
    broken: Request | None = None
    trace: Trace | None = None
    look: int = 0
    harmless: tuple[Harmless, ...] = ()


@dataclass(frozen=True)
class State:
    """A text on the way to the patch, and what its runs showed, what is rightly None in them too."""

    texts: Texts
    looks: tuple[Seen, ...]
    edits: tuple[Edit, ...] = ()
    harmless: tuple[Harmless, ...] = ()


def search(lab: Lab, texts: Texts, before: tuple[Seen, ...], propose: Propose) -> Outcome:
    """Mends one broken request after the other, each on the texts that the one before left, then proves the whole."""
    refusals: list[Refusal] = []
    state = State(texts, before)
    while broken := _next_broken(state):
        index, request = broken
        mended = _mend(lab, state, index, request, propose, refusals)
        if isinstance(mended, Trace):
            return Outcome(texts, (), before, (), tuple(refusals), request, mended, index)
        state = mended
        lab = lab.excusing(state.harmless)
    proofs = _proofs(before, state)
    if why := next((p.why for p in proofs if not p.holds), ""):
        refusals += [Refusal(e.candidate, e.cut, why) for e in state.edits]
        first = state.edits[0]
        return Outcome(texts, (), before, (), tuple(refusals), first.request, Trace((first.cut,)), first.look)
    state, proofs = _minimal(lab, before, state, proofs)
    proofs = _with_derivatives(proofs, state.edits)
    taken = {id(e.candidate) for e in state.edits}  # one that did not suffice alone was refused before it was taken
    left = tuple(r for r in refusals if id(r.candidate) not in taken)
    return Outcome(state.texts, state.edits, state.looks, proofs, left, harmless=state.harmless)


def _with_derivatives(proofs: tuple[Proof, ...], edits: tuple[Edit, ...]) -> tuple[Proof, ...]:
    """The proofs with what finite differences said while each edit was searched."""
    said = {edit.look: edit.derivative for edit in edits}
    return tuple(
        replace(p, checks={**p.checks, "derivative": said[i]}) if i in said else p for i, p in enumerate(proofs)
    )


def _next_broken(state: State) -> tuple[int, Request] | None:
    for i, look in enumerate(state.looks):
        request = broken_in(look)
        if request is not None:
            return i, request
    return None


def _mend(
    lab: Lab, state: State, index: int, request: Request, propose: Propose, refusals: list[Refusal]
) -> State | Trace:
    """Mends one request: a rewrite that proves at once, else one that takes a break away and leaves fewer.

    One that changes nothing else goes before one that does. Breaks in series come to light one after the other, each
    in a trace of the text that the edit before left. Where the sources seem not to be used at all, they may have been
    before the window of the trace, as in the step of a discriminator. Returns the first trace where nothing helps.
    """
    look = state.looks[index]
    harmless = state.harmless
    trace = first = trace_of(lab.trace(look, request, state.texts), request, state.texts)
    tries, narrow = 0, request.birth > 0
    while len(state.edits) < MOST_EDITS and tries < MOST_TRIES:
        progress: tuple[State, Trace] | None = None
        unsafe: State | None = None
        with lab.account.during("rewriting"):
            candidates = _candidates(state.texts, request, trace, propose)
        for cut, offered in islice(candidates, MOST_TRIES - tries):
            doubt = doubt_of(cut, trace)
            candidate = replace(offered, keeps_value=False, doubt=offered.doubt or doubt) if doubt else offered
            if why := candidate.fault or lab.unfit(candidate.path, candidate.text):
                refusals.append(Refusal(candidate, cut, why))
                continue
            tries += 1
            texts = {**state.texts, candidate.path: candidate.text}
            with lab.account.during("trying", candidate.rule):
                after = lab.look(look.entry, texts, like=look, note=request)
            if _fewer(request, after) and (rightly := harmless_in(lab, texts, (after,))):
                harmless = (*harmless, *rightly)
                lab = lab.excusing(rightly)
                after = lab.excused(after, texts)
            edit = Edit(candidate, cut, request, state.texts[candidate.path], index)
            proof = prove(look, after, _promise((*state.edits, edit)), up_to=request.index)
            why = proof.why
            if proof.verdict == "unsafe" and unsafe is not None:
                continue
            if proof.holds:
                checks: dict[str, str] = {}
                with lab.account.during("proving", candidate.rule):
                    why = _wrong(lab, after, request, texts, checks, (*state.edits, edit))
                    why = why or _elsewhere(lab, look, texts, (*state.edits, edit))
                edit = replace(edit, derivative=checks.get("derivative", ""))
                if proof.verdict == "unsafe" and _promise((*state.edits, edit)).completes:
                    with lab.account.during("proving", candidate.rule):
                        weighs = is_factor(lab.trace(look, request, state.texts, whole=True), state.texts)
                    if weighs:
                        edit = replace(edit, candidate=replace(candidate, completes=False))
                    proof = prove(look, after, _promise((*state.edits, edit)), up_to=request.index)
                mended = State(texts, (after,), (*state.edits, edit), harmless)
                if not why and proof.verdict == "proved":
                    return _moved_on(lab, state, index, mended)
                if not why:
                    unsafe = mended
                    continue
            if progress is None:
                further = State(texts, (after,), (*state.edits, edit), harmless)
                progress = _progress(lab, after, request, trace, cut, further, whole=proof.holds)
            refusals.append(Refusal(candidate, cut, why))
        if unsafe is not None:
            return _moved_on(lab, state, index, unsafe)
        if progress is None and narrow and all(b.kind == NEVER_USED for b in trace.breaks):
            narrow = False
            wider = trace_of(lab.trace(look, request, state.texts, wide=True), request, state.texts)
            if wider.breaks and all(b.kind == OUTSIDE_TAPE for b in wider.breaks):
                trace = first = wider
                continue
        if progress is None:
            return first
        state, trace = replace(progress[0], looks=state.looks), progress[1]
    return first


def _fewer(request: Request, after: Seen) -> bool:
    """Whether some of the gradients that were missing came back, and others did not."""
    now = after.eager.at(request.index)
    return now is not None and 0 < len(missing_of(now)) < len(missing_of(request))


def _candidates(texts: Texts, request: Request, trace: Trace, propose: Propose) -> list[tuple[Break, Candidate]]:
    """What the codemods offer for the breaks of a trace: fewer lines first, then the codemod that is nearest its break.

    So the first that is proved is the one to take. What one codemod offers keeps its order, the best first.
    """
    found: list[tuple[tuple[int, int], Break, Candidate]] = []
    nearness: dict[tuple[Break, str], int] = {}
    for cut in trace.breaks:
        for candidate in propose(texts, request, cut):
            line = cut.place.line if cut.place.path == candidate.path else None
            lines, distance = extent(texts[candidate.path], candidate.text, line)
            found.append(((lines, nearness.setdefault((cut, candidate.rule), distance)), cut, candidate))
    return [(cut, candidate) for _, cut, candidate in sorted(found, key=lambda offer: offer[0])]


def _wrong(
    lab: Lab, after: Seen, broken: Request, texts: Texts, checks: dict[str, str], edits: tuple[Edit, ...]
) -> str:
    """What speaks against the new gradients of a mended request, or "". Writes the check "derivative".

    A step along the gradient may leave a term as it is that is still lost: where values left TensorFlow, a trace looks.
    """
    mended = after.eager.at(broken.index)
    if mended is None:
        return ""
    zeros = tuple(i for i in stays_zero(lab, after, mended, texts) if i in missing_of(broken))
    if zeros and not rightly_zero(lab, after, mended, texts, zeros):
        return "a gradient that was missing is zero now, wherever its variable is"
    if why := derivative_fault(lab, after, mended, texts, checks):
        return why
    if any(e.cut.kind == LEFT_TENSORFLOW for e in edits) and any(map(may_lose_a_term, texts.values())):
        run = lab.trace(after, mended, texts, whole=True)
        for term in terms_of(run, texts, joined=True):
            return f"the gradients lack a term: `{term.segment}` {WORDS[LEFT_TENSORFLOW]}"
        if checks.get("derivative", "").startswith(UNDECIDED):
            return _part_of_it(left_in(run, texts), checks["derivative"])
    return ""


def _part_of_it(left: tuple[Break, ...] | None, said: str) -> str:
    """What speaks against gradients of which finite differences decide nothing: they may be but a part of them."""
    if left is None:
        return f"{said}, and the ways to the target are too long to be followed"
    return f"{said}, and `{left[0].segment}` {WORDS[LEFT_TENSORFLOW]}" if left else ""


def _elsewhere(lab: Lab, before: Seen, texts: Texts, edits: tuple[Edit, ...]) -> str:
    """Whether a helper that had left TensorFlow fails those who go on to use it for NumPy."""
    left = tuple((e.before, e.candidate.text) for e in edits if e.cut.kind == LEFT_TENSORFLOW)
    return elsewhere_fault(lab, before, texts, left) if left else ""


def _moved_on(lab: Lab, old: State, index: int, new: State) -> State:
    """The state after an edit: every other entry is looked at again with its text."""
    looks = [
        new.looks[0] if i == index else lab.look(look.entry, new.texts, like=look) for i, look in enumerate(old.looks)
    ]
    return replace(new, looks=tuple(looks))


def _progress(
    lab: Lab, after: Seen, request: Request, trace: Trace, cut: Break, state: State, whole: bool
) -> tuple[State, Trace] | None:
    """The state and its trace where an edit took its break away, though gradients are still missing.

    With `whole` none is missing, but they are not the derivative: the target depends on the sources in more ways.
    """
    now = after.eager.at(request.index)
    if now is None:
        return None
    if len(now.sources) != len(request.sources) or (now.error and not request.error):
        return None
    new = trace_of(lab.trace(after, now, state.texts, whole), now, state.texts, whole)
    fewer = len(missing_of(now)) < len(missing_of(request))
    gone = _count(new, cut) < _count(trace, cut)
    return (state, new) if new.breaks and (fewer or gone) else None


def _count(trace: Trace, cut: Break) -> int:
    return sum((b.kind, b.segment) == (cut.kind, cut.segment) for b in trace.breaks)


def _promise(edits: tuple[Edit, ...]) -> Promise:
    """What the codemods of a patch promise together; the last edit for each look was held to finite differences."""
    last = {e.look: e for e in edits}.values()
    return Promise(
        all(e.candidate.keeps_value for e in edits),
        all(e.candidate.same_target for e in edits),
        next((e.candidate.doubt for e in edits if e.candidate.doubt), Promise.doubt),
        any(e.candidate.completes for e in edits) and all(e.derivative.startswith(AGREE) for e in last),
    )


def _proofs(before: tuple[Seen, ...], state: State) -> tuple[Proof, ...]:
    promise = _promise(state.edits)
    return tuple(prove(b, a, promise) for b, a in zip(before, state.looks, strict=True))


def _minimal(
    lab: Lab, before: tuple[Seen, ...], state: State, proofs: tuple[Proof, ...]
) -> tuple[State, tuple[Proof, ...]]:
    """Takes away each edit without which the proof holds all the same."""
    for edit in state.edits if len(state.edits) > 1 else ():
        path = edit.candidate.path
        text = undone(edit.before, edit.candidate.text, state.texts[path])
        if text is None or lab.unfit(path, text):  # another edit stands on it
            continue
        texts = {**state.texts, path: text}
        looks = tuple(lab.look(look.entry, texts, like=look) for look in before)
        less = State(texts, looks, tuple(e for e in state.edits if e is not edit))
        without = _proofs(before, less)
        last = {e.look: e for e in state.edits}.values()
        if any(_wrong(lab, looks[e.look], e.request, texts, {}, state.edits) for e in last):
            continue
        if all(p.verdict == "proved" or p.verdict == q.verdict for p, q in zip(without, proofs, strict=True)):
            state, proofs = less, without
    return state, proofs
