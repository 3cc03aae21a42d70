"""The real command on real files: exit codes, the diff, what --apply writes, the JSON report."""

from __future__ import annotations

import codecs
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.command import in_bytes

REPOSITORY = Path(__file__).parent.parent
FIXTURES = REPOSITORY / "fixtures"
SCHEMA = json.loads((REPOSITORY / "docs" / "report.schema.json").read_text())

BEFORE = """\
import tensorflow as tf

w = tf.Variable([1.0, 2.0], name="w")
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""
AFTER = BEFORE.replace("\nloss", "\n    loss")
NOISE = 'print("printed by the script")\n'


def _both(change: Any) -> tuple[bytes, bytes]:
    return change(BEFORE), change(AFTER)


# What a file holds before and after --apply.
FIXABLE: dict[str, tuple[bytes, bytes]] = {
    "bom.py": _both(lambda t: codecs.BOM_UTF8 + t.encode()),
    "crlf.py": _both(lambda t: t.replace("\n", "\r\n").encode()),
    "formfeed.py": _both(lambda t: t.replace("\nwith", "\n\f\nwith").replace("[w])\n", "[w])\n\f\n").encode()),
    "latin.py": _both(lambda t: f"# -*- coding: latin-1 -*-\n{t}# r\xe9sum\xe9 \xb1\n".encode("latin-1")),
    "named with spaces/h\xf6he.py": _both(lambda t: t.encode()),
    "plain.py": _both(lambda t: (NOISE + t + NOISE).encode()),
    "separators.py": _both(lambda t: f"# one\u2028line\x85still\n{t}# \U0001f40c\n".encode()),
    "tabs.py": _both(lambda t: t.replace("    ", "\t").encode()),
    "unended.py": _both(lambda t: t.removesuffix("\n").encode()),
}
MODES = {"plain.py": 0o755, "crlf.py": 0o640, "tabs.py": 0o600}
HEALTHY = {"well.py": AFTER.encode(), "without_tensorflow.py": b"print('no step here')\n"}
LEFT_OUT = {".hidden/x.py": BEFORE.encode(), "__pycache__/x.py": BEFORE.encode(), "notes.txt": BEFORE.encode()}
PYTHON = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
# What a file holds that cannot be handled, and what is said of it.
ERRORS: dict[str, tuple[bytes, str]] = {
    "lone.py": (
        BEFORE.replace("\nw =", "\rw =").encode(),
        "line 2: holds a carriage return that no line feed follows",
    ),
    "null.py": (b"x = 1\n\0\n", "line 2: holds a null byte"),
    "syntax.py": (BEFORE.encode() + b"with open(:\n", f"line 8: not valid {PYTHON}: "),
    "unknown.py": (b"# coding: klingon\n" + BEFORE.encode(), "unknown encoding: klingon"),
    "wrong.py": (b"# one\n# \xe9\n" + BEFORE.encode(), ""),
}


@dataclass(frozen=True)
class Call:
    """What one call of the command came to."""

    code: int
    out: bytes
    err: bytes
    folder: Path


def _gradfix(*arguments: object, cwd: Path, **environment: str) -> Call:
    done = in_bytes(*arguments, cwd=cwd, **environment)
    return Call(done.returncode, done.stdout, done.stderr, cwd)


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(MODES.get(name, 0o644))


def _read(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with files that can be fixed, healthy ones, ones that cannot be read, and ones to leave out."""
    folder = tmp_path_factory.mktemp("command") / "tree"
    _write(folder / "src", {name: before for name, (before, _) in FIXABLE.items()})
    _write(folder / "src", HEALTHY | LEFT_OUT)
    _write(folder / "bad", {name: data for name, (data, _) in ERRORS.items()})
    return folder


def _copy(tree: Path, name: str) -> Path:
    return Path(shutil.copytree(tree, tree.parent / name))


@pytest.fixture(scope="module")
def checked(tree: Path) -> Call:
    return _gradfix("--output-format", "json", "--timeout", "50", ".", cwd=_copy(tree, "checked"))


