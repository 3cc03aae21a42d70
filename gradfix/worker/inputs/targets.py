"""Candidates for labels: in the shape that the loss wants for what came out of the model."""

from __future__ import annotations

import re
from typing import Any

from .layers import is_model
from .scene import Scene
from .specs import Spec, distinct, floats, ints
from .uses import Out, Use
from .vocabulary import LABELS, OPERATIONS
from .watching import leaves_of

Shape = tuple[int, ...]


def targets(use: Use, scene: Scene, bound: int | None) -> list[Spec]:
    """Labels for all that the code compares a value with, or, of a value called a label, for what was called last."""
    found: list[Spec] = []
    links = [(text, out) for part in (use, use.parts.get("?")) if part for text, out in part.targets]
    for text, out in links:
        if not is_model(scene.thing(text)) or text.endswith("()"):
            found += _against(text, out, scene)
    labelled = bool(links) or bool(LABELS.search(use.name.lower())) or bound is not None
    if labelled and not found:
        for tree in reversed(scene.known.order):
            for shape, dtype in leaves_of(tree):
                kind = _kind("" if links else scene.source, Out(""), scene, shape, True)
                found += _labels(kind, shape, scene.batch, dtype)
    return distinct(found)


def _against(text: str, out: Out, scene: Scene) -> list[Spec]:
    """Labels for one output, which the call or operation `text` compares them with."""
    tree = scene.output(out)
    if tree is None or (isinstance(tree, (dict, list)) and text in OPERATIONS):
        return []
    if isinstance(tree, dict):
        first = {key: leaves_of(part)[0][0] for key, part in tree.items() if leaves_of(part)}
        labels = {key: _labels(_kind("", out, scene, shape, True), shape, scene.batch) for key, shape in first.items()}
        return [
            {"kind": "dict", "items": {key: made[0] for key, made in labels.items()}},
            {"kind": "dict", "items": {key: floats(shape) for key, shape in first.items()}},
        ]
    if isinstance(tree, list):
        shapes = [shape for shape, _ in leaves_of(tree)]
        items = [_labels(_kind(text, out, scene, shape, True), shape, scene.batch)[0] for shape in shapes]
        return [{"kind": "list", "items": items}]
    shape, dtype = tree
    return _labels(_kind(text, out, scene, shape, False), shape, scene.batch, dtype, "squeezed" in out.flags)


def _kind(text: str, out: Out, scene: Scene, shape: Shape, guess: bool) -> str:
    """What a loss wants of its labels, by its name: argmax, sparse, binary, one_hot, or like the output."""
    if "argmax" in out.flags:
        return "argmax"
    thing: Any = scene.thing(text) if len(text) < 200 and text else None
    words = f"{text} {getattr(thing, '__name__', '')} {type(thing).__name__} {getattr(thing, 'fn', '')}".lower()
    if guess and not text:
        words = scene.source.lower()
        if "sparse" in words:
            return "sparse" if len(shape) > 1 and shape[-1] > 1 else "like"
    if re.search(r"binary_?cross|sigmoid_cross|\bbce", words) and not (guess and "sparse" in words):
        return "binary"
    if "sparse" in words:
        return "sparse" if (len(shape) > 1 and shape[-1] > 1) or not guess else "like"
    return "one_hot" if re.search(r"categorical|softmax_cross", words) else "like"


def _labels(kind: str, shape: Shape, batch: int, dtype: str = "float32", squeezed: bool = False) -> list[Spec]:
    """Labels of a kind for an output of this shape, the likeliest first."""
    rows, classes = list(shape[:-1]), shape[-1] if shape else 2
    if dtype[:5] not in ("float", "bfloa"):
        dtype = "float32"
    like = [floats(rows, dtype), floats(shape, dtype)] if squeezed and rows else [floats(shape, dtype)]
    whole = [ints(rows, classes if classes > 1 else 2)] if rows else []
    if kind == "argmax":
        return [{**spec, "dtype": "int64"} for spec in whole] + like
    if kind == "sparse":
        return whole + like
    if kind == "binary":
        return [ints(shape, 2) | {"dtype": dtype}, *whole]
    if kind == "one_hot":
        return [{"kind": "one_hot", "dtype": dtype, "shape": list(shape)}, *whole]
    return [*like, *whole, floats([batch], dtype)]
