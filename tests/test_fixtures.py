"""Each folder of fixtures/ is one situation: its verdict, its finding, and the exact text of its repair."""

from __future__ import annotations

import functools
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gradfix.config import Settings
from gradfix.repair import repair
from gradfix.rules import rules
from gradfix.run.pool import Pool
from gradfix.sources import Source, read_source
from gradfix.values import FileReport, Fix

FIXTURES = Path(__file__).parent.parent / "fixtures"
CASES = sorted(path.parent.name for path in FIXTURES.glob("*/expected.json"))
KINDS = {name: ".ipynb" if (FIXTURES / name / "before.ipynb").exists() else ".py" for name in CASES}
REPAIRED = [name for name in CASES if (FIXTURES / name / f"after{KINDS[name]}").exists()]
PYTHON = os.environ.get("GRADFIX_TEST_PYTHON", sys.executable)
MENDED = {rule.name for rule in rules() if rule.mends}
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


def _has_keras_2() -> bool:
    """Whether the Keras of the interpreter that runs the fixtures is the one before Keras 3."""
    find = "import importlib.metadata as m; print(m.version('keras'))"
    return subprocess.run([PYTHON, "-c", find], capture_output=True, text=True, check=True).stdout < "3"


KERAS_2 = _has_keras_2()


def _expected(name: str) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads((FIXTURES / name / "expected.json").read_text())
    return expected | (expected.get("keras 2", {}) if KERAS_2 else {})


EXPECTED = {name: _expected(name) for name in CASES}
CLEAN = [name for name in CASES if EXPECTED[name]["verdict"] == "clean"]
FIXED = [name for name in CASES if EXPECTED[name]["verdict"] == "fixed"]
ADVISED = [name for name in CASES if EXPECTED[name]["verdict"] == "advice" and EXPECTED[name]["rule"] != "label-shape"]


def _of(names: list[str]) -> pytest.MarkDecorator:
    """Runs a test on some of the cases."""
    return pytest.mark.parametrize("case", names, ids=_words, indirect=True)


def _repaired(path: Path, data: bytes, pool: Pool) -> FileReport:
    path.write_bytes(data)
    source = read_source(str(path))
    assert isinstance(source, Source)
    return repair(source, pool, Settings(python=sys.executable))


@functools.cache
def _lacks(package: str) -> bool:
    """Whether the interpreter that runs the fixtures has no such package."""
    find = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([PYTHON, "-c", find]).returncode != 0


def _skip_without_what_it_needs(name: str) -> None:
    for package in json.loads((FIXTURES / name / "expected.json").read_text()).get("needs", []):
        if _lacks(package):
            pytest.skip(f"{package} is not installed")


@pytest.fixture(scope="module")
def cases(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Case]:
    """Gives a function that repairs a fixture, once for all tests of it."""

    @functools.cache
    def case(name: str) -> Case:
        folder, kind = FIXTURES / name, KINDS[name]
        before = (folder / f"before{kind}").read_bytes()
        after = (folder / f"after{kind}").read_bytes() if name in FIXED else None
        path = tmp_path_factory.mktemp(name) / f"train{kind}"
        return Case(name, EXPECTED[name], before, after, path, _repaired(path, before, pool))

    return case


@pytest.fixture
def case(request: pytest.FixtureRequest, cases: Callable[[str], Case]) -> Case:
    _skip_without_what_it_needs(request.param)
    return cases(request.param)


@_of(CASES)
def test_the_verdict_is_right(case: Case) -> None:
    assert case.report.verdict.value == case.expected["verdict"], (case.report.reason, case.report.findings)


@_of(CASES)
def test_the_findings_name_rule_and_line(case: Case) -> None:
    expected = [case.expected] if case.expected["rule"] else []
    places = [(e["rule"], e.get("cell", 0), e["line"]) for e in [*expected, *case.expected.get("also", [])]]
    assert [(f.rule, f.place.cell, f.place.line) for f in case.report.findings] == places


@_of(CASES)
def test_the_text_becomes_the_expected_one(case: Case) -> None:
    expected = {} if case.after is None else {str(case.path): case.after}
    assert {r.path: r.after for r in case.report.rewritten} == expected
    assert bool(case.report.diff) == (case.after is not None)


@_of(CASES)
def test_the_file_itself_is_not_touched(case: Case) -> None:
    assert case.path.read_bytes() == case.before
    assert list(case.path.parent.iterdir()) == [case.path]


@_of(CLEAN)
def test_a_clean_file_is_passed_over_in_silence(case: Case) -> None:
    report = case.report
    assert (report.reason, report.findings, report.notes) == ("", (), ())
    assert report.steps, "clean because nothing was seen is not clean"
    assert all(not step.missing_before for step in report.steps)
    assert all(step.sources > 0 for step in report.steps)


@_of(FIXED)
def test_a_proof_has_what_was_missing_and_now_is_not(case: Case) -> None:
    steps = case.report.steps
    # an empty list of sources has nothing that could be missing from it
    assert sum(len(step.missing_before) for step in steps) > 0 or [step.sources for step in steps] == [0]
    assert [step.missing_after for step in steps] == [()] * len(steps)
    assert case.report.findings[0].fix is Fix.PROVED


@_of(FIXED)
def test_a_proof_keeps_the_value_of_the_target(case: Case) -> None:
    for step in case.report.steps:
        # the original asked for something else's gradient, or did not come to ask
        if case.expected["rule"] in ("gradient-arguments-swapped", "keras-variable-watched", "minimize-without-tape"):
            assert step.target_before is None
            continue
        assert step.target_before is not None
        assert step.target_after is not None
        assert math.isclose(step.target_before, step.target_after, rel_tol=1e-4, abs_tol=1e-6)


@_of([name for name in CASES if EXPECTED[name]["rule"] != "label-shape"])  # whose finding says it
def test_what_was_made_up_is_said(case: Case) -> None:
    made_up = any(step.inputs for step in case.report.steps)
    assert made_up == case.expected.get("made_up", False), [step.inputs for step in case.report.steps]


@_of(ADVISED)
def test_advice_names_the_gradients_that_are_missing(case: Case) -> None:
    assert any(step.missing_before or not step.sources for step in case.report.steps)
    assert case.report.diff == ""


@_of([name for name in ADVISED if EXPECTED[name]["rule"] not in MENDED])
def test_what_no_codemod_is_for_is_not_run_again_and_has_advice(case: Case) -> None:
    assert case.report.findings[0].advice
    assert [step.target_after for step in case.report.steps] == [None] * len(case.report.steps)


# not where neither text gets to its gradients
@pytest.mark.parametrize("name", [n for n in REPAIRED if EXPECTED[n]["verdict"] != "inconclusive"], ids=_words)
def test_a_second_run_on_the_repaired_text_finds_no_missing_gradient(name: str, pool: Pool, tmp_path: Path) -> None:
    _skip_without_what_it_needs(name)
    after = (FIXTURES / name / f"after{KINDS[name]}").read_bytes()
    report = _repaired(tmp_path / f"train{KINDS[name]}", after, pool)
    # no patch mends the shape of labels, so that finding stays
    others = [other["rule"] for other in EXPECTED[name].get("also", []) if other["rule"] == "label-shape"]
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
    assert (name in REPAIRED) == (expected["verdict"] == "fixed")
    source = read_source(str(folder / f"before{KINDS[name]}"))
    assert isinstance(source, Source)
    assert (8 if source.notebook else 15) <= source.text.count("\n") <= 60
    assert expected["note"].endswith(".")
