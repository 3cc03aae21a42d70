"""Leaves out of a text what has no part in it: functions and classes that nothing else in the file names.

What a model is fitted with is followed from the first line on: a function that is never named is never called, and of a
class that is never named nothing but its own lines is run. Of a file that only fits models, that is nearly all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from gradfix.scan.steps import ASKS

_TOKEN = re.compile(
    r'''#[^\n]*|"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^'\\]|\\.|'(?!''))*\'\'\'|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|["']''',
    re.DOTALL,
)
"""Comments and strings; a quote alone is one that is not closed."""
_HEAD = re.compile(r"^[^ \t\r\n#)\]}]", re.MULTILINE)
"""A line that begins at the margin."""
_NAMED = re.compile(r"(?:async[ \t]+)?(def|class)[ \t]+(\w+)")
_WORD = re.compile(r"\w+")
_IMPORT = re.compile(r"^(?:import|from)\b[^;\n(]*$", re.MULTILINE)
_STAYS = ("import", *ASKS)
"""Aliases hold in the whole file, wherever they are made; steps are what it is all about."""


@dataclass(eq=False)
class _Block:
    """A function or class at the margin: where its text begins and ends."""

    name: str
    start: int
    end: int
    text: str
    runs: bool
    """Whether lines of it are run where it stands: it is a class."""
    stays: bool

    @cached_property
    def words(self) -> frozenset[str]:
        """The words in it."""
        return frozenset(_WORD.findall(self.text))


def without_bystanders(text: str) -> str | None:
    """A text with the same steps and the same suspects, on the same lines; None where nothing can be left out.

    It may be no Python where `text` is: then it tells nothing. Nor does it tell what is wrong in what is left out.
    Takes a text without a tape, of a file that has been decoded.
    """
    blocks = _blocks(text)
    others = _TOKEN.sub("", _between(text, blocks))
    named = {"self", *_WORD.findall(others)}  # `self` is looked up for `super()`
    bound = set(_WORD.findall(_IMPORT.sub("", others)))
    left = blocks
    while wanted := [b for b in left if b.stays or b.name in named or (b.runs and _reaches(b, blocks, bound))]:
        for block in wanted:
            named |= block.words
            bound |= block.words if "global" in block.words else {block.name}
        left = [b for b in left if b not in wanted]
    return _between(text, left, "\n") if left else None


def _blocks(text: str) -> list[_Block]:
    """What may be left out; nothing where it is not sure which lines begin statements."""
    inside = _long_strings(text)
    if inside is None or "\f" in text:  # which sets an indentation back to the margin
        return []
    heads = [m.start() for m in _HEAD.finditer(text)]
    if inside:
        heads = [at for at in heads if not any(start < at < end for start, end in inside)]
    if any(text[:at].rstrip("\r\n").endswith("\\") for at in heads if "\\" in text[max(at - 3, 0) : at]):
        return []
    blocks: list[_Block] = []
    decorated = -1
    for at, end in zip(heads, [*heads[1:], len(text)], strict=True):
        if text[at] == "@":
            decorated = at if decorated < 0 else decorated
            continue
        start, decorated = decorated, -1
        found = _NAMED.match(text, at)
        if found is not None:
            runs, first = found[1] == "class", at if start < 0 else start
            block = text[first:end]
            # decorators of functions are evaluated
            stays = (start >= 0 and not runs) or any(word in block for word in _STAYS)
            blocks.append(_Block(found[2], first, end, block, runs, stays))
    return blocks


def _long_strings(text: str) -> list[tuple[int, int]] | None:
    """Where strings of several lines begin and end; None where one does not end."""
    found = []
    for token in _TOKEN.finditer(text):
        string = token[0]
        if len(string) == 1 and string != "#":
            return None
        if "\n" in string:
            found.append(token.span())
    return found


def _reaches(block: _Block, blocks: list[_Block], bound: set[str]) -> bool:
    """Whether a block names one of these, or what it names does. A part of a word counts as well: it is told faster."""
    seen: list[_Block] = []
    waiting = [block]
    while waiting:
        block = waiting.pop()
        if any(name in block.text for name in bound):
            return True
        seen.append(block)
        waiting += [b for b in blocks if b.name in block.text and b not in seen and b not in waiting]
    return False


def _between(text: str, blocks: list[_Block], line: str = "") -> str:
    """A text without some blocks; `line` takes the place of each of their lines."""

    def parts() -> Iterator[str]:
        done = 0
        for block in blocks:
            yield text[done : block.start]
            yield line * text.count("\n", block.start, block.end)
            done = block.end
        yield text[done:]

    return "".join(parts())
