"""GitHub's workflow commands: each finding becomes an annotation at its line in the pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands describes them; how values are
escaped is taken from the runner's own source (actions/toolkit, packages/core/src/command.ts).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from gradfix.report.concise import said, where
from gradfix.values import Basis, FileReport, Finding, Place, Verdict


def lines(report: FileReport) -> Iterator[str]:
    """An `::error` for each finding, a `::warning` for a suspect or a file of which nothing could be said."""
    for finding in report.findings:
        level = "warning" if finding.basis is Basis.TEXT else "error"
        yield _command(level, f"{finding.code} {finding.rule}", finding.place, _message(finding))
    if not report.findings and report.verdict is not Verdict.CLEAN:
        level = "error" if report.verdict is Verdict.ERROR else "warning"
        yield _command(level, f"gradfix: {report.verdict.value}", Place(report.path, 1), report.reason)


def _message(finding: Finding) -> str:
    first = f"{where(finding.place)}: {finding.code} {said(finding)}"
    more = [finding.help, *(f"try: {way}" for way in finding.advice)]
    return "\n".join([first, *filter(None, more)])


def _command(level: str, title: str, place: Place, message: str) -> str:
    at: dict[str, str | int] = {"title": title, "file": _file(place.path)}
    if place.cell:  # lines of a cell are none of the file's
        pass
    elif place.end_line and place.end_line != place.line:  # GitHub takes columns for a range in one line only
        at |= {"line": place.line, "endLine": place.end_line}
    else:
        at |= {"line": place.line, "endLine": place.line, "col": place.column}
        if place.end_line:
            at["endColumn"] = place.end_column
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in at.items())
    return f"::{level} {properties}::{_data(message)}"


def _file(path: str) -> str:
    """GitHub counts paths from the top of the checkout, wherever gradfix was started."""
    workspace = os.environ.get("GITHUB_WORKSPACE", "")
    whole = os.path.abspath(path)
    if workspace and whole.startswith(os.path.join(os.path.abspath(workspace), "")):
        return os.path.relpath(whole, workspace).replace(os.sep, "/")
    return path


def _data(text: str) -> str:
    text = text.encode("utf-8", "backslashreplace").decode()
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
