"""The listings of the documentation, and the comments that say how each is tested.

A comment stands in the lines above its listing:

    <!-- has: train.py, train.ipynb = fixtures/somewhere/before.ipynb -->    files that must be there first
    <!-- from: fixtures/somewhere/before.py -->                              an excerpt of that file
    <!-- not run: REASON -->                                                 nothing is tested
    <!-- ci: run -->                                                         .ci/run runs it
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "benchmarks/README.md")
"""Where listings are. Those of docs/rules are looked at by test_examples.py."""
_FENCE = re.compile(r'(?P<indent> *)(?P<fence>```+)(?P<language>[\w-]+)(?: title="(?P<title>[^"]+)")?(?P<rest>.*)')
_COMMENT = re.compile(r" *<!-- (?P<word>has|from|not run|ci): (?P<what>.+) -->")


@dataclass(frozen=True)
class Listing:
    """One listing: `language` is the word behind the fence, `title` the file that it is, `said` the comments above."""

    page: str
    line: int
    language: str
    title: str
    text: str
    said: dict[str, str]

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    """All pages that are looked at, by their path in the repository; that of the first steps comes first."""
    found = [path.relative_to(ROOT).as_posix() for pattern in FOLDERS for path in sorted(ROOT.glob(pattern))]
    return sorted(found, key=lambda name: name != "docs/start.md")


def listings(page: str) -> list[Listing]:
    """The listings of a page, from the first to the last. Raises ValueError for one without a language or an end."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    found: list[Listing] = []
    said: dict[str, str] = {}
    number = 0
    while number < len(lines):
        line = lines[number]
        fence, comment = _FENCE.fullmatch(line), _COMMENT.fullmatch(line)
        if fence:
            end = fence["indent"] + fence["fence"]
            if fence["rest"] or end not in lines[number:]:
                raise ValueError(f"{page}:{number + 1}: {line}")
            last = lines.index(end, number + 1)
            text = "".join(f"{piece.removeprefix(fence['indent'])}\n" for piece in lines[number + 1 : last])
            found.append(Listing(page, number + 1, fence["language"], fence["title"] or "", text, said))
            said, number = {}, last
        elif line.lstrip().startswith("```"):
            raise ValueError(f"{page}:{number + 1}: a listing has a language")
        elif comment:
            said[comment["word"]] = comment["what"]
        elif said:
            raise ValueError(f"{page}:{number}: the comment has no listing below it")
        number += 1
    return found


def titled(name: str, page: str = "docs/start.md") -> str:
    """The text of the listing that is this file, on the page of the first steps if no other is named."""
    (text,) = (listing.text for listing in listings(page) if listing.title == name)
    return text
