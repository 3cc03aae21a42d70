"""Finding where a value is put into a variable that is read again before a tape is asked."""

from __future__ import annotations

import ast

import pytest

from gradfix.scan.assigned import assigned_elsewhere, assigned_on_the_way, named_at


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


CELL = """\
class Cell:
    def __init__(self):
        self.state = tf.Variable(0.0)
        self.count = tf.Variable(0.0)

    def call(self, x):
        self.state.assign(x)
        return self.state
"""


@pytest.mark.parametrize(("names", "found"), [({"state"}, 7), ({"count"}, None), (set(), None)])
def test_a_state_in_another_function_counts_where_the_target_is_made_of_it(names: set[str], found: int | None) -> None:
    call = assigned_elsewhere(ast.parse(CELL), names)
    assert (None if call is None else call.lineno) == found


@pytest.mark.parametrize(("line", "column", "name"), [(3, 33, "state"), (4, 21, "count"), (7, 8, ""), (1, 0, "")])
def test_what_is_made_at_a_place_has_the_name_that_it_is_given(line: int, column: int, name: str) -> None:
    assert named_at(ast.parse(CELL), line, column) == name
