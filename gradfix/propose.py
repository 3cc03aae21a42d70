"""Hands what a run saw to the codemods that answer it. The only host module that imports LibCST."""

from __future__ import annotations

from collections.abc import Iterator

from gradfix.places import in_characters
from gradfix.run.messages import Request
from gradfix.search import Candidate
from gradfix_codemods.base import Cut
from gradfix_codemods.catalogue import answering

OUTSIDE_TAPE = "outside-tape"


def propose(text: str, request: Request) -> Iterator[Candidate]:
    """The rewrites that installed codemods offer for a broken request, each text once."""
    if request.place is None:
        return
    place = in_characters(request.place, text)
    cut = Cut(OUTSIDE_TAPE, place.line, place.column)
    offered = {text}
    for codemod in answering(cut.kind):
        for rewrite in codemod.rewrites(text, cut):
            if rewrite.text not in offered:
                offered.add(rewrite.text)
                yield Candidate(
                    codemod.name, codemod.code, codemod.mistake, rewrite.title, rewrite.text, codemod.keeps_value
                )
