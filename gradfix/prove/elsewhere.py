"""Whether a helper that a patch rewrites still serves those who use it for something else than the target.

`magnitude` may be on the way to the loss and, further down, work on NumPy arrays for a report. What the file runs has
to go on running: where it now stops on a tensor in an array's place, another rewrite is to be found.
"""

from __future__ import annotations

import ast

from gradfix.run.lab import Lab, Seen, Texts
from gradfix.scan.steps import parsed

MOST_SECONDS = 5.0
"""Seconds from the first request for which the patched file is run on; a loop of training need not come to its end."""
TELLING = ("AttributeError", "TypeError", "AssertionError")
"""What Python raises where a tensor stands in an array's place."""


def elsewhere_fault(lab: Lab, before: Seen, texts: Texts, changed: tuple[tuple[str, str], ...]) -> str:
    """What stops the patched file further on, or "". `changed` has the text before and after each edit."""
    if before.entry.plans or not any(_serves_others(old, new, texts) for old, new in changed):
        return ""
    trouble = lab.on_and_on(before.entry, texts, MOST_SECONDS).trouble
    known = before.written.trouble
    if trouble is None or trouble.type not in TELLING or (known is not None and known.line == trouble.line):
        return ""
    return f"a helper is used elsewhere too, and the patched file stops there with {trouble.line}"


def _serves_others(old: str, new: str, texts: Texts) -> bool:
    """Whether the edit lies in a function that the project's texts name more than once."""
    lines = [i for i, (a, b) in enumerate(zip(old.split("\n"), new.split("\n"), strict=False), 1) if a != b]
    names = {
        node.name
        for node in ast.walk(parsed(old))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and any(node.lineno <= line <= (node.end_lineno or node.lineno) for line in lines)
    }
    uses = [n for text in texts.values() for n in ast.walk(parsed(text)) if isinstance(n, (ast.Name, ast.Attribute))]
    return any(sum(name in (getattr(n, "id", ""), getattr(n, "attr", "")) for n in uses) > 1 for name in names)
