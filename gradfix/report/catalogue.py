"""The catalogue for people: all rules in a table, or one of them explained."""

from __future__ import annotations

from gradfix.rules import Rule


def as_table(rules: tuple[Rule, ...]) -> str:
    """One line for each rule: code, name, whether it mends or advises, and what it is about."""
    name = max(len(r.name) for r in rules)
    code = max(len(r.code) for r in rules)
    return "\n".join(f"{r.code:{code}}  {r.name:{name}}  {_kind(r)}  {r.summary}" for r in rules)


def as_page(rule: Rule) -> str:
    """The explanation of one rule in Markdown: what `--explain` prints and what docs/rules/ holds."""
    summary = rule.summary[:1].upper() + rule.summary[1:]
    return f"# {rule.name} ({rule.code})\n\n{summary}.\n\n*{_meaning(rule)}*\n\n{rule.text}\n"


def _kind(rule: Rule) -> str:
    return "fix   " if rule.mends else "advice"


def _meaning(rule: Rule) -> str:
    if rule.mends:
        return "gradfix rewrites it where a run on TensorFlow proves the rewrite."
    return "gradfix says where it is and what could be written instead; it changes nothing."
