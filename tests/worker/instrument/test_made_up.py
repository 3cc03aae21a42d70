"""Programs that nobody thought of do the same with their expressions wrapped."""

from __future__ import annotations

from textwrap import indent

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worker.instrument.conftest import Tracing, as_written

NUMBERS = st.one_of(st.integers(-3, 9).map(str), st.floats(-4, 4, width=16).map(repr)).map(lambda n: f"({n})")
NAMES = st.sampled_from(["a", "b", "c"])
EXPRESSIONS = st.recursive(
    NUMBERS | NAMES | st.sampled_from(["say(a)", "box.v", "items[0]", "items[-1]"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-"]), inner),
        st.builds("({} * {})".format, inner, NUMBERS),  # not two names: squares of squares of integers never end
        st.builds("({} {} {})".format, inner, st.sampled_from(["<", "==", ">=", "and", "or"]), inner),
        st.builds("({} < {} <= {})".format, inner, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("(-{})".format, inner),
        st.builds("(not {})".format, inner),
        st.builds("say({})".format, inner),
        st.builds("(lambda x={}: x + {})()".format, inner, inner),
        st.builds("sum([{} for x in range(3) if x < {}])".format, inner, inner),
        st.builds("({} := {})".format, NAMES, inner),
        st.builds("max({}, {}, *[{}])".format, inner, inner, inner),
    ),
    max_leaves=8,
)


def _block(statements: list[str]) -> str:
    return indent("\n".join(statements) or "pass", "    ")


def _loop(head: str, body: list[str], end: str, otherwise: list[str]) -> str:
    return f"{head}:\n{_block([*body, end])}\nelse:\n{_block(otherwise)}"


def _function(body: list[str], result: str, value: str, generator: bool) -> str:
    last = f"yield {result}" if generator else f"return {result}"
    call = f"print(list(f({value})))" if generator else f"print(f({value}))"
    return f"def f(a, b=1, c=2):\n{_block([*body, last])}\n{call}"


PLACES = st.sampled_from(["a", "b", "c", "box.v", "items[0]", "items[say(1)]"])
SIMPLE = st.one_of(
    st.builds("{} = {}".format, PLACES, EXPRESSIONS),
    st.builds("{} {}= {}".format, PLACES, st.sampled_from("+-"), EXPRESSIONS),
    st.builds("{} *= {}".format, PLACES, NUMBERS),
    st.builds("a, b = {}, {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("print({})".format, EXPRESSIONS),
    st.builds("items.append({})".format, EXPRESSIONS),
    st.builds("assert {}, say('message')".format, EXPRESSIONS),
)
ENDS = st.sampled_from(["pass", "break", "continue", "if a < b: break", "if a: continue"])
STATEMENTS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(
            lambda test, yes, no: f"if {test}:\n{_block(yes)}\nelse:\n{_block(no)}",
            EXPRESSIONS,
            st.lists(inner, max_size=2),
            st.lists(inner, max_size=2),
        ),
        st.builds(_loop, st.just("for a in range(3)"), st.lists(inner, max_size=2), ENDS, st.lists(inner, max_size=1)),
        st.builds(
            _loop, st.just("for b, c in zip(items, (1, 2, 3))"), st.lists(inner, max_size=2), ENDS, st.just(["say(1)"])
        ),
        st.builds(
            lambda test, body, end: _loop(f"while fuel() and {test}", body, end, ["say(2)"]),
            EXPRESSIONS,
            st.lists(inner, max_size=2),
            ENDS,
        ),
        st.builds(
            lambda body, error, last: (
                f"try:\n{_block(body)}\nexcept AssertionError as e:\n    print(e)\n"
                f"    a = {error}\nfinally:\n{_block(last)}"
            ),
            st.lists(inner, min_size=1, max_size=2),
            EXPRESSIONS,
            st.lists(inner, max_size=1),
        ),
        st.builds(_function, st.lists(inner, max_size=3), EXPRESSIONS, EXPRESSIONS, st.booleans()),
    ),
    max_leaves=10,
)
HEAD = """\
class Box:
    def __init__(self):
        self._v = 1
    @property
    def v(self):
        print("get")
        return self._v
    @v.setter
    def v(self, value):
        print("set", value)
        self._v = value
left = [40]
def fuel():
    left[0] -= 1
    return left[0] > 0
def say(x):
    print("say", x)
    return x
a, b, c, box, items = 1, 2.5, 3, Box(), [4, 5]
"""


@settings(max_examples=150, deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=5))
def test_a_program_that_nobody_thought_of_does_the_same(tracing: Tracing, statements: list[str]) -> None:
    program = HEAD + "\n".join(statements) + "\n"
    assert tracing(program) == as_written(program)
