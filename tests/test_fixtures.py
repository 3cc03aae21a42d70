"""Each folder of fixtures/ is one situation: its verdict, its finding, and the exact text of its repair."""

from __future__ import annotations

import functools
import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gradfix.config import Settings
from gradfix.repair import repair
from gradfix.run.pool import Pool
from gradfix.sources import Source, read_source
from gradfix.values import FileReport, Fix

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(path.parent.name for path in FIXTURES.glob("*/expected.json"))
KINDS = {name: ".ipynb" if (FIXTURES / name / "before.ipynb").exists() else ".py" for name in CASES}
FIXED = [name for name in CASES if (FIXTURES / name / f"after{KINDS[name]}").exists()]
EXIT_CODES = {"clean": 0, "fixed": 1, "advice": 1, "inconclusive": 1, "error": 2}


@dataclass(frozen=True)
class Case:
    """One situation, what is expected of it, and what gradfix said."""

    name: str
    expected: dict[str, Any]
    before: bytes
    after: bytes | None
    path: Path
    report: FileReport


def _words(name: str) -> str:
    return name.replace("_", " ")


def _repaired(path: Path, data: bytes, pool: Pool) -> FileReport:
    path.write_bytes(data)
    source = read_source(str(path))
    assert isinstance(source, Source)
    return repair(source, pool, Settings(python=sys.executable))


@functools.cache
def _lacks(package: str) -> bool:
    """Whether the interpreter that runs the fixtures has no such package."""
    python = os.environ.get("GRADFIX_TEST_PYTHON", sys.executable)
    find = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([python, "-c", find]).returncode != 0


def _skip_without_what_it_needs(name: str) -> None:
    for package in json.loads((FIXTURES / name / "expected.json").read_text()).get("needs", []):
        if _lacks(package):
            pytest.skip(f"{package} is not installed")


@pytest.fixture(scope="module", params=CASES, ids=_words)
def case(request: pytest.FixtureRequest, pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Case:
    _skip_without_what_it_needs(request.param)
    folder = FIXTURES / request.param
    kind = KINDS[request.param]
    before = (folder / f"before{kind}").read_bytes()
    after = (folder / f"after{kind}").read_bytes() if request.param in FIXED else None
    expected = json.loads((folder / "expected.json").read_text())
    if pool.versions().keras < "3":
        expected |= expected.get("keras 2", {})
    if expected["verdict"] != "fixed":
        after = None
    path = tmp_path_factory.mktemp(request.param) / f"train{kind}"
    return Case(request.param, expected, before, after, path, _repaired(path, before, pool))


def _fixed(case: Case) -> bytes:
    """The file that the case must become; skips the test where no edit is right."""
    if case.after is None:
        pytest.skip("no edit is right here")
    return case.after


def test_the_verdict_is_right(case: Case) -> None:
    assert case.report.verdict.value == case.expected["verdict"], (case.report.reason, case.report.findings)


def test_the_findings_name_rule_and_line(case: Case) -> None:
    expected = [case.expected] if case.expected["rule"] else []
    places = [(e["rule"], e.get("cell", 0), e["line"]) for e in [*expected, *case.expected.get("also", [])]]
    assert [(f.rule, f.place.cell, f.place.line) for f in case.report.findings] == places


def test_the_text_becomes_the_expected_one(case: Case) -> None:
    expected = {} if case.after is None else {str(case.path): case.after}
    assert {r.path: r.after for r in case.report.rewritten} == expected
    assert bool(case.report.diff) == (case.after is not None)


def test_the_file_itself_is_not_touched(case: Case) -> None:
    assert case.path.read_bytes() == case.before
    assert list(case.path.parent.iterdir()) == [case.path]


def test_a_clean_file_is_passed_over_in_silence(case: Case) -> None:
    if case.expected["verdict"] != "clean":
        pytest.skip("has something to tell")
    report = case.report
    assert (report.reason, report.findings, report.notes) == ("", (), ())
    assert report.steps, "clean because nothing was seen is not clean"
    assert all(not step.missing_before for step in report.steps)
    assert all(step.sources > 0 for step in report.steps)


def test_a_proof_has_what_was_missing_and_now_is_not(case: Case) -> None:
    _fixed(case)
    steps = case.report.steps
    # an empty list of sources has nothing that could be missing from it
    assert sum(len(step.missing_before) for step in steps) > 0 or [step.sources for step in steps] == [0]
    assert [step.missing_after for step in steps] == [()] * len(steps)
    assert case.report.findings[0].fix is Fix.PROVED


def test_a_proof_keeps_the_value_of_the_target(case: Case) -> None:
    _fixed(case)
    for step in case.report.steps:
        # the original asked for something else's gradient, or did not come to ask
        if case.expected["rule"] in ("gradient-arguments-swapped", "keras-variable-watched", "minimize-without-tape"):
            assert step.target_before is None
            continue
        assert step.target_before is not None
        assert step.target_after is not None
        assert math.isclose(step.target_before, step.target_after, rel_tol=1e-4, abs_tol=1e-6)


def test_what_was_made_up_is_said(case: Case) -> None:
    if case.expected["rule"] == "label-shape":
        pytest.skip("the finding says it")
    made_up = any(step.inputs for step in case.report.steps)
    assert made_up == case.expected.get("made_up", False), [step.inputs for step in case.report.steps]


def test_advice_names_the_gradients_that_are_missing(case: Case) -> None:
    if not case.report.findings or not case.report.findings[0].advice:
        pytest.skip("another kind of finding")
    assert any(step.missing_before for step in case.report.steps)
    assert [step.target_after for step in case.report.steps] == [None] * len(case.report.steps)
    assert case.report.diff == ""


@pytest.mark.parametrize("name", FIXED, ids=_words)
def test_a_second_run_on_the_repaired_text_finds_no_missing_gradient(name: str, pool: Pool, tmp_path: Path) -> None:
    _skip_without_what_it_needs(name)
    expected = json.loads((FIXTURES / name / "expected.json").read_text())
    if pool.versions().keras < "3" and expected.get("keras 2", {}).get("verdict") == "inconclusive":
        pytest.skip("neither text gets to its gradients on Keras 2")
    after = (FIXTURES / name / f"after{KINDS[name]}").read_bytes()
    report = _repaired(tmp_path / f"train{KINDS[name]}", after, pool)
    # no patch mends the shape of labels, so that finding stays
    others = [other["rule"] for other in expected.get("also", []) if other["rule"] == "label-shape"]
    assert report.verdict.value == ("advice" if others else "clean"), report.reason
    assert [f.rule for f in report.findings] == others
    assert [step.missing_before for step in report.steps] == [()] * len(report.steps)
    assert report.patched == {}
    assert report.steps


@pytest.mark.parametrize("name", CASES, ids=_words)
def test_the_folder_is_complete(name: str) -> None:
    folder = FIXTURES / name
    expected = json.loads((folder / "expected.json").read_text())
    assert {"verdict", "rule", "line", "exit", "note"} <= set(expected)
    assert expected["exit"] == EXIT_CODES[expected["verdict"]]
    assert expected.get("keras 2", {}).keys() <= {"verdict", "rule", "line", "also"}
    assert (name in FIXED) == (expected["verdict"] == "fixed")
    source = read_source(str(folder / f"before{KINDS[name]}"))
    assert isinstance(source, Source)
    assert (8 if source.notebook else 15) <= source.text.count("\n") <= 60
    assert expected["note"].endswith(".")
