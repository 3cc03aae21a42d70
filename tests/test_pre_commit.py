"""The hooks of `.pre-commit-hooks.yaml` by the real pre-commit in a real git repository.

pre-commit would install gradfix from an index; so each hook is taken from the file as it is, but for its language:
`system`, which finds the gradfix of this environment.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pre_commit")

HOOKS = Path(__file__).parent.parent / ".pre-commit-hooks.yaml"
BROKEN = """\
import tensorflow as tf

w = tf.Variable([1.0, 2.0], name="w")
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""
FIXED = BROKEN.replace("\nloss", "\n    loss")


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in the repository, without the settings of whoever runs the tests."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_HOME": str(folder.parent / "pre-commit")}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return subprocess.run(words, cwd=folder, env=kept | own, capture_output=True, text=True, timeout=300, check=False)


def hook(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """One hook over all files of the repository."""
    return command(folder, sys.executable, "-m", "pre_commit", "run", "--verbose", "--all-files", name)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with a broken file, a healthy one and one of another kind, all added."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    folder = tmp_path / "repository"
    folder.mkdir()
    hooks = re.sub(r"language: python", "language: system", HOOKS.read_text())
    inner = "".join(f"      {line}\n" for line in hooks.splitlines())
    (folder / ".pre-commit-config.yaml").write_text(f"repos:\n  - repo: local\n    hooks:\n{inner}")
    (folder / "broken.py").write_text(BROKEN)
    (folder / "healthy.py").write_text(FIXED)
    (folder / "notes.txt").write_text(BROKEN)
    for words in (("init", "-q"), ("add", ".")):
        assert command(folder, "git", *words).returncode == 0
    return folder


def test_the_hooks_are_a_manifest_that_pre_commit_accepts() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", HOOKS], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_plain_hook_needs_no_tensorflow(repository: Path) -> None:
    (repository / "gradfix.toml").write_text(f"python = {json.dumps('/no/such/python')}\n")
    done = hook(repository, "gradfix")
    assert done.returncode == 1
    assert "broken.py:6:8: GF101 loss-outside-tape  suspect: " in done.stdout
    assert "2 files checked: 1 inconclusive, 1 clean" in done.stdout
    command(repository, "git", "rm", "-qf", "broken.py")
    assert hook(repository, "gradfix").returncode == 0


def test_the_hook_that_proves_shows_the_proof_and_writes_nothing(repository: Path) -> None:
    done = hook(repository, "gradfix-prove")
    assert done.returncode == 1
    assert "proved: 1 of 1 missing gradient is back; loss 9 before and after" in done.stdout
    assert (repository / "broken.py").read_text() == BROKEN


def test_the_hook_that_applies_writes_the_fix_and_then_passes(repository: Path) -> None:
    done = hook(repository, "gradfix-apply")
    assert (done.returncode, "files were modified by this hook" in done.stdout) == (1, True)
    assert (repository / "broken.py").read_text() == FIXED
    assert command(repository, "git", "add", ".").returncode == 0
    assert hook(repository, "gradfix-apply").returncode == 0
