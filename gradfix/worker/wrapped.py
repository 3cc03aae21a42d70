"""What wrapped code calls that needs no tracer: it does what the user wrote."""

from __future__ import annotations

import operator
from typing import Any

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
