"""The command around its runs: usage, paths and interpreters that do not serve, colours, imports, interruption."""

from __future__ import annotations

import ast
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import gradfix as package
import gradfix_codemods
from tests.command import gradfix

ROOT = Path(package.__file__).parent
HEAVY = {"keras", "libcst", "numpy", "tensorflow"}
BROKEN = """\
import tensorflow as tf

w = tf.Variable([1.0, 2.0])
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one file that has a step in it."""
    (tmp_path / "train.py").write_text(BROKEN)
    return tmp_path


USAGE = {
    "no paths at all": [],
    "an option that is none": ["--frobnicate", "train.py"],
    "diff and apply at once": ["--diff", "--apply", "train.py"],
    "a format that is none": ["--output-format", "yaml", "train.py"],
    "a way of running that is none": ["--run", "sometimes", "train.py"],
    "a limit that is no number": ["--timeout", "soon", "train.py"],
    "a limit of no time": ["--timeout", "0", "train.py"],
    "arguments for two files": ["train.py", "train.py", "--", "x"],
}


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE)
def test_bad_usage_is_one_line_and_exits_with_2(arguments: list[str], folder: Path) -> None:
    call = gradfix(*arguments, cwd=folder)
    assert (call.returncode, call.stdout) == (2, "")
    assert [line.startswith("gradfix: error: ") for line in call.stderr.splitlines()] == [True]


def test_a_path_that_is_not_there_is_one_line_and_exits_with_2(folder: Path) -> None:
    call = gradfix("nowhere.py", "--run", "never", cwd=folder)
    assert call.returncode == 2
    assert call.stderr == "gradfix: error: nowhere.py: No such file or directory\n"


