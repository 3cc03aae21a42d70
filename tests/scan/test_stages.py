"""Which files train in stages, so that a run of them must go on for longer."""

from __future__ import annotations

import ast
import textwrap

import pytest

from gradfix.scan.stages import in_stages

STAGES = [
    (
        "a warm-up epoch",
        "for epoch in range(9):\n    if epoch < WARM_UP:\n        loss = a()\n    else:\n        loss = b()",
    ),
    ("a step in a pipeline", "for step, x in enumerate(data):\n    if step > 100:\n        loss = b(x)"),
    ("a counter of its own", "while True:\n    step += 1\n    loss = a() if step < 10 else b()"),
    ("an attribute that counts", "self.step += 1\nif self.step >= 50:\n    loss = b()"),
]
NONE = [
    ("prints now and then", "for step in range(9):\n    if step == 0:\n        print(step)"),
    ("every hundredth round", "for step in range(9):\n    if step % 100 == 0:\n        loss = b()"),
    ("a way out", "for step in range(9):\n    if step > 100:\n        break"),
    ("a comparison of something else", "for step in range(9):\n    if loss < best:\n        best = loss"),
    ("no loop", "if epoch < 3:\n    loss = a()"),
]


@pytest.mark.parametrize("text", [text for _, text in STAGES], ids=[name for name, _ in STAGES])
def test_a_branch_on_the_counter_of_a_loop_makes_stages(text: str) -> None:
    assert in_stages(ast.parse(textwrap.dedent(text)))


@pytest.mark.parametrize("text", [text for _, text in NONE], ids=[name for name, _ in NONE])
def test_what_only_shows_or_recurs_makes_none(text: str) -> None:
    assert not in_stages(ast.parse(textwrap.dedent(text)))
