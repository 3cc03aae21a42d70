"""What IPython understands and Python does not, line by line: the program that the cells make."""

from __future__ import annotations

import ast
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradfix.notebook.cells import Notebook, notebook_of
from gradfix.notebook.magics import program_lines


def program(source: str, started: bool = True) -> list[str]:
    """The lines of the program, without what tells them apart."""
    return [line.text.partition("# cell ")[0].rstrip() for line in program_lines(source, 1, started)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%matplotlib inline", "pass"),
        ("%tensorflow_version 2.x", "pass"),
        ("%load_ext tensorboard\n%tensorboard --logdir logs", "pass\npass"),
        ("!pip install -q 'tensorflow>=2'", "pass"),
        ("!!ls", "pass"),
        ("!pip install a \\\n    b\nx = 1", "pass\npass\nx = 1"),
        ("pip install tensorflow", "pass"),
        ("?help", "pass"),
        ("tf.Variable?", "pass"),
        ("model.fit??", "pass"),
        ("%time?", "pass"),
        ("%cd /content", "get_ipython().run_line_magic('cd', '/content')"),
        ("%env A=1", "get_ipython().run_line_magic('env', 'A=1')"),
        ("files = !ls *.csv", "files = get_ipython().getoutput('ls *.csv')"),
        ("a.b[0] = !pwd", "a.b[0] = get_ipython().getoutput('pwd')"),
        ("t = %timeit -o f(x)", "t = get_ipython().run_line_magic('timeit', '-o f(x)')"),
        ("%time step(x)", "if 1: step(x)"),
        ("%time y = step(x)  # slow", "if 1: y = step(x)  # slow"),
        ("%timeit -n 10 -r3 step(x)", "if 1:             step(x)"),
        ("%prun -l 5 step(x)", "pass"),
        ("%time for x in y:\n    f(x)", "pass\n    f(x)"),
        ("for x in y:\n    %time f(x)\n    !ls", "for x in y:\n    if 1: f(x)\n    pass"),
        ("if a:\n    !pip install b", "if a:\n    pass"),
        ("%%time\nx = 1", "pass\nx = 1"),
        ("\n%%capture\n%%time\nx = 1", "\npass\npass\nx = 1"),
        ("%%capture out\nx = 1", "out = get_ipython().run_cell_magic('capture', 'out', '')\nx = 1"),
        ('%%bash\necho "it\'s"\n  if', "pass\npass\npass"),
        ("%%html\n<b>\n\n</b>", "pass\npass\npass\npass"),
        ("%%javascript\nlet x = 1", "pass\npass"),
        (
            "%%writefile f.py\nx = 'é'\n",
            "get_ipython().run_cell_magic('writefile', 'f.py', \"x = '\\xe9'\\n\")\npass\npass",
        ),
        ("x = 1;", "x = 1;"),
        ("x = '''\n%time a\n!ls\n?'''", "x = '''\n%time a\n!ls\n?'''"),
        ("x = (7\n%2)", "x = (7\n%2)"),
        ("x = 7 \\\n%2", "x = 7 \\\n%2"),
        ("x = '%d' % 3  # why?", "x = '%d' % 3  # why?"),
        ("print(f'{x!r}')", "print(f'{x!r}')"),
        ("a != b", "a != b"),
        ("x = a % b", "x = a % b"),
        ("# it's\n%time f()", "# it's\nif 1: f()"),
        ("s = 'it\\'s \"'\n!ls", "s = 'it\\'s \"'\npass"),
        ("cd = 3\nls = cd", "cd = 3\nls = cd"),
        ("from __future__ import division", "pass"),
        ("x = 1\r\n!ls\r", "x = 1\r\npass"),
        ("", ""),
    ],
)
def test_each_line_becomes_a_line(source: str, expected: str) -> None:
    assert program(source) == [line.rstrip() for line in expected.split("\n")]


def test_before_any_code_nothing_is_a_statement() -> None:
    """`from __future__ import annotations` is first in a program; a notebook may have a shell line before it."""
    source = "!pip install x\n# a remark\nfrom __future__ import annotations\n%time f()"
    lines = program(source, started=False)
    assert lines == ["", "# a remark", "from __future__ import annotations", "if 1: f()"]


def test_a_statement_behind_a_magic_keeps_its_column() -> None:
    for source in ("%time y = step(x)", "%timeit -n 10 step(x)", "    %time step(x)"):
        (line,) = program_lines(source, 1, True)
        assert line.text.index("step") == source.index("step")
        assert line.original == source


@given(st.lists(st.sampled_from(["%time f()", "!ls", "x = 1", "%%bash", "%%time", "a = '''", "(", "g?", "y = !w", ""])))
def test_every_line_is_kept_or_told_apart(lines: list[str]) -> None:
    found = program_lines("\n".join(lines), 7, True)
    assert [line.text if line.original is None else line.original for line in found] == (lines or [""])
    stand_ins = [line.text for line in found if line.original is not None]
    assert len(set(stand_ins)) == len(stand_ins)
    for text in stand_ins:
        ast.parse(text.strip())


def notebook(*sources: str) -> Notebook:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return notebook_of(json.dumps({"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "# one"}, *cells]}))


@pytest.mark.parametrize(
    ("metadata", "python"),
    [
        ({"vscode": {"languageId": "r"}}, False),
        ({"vscode": {"languageId": "python"}, "language": "python", "kernel": "Python3"}, True),
        ({"language": "sql"}, False),
        ({"kernel": "R"}, False),
        ({"vscode": [], "language": 1, "kernel": None, "tags": ["r"]}, True),
        ([], True),
    ],
)
def test_a_cell_in_another_language_does_nothing_and_keeps_its_lines(metadata: object, python: bool) -> None:
    odd = {"cell_type": "code", "metadata": metadata, "source": "x <- 1\r\n%%time\ny = (\rz"}
    cells = [{"cell_type": "code", "source": "a = 1"}, odd, {"cell_type": "code", "source": "b = 2"}]
    found = notebook_of(json.dumps({"nbformat": 4, "cells": cells}))
    assert found.sources(found.text) == {1: "a = 1", 2: odd["source"], 3: "b = 2"}
    assert found.line_of(3, 1) == 5
    assert found.text.startswith("a = 1\npass  # cell 2, line 1 of the notebook\r\n") is not python
    assert found.sources(found.text.replace("b = 2", "b = 3"))[2] == odd["source"]


def test_lines_of_the_program_and_of_cells() -> None:
    found = notebook("a = 1\nb = 2", "", "c = 3\n")
    assert found.text == "a = 1\nb = 2\n\nc = 3\n\n"
    places = [(2, 1), (2, 2), (3, 1), (4, 1), (4, 2)]
    assert [found.cell_at(line) for line in range(1, 6)] == places
    assert [found.line_of(*place) for place in places] == [1, 2, 3, 4, 5]
    assert found.sources(found.text) == {2: "a = 1\nb = 2", 3: "", 4: "c = 3\n"}
