"""Finds the steps of a file: the calls that ask for gradients, and the functions that they stand in."""

from __future__ import annotations

import ast
import functools
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gradfix.scan.handled import handled_lines
from gradfix.scan.names import Names, has_line
from gradfix.scan.reparse import reparsed
from gradfix.scan.walk import children

ASKING = ("gradient", "jacobian", "batch_jacobian")


@dataclass(frozen=True)
class Step:
    """One call that asks for gradients.

    `call` is gradient, jacobian, batch_jacobian, gradients, minimize or fit. `qualname` is the function that holds it
    as Python spells it ("" at module level). `target` and `sources` are the texts of its arguments. `handles_none`
    says that the code asks of what came back whether it is None: then a missing gradient is one that was expected.
    """

    call: str
    line: int
    column: int
    end_line: int
    qualname: str
    target: str = ""
    sources: str = ""
    source_names: tuple[str, ...] = ()
    handles_none: bool = False


ASKS = ("gradient", "jacobian", "minimize", "fit", "train_on_batch")
"""One of these is in the name of each call that asks."""


@functools.lru_cache(16)
def parsed(text: str) -> ast.Module:
    """The syntax tree of a text, shared by all who ask: not to be changed. Raises SyntaxError."""
    return _made.pop(text, None) or ast.parse(text)


def parsed_after(before: str, text: str) -> None:
    """Has `parsed` give the tree of a text in less time, where it is much like another one that was parsed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in a user's file is not for gradfix to report
        tree = reparsed(parsed(before), before, text)
    if tree is not None:
        _made[text] = tree
        parsed(text)
        _made.pop(text, None)  # it may have been known already


_made: dict[str, ast.Module] = {}
"""On its way from `parsed_after` to what `parsed` keeps."""


@functools.lru_cache(64)
def steps_of(text: str) -> tuple[Step, ...]:
    """The steps of a module in the order of their lines. Raises SyntaxError."""
    tree = parsed(text)
    names = Names(tree, _lines_of(("import",), text))
    if not names.imports("tensorflow", "keras", "tf_keras"):
        return ()
    steps: list[Step] = []
    lines = _lines_of(ASKS, text)
    unconnected = "unconnected_gradients" in text
    _walk(tree, "", "", names, steps, "GradientTape" in text, lines)
    looks = bool(steps) and (unconnected or _compares_with_none(text))
    asking = sorted(s.line for s in steps)
    handled = handled_lines(tree, asking, unconnected=unconnected) if looks else set()
    steps = [replace(s, handles_none=not handled.isdisjoint(range(s.line, s.end_line + 1))) for s in steps]
    return tuple(sorted(steps, key=lambda s: (s.line, s.column)))


def _places(word: str, text: str) -> Iterator[int]:
    """Where a word stands in a text: many times faster than a pattern that finds it."""
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _lines_of(words: Iterable[str], text: str) -> list[int]:
    """The lines in which one of the words stands, alone or in another one."""
    lines: list[int] = []
    line, counted = 1, 0
    for at in sorted(at for word in words for at in _places(word, text)):
        line += text.count("\n", counted, at)
        counted = at
        lines.append(line)
    return lines


def _compares_with_none(text: str) -> bool:
    """Whether `is None` or `is not None` may stand in a text, however it is written."""
    for at in _places("None", text):
        before = text[max(at - 24, 0) : at].rstrip(" \t\r\n\f\\(")
        if not before or before.endswith(("is", "not")):
            return True
    return False


_LEAVES = frozenset({ast.Name, ast.Constant, ast.Load, ast.Store, *ast.operator.__subclasses__()})
"""What holds no call: most of a tree."""


def _walk(
    node: ast.AST, qualname: str, prefix: str, names: Names, steps: list[Step], tapes: bool, lines: list[int]
) -> None:
    """Collects the steps below `node`; `prefix` is what a function defined here has before its own name.

    What holds none of `lines` is passed over.
    """
    for child in children(node):
        if type(child) in _LEAVES or not has_line(child, lines):
            continue
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner = prefix + child.name
            _walk(child, inner, f"{inner}.<locals>.", names, steps, tapes, lines)
        elif isinstance(child, ast.ClassDef):
            inner = prefix + child.name
            _walk(child, qualname, f"{inner}.", names, steps, tapes, lines)
        else:
            if isinstance(child, ast.Call):
                step = _step(child, qualname, names, tapes)
                if step is not None:
                    steps.append(step)
            _walk(child, qualname, prefix, names, steps, tapes, lines)


def _step(call: ast.Call, qualname: str, names: Names, tapes: bool) -> Step | None:
    function = call.func
    if not isinstance(function, ast.Attribute):
        return None
    attribute, owner = function.attr, names.resolve(function.value)
    foreign = owner.split(".")[0] in ("numpy", "scipy", "jax", "torch")
    if attribute in ASKING:
        if not tapes or foreign:
            return None
    elif attribute == "gradients":
        if not owner.startswith("tensorflow"):
            return None
    elif attribute == "minimize":
        if foreign or len(call.args) + len(call.keywords) < 2:
            return None
    elif attribute not in ("fit", "train_on_batch") or foreign or owner.startswith("sklearn"):
        return None
    by_name = {k.arg: k.value for k in call.keywords if k.arg}
    target = call.args[0] if call.args else by_name.get("target")
    sources = call.args[1] if len(call.args) > 1 else by_name.get("sources", by_name.get("source"))
    if attribute in ("fit", "train_on_batch"):  # those of the model, and data
        target = sources = None
    return Step(
        attribute,
        call.lineno,
        call.col_offset,
        call.end_lineno or call.lineno,
        qualname,
        spelled(target) if target is not None else "",
        spelled(sources) if sources is not None else "",
        _source_names(sources),
    )


def _source_names(sources: ast.expr | None) -> tuple[str, ...]:
    """The texts of the sources where they are written one by one."""
    if isinstance(sources, (ast.List, ast.Tuple)) and not any(isinstance(e, ast.Starred) for e in sources.elts):
        return tuple(spelled(e) for e in sources.elts)
    if isinstance(sources, (ast.Name, ast.Attribute)):
        return (spelled(sources),)
    return ()


def spelled(node: ast.expr) -> str:
    """What `ast.unparse` gives, many times faster for names and their attributes."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
        return f"{spelled(node.value)}.{node.attr}"
    return ast.unparse(node)
