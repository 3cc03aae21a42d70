"""`--add-ignore`: writes comments that suppress findings, each at the end of its line; all else stays to the byte."""

from __future__ import annotations

import ast
import io
import os
import re
import tokenize
from collections.abc import Iterable

from gradfix.apply.patch import Unwritten, apply_patch
from gradfix.choose.suppressions import lines_of
from gradfix.sources import Unreadable, read_source
from gradfix.values import FileReport, Finding, Rewritten, Silenced

_LIST = re.compile(r"#\s*gradfix:\s*ignore\s*\[(?P<rules>[^\]#]*)\]")


def add_ignores(reports: Iterable[FileReport]) -> list[str | Unwritten]:
    """Writes a comment for each finding that was silenced for it; gives the files, or why one was not written."""
    by_file: dict[str, set[Finding]] = {}
    for report in reports:
        for silence in report.silenced:
            if silence.by is Silenced.ASKED:
                by_file.setdefault(os.path.realpath(silence.finding.place.path), set()).add(silence.finding)
    return [_written(path, findings) for path, findings in sorted(by_file.items())]


def with_ignores(text: str, findings: Iterable[Finding]) -> str:
    """A text with a comment for each finding. Raises SyntaxError."""
    ends = _ends_of_lines(text)
    rules: dict[int, set[str]] = {}
    for finding in findings:
        # a line that ends within a string or with a backslash has no room: its statement ends in one that has
        lines = lines_of(text, finding.place)
        line = next((n for n in (*range(finding.place.line, lines.stop), *lines) if n in ends), None)
        if line is not None:
            rules.setdefault(line, set()).add(finding.rule)
    new = text.split("\n")
    for number, names in rules.items():
        new[number - 1] = _commented(new[number - 1], ends[number], names)
    return "\n".join(new)


def _written(path: str, findings: set[Finding]) -> str | Unwritten:
    source = read_source(path)
    if isinstance(source, Unreadable):
        return Unwritten(source.path, source.message)
    text = with_ignores(source.text, findings)
    if text == source.text:
        return Unwritten(path, "no line of it has room for a comment")
    if why := source.unfit(text):
        return Unwritten(path, why)
    ast.parse(text)  # what is written is a program as before
    file = Rewritten(path, source.encode(source.text), source.encode(text), text)
    return apply_patch([file]) or path


def _ends_of_lines(text: str) -> dict[int, int]:
    """For each line that a comment can follow: the column, from 0, at which its comment begins, -1 for none."""
    ends: dict[int, int] = {}
    for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
        if token.type == tokenize.COMMENT:
            ends[token.start[0]] = token.start[1]
        elif token.type in (tokenize.NEWLINE, tokenize.NL):
            ends.setdefault(token.start[0], -1)
    return ends


def _commented(line: str, start: int, names: set[str]) -> str:
    """A line with the rules in a comment: in the list that is there, else behind all that is there."""
    end = "\r" if line.endswith("\r") else ""
    line = line.removesuffix("\r")
    there = _LIST.search(line, start) if start >= 0 else None
    if there is not None:
        known = [part.strip() for part in there["rules"].split(",") if part.strip()]
        rules = ", ".join((*known, *sorted(names - set(known))))
        return f"{line[: there.start('rules')]}{rules}{line[there.end('rules') :]}{end}"
    return f"{line}  # gradfix: ignore[{', '.join(sorted(names))}]{end}"
