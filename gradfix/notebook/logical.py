"""Tells which lines of a cell begin a statement: only there IPython looks for magics."""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTE = re.compile(r"\"\"\"|'''|\"|'")
_OPENING, _CLOSING = "([{", ")]}"


@dataclass
class Reader:
    """Reads a cell line by line. `fresh` says whether the next line begins a statement.

    It need not be valid Python: what is between quotes and brackets is all that counts.
    """

    quote: str = ""
    depth: int = 0
    joined: bool = False

    @property
    def fresh(self) -> bool:
        """No string, no bracket and no backslash of the lines before is still open."""
        return not self.quote and not self.depth and not self.joined

    def read(self, line: str) -> None:
        """Takes one line without its line feed."""
        line = line.rstrip("\r")
        at = 0
        while at < len(line):
            at = self._within_string(line, at) if self.quote else self._within_code(line, at)
        self.joined = _ends_with_backslash(line)
        if len(self.quote) == 1 and not self.joined:  # no string of one line goes on in the next
            self.quote = ""

    def _within_string(self, line: str, at: int) -> int:
        while at < len(line):
            if line[at] == "\\":
                at += 2
            elif line.startswith(self.quote, at):
                at += len(self.quote)
                self.quote = ""
                return at
            else:
                at += 1
        return at

    def _within_code(self, line: str, at: int) -> int:
        character = line[at]
        if character == "#":
            return len(line)
        if quote := _QUOTE.match(line, at):
            self.quote = quote[0]
            return quote.end()
        if character in _OPENING:
            self.depth += 1
        elif character in _CLOSING:
            self.depth = max(self.depth - 1, 0)
        return at + 1


def _ends_with_backslash(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1 and "#" not in line
