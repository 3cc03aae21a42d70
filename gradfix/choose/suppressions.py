"""Comments that want no word of findings: `# gradfix: ignore[loss-outside-tape]`, `# noqa: GF101`, `skip-file`."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from gradfix.choose.choice import UnknownRule, meant_by
from gradfix.scan.names import statements_at
from gradfix.scan.steps import parsed
from gradfix.values import Finding, Place

_OWN = re.compile(r"#\s*gradfix:\s*ignore(?:\s*\[(?P<rules>[^\]#]*)\])?(?![\w-])")
_NOQA = re.compile(r"#\s*noqa(?:\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*))?(?![\w-])", re.IGNORECASE)
_SKIP = re.compile(r"#\s*gradfix:\s*skip-file\b")
_ANY = re.compile(r"gradfix:|noqa", re.IGNORECASE)


@dataclass(frozen=True)
class Suppression:
    """A comment, or one of the rules that it names: `selector` is "" where it means all.

    `own` says that it is gradfix's own and not a linter's: a linter's may stand there for something else.
    """

    line: int
    column: int
    end_column: int
    selector: str
    own: bool

    @property
    def rules(self) -> frozenset[str] | None:
        """The names of the rules that are meant, None for all; none for a rule that there is not."""
        if not self.selector:
            return None
        try:
            return frozenset(r.name for r in meant_by(self.selector))
        except UnknownRule:
            return frozenset()

    def covers(self, finding: Finding, lines: range) -> bool:
        """Whether it stands in one of the lines and means the finding's rule."""
        return self.line in lines and (self.rules is None or finding.rule in self.rules)


@lru_cache(64)
def suppressions_in(text: str) -> tuple[Suppression, ...]:
    """The suppressions of a module, in their order. Those of `noqa` that name no rule of gradfix are left out."""
    return tuple(s for number, column, comment in _comments(text) for s in _read(number, column, comment))


def skips_file(text: str) -> bool:
    """Whether a comment says that the whole file is to be left alone."""
    return any(_SKIP.search(comment) for _, _, comment in _comments(text))


def lines_of(text: str, place: Place) -> range:
    """The physical lines in which a comment counts for a place: its own, and those of the statement that it begins in.

    Of a statement with a body (`with`, `for`, `def`) these are the lines before the body.
    """
    first, last = place.line, max(place.end_line, place.line)
    for node in statements_at(parsed(text).body, place.line):
        body = getattr(node, "body", None)
        end = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or node.lineno
        if place.line <= max(end, node.lineno):
            first, last = min(first, node.lineno), max(last, end)
    return range(first, last + 1)


def _read(number: int, column: int, comment: str) -> Iterator[Suppression]:
    for pattern, group, own in ((_OWN, "rules", True), (_NOQA, "codes", False)):
        for match in pattern.finditer(comment):
            start, end = column + match.start(), column + match.end()
            if match[group] is None:
                yield Suppression(number, start, end, "", own)
                continue
            selectors = [part for part in re.split(r"[\s,]+", match[group]) if part]
            yield from (Suppression(number, start, end, s, own) for s in selectors if own or _is_code(s))


def _is_code(text: str) -> bool:
    """Whether a code of `noqa` is one of gradfix's rules."""
    try:
        return any(rule.code == text.upper() for rule in meant_by(text))
    except UnknownRule:
        return False


def _comments(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column (from 1) and text of each comment that may matter."""
    if "gradfix:" not in text and "noqa" not in text.lower():  # many times faster than the pattern
        return
    # not of str.splitlines: form feeds do not end lines
    for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
        if token.type == tokenize.COMMENT and _ANY.search(token.string):
            yield token.start[0], token.start[1] + 1, token.string
