"""The least that a language server of pygls does: it tells one diagnostic of each document that is opened."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1")


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(params: types.DidOpenTextDocumentParams) -> None:
    """Publishes a diagnostic."""
    here = types.Position(line=0, character=0)
    found = types.Diagnostic(range=types.Range(start=here, end=here), message="bare")
    document = params.text_document
    server.text_document_publish_diagnostics(
        types.PublishDiagnosticsParams(uri=document.uri, version=document.version, diagnostics=[found])
    )


if __name__ == "__main__":
    server.start_io()
