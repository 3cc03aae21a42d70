"""What is checked, through the real command: text on stdin, and what is left out of folders."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import in_bytes

BROKEN = """\
import tensorflow as tf

w = tf.Variable([1.0, 2.0])
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)  # caf\xe9
gradients = tape.gradient(loss, [w])
"""
FIXED = BROKEN.replace("\nloss", "\n    loss")
HELPED = "from helper import w\n" + BROKEN.replace("w = tf.Variable([1.0, 2.0])\n", "")
Gradfix = Callable[..., "subprocess.CompletedProcess[bytes]"]


def test_stdin_is_fixed_on_stdout_under_its_name_and_the_disk_stays(tmp_path: Path) -> None:
    """The name lies in a folder that is there, with a module of the project beside it; the file itself is not there."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "helper.py").write_text("import tensorflow as tf\n\nw = tf.Variable([1.0, 2.0])\n")
    text = HELPED.encode().replace(b"\n", b"\r\n")
    done = in_bytes("--apply", "-", "--stdin-filename", "src/train.py", cwd=tmp_path, stdin=text)
    assert done.stdout == text.replace(b"\r\nloss", b"\r\n    loss")
    assert done.returncode == 0
    assert b"src/train.py:6:1: GF101 loss-outside-tape  " in done.stderr
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["helper.py", "src"]


def test_a_diff_of_stdin_names_the_file(tmp_path: Path) -> None:
    done = in_bytes("--diff", "-", "--stdin-filename", "train.py", cwd=tmp_path, stdin=BROKEN.encode())
    assert done.returncode == 1
    assert done.stdout.splitlines()[:2] == [b"--- a/train.py", b"+++ b/train.py"]
    (tmp_path / "train.py").write_bytes(BROKEN.encode())
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=done.stdout, check=True)
    assert (tmp_path / "train.py").read_bytes() == FIXED.encode()


# Texts that have no fix, and the exit code.
UNFIXED = {
    "healthy": (FIXED.encode(), 0),
    "no Python": (b"with open(:\n", 2),
    "no known encoding": (b"# coding: klingon\n", 2),
    "nothing": (b"", 0),
    "broken, but nothing may run": (BROKEN.encode(), 1),
}


@pytest.mark.parametrize(("text", "code"), UNFIXED.values(), ids=UNFIXED)
def test_stdin_without_a_fix_comes_out_as_it_came_in(tmp_path: Path, text: bytes, code: int) -> None:
    done = in_bytes("--apply", "--run", "never", "-", cwd=tmp_path, stdin=text)
    assert (done.returncode, done.stdout) == (code, text)


def test_a_check_of_stdin_reports_under_the_name_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "gradfix.toml").write_text('run = "never"\n')
    for name, shown in (("inner/x.py", "inner/x.py"), ("", "<stdin>")):
        more = ["--stdin-filename", name] if name else ["--run", "never"]
        done = in_bytes("-", *more, cwd=tmp_path, stdin=BROKEN.encode())
        assert done.returncode == 1
        assert done.stdout.decode().startswith(f"{shown}:6:8: GF101 loss-outside-tape  suspect: ")


def test_a_fix_of_stdin_that_changes_another_file_is_not_taken(tmp_path: Path) -> None:
    """The mistake is in a module that nobody handed in: nothing of it is written, and the exit code says so."""
    helper = (
        "import numpy as np\nimport tensorflow as tf\n\nw = tf.Variable([1.0, 2.0])\n\n\n"
        "def loss():\n    return tf.reduce_sum(np.exp(w * 3.0))\n"
    )
    (tmp_path / "helper.py").write_text(helper)
    text = (
        b"import tensorflow as tf\nfrom helper import loss, w\n\nwith tf.GradientTape() as tape:\n    y = loss()\n"
        b"print(tape.gradient(y, w))\n"
    )
    done = in_bytes("--apply", "-", "--stdin-filename", "train.py", cwd=tmp_path, stdin=text)
    assert (done.returncode, done.stdout) == (2, text)
    assert done.stderr.startswith(b"gradfix: error: train.py: not fixed: the fix changes helper.py too\n")
    assert (tmp_path / "helper.py").read_text() == helper


@pytest.mark.parametrize(
    "arguments",
    [["-", "train.py"], ["--stdin-filename", "x.py", "train.py"], ["--apply", "--output-format", "json", "-"]],
    ids=" ".join,
)
def test_stdin_that_cannot_be_meant_is_one_line(tmp_path: Path, arguments: list[str]) -> None:
    done = in_bytes(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)


TREE = ["a.py", "build/b.py", "data/c.py", "pkg/build/d.py", "pkg/data/e.py", "pkg/f_test.py"]
USUAL = ["a.py", "data/c.py", "pkg/data/e.py", "pkg/f_test.py"]
# Arguments, what gradfix.toml holds, and the files that are checked.
EXCLUDED: dict[str, tuple[list[str], str, list[str]]] = {
    "nothing": (["."], "", USUAL),
    "a name, in the place of the usual ones": (
        ["--exclude", "data", "."],
        "",
        ["a.py", "build/b.py", "pkg/build/d.py", "pkg/f_test.py"],
    ),
    "a name as well": (["--extend-exclude", "data", "."], "", ["a.py", "pkg/f_test.py"]),
    "a path": (["--extend-exclude", "pkg/data", "."], "", ["a.py", "data/c.py", "pkg/f_test.py"]),
    "a path from the top": (["--extend-exclude", "/data", "."], "", ["a.py", "pkg/data/e.py", "pkg/f_test.py"]),
    "a pattern of names": (["--extend-exclude", "*_test.py", "."], "", ["a.py", "data/c.py", "pkg/data/e.py"]),
    "a pattern of paths": (["--extend-exclude", "pkg/**/e.py", "."], "", ["a.py", "data/c.py", "pkg/f_test.py"]),
    "several, and again": (["--extend-exclude", "data,a.py", "--extend-exclude", "f_test.py", "."], "", []),
    "a path of the configuration": (["pkg"], 'extend-exclude = ["pkg/data"]', ["pkg/f_test.py"]),
    "the command line in the place of it": (
        ["--exclude", "pkg", "."],
        'exclude = ["data"]',
        ["a.py", "build/b.py", "data/c.py"],
    ),
    "what is named is taken": (["--extend-exclude", "a.py", "a.py"], "", ["a.py"]),
    "a folder that is named is taken": (["--extend-exclude", "data", "data"], "", ["data/c.py"]),
    "what is named is left out by force": (
        ["--force-exclude", "a.py", "data/c.py"],
        'extend-exclude = ["data"]',
        ["a.py"],
    ),
    "usual names too": (["--force-exclude", "a.py", "build/b.py"], "", ["a.py"]),
}


@pytest.mark.parametrize(("arguments", "settings", "names"), EXCLUDED.values(), ids=EXCLUDED)
def test_exclude(tmp_path: Path, arguments: list[str], settings: str, names: list[str]) -> None:
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "gradfix.toml").write_text(settings)
    done = in_bytes("--output-format", "json", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [f["path"] for f in json.loads(done.stdout)["files"]] == names
