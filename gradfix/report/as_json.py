"""The report for programs: strict JSON in the format that docs/report.schema.json describes."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from gradfix.report.statistics import as_data
from gradfix.rules import url_of
from gradfix.values import FileReport, Finding, Place, Report, SourceReport, StepReport, Stop, TextEdit

SCHEMA = 6
"""Goes up with every change of the format, new fields too, since the schema is strict."""


def to_json(report: Report) -> str:
    """One call of gradfix as JSON text, in ASCII and without a line end behind it.

    Numbers that JSON does not have (NaN, infinity) become null. Bytes of a file name that are not UTF-8
    become "\\xNN", since half a surrogate pair is no valid JSON text to many readers.
    """
    data = {
        "schema": SCHEMA,
        "gradfix": report.gradfix,
        "python": report.python,
        "tensorflow": report.tensorflow,
        "keras": report.keras,
        "sandbox": report.sandbox,
        "files": [_file(file) for file in report.files],
        "summary": report.summary(),
    }
    if report.statistics is not None:
        data["statistics"] = as_data(report.statistics)
    return json.dumps(_storable(data), indent=2, allow_nan=False)


def _file(report: FileReport) -> dict[str, Any]:
    return {
        "path": report.path,
        "verdict": report.verdict.value,
        "reason": report.reason,
        "diff": report.diff,
        "findings": [_finding(finding) for finding in report.findings],
        "steps": [_step(step) for step in report.steps],
        "notes": list(report.notes),
        "seconds": report.seconds,
        "cached": report.cached,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "code": finding.code,
        **_place(finding.place),
        "message": finding.message,
        "help": finding.help,
        "advice": list(finding.advice),
        "url": url_of(finding.rule),
        "basis": finding.basis.value,
        "fix": finding.fix.value,
        "edits": [_edit(edit) for edit in finding.edits],
    }


def _edit(edit: TextEdit) -> dict[str, Any]:
    return {**_place(edit.place), "new_text": edit.new_text}


def _place(place: Place) -> dict[str, Any]:
    """A range; one without an end becomes the empty range at its start."""
    line = max(place.line, 1)
    column = max(place.column, 1)
    return {
        "path": place.path,
        "cell": place.cell or None,
        "line": line,
        "column": column,
        "end_line": place.end_line or line,
        "end_column": place.end_column or column,
    }


def _step(step: StepReport) -> dict[str, Any]:
    return {
        "path": step.path,
        "cell": step.cell or None,
        "line": step.line,
        "sources": step.sources,
        "missing_before": list(step.missing_before),
        "missing_after": list(step.missing_after),
        "target_before": step.target_before,
        "target_after": step.target_after,
        "inputs": list(step.inputs),
        "checks": dict(step.checks),
        "answers": [_answer(source) for source in step.answers],
        "way_before": [_stop(stop) for stop in step.way_before],
        "way_after": [_stop(stop) for stop in step.way_after],
    }


def _answer(source: SourceReport) -> dict[str, Any]:
    return {
        "name": source.name,
        "shape": None if source.shape is None else list(source.shape),
        "before": source.before.value,
        "after": source.after.value,
        "norm_before": source.norm_before,
        "norm_after": source.norm_after,
    }


def _stop(stop: Stop) -> dict[str, Any]:
    return {
        **_place(stop.place),
        "code": stop.code,
        "made": stop.made,
        "operations": list(stop.operations),
        "inputs": list(stop.inputs),
        "dry": list(stop.dry),
        "sources": list(stop.sources),
        "cut": stop.cut,
        "times": stop.times,
        "hidden": stop.hidden,
    }


def _storable(value: Any) -> Any:
    """The same data with nothing in it that strict JSON cannot hold."""
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", _surrogate, value)
    return value


def _surrogate(match: re.Match[str]) -> str:
    # Python puts a byte that it cannot decode at U+DC00 plus the byte.
    number = ord(match[0])
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else f"\\u{number:04x}"
