"""The real command on notebooks: what it says, the diff of cells, what --apply writes, and what it refuses."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import nbformat
import pytest

from gradfix.sources import Source, Unreadable, read_source
from tests.command import in_bytes

REPOSITORY = Path(__file__).parent.parent
FIXTURES = sorted((REPOSITORY / "fixtures").glob("*/*.ipynb"))
SCHEMA = json.loads((REPOSITORY / "docs" / "report.schema.json").read_text())


def _cells(*sources: str, **more: Any) -> dict[str, Any]:
    code = {"cell_type": "code", "execution_count": 3, "metadata": {"tags": ["é"]}, "outputs": []}
    cells = [{**code, "source": source.splitlines(keepends=True)} for source in sources]
    markdown = {"cell_type": "markdown", "metadata": {}, "source": "# Größe"}
    return {"cells": [markdown, *cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 4, **more}


BROKEN = _cells(
    "%matplotlib inline\nimport tensorflow as tf\nw = tf.Variable([1.0, 2.0], name='w')",
    "with tf.GradientTape() as tape:\n    y = w * 3.0",
    "loss = tf.reduce_sum(y)\nprint(loss);",
    "%time g = tape.gradient(loss, [w])",
)
DIFF = """\
--- a/train.ipynb:cell 3
+++ b/train.ipynb:cell 3
@@ -1,2 +1,3 @@
 with tf.GradientTape() as tape:
     y = w * 3.0
+    loss = tf.reduce_sum(y)
--- a/train.ipynb:cell 4
+++ b/train.ipynb:cell 4
@@ -1,2 +1 @@
-loss = tf.reduce_sum(y)
 print(loss);
