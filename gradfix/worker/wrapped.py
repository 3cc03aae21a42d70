"""What wrapped code calls that needs no tracer: it does what the user wrote. And AutoGraph is kept away from it."""

from __future__ import annotations

import functools
import operator
from typing import Any

import tensorflow as tf
from tensorflow.python.autograph.impl import api

from .sites import BASE, INDEX, STACK

_CHANGES = {
    name: getattr(operator, f"i{method}")
    for name, method in {
        "Add": "add",
        "Sub": "sub",
        "Mult": "mul",
        "Div": "truediv",
        "FloorDiv": "floordiv",
        "Mod": "mod",
        "Pow": "pow",
        "MatMult": "matmul",
        "LShift": "lshift",
        "RShift": "rshift",
        "BitAnd": "and",
        "BitOr": "or",
        "BitXor": "xor",
    }.items()
}


def changed(sign: str, old: Any, value: Any) -> Any:
    """What `old += value` makes of `old`, and its like."""
    return _CHANGES[sign](old, value)


def own_names(names: Any) -> Any:
    """What `locals()`, `vars()` or `dir()` gave, without the names that are put in."""
    for name in (STACK, BASE, INDEX) if type(names) in (dict, list) else ():
        if name in names:
            names.pop(name) if isinstance(names, dict) else names.remove(name)
    return names


def keep_from_autograph() -> None:
    """Has functions that are called eagerly run as they are.

    AutoGraph would make others of them, from the text of the file, in which nothing is wrapped: Keras 2 has every loss
    converted, and every metric, also where no graph is built.
    """
    convert = api.converted_call

    @functools.wraps(convert)
    def call(f: Any, args: Any, kwargs: Any, caller_fn_scope: Any = None, options: Any = None) -> Any:
        if tf.executing_eagerly():
            return api._call_unconverted(f, args, kwargs, options, update_cache=False)
        return convert(f, args, kwargs, caller_fn_scope, options)

    api.converted_call = call
