"""Requests whose None the code looks for itself."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from gradfix.scan.handled import handled_lines

# Each case: a sentence, a text, and the lines of the calls that are taken to be handled.
CASES: list[tuple[str, str, set[int]]] = [
    ("a comparison with None", "g = t.gradient(l, w)\nif g is not None:\n    pass\n", {1}),
    ("a comparison the other way", "g = t.gradient(l, w)\nif g is None:\n    g = 0\n", {1}),
    ("an assertion of None", "g = t.gradient(l, w)\nassert g is None\n", {1}),
    ("an assertion of a gradient", "g = t.gradient(l, w)\nassert g is not None\n", set()),
    ("an assertion of all", "gs = t.gradient(l, ws)\nassert all(g is not None for g in gs), ws\n", set()),
    ("an exception", "g = t.gradient(l, w)\nif g is None:\n    print(w)\n    raise ValueError(w)\n", set()),
    ("an exception at a gradient", "g = t.gradient(l, w)\nif g is not None:\n    raise ValueError(w)\n", {1}),
    ("a conditional expression", "g = t.gradient(l, w)\nh = 0 if g is None else g\n", {1}),
    ("a comprehension's condition", "gs = t.gradient(l, ws)\nx = [g for g in gs if g is not None]\n", {1}),
    ("a generator's condition", "gs = t.gradient(l, ws)\nx = any(g is None for g in gs)\n", {1}),
    (
        "pairs of a zip",
        "gs = t.gradient(l, ws)\no.apply_gradients((g, w) for g, w in zip(gs, ws) if g is not None)\n",
        {1},
    ),
    (
        "a loop over pairs",
        "gs = t.gradient(l, ws)\nfor g, w in zip(gs, ws):\n    if g is None:\n        continue\n",
        {1},
    ),
    ("a loop over the call", "for g in t.gradient(l, ws):\n    if g is not None:\n        pass\n", {1}),
    ("a comprehension over the call", "x = [g for g in t.gradient(l, ws) if g is not None]\n", {1}),
    ("one of two that are taken apart", "a, b = t.gradient(l, [v, w])\nif b is None:\n    pass\n", {1}),
    ("an item of the list", "gs = t.gradient(l, ws)\nif gs[0] is None:\n    pass\n", {1}),
    ("a call over several lines", "g = t.gradient(\n    l,\n    w,\n)\nprint(g is None)\n", {1}),
    ("a jacobian", "j = t.jacobian(l, w)\nif j is None:\n    pass\n", {1}),
    ("tf.gradients", "g = tf.gradients(l, w)[0]\nif g is None:\n    pass\n", {1}),
    ("what unconnected sources get", "g = t.gradient(l, w, unconnected_gradients='zero')\n", {1}),
    (
        "what unconnected sources get, by its name",
        "def f():\n    return t.gradient(l, w, unconnected_gradients=tf.UnconnectedGradients.ZERO)\n",
        {2},
    ),
    ("a function of its own", "def f():\n    g = t.gradient(l, w)\n    return 0 if g is None else g\n", {2}),
    (
        "only the one of two calls",
        "g = t.gradient(l, w)\nh = t.gradient(m, w)\nif h is None:\n    pass\n",
        {2},
    ),
    ("nothing", "g = t.gradient(l, w)\nprint(g)\n", set()),
    ("another name", "g = t.gradient(l, w)\nif w is None:\n    pass\n", set()),
    ("a comparison with something else", "g = t.gradient(l, w)\nif g is x or g == 0:\n    pass\n", set()),
    ("a name of another function", "def f():\n    g = t.gradient(l, w)\ndef h(g):\n    return g is None\n", set()),
    ("a name of the module", "g = 1\nif g is None:\n    pass\ndef f():\n    g = t.gradient(l, w)\n", set()),
    ("a call that asks for nothing", "g = numbers.norm(l, w)\nif g is None:\n    pass\n", set()),
    ("an argument", "def f(y=None):\n    y = 1 if y is None else y\n    return t.gradient(y, w)\n", set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "lines"), [pytest.param(text, lines, id=f"{name}: {len(lines)}") for name, text, lines in CASES]
)
def test_lines_whose_none_is_expected(text: str, lines: set[int]) -> None:
    assert handled_lines(ast.parse(dedent(text))) == lines
