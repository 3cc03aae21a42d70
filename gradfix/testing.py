"""Tests a codemod in two lines: one for a rewrite, one for what it must leave alone.

The place of the break stands between « and », which are taken out before the codemod sees the text:

    check_rewrite(SourceNotWatched(), "... dy = «tape.gradient(y, x)»", "... the whole new text")
    check_noop(SourceNotWatched(), "... dy = «tape.gradient(y, 3.0)»")
"""

from __future__ import annotations

from textwrap import dedent

from gradfix_codemods.base import Codemod, Cut, Rewrite

OPEN, CLOSE = "«", "»"


def offered(codemod: Codemod, marked: str, *, kind: str = "", step: int | None = None) -> tuple[Rewrite, ...]:
    """What a codemod offers for a text with one marked break, best first.

    `kind` is the kind of break, the first that the codemod answers unless it is given; `step` the line (from 1) of the
    call that asks the tape, that of the break unless it is given. Raises AssertionError where an offer breaks a
    codemod's contract: it does not compile, changes nothing, comes twice, or has no title.
    """
    marked = dedent(marked)
    assert marked.count(OPEN) == marked.count(CLOSE) == 1, f"mark the break with {OPEN} and {CLOSE}, once"
    start, end = marked.index(OPEN), marked.index(CLOSE) - 1
    text = marked.replace(OPEN, "").replace(CLOSE, "")
    here, until = _place(text, start), _place(text, end)
    at = here[0] if step is None else step
    column = here[1] if at == here[0] else 1
    found = tuple(codemod.rewrites(text, Cut(kind or min(codemod.answers), at, column, *here, *until)))
    for rewrite in found:
        compile(rewrite.text, "<rewrite>", "exec", dont_inherit=True)
        assert rewrite.text != text, "a rewrite changes something"
        assert rewrite.title, "a rewrite has a title"
        assert not rewrite.title.endswith("."), "a title has no full stop"
    assert len({r.text for r in found}) == len(found), "the same text is offered twice"
    return found


def check_rewrite(codemod: Codemod, marked: str, expected: str, *, kind: str = "", step: int | None = None) -> None:
    """Asserts that the first text offered is `expected`, to the byte. The parameters are those of `offered`."""
    found = offered(codemod, marked, kind=kind, step=step)
    assert found, f"{codemod.name} offers nothing"
    assert found[0].text == dedent(expected)


def check_noop(codemod: Codemod, marked: str, *, kind: str = "", step: int | None = None) -> None:
    """Asserts that nothing is offered. The parameters are those of `offered`."""
    found = offered(codemod, marked, kind=kind, step=step)
    assert not found, f"{codemod.name} offers: {found[0].title}"


def _place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1
