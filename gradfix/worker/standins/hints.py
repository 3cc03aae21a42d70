"""What a training file says about the data that it wants: shapes, classes, names of columns. Read, never run."""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from .guards import package, tree_of
from .notes import numbers

INPUTS = ("Input", "InputLayer")
CLASSES = re.compile(r"(?i)(num|n|nb|nr|no)?_?(of_)?(classes|labels|categories)$")
LABELS = re.compile(
    r"(?i)^(y|ys|label|labels|target|targets|class|classes|outcome|response|species|quality|survived|churn|exited|"
    r"diagnosis|death_event|medv|price|mpg|yield|.*_label|.*_target|y_.*|.*_y|label_.*|.*labels.*|default|is_.*)$"
)


@dataclass(frozen=True)
class Hints:
    """What one file says. `shape` is that of one example, `kind` what its losses want labels to be."""

    text: str = ""
    shape: tuple[int, ...] | None = None
    classes: int | None = None
    kind: str = "sparse"
    outputs: int | None = None
    words: int | None = None
    """Word numbers that its first Embedding knows."""

    def says(self, *words: str) -> bool:
        """Whether one of some words is in the file."""
        return any(word in self.text for word in words)

    def features(self, name: str, n: int) -> np.ndarray[Any, Any]:
        """Examples: whole numbers where the model starts with an Embedding, else floats in [0, 1)."""
        shape = self.shape or (8,)
        made = numbers(name).random((n, *shape))
        if self.says("Embedding(") and len(shape) == 1:
            return (made * min(100, self.words or 100)).astype("int32")
        return made.astype("float32")

    def labels(self, name: str, n: int) -> np.ndarray[Any, Any]:
        """Labels that fit the file's losses."""
        generator = numbers(name)
        if self.kind == "regression":
            return generator.random((n, self.outputs) if (self.outputs or 1) > 1 else (n,)).astype("float32")
        made: Any = (np.arange(n) % self.count).astype("int64")
        if self.kind == "onehot":
            return np.eye(self.count, dtype="float32")[made]
        return made

    @property
    def count(self) -> int:
        """Classes: as the file says, else ten, or two where its loss is a binary one."""
        return 2 if self.kind == "binary" else max(2, self.classes or self.outputs or 10)


def of_frame(frame: FrameType | None) -> Hints:
    """What the file says whose code a frame runs; where it has no model, what its callers and their imports say too."""
    tree = tree_of(frame.f_code.co_filename) if frame is not None else None
    said = of_tree(tree) if tree is not None else Hints()
    if frame is None or said.shape is not None or said.outputs is not None:
        return said
    return _merged([said, *(of_tree(t) for p in package(frame)[1:] if (t := tree_of(p)) is not None)])


def _merged(all_said: list[Hints]) -> Hints:
    """What several files say, the first that says something of each."""

    def first(name: str) -> Any:
        return next((value for said in all_said if (value := getattr(said, name)) is not None), None)

    text, outputs = "\n".join(said.text for said in all_said), first("outputs")
    return Hints(text, first("shape"), first("classes"), _kind(text, outputs), outputs, first("words"))


@functools.lru_cache(32)
def of_tree(tree: ast.Module) -> Hints:
    """What a file says."""
    text = ast.unparse(tree)
    known = constants(tree)
    shape, outputs, classes, words = None, None, None, None
    for node in sorted((n for n in ast.walk(tree) if isinstance(n, ast.Call)), key=lambda n: (n.lineno, n.col_offset)):
        name = _last(node.func)
        options = {k.arg: k.value for k in node.keywords}
        if shape is None and name in INPUTS:
            shape = _shape(options.get("shape", node.args[0] if node.args else None), known)
        if shape is None and "input_shape" in options:
            shape = _shape(options["input_shape"], known)
        if shape is None and (dim := whole(options.get("input_dim"), known)) and name == "Dense":
            shape = (dim,)
        if name == "Dense" and (units := whole(options.get("units", node.args[0] if node.args else None), known)):
            outputs = units
        if name == "Embedding" and words is None:
            words = whole(options.get("input_dim", node.args[0] if node.args else None), known)
        if name in ("to_categorical", "one_hot") and (several := whole(_second(node), known)):
            classes = several
    for name, value in known.items():
        classes = value if CLASSES.match(name) and classes is None else classes
    return Hints(text, shape, classes, _kind(text, outputs), outputs, words)


def constants(tree: ast.Module) -> dict[str, int]:
    """Names that stand for a whole number, wherever they are assigned, or as a parameter's default."""
    found: dict[str, int] = {}
    defaults: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = whole(node.value, found)
            if value is not None:
                found.setdefault(node.targets[0].id, value)
        elif isinstance(node, ast.arguments):
            some = zip(reversed([*node.posonlyargs, *node.args]), reversed(node.defaults), strict=False)
            for parameter, default in (*some, *zip(node.kwonlyargs, node.kw_defaults, strict=True)):
                if (value := whole(default, found)) is not None:
                    defaults.setdefault(parameter.arg, value)
    return {**defaults, **found}


def _kind(text: str, outputs: int | None) -> str:
    low = text.lower()
    if "sparse" in low:
        return "sparse"
    if "binary_cross" in low or "binarycross" in low or "sigmoid_cross" in low or "log_loss" in low:
        return "binary"
    if "categorical" in low or "softmax_cross" in low:
        return "sparse" if "to_categorical" in low or "one_hot" in low else "onehot"
    if outputs == 1 and "sigmoid" in low:
        return "binary"
    if re.search(r"\bmse\b|squared|\bmae\b|huber|absolute_error|absoluteerror|tf\.square|math\.square", low):
        return "regression"
    return "sparse"


def _last(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _second(call: ast.Call) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg in ("num_classes", "depth"):
            return keyword.value
    return call.args[1] if len(call.args) > 1 else None


def whole(node: ast.expr | None, known: dict[str, int]) -> int | None:
    """The whole number that an expression stands for, None where that cannot be read off."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.FloorDiv, ast.Add, ast.Sub)):
        left, right = whole(node.left, known), whole(node.right, known)
        if left is not None and right:
            operations = {ast.Mult: left * right, ast.FloorDiv: left // right, ast.Add: left + right}
            return operations.get(type(node.op), left - right)
    return None


def _shape(node: ast.expr | None, known: dict[str, int]) -> tuple[int, ...] | None:
    if isinstance(node, (ast.Tuple, ast.List)):
        sizes = [16 if isinstance(e, ast.Constant) and e.value is None else whole(e, known) for e in node.elts]
        return tuple(s for s in sizes if s is not None) if None not in sizes and sizes else None
    size = whole(node, known)
    return None if size is None else (size,)
