"""Findings as the client shows them."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types
from pygls.workspace import PositionCodec

from gradfix.lsp.documents import Opened
from gradfix.lsp.findings import Shown
from gradfix.lsp.positions import range_of
from gradfix.rules import url_of
from gradfix.values import Basis, Finding, Place

SOURCE = "gradfix"


def diagnostic_of(finding: Finding, place: Place, text: str, codec: PositionCodec) -> types.Diagnostic:
    """A suspect as a warning, what a run has shown as an error, each with the page of its rule.

    `place` is where it shows in the document with that text.
    """
    url = url_of(finding.rule)
    seen = finding.basis is Basis.RUN
    return types.Diagnostic(
        range=range_of(place, text, codec),
        message="\n".join((finding.message, *finding.advice)),
        severity=types.DiagnosticSeverity.Error if seen else types.DiagnosticSeverity.Warning,
        code=finding.code or finding.rule,
        code_description=types.CodeDescription(href=url) if url else None,
        source=SOURCE,
    )


def diagnostics_of(opened: Opened, found: Iterable[Shown], codec: PositionCodec) -> dict[str, list[types.Diagnostic]]:
    """What each page of a file shows, by its address."""
    shown: dict[str, list[types.Diagnostic]] = {page.uri: [] for page in opened.pages}
    for each in found:
        page, place = opened.on_page(each.place)
        shown[page.uri].append(diagnostic_of(each.finding, place, page.text, codec))
    return shown
