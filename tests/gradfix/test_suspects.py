"""Suspects: found from the text alone, at the break, and nowhere in healthy code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gradfix.scan.suspects import find_suspects
from gradfix.values import FileReport, Verdict
from tests.command import gradfix

ROOT = Path(__file__).parents[2]
HEALTHY = sorted((ROOT / "tests" / "healthy").glob("*.py"))
FIXTURES = sorted(p.parent for p in (ROOT / "fixtures").glob("*/before.py"))

ELSEWHERE = {
    "attack_on_a_tensor_that_is_not_the_one_used": [17],
    "copied_line_that_asks_the_first_tape": [20],
    "energies_filled_into_an_array": [19],
    "loop_that_collects_losses": [25],
    "model_left_frozen": [8],
    "one_tape_for_two_networks": [21],
    "penalty_added_after_the_block": [20, 21],
    "several_statements_with_comments": [26],
    "stop_gradient_in_a_lambda_layer": [16],
    "tabs_for_indentation": [23],
    "step_that_overwrites_its_variables": [24, 25],
    "torques_for_a_pendulum": [27],
    "whole_numbers_as_variables": [11, 13],
}
"""Where the place in the text is another than that of the patch, or one of several."""


def test_there_are_healthy_files() -> None:
    assert len(HEALTHY) >= 40


@pytest.mark.parametrize("path", HEALTHY, ids=lambda p: p.stem)
def test_silent_on_healthy_code(path: Path) -> None:
    assert find_suspects(path.read_text()) == ()


@pytest.mark.parametrize(
    "name",
    [
        "actor_critic_shared_network",
        "heat_equation_network",
        "pseudo_labels",
        "straight_through_rounding",
        "triplet_margin",
    ],
)
def test_healthy_code_is_clean_when_it_is_run(name: str, repaired: Callable[..., FileReport]) -> None:
    report = repaired((ROOT / "tests" / "healthy" / f"{name}.py").read_text())
    assert (report.verdict, report.findings, report.diff) == (Verdict.CLEAN, (), "")
    assert report.steps


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda p: p.name)
def test_fixtures(folder: Path) -> None:
    """A broken fixture has suspects where it is broken, or none; a healthy or mended one has none."""
    expected = json.loads((folder / "expected.json").read_text())
    lines = [s.line for s in find_suspects((folder / "before.py").read_text())]
    if expected["verdict"] == "clean":
        assert lines == []
    elif lines:
        assert set(lines) <= set(ELSEWHERE.get(folder.name, [expected["line"]]))
    if (folder / "after.py").exists():
        assert find_suspects((folder / "after.py").read_text()) == ()


def test_most_fixtures_are_found() -> None:
    broken = [f for f in FIXTURES if json.loads((f / "expected.json").read_text())["verdict"] in ("fixed", "advice")]
    found = [f for f in broken if find_suspects((f / "before.py").read_text())]
    assert len(found) >= 0.8 * len(broken)


def test_loads_neither_tensorflow_nor_libcst_nor_numpy() -> None:
    code = (
        "import sys; from gradfix.scan.suspects import find_suspects; find_suspects('import tensorflow as tf');"
        "print(sorted({'tensorflow', 'libcst', 'numpy', 'rich', 'pathspec'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


HEAD = """\
import numpy as np
import tensorflow as tf
model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
x, y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")
optimizer = tf.keras.optimizers.SGD(0.1)
"""

STEP = """\
with tf.GradientTape() as tape:
    p = model(x)
    loss = LOSS
