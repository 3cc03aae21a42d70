"""Tries the codemods' rewrites on TensorFlow until no gradient is missing, or none is left to try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from gradfix.proof import Proof, first_broken, prove
from gradfix.run.lab import Lab, Seen
from gradfix.run.messages import Request

MOST_TRIES = 24
"""Rewrites that are run for one missing gradient."""
MOST_EDITS = 6
"""Edits that one patch may need."""


@dataclass(frozen=True)
class Candidate:
    """A rewrite of the whole text that a codemod offers."""

    rule: str
    code: str
    mistake: str
    title: str
    text: str
    keeps_value: bool


Propose = Callable[[str, Request], Iterator[Candidate]]


@dataclass(frozen=True)
class Edit:
    """A rewrite that was taken, and the request that it mends."""

    candidate: Candidate
    request: Request
    before: str


@dataclass(frozen=True)
class Refusal:
    """A rewrite that was tried and not taken."""

    candidate: Candidate
    why: str


@dataclass(frozen=True)
class Outcome:
    """What the search came to.

    `text` is the patched text and `proofs` has one proof for each look; where `broken` is not None that request could
    not be mended, and there is no patch.
    """

    text: str
    edits: tuple[Edit, ...]
    looks: tuple[Seen, ...]
    proofs: tuple[Proof, ...]
    refusals: tuple[Refusal, ...] = ()
    broken: Request | None = None


def broken_in(look: Seen) -> Request | None:
    """The first broken request of a look; the eager run comes first, since it has numbers."""
    return first_broken(look.eager) or first_broken(look.written)


def search(lab: Lab, text: str, before: tuple[Seen, ...], propose: Propose) -> Outcome:
    """Mends one broken request after the other, each on the text that the one before left, then proves the whole."""
    patched, looks = text, list(before)
    edits: list[Edit] = []
    refusals: list[Refusal] = []
    while broken := _next_broken(looks):
        index, request = broken
        mended = _mend(lab, patched, looks[index], request, propose, refusals) if len(edits) < MOST_EDITS else None
        if mended is None:
            return Outcome(text, (), before, (), tuple(refusals), request)
        candidate, after = mended
        edits.append(Edit(candidate, request, patched))
        patched = candidate.text
        looks = [after if i == index else lab.look(look.entry, patched) for i, look in enumerate(looks)]
    keeps = all(e.candidate.keeps_value for e in edits)
    proofs = tuple(prove(b, a, keeps) for b, a in zip(before, looks, strict=True))
    for proof in proofs:
        if not proof.holds:
            refusals += [Refusal(e.candidate, proof.why) for e in edits]
            return Outcome(text, (), before, (), tuple(refusals), edits[0].request)
    return Outcome(patched, tuple(edits), tuple(looks), proofs, tuple(refusals))


def _next_broken(looks: list[Seen]) -> tuple[int, Request] | None:
    for i, look in enumerate(looks):
        request = broken_in(look)
        if request is not None:
            return i, request
    return None


def _mend(
    lab: Lab, text: str, look: Seen, request: Request, propose: Propose, refusals: list[Refusal]
) -> tuple[Candidate, Seen] | None:
    """The first candidate with which the request is no longer broken, and what its run showed."""
    for candidate in islice(propose(text, request), MOST_TRIES):
        after = lab.look(look.entry, candidate.text)
        proof = prove(look, after, candidate.keeps_value, up_to=request.index)
        if proof.holds:
            return candidate, after
        refusals.append(Refusal(candidate, proof.why))
    return None
