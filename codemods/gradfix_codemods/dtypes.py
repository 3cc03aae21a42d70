"""Dtypes as they are written in code: which are of integers, and the float dtype in their place."""

from __future__ import annotations

import re

import libcst as cst

from gradfix_codemods.naming import dotted

_INTEGERS = re.compile(r"u?int(8|16|32|64)?|intc|intp|long|longlong|qu?int(8|16|32)")


def is_integer(dtype: cst.BaseExpression) -> bool:
    """Takes a dtype (`tf.int32`, `"int64"`, `int`); returns whether it is one of integers."""
    if isinstance(dtype, cst.SimpleString):
        return _INTEGERS.fullmatch(str(dtype.evaluated_value)) is not None
    return _INTEGERS.fullmatch((dotted(dtype) or "").rpartition(".")[2]) is not None


def as_float(dtype: cst.BaseExpression) -> cst.BaseExpression | None:
    """Takes a dtype of integers; returns `float32` written in the same way, None where it cannot be."""
    if isinstance(dtype, cst.SimpleString):
        return dtype.with_changes(value=f"{dtype.quote}float32{dtype.quote}")
    if isinstance(dtype, cst.Attribute):
        return dtype.with_changes(attr=cst.Name("float32"))
    return cst.SimpleString('"float32"') if dotted(dtype) == "int" else None


def with_points(value: cst.BaseExpression) -> cst.BaseExpression:
    """Takes a number, or a list of lists of numbers; returns it with `2.0` for `2`, and itself where all is float."""
    if isinstance(value, cst.Integer):
        decimal = re.fullmatch(r"[0-9_]+", value.value)
        return cst.Float(f"{value.value}.0", lpar=value.lpar, rpar=value.rpar) if decimal else value
    if isinstance(value, cst.UnaryOperation):
        inner = with_points(value.expression)
        return value if inner is value.expression else value.with_changes(expression=inner)
    if isinstance(value, cst.List | cst.Tuple):
        elements = [e.with_changes(value=with_points(e.value)) for e in value.elements]
        same = all(a.value is b.value for a, b in zip(elements, value.elements, strict=True))
        return value if same else value.with_changes(elements=elements)
    return value


def is_literal(value: cst.BaseExpression) -> bool:
    """Takes an expression; returns whether it is a number, or a list of lists of numbers."""
    if isinstance(value, cst.UnaryOperation):
        return is_literal(value.expression)
    if isinstance(value, cst.List | cst.Tuple):
        return all(isinstance(e, cst.Element) and is_literal(e.value) for e in value.elements)
    return isinstance(value, cst.Integer | cst.Float)
