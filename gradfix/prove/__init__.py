"""Proves a patch: searches among the codemods' rewrites, and holds the runs before and after side by side."""