def test_what_is_no_regular_file_is_one_line_and_exits_with_2(folder: Path) -> None:
    os.mkfifo(folder / "pipe.py")
    call = gradfix("pipe.py", "--run", "never", cwd=folder)
    assert (call.returncode, call.stderr) == (2, "gradfix: error: pipe.py: is not a regular file\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_one_line_and_exits_with_2(folder: Path) -> None:
    (folder / "train.py").chmod(0)
    call = gradfix("train.py", cwd=folder)
    assert (call.returncode, call.stderr) == (2, "gradfix: error: train.py: Permission denied\n")


def test_an_interpreter_that_is_not_there_is_one_line_and_exits_with_2(folder: Path) -> None:
    call = gradfix("--python", folder / "python", "train.py", cwd=folder)
    assert (call.returncode, call.stdout) == (2, "")
    assert call.stderr == f"gradfix: error: cannot start {folder / 'python'}: No such file or directory\n"


def test_an_interpreter_without_tensorflow_is_one_line_and_exits_with_2(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    call = gradfix("--python", python, "train.py", cwd=folder)
    why = "ModuleNotFoundError: No module named 'tensorflow'"
    assert (call.returncode, call.stdout) == (2, "")
    assert call.stderr == f"gradfix: error: {python} has no usable TensorFlow: {why}\n"


@pytest.mark.parametrize(
    "body",
    ["exit 0", "echo no python here", 'echo "{}"', "echo null"],
    ids=["ends", "prints words", "prints an empty object", "prints nothing in JSON"],
)
def test_a_program_that_is_no_interpreter_is_one_line_and_exits_with_2(body: str, folder: Path) -> None:
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    call = gradfix("--python", program, "train.py", cwd=folder)
    assert (call.returncode, call.stdout) == (2, "")
    assert call.stderr.startswith(f"gradfix: error: {program} has no usable TensorFlow: ")
    assert call.stderr.count("\n") == 1


def test_an_interpreter_that_greets_before_it_starts_serves_all_the_same(folder: Path) -> None:
    program = folder / "python"
    program.write_text(f'#!/bin/sh\necho activating the environment\nexec {sys.executable} "$@"\n')
    program.chmod(0o755)
    call = gradfix("--python", program, "train.py", cwd=folder)
    first, *_, last = call.stdout.splitlines()
    assert (call.returncode, call.stderr, last.partition(";")[0]) == (1, "", "1 file checked: 1 fixable")
    assert first.startswith("train.py:6:1: GF101 loss-outside-tape  1 of 1 sources get no gradient: ")


def test_a_script_that_hangs_ends_at_its_limit(folder: Path) -> None:
    (folder / "train.py").write_text(f"import select\nselect.select([], [], [], 60)\n{BROKEN}")
    call = gradfix("--timeout", "1.5", "train.py", cwd=folder)
    assert (call.returncode, call.stderr) == (1, "")
    assert [line.partition("; sandbox")[0] for line in call.stdout.splitlines()] == [
        "train.py:8:8: GF101 loss-outside-tape  suspect: `tf.reduce_sum(y)` runs while the tape does not record",
        "  |",
        "8 | loss = tf.reduce_sum(y)",
        "  |        ^^^^^^^^^^^^^^^^",
        "more: gradfix --explain GF101",
        "train.py: inconclusive: line 9 was not reached: it did not end within 1.5 s",
        "",
        "1 file checked: 1 inconclusive",
    ]


def test_run_never_runs_nothing(folder: Path) -> None:
    call = gradfix("--run", "never", "--python", "/no/such/python", "--output-format", "json", ".", cwd=folder)
    report = json.loads(call.stdout)
    assert (call.returncode, call.stderr, report["tensorflow"]) == (1, "", "")
    assert [(f["path"], f["verdict"], f["steps"], f["diff"]) for f in report["files"]] == [
        ("train.py", "inconclusive", [], "")
    ]


def test_a_file_without_a_step_needs_no_tensorflow(folder: Path) -> None:
    (folder / "other.py").write_text("import tensorflow as tf\nprint(tf.__version__)\n")
    call = gradfix("--python", "/no/such/python", "other.py", cwd=folder)
    assert (call.returncode, call.stdout, call.stderr) == (0, "1 file checked: 1 clean\n", "")


def _on_a_terminal(folder: Path, **environment: str) -> bytes:
    """What a call writes to a terminal."""
    ours, theirs = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"TERM": "xterm-256color"} | environment
    command = [sys.executable, "-m", "gradfix", "--run", "never", "train.py"]
    with subprocess.Popen(command, cwd=folder, env=env, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        shown, end = b"", time.monotonic() + 60
        while time.monotonic() < end and select.select([ours], [], [], 60)[0]:
            try:
                data = os.read(ours, 4096)
            except OSError:  # how Linux says that the other end is closed
                break
            if not data:
                break
            shown += data
    os.close(ours)
    return shown


def test_colours_are_for_terminals_and_for_who_wants_them(folder: Path) -> None:
    (folder / "train.py").write_text("import tensorflow as tf\n")
    plain = "1 file checked: 1 clean"
    coloured = _on_a_terminal(folder)
    assert b"\x1b[32m" in coloured
    assert _on_a_terminal(folder, NO_COLOR="1").decode().splitlines() == [plain]
    assert gradfix("--run", "never", "train.py", cwd=folder).stdout == f"{plain}\n"
    assert "\x1b[32m" in gradfix("--run", "never", "train.py", cwd=folder, FORCE_COLOR="1").stdout


@pytest.mark.parametrize("arguments", [["--version"], ["--version", "train.py"], ["--help"]], ids=" ".join)
def test_asking_for_the_version_or_for_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom gradfix.__main__ import main\n"
        f"sys.argv = {['gradfix', *arguments]!r}\n"
        "try:\n    main()\nexcept SystemExit as e:\n    print(e.code, file=sys.stderr)\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["0", "[]"]
    if "--version" in arguments:
        assert done.stdout == f"gradfix {package.__version__}\n"


def _host(package: Path) -> list[Path]:
    """The modules of a package, without those that run in the user's interpreter."""
    return [path for path in package.rglob("*.py") if "worker" not in path.relative_to(package).parts[:-1]]


DASK = {"gradfix.cluster.executor", "gradfix.cluster.plugin"}
"""Modules that are imported for --cluster only, with Dask, which loads NumPy where that is there."""


def test_no_module_of_the_host_loads_tensorflow() -> None:
    packages = ROOT, Path(gradfix_codemods.__file__).parent
    paths = [path.relative_to(package.parent) for package in packages for path in _host(package)]
    every = {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths}
    names = sorted(every - DASK)
    code = (
        f"import importlib, sys\nfor name in {names!r}:\n    importlib.import_module(name)\n"
        "print(sorted({'keras', 'numpy', 'tensorflow'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert {"gradfix.session", "gradfix.run.worker", "gradfix_codemods.loss_outside_tape"} <= set(names)
    assert every > DASK


def test_no_function_of_the_host_imports_tensorflow_either() -> None:
    imported: set[str] = set()
    for path in _host(ROOT):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add((node.module or "").split(".")[0])
    assert "gradfix" in imported
    assert imported & {"keras", "numpy", "tensorflow"} == set()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)], ids=["ctrl-c", "kill"])
def test_ending_gradfix_ends_what_it_runs(number: int, code: int, folder: Path, mark: Any) -> None:
    name = f'with open("/proc/self/comm", "w") as file:\n    file.write({mark.name!r})\n'
    (folder / "train.py").write_text(f"import select\n{name}select.select([], [], [], 60)\n{BROKEN}")
    command = [sys.executable, "-m", "gradfix", "train.py"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert mark.comes(60)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, b"Traceback" in err) == (code, False)
    assert mark.goes()