@pytest.fixture(scope="module")
def diffed(tree: Path) -> Call:
    return _gradfix("--diff", ".", cwd=_copy(tree, "diffed"))


@pytest.fixture(scope="module")
def applied(tree: Path) -> Call:
    return _gradfix("--apply", "src", cwd=_copy(tree, "applied"))


@pytest.fixture(scope="module")
def report(checked: Call) -> dict[str, Any]:
    return json.loads(checked.out)


def test_of_several_files_the_worst_code_wins(checked: Call, diffed: Call) -> None:
    assert (checked.code, diffed.code) == (2, 2)


def test_a_check_and_a_diff_write_nothing(tree: Path, checked: Call, diffed: Call) -> None:
    assert _read(checked.folder) == _read(tree)
    assert _read(diffed.folder) == _read(tree)


def test_the_report_fits_its_schema(report: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(report)


def test_the_report_names_every_file_with_its_verdict(report: dict[str, Any]) -> None:
    expected = {f"src/{name}": "fixed" for name in FIXABLE}
    expected |= {f"src/{name}": "clean" for name in HEALTHY} | {f"bad/{name}": "error" for name in ERRORS}
    assert {f["path"]: f["verdict"] for f in report["files"]} == expected
    counts = {"clean": 2, "fixed": len(FIXABLE), "advice": 0, "inconclusive": 0, "error": len(ERRORS)}
    assert report["summary"] == counts


def test_the_report_names_the_versions_that_ran_the_code(report: dict[str, Any]) -> None:
    assert report["python"] == ".".join(map(str, sys.version_info[:3]))
    assert [bool(report[name]) for name in ("gradfix", "tensorflow", "keras")] == [True] * 3


@pytest.mark.parametrize("name", FIXABLE)
def test_the_report_shows_what_the_runs_saw(name: str, report: dict[str, Any]) -> None:
    (file,) = (f for f in report["files"] if f["path"] == f"src/{name}")
    (step,), (finding,) = file["steps"], file["findings"]
    lines = FIXABLE[name][0].split(b"\n")
    assert step["line"] == 1 + next(n for n, line in enumerate(lines) if line.startswith(b"gradients"))
    assert (step["sources"], step["missing_before"], step["missing_after"]) == (1, ["w"], [])
    assert (step["target_before"], step["target_after"]) == (9.0, 9.0)
    assert (finding["rule"], finding["code"], finding["fix"]) == ("loss-outside-tape", "GF101", "proved")
    loss = next(n for n, line in enumerate(lines) if line.startswith(b"loss"))
    assert (finding["line"], finding["column"]) == (loss + 1, 1)
    assert (finding["end_line"], finding["end_column"]) == (loss + 1, 1 + len("loss = tf.reduce_sum(y)"))


def test_each_file_that_cannot_be_handled_has_one_line(checked: Call, diffed: Call) -> None:
    for call in (checked, diffed):
        lines = [line for line in call.err.decode().splitlines() if line.startswith("gradfix: error: ")]
        assert len(lines) == len(ERRORS)
        for line, (name, (_, why)) in zip(lines, ERRORS.items(), strict=True):
            assert line.startswith(f"gradfix: error: bad/{name}: {why}")
            assert len(line) > len(f"gradfix: error: bad/{name}: ")
    assert len(checked.err.decode().splitlines()) == len(ERRORS)


def test_the_diff_stands_alone_on_stdout(diffed: Call) -> None:
    heads = [line for line in diffed.out.split(b"\n") if line.startswith((b"--- ", b"+++ "))]
    assert len(heads) == 2 * len(FIXABLE)
    assert diffed.out.startswith(b"--- a/src/bom.py\n+++ b/src/bom.py\n@@ ")
    assert b"printed by the script" not in diffed.out.replace(b' print("printed by the script")', b"")
    first = (b"--- ", b"+++ ", b"@@ -", b" ", b"+", b"-", b"\\ No newline at end of file")
    assert [line for line in diffed.out.split(b"\n")[:-1] if not line.startswith(first)] == []
    assert b"\x1b" not in diffed.out


def test_the_explanations_of_a_diff_go_to_stderr(diffed: Call) -> None:
    said = diffed.err.decode()
    assert "src/plain.py:7:1: GF101 loss-outside-tape  1 of 1 sources get no gradient" in said
    assert "proved: 1 of 1 missing gradient is back; loss 9 before and after" in said
    assert "\x1b" not in said


@pytest.mark.parametrize("tool", [("git", "apply"), ("patch", "-p1", "--binary")], ids=["git apply", "patch -p1"])
def test_the_diff_applied_gives_the_bytes_that_apply_writes(
    tool: tuple[str, ...], tree: Path, diffed: Call, applied: Call
) -> None:
    if shutil.which(tool[0]) is None:
        pytest.skip(f"{tool[0]} is not installed")
    folder = _copy(tree, f"patched by {tool[0]}")
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent), "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(tool, cwd=folder, env=environment, input=diffed.out, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert _read(folder) == _read(applied.folder)