"""


@dataclass(frozen=True)
class Call:
    """What one call of the command came to."""

    code: int
    out: str
    err: str


def _gradfix(*arguments: str, cwd: Path, stdin: bytes = b"") -> Call:
    done = in_bytes(*arguments, cwd=cwd, stdin=stdin, PYTHONIOENCODING="utf-8")
    return Call(done.returncode, done.stdout.decode(), done.stderr.decode())


def _write(path: Path, notebook: dict[str, Any]) -> bytes:
    path.write_text(json.dumps(notebook, indent=1))
    return path.read_bytes()


def test_a_diff_shows_cells_and_findings_name_them(tmp_path: Path) -> None:
    before = _write(tmp_path / "train.ipynb", BROKEN)
    call = _gradfix("--diff", "train.ipynb", cwd=tmp_path)
    assert (call.code, call.out) == (1, DIFF)
    head, _, line, *_ = call.err.splitlines()
    assert head.startswith("train.ipynb:cell 4:1:1: GF101 loss-outside-tape  1 of 1 sources get no gradient")
    assert line == "1 | loss = tf.reduce_sum(y)"
    assert (tmp_path / "train.ipynb").read_bytes() == before


def test_the_report_has_cells_and_its_edits_give_the_fix(tmp_path: Path) -> None:
    _write(tmp_path / "train.ipynb", BROKEN)
    report = json.loads(_gradfix("--output-format", "json", ".", cwd=tmp_path).out)
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    (file,) = report["files"]
    (finding,), (step,) = file["findings"], file["steps"]
    assert (file["verdict"], file["diff"]) == ("fixed", DIFF)
    assert (finding["cell"], finding["line"], finding["column"], finding["end_column"]) == (4, 1, 1, 24)
    assert (step["path"], step["cell"], step["line"]) == ("train.ipynb", 5, 1)
    sources = {i: "".join(cell["source"]) for i, cell in enumerate(BROKEN["cells"], 1)}
    for edit in reversed(finding["edits"]):
        lines = sources[edit["cell"]].splitlines(keepends=True)
        lines.append("")
        before, after = lines[: edit["line"]], lines[edit["end_line"] - 1 :]
        before[-1], after[0] = before[-1][: edit["column"] - 1], after[0][edit["end_column"] - 1 :]
        sources[edit["cell"]] = "".join([*before, edit["new_text"], *after])
    assert sources[3] == "with tf.GradientTape() as tape:\n    y = w * 3.0\n    loss = tf.reduce_sum(y)"
    assert sources[4] == "print(loss);"


def test_a_notebook_and_its_module_are_fixed_together(tmp_path: Path) -> None:
    """The loss leaves the tape in the cell and TensorFlow in the module: neither edit suffices alone."""
    module = (
        "import numpy as np\nimport tensorflow as tf\n\n\ndef clipped(x):\n    return np.where(x > 0.0, x, 0.1 * x)\n"
    )
    (tmp_path / "losses.py").write_text(module)
    notebook = _cells(
        "import tensorflow as tf\nfrom losses import clipped\nw = tf.Variable([1.0, 2.0], name='w')",
        "with tf.GradientTape() as tape:\n    y = w * 3.0",
        "loss = tf.reduce_sum(clipped(y))",
        "g = tape.gradient(loss, [w])",
    )
    before = _write(tmp_path / "train.ipynb", notebook)
    call = _gradfix("--apply", "train.ipynb", cwd=tmp_path)
    assert call.code == 0, call.out
    assert "np.where" not in (tmp_path / "losses.py").read_text()
    after = (tmp_path / "train.ipynb").read_bytes()
    old, new = b'    y = w * 3.0"', b'    y = w * 3.0\\n",\n    "    loss = tf.reduce_sum(clipped(y))"'
    empty = b'"source": [\n    "loss = tf.reduce_sum(clipped(y))"\n   ]'
    assert after == before.replace(old, new).replace(empty, b'"source": []')


@pytest.mark.parametrize(
    ("block", "loss", "place", "why"),
    [
        (
            "y = w * 3.0",
            "%time loss = tf.reduce_sum(y)",
            "cell 4:1:14",
            "it would touch `%time loss = tf.reduce_sum(y)` in cell 4",
        ),
        (
            "%time y = np.where(w > 0, w, 0.1 * w)",
            "loss = tf.reduce_sum(y)",
            "cell 3:2:15",
            "numpy-where (Put `tf.where` in the place of `np.where`): it would touch "
            "`%time y = np.where(w > 0, w, 0.1 * w)` in cell 3",
        ),
    ],
)
def test_a_patch_that_would_touch_a_magic_is_refused_with_words(
    block: str, loss: str, place: str, why: str, tmp_path: Path
) -> None:
    notebook = _cells(
        "import tensorflow as tf\nimport numpy as np\nw = tf.Variable([1.0, 2.0], name='w')",
        f"with tf.GradientTape() as tape:\n    {block}",
        loss,
        "g = tape.gradient(loss, [w])",
    )
    before = _write(tmp_path / "train.ipynb", notebook)
    call = _gradfix("--apply", "train.ipynb", cwd=tmp_path)
    assert call.code == 1
    assert f"train.ipynb:{place}: " in call.out
    assert why in call.out
    assert (tmp_path / "train.ipynb").read_bytes() == before


def test_a_notebook_comes_in_on_stdin_and_goes_out_fixed(tmp_path: Path) -> None:
    before = json.dumps(BROKEN)
    call = _gradfix("-", "--stdin-filename", "train.ipynb", "--apply", cwd=tmp_path, stdin=before.encode())
    old, new = '"    y = w * 3.0"]', '"    y = w * 3.0\\n", "    loss = tf.reduce_sum(y)"]'
    assert (call.code, call.out) == (0, before.replace(old, new).replace('"loss = tf.reduce_sum(y)\\n", ', ""))


def test_a_step_that_is_not_reached_is_named_by_its_cell(tmp_path: Path) -> None:
    cells = "import tensorflow as tf\nw = tf.Variable(1.0)", "w.no_such_thing()", BROKEN["cells"][2]["source"]
    rest = "".join(cells[2]) + "\ntape.gradient(y, w)"
    _write(tmp_path / "train.ipynb", _cells(*cells[:2], rest))
    call = _gradfix("train.ipynb", cwd=tmp_path)
    assert call.code == 1
    assert "cell 4, line 3 was not reached: the run stopped with AttributeError" in call.out
    assert "(cell 3, line 1)" in call.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1: not valid JSON: Expecting property name enclosed in double quotes"),
        ('{"nbformat": 3, "worksheets": []}', "a notebook of nbformat 3: "),
        (json.dumps(_cells("x = 1", "y = (\n)\nif")), f"cell 3, line 3: not valid Python {sys.version_info[0]}."),
        (json.dumps(_cells("if x:\n", "    y = 1")), "cell 2, line 2: not valid Python "),
        (json.dumps(_cells("x", metadata={"language_info": {"name": "R"}})), "a notebook of r, not of Python"),
        (json.dumps(_cells("x = '\0'")), "cell 2, line 1: holds a null byte"),
        (json.dumps(_cells("x = 1\rb = 2")), "cell 2, line 1: holds a carriage return that no line feed follows"),
        (json.dumps(_cells("x = '\ud800'")), "cell 2, line 1: holds half a character"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    source = read_source(str(path))
    assert isinstance(source, Unreadable)
    assert source.message.startswith(message)
    call = _gradfix("x.ipynb", cwd=tmp_path)
    assert call.code == 2
    assert call.err.startswith(f"gradfix: error: x.ipynb: {message}")
    assert call.err.count("\n") == 1


def test_of_a_folder_only_notebooks_that_may_hold_a_step_are_read_further(tmp_path: Path) -> None:
    (tmp_path / "broken.ipynb").write_text('{"cells": [')
    (tmp_path / "about.ipynb").write_text(json.dumps(_cells("tensorflow(", "print('GradientTape'")))
    for name, verdict in (("broken.ipynb", Source), ("about.ipynb", Unreadable)):
        assert isinstance(read_source(str(tmp_path / name), named=False), verdict)
        assert isinstance(read_source(str(tmp_path / name)), Unreadable)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_nbformat_finds_the_fixtures_valid(path: Path) -> None:
    nbformat.validate(nbformat.reads(path.read_text(encoding="utf-8"), as_version=nbformat.NO_CONVERT))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_a_fixture_written_back_as_it_is_has_the_same_bytes(path: Path) -> None:
    source = read_source(str(path))
    assert isinstance(source, Source)
    assert source.encode(source.text) == path.read_bytes()


def test_comments_that_suppress_go_into_cells_and_count_there(tmp_path: Path) -> None:
    before = _write(tmp_path / "train.ipynb", BROKEN)
    assert _gradfix("--add-ignore", "train.ipynb", cwd=tmp_path).code == 0
    after = (tmp_path / "train.ipynb").read_bytes()
    line = b"loss = tf.reduce_sum(y)"
    assert after == before.replace(line, line + b"  # gradfix: ignore[loss-outside-tape]")
    assert _gradfix("train.ipynb", cwd=tmp_path).code == 0


def test_a_comment_that_would_touch_a_magic_is_not_written(tmp_path: Path) -> None:
    """`--add-ignore` ended in a traceback."""
    cells = ["".join(cell["source"]) for cell in BROKEN["cells"][1:]]
    cells[2] = "%time loss = tf.reduce_sum(y)"
    before = _write(tmp_path / "train.ipynb", _cells(*cells))
    call = _gradfix("--add-ignore", "train.ipynb", cwd=tmp_path)
    assert (call.code, (tmp_path / "train.ipynb").read_bytes()) == (2, before)
    assert "train.ipynb: not written: it would touch `%time loss = tf.reduce_sum(y)` in cell 4" in call.err


def test_an_input_that_cannot_be_read_is_named_by_its_cell(tmp_path: Path) -> None:
    cells = ["".join(cell["source"]) for cell in BROKEN["cells"][1:]]
    _write(tmp_path / "train.ipynb", _cells(*cells, "# gradfix: inputs x = five\ndef step(x):\n    return x"))
    call = _gradfix("train.ipynb", cwd=tmp_path)
    assert call.code == 2
    assert "train.ipynb: cell 6, line 1: x: cannot read 'five'" in call.err
