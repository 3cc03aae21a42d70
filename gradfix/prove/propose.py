"""Hands what a run saw to the codemods that answer it. The only host module that imports LibCST."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from gradfix.breaks import Break
from gradfix.choose.choice import Wanted
from gradfix.places import in_characters
from gradfix.prove.search import Candidate
from gradfix.run.lab import Texts
from gradfix.run.messages import Request
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.catalogue import answering, codemods


def load() -> None:
    """Imports the installed codemods. Raises CannotLoad."""
    codemods()


def propose(texts: Texts, request: Request, cut: Break, wanted: Wanted) -> Iterator[Candidate]:
    """The rewrites that installed codemods offer for a break, each text once. `wanted` says of which rules.

    Where a codemod raises, the last of what it offers is the text as it is, with that as its fault. Raises CannotLoad.
    """
    for codemod in answering(cut.kind):
        path = request.place.path if codemod.rewrites_step and request.place else cut.place.path
        if path not in texts or not wanted(codemod.name, path):
            continue
        text = texts[path]
        offered = {text}
        for rewrite, fault in _rewrites(codemod, text, _cut(path, text, request, cut)):
            if fault or rewrite.text not in offered:
                offered.add(rewrite.text)
                yield Candidate(
                    codemod.name,
                    codemod.code,
                    codemod.mistake,
                    rewrite.title,
                    path,
                    rewrite.text,
                    codemod.keeps_value,
                    codemod.same_target,
                    codemod.rewrites_step,
                    fault,
                    "" if codemod.keeps_value else codemod.doubt,
                    codemod.completes,
                )


def _rewrites(codemod: Codemod, text: str, cut: Cut) -> Iterator[tuple[Rewrite, str]]:
    """What a codemod offers, each with "", and in the end how it failed, where it did."""
    try:
        for rewrite in codemod.rewrites(text, cut):
            yield rewrite, ""
    except Exception as e:  # a stranger's codemod must not cost the user what the others find
        where = traceback.extract_tb(e.__traceback__)[-1]
        said = f"{type(e).__name__}: {e}".splitlines()[0]
        yield Rewrite(text, "no rewrite"), f"the codemod failed with {said} ({where.filename}, line {where.lineno})"


def _cut(path: str, text: str, request: Request, cut: Break) -> Cut:
    """What a codemod is told: of the step and of the break, what lies in its file."""
    step = in_characters(request.place, text) if request.place and request.place.path == path else None
    here = cut.place if cut.place.path == path else None
    return Cut(
        cut.kind,
        step.line if step else 0,
        step.column if step else 0,
        here.line if here else 0,
        here.column if here else 0,
        here.end_line if here else 0,
        here.end_column if here else 0,
        cut.operation,
    )
