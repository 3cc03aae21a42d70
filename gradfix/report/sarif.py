"""The report as SARIF 2.1.0, which GitHub code scanning, Azure DevOps and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html: paths count from the current folder, columns count
characters, a fix holds the replacements that the proof is about.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gradfix.report.concise import said
from gradfix.rules import Rule, documentation, rule_called
from gradfix.sources import NOTEBOOK, Source, line_edits, parse_source
from gradfix.values import Basis, FileReport, Fix, Place, Report, Rewritten, StepReport, TextEdit, Verdict

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
BASE = "SRCROOT"
_HALF = re.compile("[\ud800-\udfff]")


def to_sarif(report: Report, interrupted: bool = False) -> str:
    """One call of gradfix as SARIF text in ASCII, without a line end behind it."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, interrupted)]}
    return json.dumps(log, indent=2)


def _run(report: Report, interrupted: bool) -> dict[str, Any]:
    names = {f.rule for file in report.files for f in file.findings}
    rules = sorted(filter(None, map(rule_called, names)), key=lambda r: (r.code, r.name))
    numbers = {rule.name: number for number, rule in enumerate(rules)}
    failed = any(file.verdict is Verdict.ERROR for file in report.files)
    driver = {
        "name": "gradfix",
        "version": report.gradfix,
        "informationUri": documentation(),
        "rules": [_rule(rule) for rule in rules],
    }
    properties = {"python": report.python, "tensorflow": report.tensorflow, "keras": report.keras}
    return {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {BASE: {"uri": Path.cwd().as_uri() + "/"}},
        "invocations": [
            {
                "executionSuccessful": not failed and not interrupted,
                "toolExecutionNotifications": [n for file in report.files for n in _notifications(file)],
            }
        ],
        "results": [result for file in report.files for result in _results(file, numbers)],
        "properties": {**properties, "sandbox": report.sandbox},
    }


def _rule(rule: Rule) -> dict[str, Any]:
    summary = rule.summary[:1].upper() + rule.summary[1:] + "."
    described: dict[str, Any] = {
        "id": rule.code or rule.name,
        "name": "".join(word.title() for word in rule.name.split("-")),
        "shortDescription": {"text": summary},
        "fullDescription": {"text": summary},
        "help": {"text": rule.text or summary, "markdown": rule.text or summary},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["tensorflow", "correctness"], "rule": rule.name},
    }
    return described | ({"helpUri": rule.url} if rule.url else {})


def _results(file: FileReport, numbers: dict[str, int]) -> list[dict[str, Any]]:
    """A result for each finding. The patch of a file is proved as a whole, so that it is one fix, of the first one."""
    fix = _fix(file) if file.verdict is Verdict.FIXED else None
    results = []
    for finding in file.findings:
        result: dict[str, Any] = {
            "ruleId": finding.code or finding.rule,
            "level": "warning" if finding.basis is Basis.TEXT else "error",
            "message": {"text": _text("\n".join(filter(None, (said(finding), finding.help, *finding.advice))))},
            "locations": [_location(finding.place)],
            "properties": {"rule": finding.rule, "basis": finding.basis.value, "fix": finding.fix.value},
        }
        if finding.rule in numbers:
            result["ruleIndex"] = numbers[finding.rule]
        asked = [_asked(step, i) for i, step in enumerate(file.steps) if step.missing_before]
        if asked and finding.basis is Basis.RUN:
            result["relatedLocations"] = asked
        if fix is not None and finding.fix in (Fix.PROVED, Fix.UNSAFE):
            result["fixes"], fix = [fix], None
        results.append(result)
    return results


def _asked(step: StepReport, number: int) -> dict[str, Any]:
    names = ", ".join(step.missing_before)
    return {
        "id": number,
        **_location(Place(step.path, step.line, cell=step.cell)),
        "message": {"text": _text(f"asked here: no gradient for {names}")},
    }


def _fix(file: FileReport) -> dict[str, Any] | None:
    changes = []
    for rewritten in file.rewritten:
        shown = os.path.relpath(rewritten.path)
        texts = _texts(shown, rewritten)
        if texts is not None:
            edits = line_edits(*texts, shown)
            changes.append({"artifactLocation": _artifact(shown), "replacements": [_replacement(e) for e in edits]})
    description = "; ".join(f.help for f in file.findings if f.help) or "the proved patch"
    return {"description": {"text": _text(description)}, "artifactChanges": changes} if changes else None


def _texts(path: str, file: Rewritten) -> tuple[str, str] | None:
    """A file's text before and after; of a notebook that of its JSON."""
    if path.endswith(NOTEBOOK):
        return file.before.decode(), file.after.decode()
    source = parse_source(path, file.before)
    return (source.text, file.text) if isinstance(source, Source) else None


def _replacement(edit: TextEdit) -> dict[str, Any]:
    return {"deletedRegion": _region(edit.place), "insertedContent": {"text": _text(edit.new_text)}}


def _notifications(file: FileReport) -> list[dict[str, Any]]:
    """What gradfix could not look at, or could say nothing of: no results, but the reader should know."""
    if file.verdict not in (Verdict.ERROR, Verdict.INCONCLUSIVE):
        return []
    level = "error" if file.verdict is Verdict.ERROR else "warning"
    location = {"physicalLocation": {"artifactLocation": _artifact(file.path)}}
    text = _text(f"{file.path}: {file.verdict.value}: {file.reason}")
    return [{"level": level, "message": {"text": text}, "locations": [location]}]


def _location(place: Place) -> dict[str, Any]:
    if place.cell:  # its lines are none of the file's
        name = f"cell {place.cell}:{place.line}:{place.column}"
        physical: dict[str, Any] = {"artifactLocation": _artifact(place.path)}
        return {"physicalLocation": physical, "logicalLocations": [{"name": name, "kind": "cell"}]}
    return {"physicalLocation": {"artifactLocation": _artifact(place.path), "region": _region(place)}}


def _region(place: Place) -> dict[str, int]:
    line, column = max(place.line, 1), max(place.column, 1)
    region = {"startLine": line, "startColumn": column}
    if place.end_line:
        region |= {"endLine": max(place.end_line, line), "endColumn": max(place.end_column, 1)}
    return region


def _artifact(path: str) -> dict[str, str]:
    """A file: relative to the current folder where it lies below it."""
    shown = os.path.relpath(path)
    if shown.startswith(os.pardir) or os.path.isabs(shown):
        return {"uri": "file://" + quote(os.fsencode(os.path.abspath(path)))}
    return {"uri": quote(os.fsencode(shown.replace(os.sep, "/"))), "uriBaseId": BASE}


def _text(text: str) -> str:
    """A text without halves of surrogate pairs, which are no valid JSON text to many readers."""
    return _HALF.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", text)
