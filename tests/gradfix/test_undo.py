"""Taking one edit out of a text that further edits have changed since."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gradfix.prove.undo import line_before, undone

CASES = [
    ("the last edit", "a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n", "a\nb\nc\n"),
    ("a changed line above another edit", "a\nb\nc\nd\n", "A\nb\nc\nd\n", "A\nb\nc\nD\n", "a\nb\nc\nD\n"),
    ("a changed line below another edit", "a\nb\nc\nd\n", "a\nb\nc\nD\n", "A\nb\nc\nD\n", "A\nb\nc\nd\n"),
    ("a line that was put in", "a\nb\nc\n", "a\nnew\nb\nc\n", "a\nnew\nb\nC\n", "a\nb\nC\n"),
    ("a line that was put in at the top", "a\nb\n", "import x\na\nb\n", "import x\na\nB\n", "a\nB\n"),
    ("a line that was put in at the end", "a\nb\n", "a\nb\nnew\n", "A\nb\nnew\n", "A\nb\n"),
    ("a line that was taken out", "a\nb\nc\nd\n", "a\nc\nd\n", "a\nc\nD\n", "a\nb\nc\nD\n"),
    ("a line that was taken out at the end", "a\nb", "a", "A0\na", "A0\na\nb"),
    ("lines that moved down with what came above", "a\nb\nc\n", "a\nB\nc\n", "x\ny\na\nB\nc\n", "x\ny\na\nb\nc\n"),
    ("an import and its use", "x\ny\nz\n", "import q\nx\nq.y\nz\n", "import q\nx\nq.y\nZ\n", "x\ny\nZ\n"),
    ("one line that became three", "a\nb\nc\nd\n", "a\n1\n2\n3\nc\nd\n", "a\n1\n2\n3\nc\nD\n", "a\nb\nc\nD\n"),
    ("three lines that became one", "a\n1\n2\n3\nb\nc\n", "a\nB\nb\nc\n", "a\nB\nb\nC\n", "a\n1\n2\n3\nb\nC\n"),
    ("an edit that changed nothing", "a\n", "a\n", "b\n", "b\n"),
    ("two places at once", "a\nb\nc\nd\ne\n", "A\nb\nc\nd\nE\n", "A\nb\nC\nd\nE\n", "a\nb\nC\nd\ne\n"),
]


@pytest.mark.parametrize(
    ("before", "after", "final", "expected"),
    [pytest.param(*case[1:], id=f"{case[0]} is taken back") for case in CASES],
)
def test_an_edit_is_taken_out(before: str, after: str, final: str, expected: str) -> None:
    assert undone(before, after, final) == expected


STANDS_ON = [
    ("the line that it made was changed again", "a\nb\nc\n", "a\nB\nc\n", "a\nBB\nc\n"),
    ("the line that it made is gone", "a\nb\nc\n", "a\nB\nc\n", "a\nc\n"),
    ("a line was put between the lines that it made", "a\nb\n", "a\n1\n2\nb\n", "a\n1\nx\n2\nb\n"),
    ("the line below the one that it took out was changed", "a\nb\nc\n", "a\nc\n", "a\nC\n"),
]


@pytest.mark.parametrize(
    ("before", "after", "final"), [pytest.param(*case[1:], id=f"an edit stays where {case[0]}") for case in STANDS_ON]
)
def test_an_edit_that_another_stands_on_stays(before: str, after: str, final: str) -> None:
    assert undone(before, after, final) is None


@st.composite
def two_edits(draw: st.DrawFn) -> tuple[list[str], tuple[int, int, list[str]], tuple[int, int, list[str]]]:
    """A text of lines that differ, and two edits of it with at least one untouched line between them."""
    count = draw(st.integers(4, 12))
    lines = [f"line {i}" for i in range(count)]
    a, b, c, d = sorted(draw(st.lists(st.integers(0, count), min_size=4, max_size=4)))
    assume(b < c)
    first = (a, b, [f"first {i}" for i in range(draw(st.integers(0, 3)))])
    second = (c, d, [f"second {i}" for i in range(draw(st.integers(0, 3)))])
    return lines, first, second


def _edited(lines: list[str], *edits: tuple[int, int, list[str]]) -> str:
    new = list(lines)
    for start, end, put in sorted(edits, reverse=True):
        new[start:end] = put
    return "\n".join(new)


@given(two_edits())
def test_undoing_one_of_two_unrelated_edits_leaves_the_other_alone(
    case: tuple[list[str], tuple[int, int, list[str]], tuple[int, int, list[str]]],
) -> None:
    lines, first, second = case
    final = _edited(lines, first, second)
    for edit, other in ((first, second), (second, first)):
        alone = undone("\n".join(lines), _edited(lines, edit), final)
        if alone is None:  # a line was taken out next to what the other edit changed
            assert not edit[2]
        else:
            assert alone == _edited(lines, other)


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_undoing_the_only_edit_gives_the_text_before(before: list[str], after: list[str]) -> None:
    assert undone("\n".join(before), "\n".join(after), "\n".join(after)) == "\n".join(before)


LINES = [
    ("a line that is the same", "a\nb\nc\n", "a\nb\nc\n", 2, 2),
    ("a line that moved down", "a\nb\n", "x\ny\na\nb\n", 4, 2),
    ("a line that moved up", "a\nb\nc\n", "c\n", 1, 3),
    ("a line that was changed", "a\nb\nc\n", "a\nB\nc\n", 2, 2),
    ("the second of two lines that were one", "a\nb\nc\n", "a\n1\n2\nc\n", 3, 2),
]


@pytest.mark.parametrize(
    ("original", "later", "line", "expected"),
    [pytest.param(*case[1:], id=f"{case[0]} is found in the original") for case in LINES],
)
def test_the_line_in_the_original(original: str, later: str, line: int, expected: int) -> None:
    assert line_before(original, later, line) == expected


def test_a_line_that_is_not_there_has_none_in_the_original() -> None:
    assert line_before("a\n", "a\n", 99) is None
