"""What is wrapped has a number, and what has none is left alone."""

from __future__ import annotations

import ast
import builtins
import sys

from gradfix.worker.instrument import instrument
from gradfix.worker.sites import Sites
from tests.worker.instrument.conftest import OURS, PATH, Tracing


def _sites(text: str) -> tuple[list[str], Sites]:
    sites = Sites()
    instrument(ast.parse(text), PATH, sites)
    lines = text.split("\n")
    return [lines[p[1] - 1][p[2] : p[4]] for p in sites.places], sites


def test_expressions_are_numbered_in_the_order_in_which_they_end() -> None:
    texts, sites = _sites("y = f(a + b, g.h[c])\n")
    assert texts == ["f", "a", "b", "a + b", "g", "g.h", "c", "g.h[c]", "f(a + b, g.h[c])"]
    assert sites.first == [0, 1, 2, 1, 4, 4, 6, 4, 0]
    assert sites.root == [False] * 8 + [True]
    assert sites.call == [False] * 8 + [True]


def test_what_is_imported_has_no_number() -> None:
    texts, _ = _sites("import numpy as np\nfrom m import f\ny = np.linalg.norm(f(x))\n")
    assert texts == ["x", "f(x)", "np.linalg.norm(f(x))"]


def test_an_augmented_assignment_is_made_of_its_target_and_its_value() -> None:
    texts, sites = _sites("a.b += f(c)\n")
    assert texts == ["a.b", "f", "c", "f(c)", "a.b += f(c)"]
    assert sites.first[-1] == 0


def test_patterns_annotations_decorators_and_f_strings_are_left_alone() -> None:
    texts, _ = _sites(
        "@deco(p)\ndef f(a: q = r) -> s:\n    x: t\n    match 1:\n        case u.v: pass\n    return f'{w}'\n"
    )
    assert texts == []


def test_the_names_that_are_put_in_are_no_longer_there_after_the_tests(tracing: Tracing) -> None:
    tracing("x = 1 + 2\n")
    assert not OURS & set(vars(builtins))
    assert sys.getrecursionlimit() < 20_000
