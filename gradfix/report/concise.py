"""One line for each finding, for editors and `grep`."""

from __future__ import annotations

from collections.abc import Iterator

from gradfix.report.snippet import visible
from gradfix.values import Basis, FileReport, Finding, Fix, Place, Verdict


def lines(report: FileReport) -> Iterator[str]:
    """The findings of a file; its verdict where it is neither clean nor has any. An error has its line already."""
    for finding in report.findings:
        mark = f" [{finding.fix.value}]" if finding.fix is not Fix.NONE else ""
        yield visible(f"{where(finding.place)}: {finding.code} {finding.rule} {said(finding)}{mark}")
    if not report.findings and report.verdict not in (Verdict.CLEAN, Verdict.ERROR):
        yield visible(f"{report.path}: {report.verdict.value}: {report.reason}")


def where(place: Place) -> str:
    """A place in one word: in a notebook its cell too."""
    cell = f"cell {place.cell}:" if place.cell else ""
    return f"{place.path}:{cell}{place.line}:{place.column}"


def said(finding: Finding) -> str:
    """The message of a finding; one that rests on the text alone says so."""
    return f"suspect: {finding.message}" if finding.basis is Basis.TEXT else finding.message
