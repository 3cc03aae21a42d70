"""A tree that is made of parts is the one that Python makes of the whole text."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest

from gradfix.scan.reparse import reparsed

FIXTURES = sorted((Path(__file__).parent.parent / "fixtures").glob("*/before.py"))
TYPED = ("x", "  # x", "(", ")", '"""', "\\", ":", "    y = 1", "else:", "@wraps", "; z = 2", "", "\f", "\r", "𝛑", "\0")


def _tree(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text), include_attributes=True)
    except (SyntaxError, ValueError):
        return None


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
def test_it_is_the_tree_of_the_whole_text_whatever_is_typed() -> None:
    """A thousand lines that are changed at random; many of the texts do not parse."""
    choice, made = random.Random(7), 0
    for path in FIXTURES * 6:
        text = path.read_text()
        lines = text.split("\n")
        for _ in range(choice.choice((1, 1, 2))):
            number, typed = choice.randrange(len(lines)), choice.choice(TYPED)
            line = lines[number]
            lines[number] = choice.choice((line + typed, typed + line, typed))
        new = "\n".join(lines)
        tree = reparsed(ast.parse(text), text, new)
        if tree is not None:
            assert ast.dump(tree, include_attributes=True) == _tree(new), (path, new)
            made += 1
    assert made > 150


BEFORE = "import a\n\n\n@b\ndef c(x):\n    return x\n\n\nd = 1; e = 2\nf = (\n    3\n)\n"


@pytest.mark.parametrize(
    ("old", "new", "made"),
    [
        ("return x", "return y", True),
        ("@b", "@g", True),
        ("import a", "import g", True),
        ("    3", "    4", True),
        ("\n\n\n@b", "\n# g\n\n@b", True),
        ("d = 1; e = 2", "d = 1; g = 2", True),
        ("\n\n\n@b", "\n\n@g\n@b", False),
        ("\n\n\nd", "\n    g\n\nd", False),
        ("\n\n\nd", "\n(\n\nd", False),
        ("return x", "return (", False),
        ("import a", "import a\n", False),
    ],
)
def test_what_is_made_of_parts(old: str, new: str, made: bool) -> None:
    text = BEFORE.replace(old, new)
    assert text != BEFORE
    tree = reparsed(ast.parse(BEFORE), BEFORE, text)
    assert (tree is not None) == made
    if tree is not None:
        assert ast.dump(tree, include_attributes=True) == _tree(text)
