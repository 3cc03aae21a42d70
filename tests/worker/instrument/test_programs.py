"""Wrapping the expressions of a program changes nothing that the program does."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from tests.worker.instrument import expressions, large, loops, scopes, statements
from tests.worker.instrument.conftest import Tracing, as_written

PROGRAMS = {
    name: dedent(text)
    for module in (loops, scopes, expressions, statements, large)
    for name, text in module.PROGRAMS.items()
}
IN_FUNCTIONS = {
    name: text for name, text in PROGRAMS.items() if not ("__future__" in text or "global" in text or "printed" in text)
}
"""Without those that a function may not hold, or that do another thing there."""


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize("is_open", [pytest.param(True, id="window open"), pytest.param(False, id="window closed")])
def test_a_wrapped_program_does_the_same(tracing: Tracing, program: str, is_open: bool) -> None:
    plain = as_written(program)
    assert not plain.failure
    assert plain.printed or plain.names
    assert tracing(program, is_open) == plain


@pytest.mark.parametrize("program", IN_FUNCTIONS.values(), ids=IN_FUNCTIONS)
def test_a_program_inside_a_function_does_the_same(tracing: Tracing, program: str) -> None:
    text = "def whole():\n" + indent(program.lstrip("\n"), "    ") + "\nwhole()\n"
    plain = as_written(text)
    assert tracing(text) == plain


FAILURES = {
    "on the second line of a call": "def f(a,\n      b):\n    return a\n\nx = f(\n    1,\n    1 / 0,\n)\n",
    "in a function that is called in a loop": "def f(x):\n    return 1 / x\n\nfor i in (2, 1, 0):\n    f(i)\n",
    "in a comprehension": "def f(x):\n    return 1 // x\n\nxs = [\n    f(i)\n    for i in (1, 0)\n]\n",
    "in a lambda": "g = (\n    lambda x:\n    1 / x\n)\nprint(g(1))\ng(0)\n",
    "in a generator": "def g():\n    yield 1\n    raise ValueError('x')\n\nfor i in g():\n    print(\n        i)\n",
    "in an augmented assignment": "x = 'a'\n\nx += (\n    1\n)\n",
    "in an augmented item": "d = {}\nd[\n    'k'\n] += 1\n",
    "in an augmented attribute": "class A: pass\na = A()\na.b.c += 1\n",
    "in the test of a while": "n = 2\nwhile (\n    1 / n\n):\n    n -= 1\n",
    "in an assertion": "x = 1\n\nassert x > 2, f'{x} is small'\n",
    "of a name that is not there": "def f():\n    return (\n        nowhere\n    )\n\nf()\n",
    "of a local name before it is bound": "def f():\n    x += 1\n\nf()\n",
    "of something that is not iterable": "x = 1\nfor i in \\\n    x:\n    pass\n",
    "of unpacking": "a, b = [\n    1,\n]\n",
    "in a with statement": "with open(\n    '/nowhere/at/all'\n) as f:\n    pass\n",
    "in a decorator": "def deco(f):\n    raise TypeError('no')\n\n\n@deco\ndef g():\n    pass\n",
    "in a class body": "class A:\n    x = 1\n    y = x.z\n",
    "in a method that super calls": "class A:\n    def f(self):\n        return self.z\n\nclass B(A):\n"
    "    def f(self):\n        return super().f(\n        )\n\nB().f()\n",
    "in a match": "match 1:\n    case 1:\n        x = [][\n            0]\n",
    "after a gate has closed": "def f(i):\n    return 1 / (2500 - i)\n\nfor i in range(3000):\n    f(i)\n",
}


@pytest.mark.parametrize("program", [pytest.param(p, id=f"an error {name}") for name, p in FAILURES.items()])
def test_a_traceback_names_the_same_lines(tracing: Tracing, program: str) -> None:
    plain = as_written(program)
    assert plain.failure
    assert tracing(program) == plain
