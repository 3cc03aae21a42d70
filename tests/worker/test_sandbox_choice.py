"""Which sandbox runs have, what the user can say about it, and what becomes of a file that is not run for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gradfix.config import SandboxMode, Settings
from gradfix.repair import repair
from gradfix.run.pool import Pool
from gradfix.sources import Source, read_source
from gradfix.values import Verdict

AT_MOST = "GRADFIX_SANDBOX_AT_MOST"
STEP = """\
import tensorflow as tf
open("trace.txt", "w").write("was here")
w = tf.Variable([1.0, 2.0])
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(w * 3.0)
tape.gradient(loss, [w])
"""


def _source(folder: Path) -> Source:
    path = folder / "train.py"
    path.write_text(STEP)
    source = read_source(str(path))
    assert isinstance(source, Source)
    return source


def test_strict_runs_nothing_without_the_full_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(AT_MOST, "off")
    settings = Settings(sandbox=SandboxMode.STRICT)
    with Pool(sys.executable, 60, sandbox="strict") as pool:
        report = repair(_source(tmp_path), pool, settings)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.reason == f"not run: --sandbox strict needs the full sandbox ({AT_MOST} is off)"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["train.py"]


def test_a_worker_that_must_not_run_refuses_a_request_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(AT_MOST, "off")
    with Pool(sys.executable, 60, sandbox="strict") as pool:
        assert not pool.versions().runs
        assert pool.run({"entry": {"kind": "script"}}).death == "it was not run: the sandbox is off"


def test_off_runs_the_file_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_text(STEP)
    command = [sys.executable, "-m", "gradfix", "--sandbox", "off", "train.py"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 0
    assert (tmp_path / "trace.txt").read_text() == "was here"


def test_the_import_of_keras_writes_nothing_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    with Pool(sys.executable, 60) as pool:
        assert pool.versions().tensorflow
    assert list(tmp_path.iterdir()) == []
