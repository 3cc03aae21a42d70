"""Writes a page for each rule into docs/rules/, from the docstrings: `python docs/rules.py`."""

from __future__ import annotations

from pathlib import Path

from gradfix.report.catalogue import as_page
from gradfix.rules import rules

FOLDER = Path(__file__).parent / "rules"


def main() -> None:
    """Writes the pages anew, and takes away those of rules that are gone."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for rule in rules():
        (FOLDER / f"{rule.name}.md").write_text(as_page(rule), encoding="utf-8")


if __name__ == "__main__":
    main()
