"""Leaves the loops of a script whose steps were seen often enough, so that what comes behind them is reached.

Only in a run that was asked for: one whose first look ended in such a loop. A loop is left by a `break` at the
beginning of its next turn, counted in requests and not in seconds, hence at the same turn in every run of a file.
"""

from __future__ import annotations

import ast
import builtins
from typing import Any

from .recorder import Recorder

LEFT = "__gf_left__"
_Loop = (ast.For, ast.While)


def with_exits(tree: ast.Module) -> ast.Module:
    """The module, with a way out of each of its outermost loops and of those of the functions that it calls."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef) and not _is_graph(node)}
    waiting: list[list[ast.stmt]] = [tree.body]
    while waiting:
        for statement in waiting.pop():
            if isinstance(statement, _Loop):
                _give_exit(statement)
            elif isinstance(statement, (ast.If, ast.With, ast.Try)):
                waiting += [b for b in _blocks(statement) if b]
            elif (name := _called(statement)) in functions:
                waiting.append(functions.pop(name).body)
    return tree


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    handlers = getattr(statement, "handlers", [])
    return [getattr(statement, n, []) for n in ("body", "orelse", "finalbody")] + [h.body for h in handlers]


def _is_graph(function: ast.FunctionDef) -> bool:
    """Whether AutoGraph reads the function: it looks at the text, in which there is no way out."""
    return any("function" in ast.unparse(decorator) for decorator in function.decorator_list)


def _called(statement: ast.stmt) -> str:
    """The function that a statement calls by its name; "" for none."""
    value = getattr(statement, "value", None)
    return value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else ""


def _give_exit(loop: ast.For | ast.While) -> None:
    call = ast.Call(ast.Name(LEFT, ast.Load()), [ast.Constant(loop.lineno)], [])
    way_out = ast.If(call, [ast.Break()], [])
    for node in ast.walk(way_out):
        ast.copy_location(node, loop)
    loop.body.insert(0, ast.fix_missing_locations(way_out))


class Leaving:
    """Counts the requests since each loop was come to; `each` line that asked in it must have done so that often."""

    def __init__(self, recorder: Recorder, each: int) -> None:
        self.recorder, self.each = recorder, each
        self.before: dict[int, dict[Any, int]] = {}

    def install(self) -> None:
        """Makes the name known that the loops ask."""
        setattr(builtins, LEFT, self.left)

    def left(self, loop: int) -> bool:
        """Whether a loop has been seen enough; asked at the beginning of each turn."""
        now = self.recorder.limits.seen
        before = self.before.setdefault(loop, dict(now))
        counts = [n - before.get(line, 0) for line, n in now.items() if n != before.get(line, 0)]
        enough = bool(counts) and min(counts) >= self.each
        if enough:
            del self.before[loop]  # it may be come to again
        return enough
