"""A patched program goes back into cells: each keeps whole statements and its own magics."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradfix.notebook.cells import Inexpressible, Notebook, notebook_of


def notebook(*sources: str) -> Notebook:
    return notebook_of(json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": s} for s in sources]}))


@pytest.mark.parametrize(
    ("cells", "old", "new", "expected"),
    [
        # the loss goes up into the block of the cell before
        (
            ["with t:\n    y = f(w)", "l = g(y)\np(l)"],
            "\nl =",
            "\n    l =",
            ["with t:\n    y = f(w)\n    l = g(y)", "p(l)"],
        ),
        # and leaves an empty cell behind
        (
            ["with t:\n    y = f(w)", "l = g(y)", "p(l)"],
            "\nl =",
            "\n    l =",
            ["with t:\n    y = f(w)\n    l = g(y)", "", "p(l)"],
        ),
        # over another cell
        (
            ["with t:\n    y = f(w)", "print(y)", "l = g(y)\np(l)"],
            "\nprint(y)\nl = g(y)",
            "\n    l = g(y)\nprint(y)",
            ["with t:\n    y = f(w)\n    l = g(y)", "print(y)", "p(l)"],
        ),
        # last line of a cell, first line of a cell
        (["a = 1\nb = np.f(a)", "c = 3"], "np.f", "tf.f", ["a = 1\nb = tf.f(a)", "c = 3"]),
        (["a = 1", "b = np.f(a)\nc = 3"], "np.f", "tf.f", ["a = 1", "b = tf.f(a)\nc = 3"]),
        # both at once
        (
            ["a = np.f(1)", "b = np.f(2)"],
            "a = np.f(1)\nb = np.f(2)",
            "a = tf.f(1)\nb = tf.f(2)",
            ["a = tf.f(1)", "b = tf.f(2)"],
        ),
        # a new import stays with the imports
        (["import a", "b = 1"], "import a\n", "import a\nimport c\n", ["import a\nimport c", "b = 1"]),
        # a new statement goes in front of what it is for
        (["a = 1", "b = a"], "b = a", "c = a\nb = c", ["a = 1", "c = a\nb = c"]),
        # magics stay where they are
        (
            ["%%time\nwith t:\n    y = f(w)", "!ls\nl = g(y)"],
            "l = g(y)\n",
            "l = tf.g(y)\n",
            ["%%time\nwith t:\n    y = f(w)", "!ls\nl = tf.g(y)"],
        ),
        (["a = 1", "", "b = 2"], "b = 2", "b = 3", ["a = 1", "", "b = 3"]),
        (["a = 1\n", "b = 2\n"], "b = 2", "b = 3", ["a = 1\n", "b = 3\n"]),
    ],
)
def test_the_cells_of_a_patched_program(cells: list[str], old: str, new: str, expected: list[str]) -> None:
    before = notebook(*cells)
    assert before.text.count(old) == 1
    after = before.text.replace(old, new)
    assert list(before.sources(after).values()) == expected
    assert [cell.source for cell in notebook_of(before.patched(after)).cells] == expected


@pytest.mark.parametrize(
    ("cells", "old", "new", "message"),
    [
        # a block cannot go on in the next cell
        (
            ["with t:\n    y = f(w)", "%time g(y)"],
            "\nif 1: g(y)",
            "\n    if 1: g(y)",
            "it would touch `%time g(y)` in cell 2",
        ),
        (["%time a = f(w)"], "f(w)", "g(w)", "it would touch `%time a = f(w)` in cell 1"),
        (["a = 1", "!ls\nb = 2"], "a = 1\n", "a = (\n", "it would make one statement of several cells"),
    ],
)
def test_what_cannot_be_put_back(cells: list[str], old: str, new: str, message: str) -> None:
    before = notebook(*cells)
    assert before.text.count(old) == 1
    with pytest.raises(Inexpressible) as caught:
        before.sources(before.text.replace(old, new))
    assert str(caught.value) == message


STATEMENTS = st.sampled_from(["a = 1", "b = 2\nc = 3", "if a:\n    b = 2", "!ls", "%time f()", "", "# remark"])
CELLS = st.lists(st.lists(STATEMENTS, max_size=3).map("\n".join), min_size=1, max_size=5)


@given(CELLS, st.data())
def test_nothing_is_lost(cells: list[str], data: st.DataObject) -> None:
    """Whatever is put in or taken out: the cells together are the patched program, and each is Python by itself."""
    before = notebook(*cells)
    lines = before.text.split("\n")[:-1]
    at = data.draw(st.integers(0, len(lines)))
    gone = data.draw(st.integers(0, min(2, len(lines) - at)))
    lines[at : at + gone] = data.draw(st.lists(st.sampled_from(["x = 1", "    y = 2", "if a:"]), max_size=3))
    after = "".join(f"{line}\n" for line in lines)
    try:
        sources = before.sources(after)
    except Inexpressible:
        return
    again = notebook(*sources.values())
    kept = [line.original for cell in again.cells for line in cell.lines if line.original is not None]
    assert kept == [line.original for cell in before.cells for line in cell.lines if line.original is not None]
    plain = [line.text for cell in again.cells for line in cell.lines if line.original is None]
    stand_ins = {line.text for cell in before.cells for line in cell.lines if line.original is not None}
    assert [p for p in plain if p] == [line for line in lines if line not in stand_ins and line]
    for cell in again.cells:
        compile(cell.text, "<cell>", "exec")
