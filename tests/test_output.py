"""What the command writes: formats, statistics, how much is said, and on what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from gradfix.rules import documentation
from tests.command import gradfix

HERE = Path(__file__).parent
SARIF = json.loads((HERE / "data" / "sarif-schema-2.1.0.json").read_text())
REPORT = json.loads((HERE.parent / "docs" / "report.schema.json").read_text())
BROKEN = """\
import tensorflow as tf

w = tf.Variable([1.0, 2.0], name="w")
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""
FIXED = BROKEN.replace("\nloss", "\n    loss")
TWICE = BROKEN + BROKEN.removeprefix("import tensorflow as tf\n").replace("w", "v").replace("vith", "with")
HOPELESS = """\
import tensorflow as tf

w = tf.Variable([1.0, 2.0], name="w")
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(tf.cast(tf.round(w) > 1.0, tf.float32))
gradients = tape.gradient(loss, [w])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a broken file, a healthy one and one that is no Python, in a folder with a strange name."""
    below = tmp_path / "a b%,:é"
    below.mkdir()
    (below / "broken.py").write_text(BROKEN)
    (below / "healthy.py").write_text(FIXED)
    (below / "wrong.py").write_text("with tf.GradientTape() as tape:  # of tensorflow\n  x = (\n")
    return tmp_path


def sarif_of(text: str) -> dict[str, Any]:
    """The one run of a log that fits the schema."""
    log = json.loads(text)
    jsonschema.Draft4Validator.check_schema(SARIF)
    jsonschema.Draft4Validator(SARIF, format_checker=jsonschema.FormatChecker()).validate(log)
    (run,) = log["runs"]
    return dict(run)


def test_sarif_fits_its_schema_and_names_rules_places_and_what_failed(folder: Path) -> None:
    call = gradfix("--run", "never", "--output-format", "sarif", ".", cwd=folder)
    run = sarif_of(call.stdout)
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == ("GF101", "LossOutsideTape")
    assert rule["helpUri"] == f"{documentation()}/rules/loss-outside-tape/"
    assert run["tool"]["driver"]["informationUri"] == documentation()
    (result,) = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("GF101", 0, "warning")
    (location,) = (place["physicalLocation"] for place in result["locations"])
    assert location["region"] == {"startLine": 6, "startColumn": 8, "endLine": 6, "endColumn": 24}
    base = run["originalUriBaseIds"][location["artifactLocation"]["uriBaseId"]]["uri"]
    assert unquote(base + location["artifactLocation"]["uri"]) == f"file://{folder}/a b%,:é/broken.py"
    (invocation,) = run["invocations"]
    assert [n["level"] for n in invocation["toolExecutionNotifications"]] == ["warning", "error"]
    assert (invocation["executionSuccessful"], call.returncode) == (False, 2)


