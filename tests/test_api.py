"""gradfix from Python."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import gradfix
from gradfix.run.worker import NoTensorFlow
from gradfix.settings.options import BadSettings
from gradfix.values import Basis, Verdict

BROKEN = """\
import tensorflow as tf

w = tf.Variable([1.0, 2.0], name="w")
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""
FIXED = BROKEN.replace("\nloss", "\n    loss")


def test_check_gives_what_the_command_says(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(BROKEN)
    (tmp_path / "healthy.py").write_text(FIXED)
    (tmp_path / "wrong.py").write_bytes(b"\0tensorflow GradientTape")
    report = gradfix.check([tmp_path], run="never")
    verdicts = [Verdict.INCONCLUSIVE, Verdict.CLEAN, Verdict.ERROR]
    assert [f.verdict for f in report.files] == verdicts
    (finding,) = report.files[0].findings
    assert (finding.code, finding.basis, finding.place.line) == ("GF101", Basis.TEXT, 6)
    assert gradfix.check(str(tmp_path / "healthy.py"), run="never").files[0].verdict is Verdict.CLEAN
    assert gradfix.check([]).files == ()


def test_repair_proves_a_text_that_lies_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    file = gradfix.repair(BROKEN, path=path, isolated=True)
    assert (file.verdict, file.patched) == (Verdict.FIXED, {str(path): FIXED})
    assert list(tmp_path.iterdir()) == []
    assert gradfix.repair("def (:\n").verdict is Verdict.ERROR


def test_what_cannot_be_followed_is_raised(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="keyword arguments: unknown key 'tiemout'; did you mean timeout"):
        gradfix.check([tmp_path], tiemout=3)
    with pytest.raises(NoTensorFlow, match="cannot start /no/such/python"):
        gradfix.repair(BROKEN, python="/no/such/python")


def test_the_function_stays_a_function_when_the_module_of_its_name_is_imported() -> None:
    module = importlib.import_module("gradfix.repair")
    from gradfix.repair import TENSORFLOW

    assert TENSORFLOW is module.TENSORFLOW
    assert gradfix.repair is importlib.import_module("gradfix.api").repair
    assert gradfix.repair is not module.repair


def test_import_gradfix_loads_nothing_else() -> None:
    code = "import sys, gradfix\nprint(sorted(m for m in sys.modules if m.startswith(('gradfix', 'rich', 'libcst'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['gradfix']\n"


def test_the_functions_are_typed_for_users(tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text(
        "import gradfix\nreveal_type(gradfix.repair('x').verdict)\nreveal_type(gradfix.check(['x']).files)\n"
    )
    root = Path(__file__).parent.parent
    command = [sys.executable, "-m", "mypy", "--config-file", root / "pyproject.toml", tmp_path / "user.py"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    shown = [line.partition("Revealed type is ")[2] for line in done.stdout.splitlines() if "Revealed" in line]
    assert [s.strip('"') for s in shown] == ["gradfix.values.Verdict", "tuple[gradfix.values.FileReport, ...]"]
