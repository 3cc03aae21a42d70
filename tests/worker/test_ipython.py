"""What a notebook finds in its namespace as it runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gradfix.run.lab import Lab, subject_of
from gradfix.run.messages import Entry, Limits, Run
from gradfix.run.pool import Pool
from gradfix.sources import Source, read_source


@pytest.fixture
def ran(pool: Pool, tmp_path: Path) -> Callable[..., Run]:
    """Gives a function that runs cells as a notebook, whose last one raises what it found."""

    def run(*cells: str) -> Run:
        path = tmp_path / "x.ipynb"
        data = {"nbformat": 4, "cells": [{"cell_type": "code", "source": cell} for cell in cells]}
        path.write_text(json.dumps(data))
        source = read_source(str(path))
        assert isinstance(source, Source), source
        return Lab(pool, subject_of(str(path)), Limits(())).run(Entry(), {str(path): source.text})

    return run


def _said(run: Run) -> str:
    assert run.trouble is not None
    return run.trouble.message


def test_what_ipython_gives_and_what_it_does(ran: Callable[..., Run], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("")
    (tmp_path / "tools.py").write_text("def five():\n    return 5\n")
    run = ran(
        "here = !pwd\nfiles = !ls data\nothers = !curl x.test\n%env A_B=c d\n%run tools.py",
        "%%writefile made/own.py\nx = 'é'\n",
        "%cd made\nimport own, os\nfrom google.colab import drive, files as uploaded\ndrive.mount('/x')",
        "%%capture out\nt = %timeit -o five()",
        "display(five())\nnames = list(uploaded.upload())\nout.show(); print(t.best)",
        "raise KeyError(here, files, files.s, others, os.environ['A_B'], five(), own.x, os.getcwd(), names)",
    )
    made = tmp_path / "made"
    assert _said(run) == str(KeyError([str(tmp_path)], ["a.csv"], "a.csv", [], "c d", 5, "é", str(made), []))
    assert any("the output of `curl x.test`: no line" in text for text in run.made_up)
    assert not made.exists()
    assert str(made / "own.py") not in run.files


def test_code_that_asks_whether_it_is_on_colab_hears_the_truth(ran: Callable[..., Run]) -> None:
    run = ran(
        "try:\n    import google.colab\n    colab = True\nexcept ImportError:\n    colab = False",
        "import sys\nraise KeyError(colab, 'google.colab' in sys.modules, 'google.colab' in str(get_ipython()))",
    )
    assert _said(run) == str(KeyError(False, False, False))


def test_the_source_of_a_function_is_that_of_its_cell(ran: Callable[..., Run]) -> None:
    run = ran("%%time\nimport inspect\n", "def f():\n    return 1\n", "raise KeyError(inspect.getsource(f))")
    assert _said(run) == str(KeyError("def f():\n    return 1\n"))
