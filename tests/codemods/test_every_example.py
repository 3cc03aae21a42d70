"""Every codemod's page holds what it says: the bad example is found and mended on TensorFlow, the good one is clean."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import pytest

from gradfix.rules import Rule, rules
from gradfix.values import FileReport, Fix, Verdict

DENSE = "tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense({})])"
NAMES = {
    "np": "import numpy as np",
    "tf": "import tensorflow as tf",
    "x": "x = tf.constant([[1.0, 2.0], [0.5, -1.0], [3.0, 0.3]])",
    "y": "y = tf.constant([[1.0], [-1.0], [2.0]])",
    "h": "h = tf.Variable(3.0)",
    "w": "w = tf.Variable(0.7)",
    "z": "z = tf.constant([[1.0]])",
    "codes": "codes = tf.Variable([[2.0], [5.0]])",
    "encoder": f"encoder = {DENSE.format(2)}",
    "head": f"head = {DENSE.format(1)}",
    "image": "image = tf.constant([[0.2, 0.9]])",
    "labels": "labels = tf.constant([[1], [2], [3]])",
    "loss_fn": "loss_fn = tf.keras.losses.MeanSquaredError()",
    "model": f"model = {DENSE.format(1)}",
    "noise": "noise = tf.constant([0.1, -0.1])",
    "online": f"online = {DENSE.format(1)}",
    "optimizer": "optimizer = tf.keras.optimizers.SGD(0.1)",
    "target": f"target = {DENSE.format(1)}",
    "goal": "goal = tf.constant([[0.5], [0.1], [1.0]])",
    "weights": "weights = [tf.Variable(2.0), tf.Variable(3.0)]",
}
"""What the examples use without making it, in the order in which it is made."""
MENDS = [rule for rule in rules() if rule.mends and rule.code.startswith("GF")]


def examples(rule: Rule) -> list[str]:
    """A rule's bad and good example, each with what makes it a whole file; NumPy where it is used."""
    bad, good = re.findall(r"```python\n(.*?)```", rule.text, re.DOTALL)[:2]
    needed = [n for n in NAMES if n in {*_Reader(bad).missing, "tf"}]
    kept = [n for n in needed if n != "np" or n in _Reader(good).missing]
    return ["".join(f"{NAMES[n]}\n" for n in names) + text for names, text in ((needed, bad), (kept, good))]


class _Reader(ast.NodeVisitor):
    """The names that a text reads before it binds them."""

    def __init__(self, text: str) -> None:
        self.bound: set[str] = set()
        self.missing: set[str] = set()
        self.visit(ast.parse(text))

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_For(self, node: ast.For) -> None:
        for part in (node.iter, node.target, *node.body):
            self.visit(part)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self.bound = self.bound, {*self.bound, *(a.arg for a in node.args.args)}
        for statement in node.body:
            self.visit(statement)
        self.bound = {*outer, node.name}

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.body)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.bound.add(node.id)
        elif node.id not in self.bound:
            self.missing.add(node.id)


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in MENDS])
def test_the_bad_example_is_mended_and_the_good_one_is_clean(rule: Rule, repaired: Callable[..., FileReport]) -> None:
    bad, good = examples(rule)
    report = repaired(bad, unsafe_fixes=True)
    assert report.verdict is Verdict.FIXED, (report.reason, report.findings)
    assert {f.fix for f in report.findings} <= {Fix.PROVED, Fix.UNSAFE}
    assert rule.name in [f.rule for f in report.findings]
    assert list(report.patched.values()) == [good]
    clean = repaired(good)
    assert (clean.verdict, clean.findings) == (Verdict.CLEAN, ()), (clean.reason, clean.findings)
