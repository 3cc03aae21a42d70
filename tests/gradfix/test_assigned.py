"""Finding where a value is put into a variable that is read again before a tape is asked."""

from __future__ import annotations

import ast

import pytest

from gradfix.scan.assigned import assigned_on_the_way


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("fast.assign(slow - g)\nloss = f(fast)\ntape.gradient(loss, slow)", 1),
        ("fast.set_weights([w - g for w in ws])\nloss = fast(x)\ntape.gradient(loss, ws)", 1),
        ("loss = f(fast)\nfast.assign(slow - g)\ntape.gradient(loss, slow)", None),
        ("fast.assign(0.0)\nloss = f(fast)\ntape.gradient(loss, slow)", None),
        ("def other():\n    fast.assign(slow)\n    return fast\nloss = f(fast)\ntape.gradient(loss, slow)", None),
    ],
)
def test_where_a_value_is_put_into_a_variable_on_the_way(lines: str, found: int | None) -> None:
    call = assigned_on_the_way(ast.parse(lines), lines.count("\n") + 1)
    assert (None if call is None else call.lineno) == found
