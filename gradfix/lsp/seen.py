"""What is known of the very text that a document has, for an item in a status bar: told to clients that ask for it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from gradfix.lsp.documents import Opened
from gradfix.lsp.findings import Ran, Texts
from gradfix.values import FileReport, Verdict


def seen_of(opened: Opened, runs: Iterable[Ran], now: Texts) -> dict[str, Any]:
    """Of a run of the texts as they are now, or of the proof that they are the result of: what it came to.

    `by` is `run` or `proof`, and "" where there was none; `told` is the whole in a line.
    """
    path = os.path.realpath(opened.path) if opened.path else ""
    for ran in runs:
        own = os.path.realpath(ran.report.path) == path or path in ran.patch
        if path and own and ran.as_it_was(now):
            steps = ran.report.steps
            return {
                "by": "proof" if ran.patch else "run",
                "verdict": ran.report.verdict.value,
                "sources": sum(step.sources for step in steps),
                "missing": sum(len(step.missing_before) for step in steps),
                "told": told(ran.report),
            }
    return {"by": ""}


def told(report: FileReport) -> str:
    """What a check came to, in a line."""
    count = len(report.findings)
    if report.verdict is Verdict.CLEAN:
        return report.reason or "no gradient is missing"
    if report.verdict in (Verdict.ERROR, Verdict.INCONCLUSIVE):
        return f"{report.verdict.value}: {report.reason}"
    found = f"{count} finding{'' if count == 1 else 's'}"
    return f"{found}; a fix is proved: {report.reason}" if report.verdict is Verdict.FIXED else found