@pytest.mark.parametrize("text", [BROKEN, TWICE, BROKEN.replace("\n", "\r\n")], ids=["one", "two", "crlf"])
def test_the_fix_in_sarif_is_what_apply_writes(text: str, tmp_path: Path) -> None:
    path = tmp_path / "train.py"
    path.write_bytes(text.encode())
    run = sarif_of(gradfix("--output-format", "sarif", "train.py", cwd=tmp_path).stdout)
    assert {r["level"] for r in run["results"]} == {"error"}
    (fix,) = (fix for result in run["results"] for fix in result.get("fixes", ()))
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"] == {"uri": "train.py", "uriBaseId": "SRCROOT"}
    lines = text.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines) + 1)]
    after = text
    for replacement in reversed(change["replacements"]):
        region = replacement["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        after = after[:start] + replacement["insertedContent"]["text"] + after[end:]
    gradfix("--apply", "train.py", cwd=tmp_path)
    assert after.encode() == path.read_bytes() != text.encode()


def test_github_gets_an_annotation_for_each_finding_with_its_values_escaped(folder: Path) -> None:
    call = gradfix(
        "--run", "never", "--output-format", "github", ".", cwd=folder / "a b%,:é", GITHUB_WORKSPACE=str(folder)
    )
    first, second, last = call.stdout.splitlines()
    where = "file=a b%25%2C%3Aé/broken.py,line=6,endLine=6,col=8,endColumn=24"
    said = "broken.py:6:8: GF101 suspect: `tf.reduce_sum(y)` runs while the tape does not record"
    assert first == f"::warning title=GF101 loss-outside-tape,{where}::{said}"
    assert second.startswith("::error title=gradfix%3A error,file=a b%25%2C%3Aé/wrong.py,line=1,")
    assert last == "3 files checked: 1 inconclusive, 1 in error, 1 clean"


def test_concise_has_one_line_for_each_finding(folder: Path) -> None:
    call = gradfix("--run", "never", "--output-format", "concise", "--quiet", ".", cwd=folder)
    said = "GF101 loss-outside-tape suspect: `tf.reduce_sum(y)` runs while the tape does not record"
    assert call.stdout.splitlines() == [f"a b%,:é/broken.py:6:8: {said}"]


def test_a_proved_fix_in_each_format(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(BROKEN)
    (tmp_path / "hopeless.py").write_text(HOPELESS)
    said = "1 of 1 sources get no gradient: the target is computed where the tape does not record"
    call = gradfix("--output-format", "concise", "-q", "train.py", "hopeless.py", cwd=tmp_path)
    first, second = call.stdout.splitlines()
    assert first == f"train.py:6:1: GF101 loss-outside-tape {said} [proved]"
    assert second.startswith("hopeless.py:5:34: GF2")
    call = gradfix("--output-format", "github", "-q", "train.py", cwd=tmp_path)
    assert call.stdout.startswith(
        "::error title=GF101 loss-outside-tape,file=train.py,line=6,endLine=6,col=1,endColumn=24::"
    )
    assert call.stdout.endswith("%0ACompute `loss` inside the block of `tape`\n")


def test_quiet_says_nothing_but_findings(folder: Path) -> None:
    (folder / "a b%,:é" / "wrong.py").unlink()
    loud, quiet = (gradfix("--run", "never", *more, ".", cwd=folder) for more in ([], ["--quiet"]))
    assert loud.stdout == quiet.stdout + "2 files checked: 1 inconclusive, 1 clean\n"
    assert gradfix("--run", "never", "--quiet", "a b%,:é/healthy.py", cwd=folder).stdout == ""
    (folder / "train.py").write_text(BROKEN)
    diff = gradfix("--diff", "--quiet", "train.py", cwd=folder)
    assert (diff.stderr, diff.stdout.startswith("--- a/train.py\n")) == ("", True)


def test_verbose_names_clean_files_checks_and_versions(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(BROKEN)
    (tmp_path / "other.py").write_text("print(1)\n")
    call = gradfix("--verbose", "train.py", "other.py", cwd=tmp_path)
    lines = call.stdout.splitlines()
    assert "check: derivative: finite differences agree to 0.0%" in lines
    assert "other.py: clean" in lines
    assert lines[-2].startswith("gradfix ")
    assert ", TensorFlow 2." in lines[-2]


def test_exit_zero_hides_findings_and_no_errors(folder: Path) -> None:
    found = gradfix("--run", "never", "--exit-zero", "a b%,:é/broken.py", cwd=folder)
    assert (found.returncode, "GF101" in found.stdout) == (0, True)
    assert gradfix("--run", "never", "--exit-zero", ".", cwd=folder).returncode == 2


def test_statistics_count_files_runs_and_seconds(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(BROKEN)
    (tmp_path / "healthy.py").write_text(FIXED)
    (tmp_path / "other.py").write_text("print(1)\n")
    call = gradfix("--statistics", "--output-format", "json", "--run", "always", ".", cwd=tmp_path)
    report = json.loads(call.stdout)
    jsonschema.Draft202012Validator(REPORT).validate(report)
    told = report["statistics"]
    assert told["files"] == {"read": 3, "parsed": 2, "run": 2, "cached": 0, "repaired": 1}
    assert told["runs"] >= 5  # two first runs, a trace, a proof and its finite differences
    assert {"running", "tracing", "rewriting", "trying", "importing TensorFlow"} <= set(told["phases"])
    assert set(told["rules"]) == {"loss-outside-tape"}
    assert 0 < told["rules"]["loss-outside-tape"] <= sum(told["phases"].values()) <= 2 * told["seconds"]
    text = gradfix("--statistics", "--run", "never", ".", cwd=tmp_path).stdout
    assert "3 read, 2 parsed, 0 run (0 runs), 0 from the cache, 0 repaired, in " in text


def test_without_the_option_there_are_no_statistics(folder: Path) -> None:
    call = gradfix("--run", "never", "--output-format", "json", ".", cwd=folder)
    assert "statistics" not in json.loads(call.stdout)


def test_a_rules_page_is_named_once(tmp_path: Path) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(BROKEN)
    said = gradfix("--run", "never", ".", cwd=tmp_path).stdout
    assert (said.count("GF101 loss-outside-tape"), said.count("more: gradfix --explain GF101")) == (2, 1)
