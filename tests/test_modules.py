"""`-m package.module`: which file it means, and that it runs as `python -m` runs it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gradfix.modules import Module, NoModule, find_module
from tests.command import gradfix

LAYOUT = {
    "one.py": "",
    "plain/train.py": "",
    "both/__init__.py": "",
    "both/__main__.py": "",
    "both/train.py": "",
    "library/__init__.py": "",
    "space/__main__.py": "",
    "src/under/__init__.py": "",
    "src/under/deep/train.py": "",
    "src/one.py": "",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in LAYOUT.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "path", "runs_as", "package", "base"),
    [
        ("one", "one.py", "one", "", ""),
        ("plain.train", "plain/train.py", "plain.train", "plain", ""),
        ("both", "both/__main__.py", "both.__main__", "both", ""),
        ("both.__main__", "both/__main__.py", "both.__main__", "both", ""),
        ("both.train", "both/train.py", "both.train", "both", ""),
        ("space", "space/__main__.py", "space.__main__", "space", ""),
        ("under.deep.train", "src/under/deep/train.py", "under.deep.train", "under.deep", "src"),
    ],
)
def test_a_name_stands_for_its_file(folder: Path, name: str, path: str, runs_as: str, package: str, base: str) -> None:
    found = find_module(name)
    assert found == Module(runs_as, path, os.path.join(folder, base) if base else str(folder))
    assert found.package == package


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("library", "library is a package without a __main__.py: name one of its modules"),
        ("under", "under is a package without a __main__.py: name one of its modules"),
        ("nothing", "no module nothing in this folder or its src"),
        ("both.nothing", "no module both.nothing in this folder or its src"),
        ("plain", "no module plain in this folder or its src"),
        ("both/train.py", "-m takes a module's name such as package.module, not 'both/train.py'"),
        (".train", "-m takes a module's name such as package.module, not '.train'"),
    ],
)
def test_what_is_no_module_is_said_in_one_line(folder: Path, name: str, why: str) -> None:
    with pytest.raises(NoModule) as raised:
        find_module(name)
    assert str(raised.value) == why


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["-m", "nothing"], "no module nothing in this folder or its src"),
        (["-m", "one", "one.py"], "-m MODULE stands alone: what the module is given goes after --"),
        ([], "name a PATH, or a MODULE with -m"),
    ],
)
def test_bad_usage_ends_with_code_two(folder: Path, arguments: list[str], why: str) -> None:
    done = gradfix(*arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"gradfix: error: Invalid value: {why}\n"


TRAIN = """\
import argparse
import sys

import tensorflow as tf

from . import losses

if __name__ == "__main__":
    assert (__package__, __spec__.name, __spec__.parent) == ("grow", "grow.train", "grow")
    assert sys.argv == [__file__, "--rate", "0.25"] and __spec__.origin == __file__
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float)
    height = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        loss = losses.misfit(height)
    height.assign_sub(parser.parse_args().rate * tape.gradient(loss, height))
"""
LOSSES = """\
import numpy as np
import tensorflow as tf


def misfit(height):
    return tf.reduce_mean({square}(height - 1.0))
"""


def test_a_module_of_a_package_runs_as_python_runs_it_and_is_mended_in_its_neighbour(tmp_path: Path) -> None:
    package = tmp_path / "src" / "grow"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "train.py").write_text(TRAIN)
    (package / "losses.py").write_text(LOSSES.format(square="np.square"))
    shown = gradfix("-m", "grow.train", "--diff", "--", "--rate", "0.25", cwd=tmp_path)
    assert shown.returncode == 1, shown.stderr
    assert shown.stdout.startswith("--- a/src/grow/losses.py\n+++ b/src/grow/losses.py\n")
    applied = gradfix("-m", "grow.train", "--apply", "--", "--rate", "0.25", cwd=tmp_path)
    assert applied.returncode == 0, applied.stdout
    assert (package / "train.py").read_text() == TRAIN
    mended = LOSSES.format(square="tf.square").removeprefix("import numpy as np\n")
    assert (package / "losses.py").read_text() == mended
