"""A package with a codemod of its own is built and installed for real, and gradfix finds it like a built-in one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent / "third_party" / "gradfix_example"
SCRIPT = """
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)])
x, y = tf.random.normal((4, 3)), tf.random.normal((4, 1))
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(tf.round(model(x)) - y))
grads = tape.gradient(loss, model.trainable_variables)
"""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, which building may write into."""
    return Path(shutil.copytree(PACKAGE, tmp_path_factory.mktemp("sources") / "package"))


@pytest.fixture(scope="module")
def environment(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables for a Python that has the package installed, without asking an index."""
    installed = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(installed), str(sources)], check=True, capture_output=True)
    return {**os.environ, "PYTHONPATH": str(installed)}


def gradfix(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gradfix", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_its_own_tests_pass(environment: dict[str, str], sources: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, env=environment, cwd=sources, capture_output=True, text=True, check=False)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_it_is_listed_and_explained(environment: dict[str, str]) -> None:
    listed = gradfix(environment, "--list-rules").stdout
    assert "EX101  rounded-prediction " in listed
    explained = gradfix(environment, "--explain", "ex101").stdout
    assert explained.startswith("# rounded-prediction (EX101)\n\nThe prediction is rounded before it is compared.\n")


def test_its_fix_is_proved_like_any_other(environment: dict[str, str], tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    done = gradfix(environment, "--diff", "--unsafe-fixes", str(script))
    assert done.returncode == 1, done.stderr
    assert "+    loss = tf.reduce_mean(tf.square(model(x) - y))\n" in done.stdout
    assert "EX101 rounded-prediction" in done.stderr


def test_without_the_package_there_is_advice(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    done = gradfix(dict(os.environ), str(script))
    assert done.returncode == 1
    assert "GF203 rounded-value" in done.stdout
    assert "try: `model(x)` as it is while training" in done.stdout


FALLS_OVER = """\
from gradfix_codemods.base import Codemod

class FallsOver(Codemod):
    name, code, mistake, answers = "falls-over", "EX102", "no mistake", frozenset({"not-differentiable"})

    def rewrites(self, text, cut):
        yield from {}["a key\\nof two lines"]
"""


def _with(folder: Path, module: str) -> dict[str, str]:
    """Variables for a Python where a package `falls` with this module is installed."""
    facts = folder / "falls-0.1.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: falls\nVersion: 0.1\n")
    (facts / "entry_points.txt").write_text("[gradfix.codemods]\nfalls-over = falls:FallsOver\n")
    (folder / "falls.py").write_text('"""EX102: a codemod that is broken."""\n' + module)
    return {**os.environ, "PYTHONPATH": str(folder)}


def test_a_codemod_that_raises_costs_nothing_but_its_own_fix(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    done = gradfix(_with(tmp_path / "installed", FALLS_OVER), str(script))
    assert (done.returncode, done.stderr) == (1, "")
    assert "GF203 rounded-value" in done.stdout
    place = f"({tmp_path / 'installed' / 'falls.py'}, line 8)"
    assert f"falls-over (no rewrite): the codemod failed with KeyError: 'a key\\nof two lines' {place}" in done.stdout


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("import no_such_module", "cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'"),
        ("FallsOver = dict", "is no gradfix_codemods.base.Codemod"),
    ],
)
def test_a_codemod_that_cannot_be_loaded_is_one_line_and_exits_with_2(module: str, said: str, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    done = gradfix(_with(tmp_path / "installed", module), str(script))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"gradfix: error: the codemod falls-over of the package falls {said}\n"
