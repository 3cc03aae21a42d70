"""A new source for a cell changes nothing else in the bytes of a notebook, however its JSON is written."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradfix.notebook.layout import BadNotebook, layout_of
from gradfix.notebook.spelling import rewritten

LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
SOURCES = st.lists(LINES, max_size=6).map("\n".join)
JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | LINES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LINES, inner, max_size=3),
    max_leaves=6,
)


@dataclass(frozen=True)
class Written:
    """A notebook as a text, and the sources of its code cells."""

    text: str
    sources: dict[int, str]


@st.composite
def cells(draw: st.DrawFn, number: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(["code", "code", "markdown", "raw"]))
    source = draw(SOURCES)
    shape = draw(st.sampled_from(["string", "lines", "line feeds", "one piece"]))
    pieces: dict[str, Any] = {
        "string": source,
        "lines": source.splitlines(keepends=True),
        "line feeds": [piece for piece in re.split(r"(?<=\n)", source) if piece],
        "one piece": [source],
    }
    cell = {
        "cell_type": kind,
        "metadata": {"source": draw(JUNK), "cells": draw(JUNK)},
        "source": pieces[shape],
        **({"outputs": [], "execution_count": draw(st.none() | st.integers(0, 9))} if kind == "code" else {}),
    }
    if number:
        cell["id"] = f"{number}-cell"
    keys = draw(st.permutations(list(cell)))
    return {key: cell[key] for key in keys}


@st.composite
def notebooks(draw: st.DrawFn) -> Written:
    minor = draw(st.sampled_from([4, 5]))
    count = draw(st.integers(1, 5))
    found = [draw(cells(i if minor == 5 else 0)) for i in range(1, count + 1)]
    data = {
        "metadata": {"x": draw(JUNK), "cells": [{"source": "no"}]},
        "nbformat": 4,
        "nbformat_minor": minor,
        "cells": found,
    }
    data = {key: data[key] for key in draw(st.permutations(list(data)))}
    layout: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"indent": 1},
                {"indent": 2},
                {"indent": "\t"},
                {},
                {"separators": (",", ":")},
                {"indent": 1, "separators": (" , ", " : ")},
            ]
        )
    )
    text = json.dumps(data, ensure_ascii=draw(st.booleans()), **layout) + draw(st.sampled_from(["", "\n", "\r\n"]))
    if draw(st.booleans()):
        text = text.replace("<", "\\u003c").replace("/", "\\/")  # some writers do, for the sake of HTML
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    sources = {i: "".join(c["source"]) for i, c in enumerate(found, 1) if c["cell_type"] == "code"}
    return Written(text, sources)


@given(notebooks())
def test_the_layout_is_that_of_json(notebook: Written) -> None:
    found = layout_of(notebook.text).cells
    assert {cell.number: cell.source for cell in found} == notebook.sources
    for cell in found:
        assert "".join(json.loads(notebook.text[cell.start : cell.end])) == cell.source
        assert "".join(json.loads(notebook.text[start:end]) for start, end in cell.pieces) == cell.source


@given(notebooks(), st.data())
def test_a_new_source_changes_nothing_else(notebook: Written, data: st.DataObject) -> None:
    layout = layout_of(notebook.text)
    if not layout.cells:
        return
    chosen = data.draw(st.sampled_from(layout.cells))
    new = data.draw(SOURCES)
    text = rewritten(notebook.text, layout, {chosen.number: new})
    growth = len(text) - len(notebook.text)
    assert text[: chosen.start] == notebook.text[: chosen.start]
    assert text[chosen.end + growth :] == notebook.text[chosen.end :]
    value = json.loads(text[chosen.start : chosen.end + growth])
    assert isinstance(value, list) == chosen.listed
    assert "".join(value) == new
    before, after = json.loads(notebook.text), json.loads(text)
    after["cells"][chosen.number - 1]["source"] = before["cells"][chosen.number - 1]["source"]
    assert after == before


@given(notebooks(), SOURCES)
def test_the_source_as_it_was_gives_the_very_file(notebook: Written, new: str) -> None:
    layout = layout_of(notebook.text)
    assert rewritten(notebook.text, layout, notebook.sources) == notebook.text


@given(notebooks(), st.data())
def test_nbformat_reads_the_new_source(notebook: Written, data: st.DataObject) -> None:
    layout = layout_of(notebook.text)
    new = {cell.number: data.draw(SOURCES) for cell in layout.cells}
    text = rewritten(notebook.text, layout, new)
    read = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    assert {n: read.cells[n - 1].source for n in new} == new


def _notebook(*sources: Any) -> dict[str, Any]:
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return {"cells": [{**code, "source": s} for s in sources], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


def test_what_nbformat_has_written_is_written_as_it_would() -> None:
    before, after = ["a = 'é'\n", "b = '<'"], ["a = 'é'\n", "c = '☃'\n", "b = '<'"]
    written = {}
    for lines in (before, after):
        stream = io.StringIO()
        nbformat.write(nbformat.from_dict(_notebook("".join(lines), "")), stream)
        written["".join(lines)] = stream.getvalue()
    old, new = written.values()
    assert rewritten(old, layout_of(old), {1: "".join(after)}) == new


@pytest.mark.parametrize(
    ("before", "source", "after"),
    [
        ('["a\\n", "b"]', "a\nc\nb", '["a\\n", "c\\n", "b"]'),
        ('["a\\n",\n"b"]', "a\nc\nb", '["a\\n",\n"c\\n",\n"b"]'),
        ('[\n "a"\n]', "a\nc", '[\n "a\\n",\n "c"\n]'),
        ('["a"]', "a\nc", '["a\\n", "c"]'),
        ('[ "\\u0061\\n", "b" ]', "a\nc", '[ "\\u0061\\n", "c" ]'),
        ('"\\u003ctd>"', "<\n>", '"\\u003c\\n>"'),
        ('["a\\/b"]', "/", '["\\/"]'),
        ('"a \\u2603"', "☃é", '"\\u2603\\u00e9"'),
        ('"a ☃"', "☃é😀", '"☃é😀"'),
        ('"\\uD83D\\uDE00"', "a😀", '"a\\uD83D\\uDE00"'),
        ('["a"]', "", "[]"),
        ("[]", "a\nb", '["a\\n", "b"]'),
        ('"a"', "", '""'),
    ],
)
def test_the_spelling_is_kept(before: str, source: str, after: str) -> None:
    frame = '{"cells":[{"cell_type":"code","source":%s}],"nbformat":4}'
    text = frame % before
    assert rewritten(text, layout_of(text), {1: source}) == frame % after


def test_of_two_members_of_one_name_the_last_counts() -> None:
    text = '{"nbformat":3,"cells":[],"cells":[{"source":"a","cell_type":"code","source":"b"}],"nbformat":4}'
    assert rewritten(text, layout_of(text), {1: "c"}) == text.replace('"b"', '"c"')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: not valid JSON: Expecting value"),
        ('{"cells": [\n}', "line 2: not valid JSON: Expecting value"),
        ('{"cells": []\n,}', "line 2: not valid JSON: "),
        ('{"cells": [] "nbformat": 4}', "line 1: not valid JSON: Expecting ',' delimiter"),
        ('{"nbformat": 4, "cells": []} 1', "line 1: not valid JSON: Extra data"),
        ("[]", "not a notebook: its JSON is no object"),
        ("{}", "not a notebook: it has no nbformat"),
        (
            '{"nbformat": 3, "worksheets": []}',
            "a notebook of nbformat 3: `jupyter nbconvert --to notebook` makes it one of 4",
        ),
        ('{"nbformat": 4}', "not a notebook: it has no list of cells"),
        ('{"nbformat": 4, "cells": {}}', "not a notebook: it has no list of cells"),
        ('{"nbformat": 4, "cells": [1]}', "cell 1 is no JSON object"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code"}]}', "cell 1 has no source"),
        (
            '{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}',
            "cell 1: its source is neither a string nor a list of strings",
        ),
        ("[" * 100_000, "not a notebook: its JSON is nested too deeply"),
    ],
)
def test_what_is_no_notebook_is_said_in_one_line(text: str, message: str) -> None:
    with pytest.raises(BadNotebook) as caught:
        layout_of(text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
