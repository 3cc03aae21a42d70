"""Writes a page for each rule into docs/rules/, and a list of them, from the docstrings: `python docs/rules.py`."""

from __future__ import annotations

from pathlib import Path

from gradfix.report.catalogue import as_page
from gradfix.rules import Rule, rules

FOLDER = Path(__file__).parent / "rules"
HEAD = """\
# Rules

The code stands in each finding: `train.py:13:31: GF102 numpy-where`. `gradfix --explain GF102` prints the rule's page.
[Causes](../causes.md) goes the other way, from what went wrong to the rule.
"""
GROUPS = (
    ("GF1", "Rewritten", "gradfix rewrites these where a run on TensorFlow proves the rewrite."),
    (
        "GF2",
        "Explained",
        "No rewrite keeps the loss what it is: gradfix says where it is and what you could write instead.",
    ),
    ("GF0", "Said of a run", "What a run or a comment showed besides."),
)
"""The beginnings of codes, what they have in common, and what gradfix does about it."""


def main() -> None:
    """Writes the pages anew, and takes away those of rules that are gone."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def pages() -> dict[str, str]:
    """The text of each page by its name."""
    return {"index.md": _index(), **{f"{rule.name}.md": as_page(rule) for rule in rules()}}


def _index() -> str:
    """The page that lists all rules."""
    parts = [HEAD]
    for prefix, head, what in GROUPS:
        parts.append(f"\n## {head}\n\n{what}\n\n| Code | Rule | |\n| --- | --- | --- |\n")
        parts += [_row(rule) for rule in rules() if rule.code.startswith(prefix)]
    return "".join(parts)


def _row(rule: Rule) -> str:
    return f"| {rule.code} | [{rule.name}]({rule.name}.md) | {rule.summary} |\n"


if __name__ == "__main__":
    main()