def test_apply_exits_with_0_when_all_is_fixed(applied: Call) -> None:
    assert (applied.code, applied.err) == (0, b"")
    assert applied.out.decode().splitlines()[-1].partition(";")[0] == f"11 files checked: {len(FIXABLE)} fixed, 2 clean"


@pytest.mark.parametrize("name", FIXABLE)
def test_apply_keeps_encoding_newlines_and_mode(name: str, applied: Call) -> None:
    path = applied.folder / "src" / name
    assert path.read_bytes() == FIXABLE[name][1]
    assert stat.S_IMODE(path.stat().st_mode) == MODES.get(name, 0o644)


def test_apply_touches_nothing_else(tree: Path, applied: Call) -> None:
    changed = {f"src/{name}": after for name, (_, after) in FIXABLE.items()}
    assert _read(applied.folder) == _read(tree) | changed


def test_after_apply_and_on_healthy_code_a_run_says_nothing(applied: Call) -> None:
    expected = {p.parent: json.loads(p.read_text()) for p in sorted(FIXTURES.glob("*/expected.json"))}
    clean = [folder for folder, says in expected.items() if says["verdict"] == "clean"]
    call = _gradfix("src", *clean, cwd=applied.folder)
    count = len(FIXABLE) + len(HEALTHY) + len(clean)
    assert (call.code, call.err) == (0, b"")
    assert [line.partition(";")[0] for line in call.out.decode().splitlines()] == [
        f"{count} files checked: {count} clean"
    ]


def test_advice_exits_with_1_and_shows_no_diff(tmp_path: Path) -> None:
    names = "labels_that_do_not_fit", "loss_that_ignores_predictions"
    files = [FIXTURES / name / "before.py" for name in names]
    call = _gradfix("--diff", *files, cwd=tmp_path)
    said = call.err.decode()
    assert (call.code, call.out) == (1, b"")
    assert said.splitlines()[-1].partition(";")[0] == "2 files checked: 2 with advice"
    for name, file in zip(names, files, strict=True):
        expected = json.loads((FIXTURES / name / "expected.json").read_text())
        assert f"{file}:{expected['line']}:" in said
        assert f" {expected['rule']}  " in said


def test_what_stands_behind_two_dashes_reaches_the_script(tmp_path: Path) -> None:
    script = "import sys\n" + BEFORE.replace("1.0, 2.0", "float(sys.argv[2]), len(sys.argv)")
    (tmp_path / "args.py").write_text(script)
    call = _gradfix("--output-format=json", "args.py", "--", "--run", "4.5", "--", "-x", cwd=tmp_path)
    (file,) = json.loads(call.out)["files"]
    assert (call.code, file["verdict"], file["reason"] != "") == (1, "fixed", True)
    assert [step["target_before"] for step in file["steps"]] == [3.0 * (4.5 + 5)]
