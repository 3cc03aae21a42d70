"""What all advice shares: the break that it answers, and the words for what could be written instead."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from dataclasses import dataclass

from gradfix.breaks import Break


class Advice(ABC):
    """One kind of mistake that no rewrite mends. `name` is kebab-case and equals the module's name.

    Its module explains the mistake in the same form as a codemod's.
    """

    name: str
    code: str

    @abstractmethod
    def fits(self, cut: Break) -> bool:
        """Whether a break is of this kind."""

    @abstractmethod
    def ways(self, cut: Break) -> tuple[str, ...]:
        """What could be written instead, the most usual first, with the code in backticks and in the user's names."""


_OPERANDS = ("x", "a", "input", "inputs", "logits", "values", "tensor", "y", "func")
"""Names under which functions of TensorFlow and NumPy take what they work on."""


@dataclass(frozen=True)
class Operands:
    """What stands at a break, as text: `whole`, and the values it is made of, `first` and `second` among them."""

    whole: str
    values: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()

    @property
    def first(self) -> str:
        """What it works on; a name to be filled in where the text does not show it."""
        return self.values[0] if self.values else "values"

    def option(self, name: str, default: str) -> str:
        """The value of a keyword argument."""
        return dict(self.named).get(name, default)


def operands(segment: str) -> Operands:
    """The operands of the expression at a break. Takes its text in one line; one that does not parse has none."""
    try:
        node = ast.parse(segment.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return Operands(segment)
    if isinstance(node, ast.Call):
        named = tuple((k.arg, ast.unparse(k.value)) for k in node.keywords if k.arg)
        values = node.args or [k.value for k in node.keywords if k.arg in _OPERANDS]
        if not values and isinstance(node.func, ast.Attribute):  # a method
            values = [node.func.value]
        return Operands(segment, tuple(_text(v) for v in values), named)
    if isinstance(node, ast.Compare):
        return Operands(segment, (_text(node.left), *(_text(c) for c in node.comparators)))
    if isinstance(node, ast.BinOp):
        return Operands(segment, (_text(node.left), _text(node.right)))
    if isinstance(node, ast.UnaryOp):
        return Operands(segment, (_text(node.operand),))
    return Operands(segment, (ast.unparse(node),))


def _text(node: ast.expr) -> str:
    """The source of an operand, in parentheses where it would fall apart beside an operator."""
    text = ast.unparse(node)
    alone = isinstance(node, (ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript))
    return text if alone else f"({text})"


def called(cut: Break) -> str:
    """The last part of the name of the operation at a break: `argmax` of `tf.math.argmax` and `.argmax()`."""
    return cut.operation.rpartition(".")[2].rstrip("()")
