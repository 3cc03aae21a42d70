"""gradfix's codemods: one module for one kind of break."""
