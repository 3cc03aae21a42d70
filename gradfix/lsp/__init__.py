"""The language server: documents in; diagnostics and code actions out."""
