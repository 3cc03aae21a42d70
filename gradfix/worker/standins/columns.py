"""Which columns the code expects of a table, and values for them: read off its text, never run."""

from __future__ import annotations

import ast
import functools
import re
from types import FrameType
from typing import Any

import numpy as np

from . import hints
from .guards import tree_of
from .notes import ROWS, numbers, words

TEXT = re.compile(
    r"(?i)^(clean_?)?(text|texts|review|reviews|sentence|sentences|comment|comments|tweet|tweets|content|"
    r"title|headline|message|body|description|document|question|answer|summary|caption|captions)$"
)
DATE = re.compile(r"(?i)^(date|datetime|timestamp|date_?time|time_?stamp|ds|.*_date)$")
FILE = re.compile(r"(?i)^(file|files|filename|file_?name|path|image_?path|img_?path|filepath|image_?name)$")
TAKING = ("pop", "drop", "groupby", "sort_values", "set_index", "dropna", "get_dummies", "get", "fillna", "usecols")
LISTS = re.compile(
    r"(?i)(col|cols|column|columns|features|feature_names|predictors|headers?|fields|variables|targets?)$"
)
NO_TABLES = re.compile(
    r"(?i)^(os|environ|history|hist|config|cfg|logs|args|kwargs|params|batch|state|metrics|splits|features|info|"
    r"inputs|outputs|modules)$"
)
"""What is subscripted with words and is no table."""
SAYING = words("a film with a good story and a bad end that nobody saw coming")


@functools.lru_cache(32)
def of_tree(tree: ast.Module) -> tuple[str, ...]:
    """The names that a file takes for columns, those of labels last, else in alphabetical order.

    In an order that does not depend on where in the text they stand: a patch that moves lines must not change it.
    """
    found: set[str] = set()
    foreign: set[str] = set()
    written: dict[str, int] = {}
    read: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            owner = _root(node.value)
            kept = foreign if NO_TABLES.match(owner) else found
            for name in _strings(node.slice):
                kept.add(name)
                first = written if isinstance(node.ctx, ast.Store) else read
                first[name] = min(node.lineno, first.get(name, node.lineno))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TAKING:
            if not NO_TABLES.match(_root(node.func.value)):
                for value in [
                    *node.args,
                    *(k.value for k in node.keywords if k.arg in ("columns", "labels", "by", "subset")),
                ]:
                    found |= _strings(value)
        elif (
            isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and LISTS.search(node.targets[0].id)
        ) or (
            isinstance(node, ast.keyword)
            and node.arg
            in (
                "usecols",
                "names",
                "column_names",
                "label_name",
                "index_col",
            )
        ):
            found |= _strings(node.value)
    found -= {name for name, line in written.items() if line < read.get(name, line + 1)}  # made by the code itself
    found = {n for n in found if not re.match(r"[xyXY]_?(train|test|val)", n)}  # arrays of an archive
    found -= {"history", "loss", "val_loss", "accuracy", "val_accuracy", "index", "columns"}
    return tuple(sorted(found, key=lambda n: (bool(hints.LABELS.match(n)), n)))


def _root(node: ast.expr) -> str:
    """The name that a chain of attributes and subscripts ends with: `history` of `h.history["loss"]`."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _strings(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) and node.value.strip() else set()
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return {s for element in node.elts for s in _strings(element)}
    if isinstance(node, ast.Dict):
        return {s for key in node.keys if key is not None for s in _strings(key)}
    return set()


def table(frame: FrameType | None, name: str, rows: int = ROWS, header: bool = True) -> dict[str, np.ndarray[Any, Any]]:
    """A table for the code of a frame: its columns, and more where its model takes more."""
    tree = tree_of(frame.f_code.co_filename) if frame is not None else None
    said = hints.of_tree(tree) if tree is not None else hints.Hints()
    names = list(of_tree(tree)) if tree is not None else []
    taken = _dropped(tree) if tree is not None else set()
    labels = [n for n in names if hints.LABELS.match(n)]
    if tree is not None and not labels:
        labels = [n for n in names if n in taken][:1]
    features = [n for n in names if n not in labels and n not in taken]
    # a file that names only what it drops uses all the rest
    wanted = said.shape[0] if said.shape and len(said.shape) == 1 else (0 if features else 8)
    extra = [f"column_{i}" for i in range(max(0, min(wanted, 1024) - len(names) + len(labels)))]
    if not labels and (extra or not names):
        labels = ["label"]
    order = [*(n for n in names if n not in labels), *extra, *labels]
    return {n: column(tree, n, rows, name, n in labels) for n in order}


def _dropped(tree: ast.Module) -> set[str]:
    """What is dropped or popped: the label, most often."""
    taken: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("pop", "drop"):
            for value in [*node.args, *(k.value for k in node.keywords if k.arg in ("columns", "labels"))]:
                taken |= _strings(value)
    return taken


def column(
    tree: ast.Module | None, key: str, rows: int, name: str = "", is_label: bool | None = None
) -> np.ndarray[Any, Any]:
    """Values for one column: words that the code compares it with or maps from, text, dates, labels, else numbers."""
    generator = numbers(f"column {key}")
    words = _compared(tree, key) if tree is not None else []
    if words:
        return np.array(words, dtype=object)[generator.permutation(np.arange(rows) % len(words))]
    if TEXT.match(key):
        made: Any = np.empty(rows, dtype=object)
        made[:] = [" ".join(generator.choice(SAYING, 12)) for _ in range(rows)]
        return made
    if DATE.match(key):
        return np.arange(rows).astype("datetime64[D]").astype(str).astype(object)
    if FILE.match(key):
        return np.array([f"picture_{i}.jpg" for i in range(rows)], dtype=object)
    said = hints.of_tree(tree) if tree is not None else hints.Hints()
    if is_label or (is_label is None and hints.LABELS.match(key)):
        if said.kind == "regression":
            return generator.random(rows)
        return generator.permutation(np.arange(rows) % said.count).astype("int64")
    return generator.random(rows)


def _compared(tree: ast.Module, key: str) -> list[Any]:
    """Words that `frame[key]` is compared with, mapped from or searched for."""
    found: dict[Any, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and _is_column(node.left, key):
            for value in node.comparators:
                found.update(dict.fromkeys(sorted(_strings(value))))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_column(node.func.value, key):
            if node.func.attr in ("map", "replace") and node.args and isinstance(node.args[0], ast.Dict):
                keys = [k.value for k in node.args[0].keys if isinstance(k, ast.Constant)]
                found.update(dict.fromkeys(keys))
            elif node.func.attr == "isin" and node.args:
                found.update(dict.fromkeys(sorted(_strings(node.args[0]))))
    words = list(found)
    if len(words) == 1 and isinstance(words[0], str):
        words.append("other")
    return words if words and (isinstance(words[0], str) or len(words) > 1) else []


def _is_column(node: ast.expr, key: str) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == key
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value == key
