"""Runs a file whose steps are too heavy on smaller batches, where its text says how large they are."""

from __future__ import annotations

from gradfix.prove.proof import broken_in
from gradfix.run.lab import Lab, Seen, Texts
from gradfix.run.messages import Entry
from gradfix.scan.batches import with_smaller_batches

HEAVY = 20.0
"""Seconds of processor time that a script may take for its first steps, where smaller batches can be tried."""
SIZES = (4, 2)
STILL_HEAVY = 0.6
"""The share of that which a run with smaller batches may take, where still smaller ones can be tried: many follow."""


def first_look(lab: Lab, texts: Texts) -> tuple[Lab, Seen]:
    """The look at a file as a script, and the lab in which all further runs of it belong.

    That is another one where the first look was killed for its time or memory, and one with smaller batches comes to
    gradients. So it is decided once: the runs before and after a patch have the same batches.
    """
    text = texts[lab.subject.path]
    sizes = [size for size in SIZES if with_smaller_batches(text, size).changes]
    if not sizes:
        return lab, lab.look(Entry(), texts)
    look = lab.look(Entry(), texts, processor=HEAVY)
    if not _exhausted(look):
        return lab, look
    for size in sizes:
        light = lab.with_batches(size)
        look = light.look(Entry(), texts, processor=0.0 if size == sizes[-1] else HEAVY * STILL_HEAVY)
        if not _exhausted(look) and (look.eager.requests or broken_in(look)):
            return light, look
    return lab, lab.look(Entry(), texts)


def _exhausted(look: Seen) -> bool:
    return look.written.exhausted or look.eager.exhausted
