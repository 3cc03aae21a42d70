"""Names of functions, and who calls them, from the text alone."""

from __future__ import annotations

import ast
from textwrap import dedent

from gradfix.scan.callers import callers_of
from gradfix.scan.functions import functions_of

TEXT = dedent("""
    def step(x):
        def loss():
            return helper(x)
        return loss()

    if True:
        async def on_condition():
            step(1)

    class Trainer:
        class Inner:
            def run(self):
                return step(2)

        def fit(self):
            for x in range(3):
                self.step(x)

    def twice():
        step(3), step(4)

    def other():
        return steps(5)
""")


def test_qualified_names_as_python_spells_them() -> None:
    names = [name for name, _ in functions_of(ast.parse(TEXT))]
    assert names == [
        "step",
        "step.<locals>.loss",
        "on_condition",
        "Trainer.Inner.run",
        "Trainer.fit",
        "twice",
        "other",
    ]


def test_callers_by_name_or_as_a_method() -> None:
    assert callers_of(ast.parse(TEXT), "step") == ("on_condition", "Trainer.Inner.run", "Trainer.fit", "twice")


def test_a_call_in_an_inner_function_is_the_outer_ones() -> None:
    assert callers_of(ast.parse(TEXT), "helper") == ("step",)


def test_a_function_is_not_its_own_caller() -> None:
    assert callers_of(ast.parse("def f():\n    f()\n"), "f") == ()
