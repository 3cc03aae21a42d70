"""The JSON report and its schema."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gradfix.report.as_json import to_json
from gradfix.values import (
    Answer,
    FileReport,
    Finding,
    Fix,
    Place,
    Report,
    Rewritten,
    SourceReport,
    StepReport,
    Stop,
    TextEdit,
    Verdict,
)

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "report.schema.json").read_text(encoding="utf-8"))


def load(report: Report) -> Any:
    """The report as a strict reader sees it, checked against the schema."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    text = to_json(report)
    assert text.isascii()
    data = json.loads(text, parse_constant=refuse)
    # Half a surrogate pair cannot be encoded.
    json.dumps(data, ensure_ascii=False).encode("utf-8")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(data, SCHEMA, cls=jsonschema.Draft202012Validator)
    return data


def report_of(*files: FileReport) -> Report:
    return Report("0.1.0", "3.11.7", "2.16.1", "3.3.3", files, "landlock (full: no namespaces)")


def full_file() -> FileReport:
    edit = TextEdit(Place("a.py", 3, 1, 4, 1), "    loss = f(x)\n")
    finding = Finding("loss-outside-tape", "GF101", Place("a.py", 3, 1, 3, 12), "message", "help", Fix.PROVED, (edit,))
    answers = (SourceReport("w", (2, None), Answer.MISSING, Answer.THERE, None, 0.5),)
    way = (
        Stop(Place("a.py", 4, 9), "g = t.gradient(y, w)", "float32[]", ("tf.abs",), (1,), (0,), "is lost", 2, 3, (1,)),
    )
    step = StepReport(
        *("a.py", 4, 2, ("w", "b"), ("b",), 0.5, 0.25, ("x float32[4]",), {"repeat": "equal"}),
        answers=answers,
        way_before=way,
        way_after=way,
    )
    rewritten = (Rewritten("a.py", b"old", b"text", "text"),)
    return FileReport(
        "a.py", Verdict.FIXED, "reason", "diff", (finding,), (step,), 1.5, rewritten=rewritten, notes=("note",)
    )


def test_every_field() -> None:
    place = {"path": "a.py", "cell": None, "line": 3, "column": 1}
    stop = {
        "path": "a.py",
        "cell": None,
        "line": 4,
        "column": 9,
        "end_line": 4,
        "end_column": 9,
        "code": "g = t.gradient(y, w)",
        "made": "float32[]",
        "operations": ["tf.abs"],
        "inputs": [1],
        "dry": [1],
        "sources": [0],
        "cut": "is lost",
        "times": 2,
        "hidden": 3,
    }
    assert load(report_of(full_file())) == {
        "schema": 6,
        "gradfix": "0.1.0",
        "python": "3.11.7",
        "tensorflow": "2.16.1",
        "keras": "3.3.3",
        "sandbox": "landlock (full: no namespaces)",
        "files": [
            {
                "path": "a.py",
                "verdict": "fixed",
                "reason": "reason",
                "diff": "diff",
                "findings": [
                    {
                        "rule": "loss-outside-tape",
                        "code": "GF101",
                        **place,
                        "end_line": 3,
                        "end_column": 12,
                        "message": "message",
                        "help": "help",
                        "advice": [],
                        "url": "https://gradfix.readthedocs.io/en/stable/rules/loss-outside-tape/",
                        "basis": "run",
                        "fix": "proved",
                        "edits": [{**place, "end_line": 4, "end_column": 1, "new_text": "    loss = f(x)\n"}],
                    }
                ],
                "steps": [
                    {
                        "path": "a.py",
                        "cell": None,
                        "line": 4,
                        "sources": 2,
                        "missing_before": ["w", "b"],
                        "missing_after": ["b"],
                        "target_before": 0.5,
                        "target_after": 0.25,
                        "inputs": ["x float32[4]"],
                        "checks": {"repeat": "equal"},
                        "answers": [
                            {
                                "name": "w",
                                "shape": [2, None],
                                "before": "missing",
                                "after": "there",
                                "norm_before": None,
                                "norm_after": 0.5,
                            }
                        ],
                        "way_before": [stop],
                        "way_after": [stop],
                    }
                ],
                "notes": ["note"],
                "seconds": 1.5,
                "cached": False,
            }
        ],
        "summary": {"clean": 0, "fixed": 1, "advice": 0, "inconclusive": 0, "error": 0},
    }


def test_no_files() -> None:
    assert load(Report("0.1.0", "3.11.7", "", "", ()))["files"] == []


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("fix", list(Fix))
def test_all_verdicts_and_fixes(verdict: Verdict, fix: Fix) -> None:
    finding = Finding("r", "GF1", Place("a.py", 1), "m", fix=fix)
    data = load(report_of(FileReport("a.py", verdict, findings=(finding,))))
    assert data["files"][0]["findings"][0]["end_column"] == 1
    assert data["summary"][verdict.value] == 1


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_have(number: float) -> None:
    step = StepReport("a.py", 1, 1, (), (), number, None, ())
    data = load(report_of(FileReport("a.py", Verdict.CLEAN, steps=(step,), seconds=number)))
    assert data["files"][0]["steps"][0]["target_before"] is None
    assert data["files"][0]["seconds"] is None


def test_strings_that_json_does_not_have() -> None:
    file = FileReport("d\udcff.py", Verdict.ERROR, "half \ud83d, whole \U0001f600, \x1b[31m\u2028")
    data = load(report_of(file))["files"][0]
    assert data["path"] == "d\\xff.py"
    assert data["reason"] == "half \\ud83d, whole \U0001f600, \x1b[31m\u2028"


def strict(schema: Any) -> bool:
    """Whether every object with listed fields refuses others and needs all of them."""
    if isinstance(schema, dict):
        if "properties" in schema and not isinstance(schema["properties"].get("type"), str):
            fields = set(schema["properties"])
            needed = fields - {"statistics"}  # there where it was asked for
            if schema.get("additionalProperties") is not False or set(schema["required"]) != needed:
                return False
        return all(strict(part) for part in schema.values())
    return all(strict(part) for part in schema) if isinstance(schema, list) else True


def test_the_schema_is_strict_and_explained() -> None:
    assert strict(SCHEMA)
    text = (DOCS / "report.md").read_text(encoding="utf-8")
    for part in (SCHEMA, *SCHEMA["$defs"].values()):
        for field in part.get("properties", ()):
            assert f"`{field}`" in text


def test_the_example_in_the_documentation() -> None:
    text = (DOCS / "report.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    jsonschema.validate(json.loads(example), SCHEMA, cls=jsonschema.Draft202012Validator)
