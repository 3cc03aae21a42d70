"""What stands in a file that is not there, as bytes: by its suffix, and by what the code that reads it expects."""

from __future__ import annotations

import ast
import gzip
import json
import os
import re
import struct
from types import FrameType
from typing import Any

import numpy as np

from . import arrays, columns, hints
from .guards import tree_of
from .notes import ROWS, numbers

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp")
TEXTS = (".csv", ".tsv", ".txt", ".text", ".dat", ".data", ".md", ".json", ".jsonl", ".yaml", ".yml", ".log", "")
NUMERIC = re.compile(
    r"csv\.reader|fromstring|map\((float|int)|split\([^\n]*(dtype|astype)|(float|int)\((\w+\[[^\]]+\]|[a-z]\b)"
)
"""How code reads numbers from lines: from the parts of one, not `float(loss)`."""
LOADING = re.compile(r"(?i)json|yaml|config|settings|load")
SENTENCES = (
    "the ship came into the harbour before the storm was over",
    "nobody had seen the captain since the first of march",
    "a small boat went out again to look for the others",
    "they found bread and water and a letter without a name",
)


def described(data: bytes) -> str:
    """The beginning, for people."""
    if data[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0"):
        return "a random picture"
    first = data[:60].split(b"\n")[0]
    return repr(first.decode()) if first.isascii() else "not text"


def of_file(path: str, frame: FrameType | None) -> bytes | None:
    """Contents for a path, None where nothing sensible can be made up (pickles, models, archives)."""
    name = os.path.basename(path)
    if frame is None:
        return None
    if name == "imagenet_class_index.json":
        return json.dumps({str(i): [f"n{i:08d}", f"class_{i}"] for i in range(1000)}).encode()
    if name.endswith(".gz"):
        inner = of_file(path[:-3], frame)
        return None if inner is None else gzip.compress(inner, mtime=0)
    if "ubyte" in name:
        return idx(name)
    suffix = os.path.splitext(name)[1].lower()
    if suffix in PICTURES:
        return picture(name)
    if suffix not in TEXTS:
        return None
    tree = tree_of(frame.f_code.co_filename)
    if suffix in (".json", ".jsonl", ".yaml", ".yml"):
        return _json(tree, name, suffix == ".jsonl").encode()
    return _text(tree, frame, name, suffix).encode()


def picture(name: str, size: tuple[int, int] = (64, 64)) -> bytes:
    """A random picture, encoded as its name says."""
    import tensorflow as tf

    from .pictures import pixels

    with tf.init_scope(), tf.device("/CPU:0"):
        image = tf.constant(pixels(f"picture {name}", size))
        encode = tf.io.encode_png if name.lower().endswith(".png") else tf.io.encode_jpeg
        return bytes(encode(image).numpy())


def idx(name: str) -> bytes:
    """The format of MNIST's own files."""
    generator = numbers(name)
    if "label" in name or "idx1" in name:
        return struct.pack(">II", 2049, ROWS) + (np.arange(ROWS) % 10).astype("uint8").tobytes()
    return struct.pack(">IIII", 2051, ROWS, 28, 28) + generator.integers(0, 256, ROWS * 784, dtype="uint8").tobytes()


def _text(tree: ast.Module | None, frame: FrameType, name: str, suffix: str) -> str:
    said = hints.of_frame(frame)
    prose = suffix in (".txt", ".text", ".md", ".log", "")
    plain = not said.says("delimiter=' '", "delim_whitespace", "split()")
    commas = suffix == ".csv" or said.says("split(',')", "delimiter=','")
    commas = commas or (plain and said.says("csv.reader(", "DictReader("))
    separator = "\t" if suffix == ".tsv" else "," if commas else " "
    if said.says("DictReader") and not prose:
        table = columns.table(frame, name)
        lines = [list(table), *zip(*table.values(), strict=True)]
        return "\n".join(separator.join(_cell(v) for v in line) for line in lines) + "\n"
    if prose and not NUMERIC.search(said.text):
        if said.says("split('\\t')"):
            return "".join(f"{a}\t{b}\n" for a in SENTENCES for b in reversed(SENTENCES)) * 8
        return "\n".join(SENTENCES[i % 4] for i in range(ROWS)) + "\n"
    made = arrays.rows(frame, name)
    return "\n".join(separator.join(_cell(v) for v in row) for row in made) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".") or "0"
    return str(value)


def _json(tree: ast.Module | None, name: str, lines: bool) -> str:
    """An object with the keys that the code takes from it; a list of such where the code goes through it."""
    keys, items = _keys(tree)
    generator = numbers(name)
    if items is None and not lines:
        from . import settings

        made = settings.of_names(tree, settings.loaded_into(tree)) if tree is not None else {}
        return json.dumps({**{k: setting(k) for k in sorted(keys) if not _within(made, k)}, **made})
    records = []
    for i in range(ROWS // 4):
        record: dict[str, Any] = {}
        for k in sorted(items or keys):
            if columns.TEXT.match(k):
                record[k] = SENTENCES[i % len(SENTENCES)]
            else:
                record[k] = i % 2 if hints.LABELS.match(k) else round(float(generator.random()), 4)
        records.append(record)
    return "\n".join(map(json.dumps, records)) + "\n" if lines else json.dumps(records)


def _within(made: dict[str, Any], key: str) -> bool:
    """Whether a key is at any depth."""
    return key in made or any(_within(v, key) for v in made.values() if isinstance(v, dict))


def _keys(tree: ast.Module | None) -> tuple[set[str], set[str] | None]:
    """Keys of what `json.load` gives, and of its items where the code goes through them."""
    loaded, items = set(), set()
    nodes = list(ast.walk(tree)) if tree is not None else []
    for node in nodes:
        called = node.value if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(called, ast.Call) and LOADING.search(ast.unparse(called.func)):
            loaded |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for node in nodes:
        if isinstance(node, (ast.For, ast.comprehension)) and getattr(node.iter, "id", None) in loaded:
            items |= {node.target.id} if isinstance(node.target, ast.Name) else set()
    keys: set[str] = set()
    of_items: set[str] = set()
    for node in nodes:
        where, key = None, None
        if isinstance(node, ast.Subscript):
            where, key = node.value, node.slice
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and node.args
        ):
            where, key = node.func.value, node.args[0]
        if isinstance(where, ast.Name) and isinstance(key, ast.Constant) and isinstance(key.value, str):
            (of_items if where.id in items else keys).add(key.value)
    return keys, of_items if items else None


SETTINGS: tuple[tuple[str, Any], ...] = (
    ("epoch|step|iter", 2),
    ("batch", 16),
    ("drop", 0.1),
    ("rate|(^|_)lr|alpha|decay|eps|momentum|beta|gamma|weight|lambda", 0.01),
    ("path|dir|folder|file", "data"),
    ("optim", "adam"),
    ("activ", "relu"),
    ("loss", "mse"),
    ("name|mode|type", "default"),
    ("class|label|output", 10),
    ("dim|unit|hidden|size|width|channel|filter|depth", 8),
)


def setting(key: str) -> Any:
    """A value for one key of a configuration."""
    return next((value for words, value in SETTINGS if re.search(words, key.lower())), 1)