grads = tape.gradient(loss, model.trainable_variables)
optimizer.apply_gradients(zip(grads, model.trainable_variables))
"""


def codes(text: str) -> list[tuple[str, int]]:
    return [(s.code, s.line) for s in find_suspects(text)]


@pytest.mark.parametrize(
    ("loss", "code"),
    [
        ("tf.reduce_mean(np.square(p - y))", "GF104"),
        ("tf.reduce_mean(np.where(p > y, p - y, y - p))", "GF102"),
        ("tf.reduce_mean(tf.square(p.numpy() - y))", "GF105"),
        ("float(tf.reduce_mean(p))", "GF105"),
        ("tf.reduce_mean(tf.stop_gradient(p) - y)", "GF103"),
        ("tf.reduce_mean(y + tf.stop_gradient(p - y))", "GF120"),
        ("tf.reduce_mean(tf.Variable(p) - y)", "GF107"),
        ("tf.reduce_mean(tf.cast(tf.cast(p, tf.int32), tf.float32) - y)", "GF117"),
        ("tf.reduce_mean(tf.cast(p > 0.5, tf.float32) * y)", "GF204"),
        ("tf.reduce_mean(tf.round(p) - y)", "GF203"),
        ("tf.reduce_mean(tf.cast(tf.argmax(p, 1), tf.float32))", "GF201"),
        ("tf.keras.metrics.MeanSquaredError()(y, p)", "GF205"),
        ("tf.reduce_mean(tf.py_function(lambda a: np.square(a), [p], tf.float32))", "GF108"),
        ("tf.reduce_mean(tf.numpy_function(np.square, [p], tf.float32))", "GF108"),
        ("tf.reduce_mean(tf.square(model.predict(x) - y))", "GF106"),
    ],
)
def test_names_what_ends_the_way(loss: str, code: str) -> None:
    assert codes(HEAD + STEP.replace("LOSS", loss)) == [(code, 8)]


@pytest.mark.parametrize(
    "loss",
    [
        "tf.reduce_mean(tf.square(p - y))",
        "tf.reduce_mean(tf.square(p - y)) + np.mean(np.abs(y))",
        "tf.reduce_mean(p + tf.stop_gradient(tf.round(p) - p))",
        "tf.reduce_mean(tf.where(p > y, p - y, y - p))",
        "tf.reduce_mean(p * tf.stop_gradient(p - y))",
        "tf.reduce_mean(tf.py_function(lambda a: a * a, [p], tf.float32))",
        "sum(tf.square(p - y))",
        "max([tf.reduce_mean(p), tf.reduce_max(p)])",
        "unknown(p, y)",
        "tf.constant(tf.reduce_mean(p))",
    ],
)
def test_silent_where_a_way_is_left(loss: str) -> None:
    assert codes(HEAD + STEP.replace("LOSS", loss)) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("    loss = LOSS", "loss = tf.reduce_mean(p)", [("GF101", 8)]),
        (
            "tape.gradient(loss, model.trainable_variables)",
            "tape.gradient(model.trainable_variables, loss)",
            [("GF112", 9)],
        ),
        ("zip(grads, model.trainable_variables)", "zip(model.trainable_variables, grads)", [("GF113", 10)]),
        ("optimizer.apply", "tape.gradient(loss, model.trainable_variables)\noptimizer.apply", [("GF111", 10)]),
        ("with tf", "model.trainable = False\nwith tf", [("GF119", 6)]),
        ("p = model(x)", "p = tf.square(model(x))\n    with tape.stop_recording():\n        p = p * p", [("GF123", 9)]),
        (
            "    p = model(x)",
            "    total = 0.0\n    for q in (x, x):\n        total = tf.reduce_mean(model(q))",
            [("GF118", 9)],
        ),
        ("tf.GradientTape()", "tf.GradientTape(watch_accessed_variables=False)", [("GF109", 6)]),
    ],
)
def test_names_what_is_wrong_with_a_question(old: str, new: str, found: list[tuple[str, int]]) -> None:
    text = (HEAD + STEP).replace(old, new, 1)
    loss = "total" if "total" in new else "tf.reduce_mean(p)"
    assert codes(text.replace("LOSS", loss)) == found


@pytest.mark.parametrize(
    "edit",
    [
        (
            "import numpy as np",
            "import numpy as np\nfrom tensorflow import GradientTape as Tape",
            "tf.GradientTape",
            "Tape",
        ),
        ("import tensorflow as tf", "import tensorflow.compat.v2 as tf", "", ""),
        ("import numpy as np", "import numpy as np\nfrom numpy import mean as average", "np.mean", "average"),
        ("import numpy as np", "import numpy", "np.", "numpy."),
    ],
)
def test_aliases(edit: tuple[str, str, str, str]) -> None:
    text = (HEAD + STEP).replace("LOSS", "np.mean(p - y)")
    old, new, used, called = edit
    text = text.replace(used, called) if used else text
    text = text.replace("import numpy as np", new) if old == "import numpy as np" else text.replace(old, new)
    assert [code for code, _ in codes(text)] == ["GF104"]


def test_a_local_name_is_no_import() -> None:
    own = "class np:\n    @staticmethod\n    def mean(v):\n        return tf.reduce_mean(v)\n"
    text = (HEAD + own + STEP).replace("LOSS", "np.mean(p - y)").replace('"float32"', "'float32'")
    assert codes(text) == []


def test_absences_that_the_code_expects() -> None:
    text = (HEAD + STEP).replace("LOSS", "np.mean(p)") + "print([g for g in grads if g is not None])\n"
    assert codes(text) == []


def test_a_file_that_takes_too_long_is_passed_over() -> None:
    body = "".join(f"def f{i}(v):\n    return f{i + 1}(v) + f{i + 1}(v)\n" for i in range(40))
    text = HEAD + body + "def f40(v):\n    return np.mean(v)\n" + STEP.replace("LOSS", "f0(p)")
    assert isinstance(codes(text), list)


def test_a_tape_that_is_asked_in_either_of_two_branches() -> None:
    one = "    grads = tape.gradient(loss, model.trainable_variables)\n"
    text = (
        (HEAD + STEP)
        .replace("LOSS", "tf.reduce_mean(p)")
        .replace(one.strip() + "\n", f"if x.sum() > 3:\n{one}else:\n{one}")
    )
    assert codes(text) == []


def test_an_iterable_of_a_comprehension_is_evaluated_once() -> None:
    text = (HEAD + STEP).replace("LOSS", "tf.reduce_mean(p)")
    text = text.replace(
        "tape.gradient(loss, model.trainable_variables)", "[g for g in tape.gradient(loss, model.trainable_variables)]"
    )
    assert codes(text) == []


def test_a_constant_with_keywords_only() -> None:
    assert codes(HEAD + STEP.replace("LOSS", "tf.reduce_mean(p - tf.constant(value=y, dtype=tf.float32))")) == []


def test_columns_count_characters() -> None:
    text = (HEAD + STEP).replace("LOSS", "np.mean(p, axis=len('é')); s = 'é'; q = 1")
    (suspect,) = find_suspects(text)
    assert (suspect.line, suspect.column, suspect.end_column) == (8, 12, 37)
    assert suspect.message == "`np.mean(p, axis=len('é'))` leaves TensorFlow, where no tape can follow"


BROKEN = (HEAD + STEP).replace("LOSS", "np.mean(p - y)")
SOUND = (HEAD + STEP).replace("LOSS", "tf.reduce_mean(p - y)")


def test_run_never_shows_suspects(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(BROKEN)
    (tmp_path / "sound.py").write_text(SOUND)
    call = gradfix("--run", "never", "--python", "/no/such/python", ".", cwd=tmp_path)
    assert call.returncode == 1
    assert call.stdout.split("\n") == [
        "broken.py:8:12: GF104 numpy-on-path  suspect: `np.mean(p - y)` leaves TensorFlow, where no tape can follow",
        "  |",
        "8 |     loss = np.mean(p - y)",
        "  |            ^^^^^^^^^^^^^^",
        "more: gradfix --explain GF104",
        "broken.py: inconclusive: not run: 1 suspect, from the text alone",
        "",
        "2 files checked: 1 inconclusive, 1 clean",
        "",
    ]
    call = gradfix("--run", "never", "--output-format", "json", ".", cwd=tmp_path)
    broken, sound = json.loads(call.stdout)["files"]
    assert (broken["verdict"], broken["diff"], sound["verdict"], sound["findings"]) == ("inconclusive", "", "clean", [])
    assert [(f["code"], f["line"], f["basis"], f["fix"], f["edits"]) for f in broken["findings"]] == [
        ("GF104", 8, "text", "none", [])
    ]
    assert gradfix("--run", "never", "sound.py", cwd=tmp_path).returncode == 0


def test_files_of_a_folder_are_parsed_only_where_they_may_hold_a_step(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("print 'Python 2'\n")
    assert gradfix("--run", "never", ".", cwd=tmp_path).returncode == 0
    assert gradfix("--run", "never", "other.py", cwd=tmp_path).returncode == 2
    (tmp_path / "broken.py").write_text(BROKEN + "print 'Python 2'\n")
    assert gradfix("--run", "never", ".", cwd=tmp_path).returncode == 2


def test_a_folder_without_suspects_needs_no_tensorflow(tmp_path: Path) -> None:
    (tmp_path / "sound.py").write_text(SOUND)
    assert gradfix("--python", "/no/such/python", ".", cwd=tmp_path).returncode == 0
    assert gradfix("--python", "/no/such/python", "sound.py", cwd=tmp_path).returncode == 2
    assert gradfix("--python", "/no/such/python", "--run", "always", ".", cwd=tmp_path).returncode == 2
