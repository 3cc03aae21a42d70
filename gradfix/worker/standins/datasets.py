"""`keras.datasets.*.load_data`: the real data where it is in Keras' cache, else random data of the same kind."""

from __future__ import annotations

import functools
import importlib
import itertools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from .notes import Notes, numbers, words

TRAIN, TEST = 512, 128
IMAGES = {
    "mnist": ((28, 28), 10, False),
    "fashion_mnist": ((28, 28), 10, False),
    "cifar10": ((32, 32, 3), 10, True),
    "cifar100": ((32, 32, 3), 100, True),
}
"""Shape of an image, number of classes, whether labels are a column."""
TEXTS = {"imdb": (88_587, 2), "reuters": (30_980, 46)}
"""Words that the real data knows, and classes."""
TABLES = {"boston_housing": (13, "float64"), "california_housing": (8, "float32")}
WORDS = words("the and a of to is it in i this that was film movie good bad great story")

Split = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


class Absent(BaseException):
    """A download was about to start. Not an Exception: Keras would take it for a failed one and clean up."""


def install(notes: Notes) -> dict[Any, Any]:
    """The functions, and what is to take their places in every module that has them."""
    changes: dict[Any, Any] = {}
    for root, name in itertools.product(homes(), (*IMAGES, *TEXTS, *TABLES)):
        try:
            module = importlib.import_module(f"{root}.datasets.{name}")
        except ImportError:  # an older Keras
            continue
        made = functools.partial(_made, name)
        changes[module.load_data] = _wrapped(module.load_data, f"keras.datasets.{name}.load_data()", made, notes)
        if hasattr(module, "get_word_index"):
            what = f"keras.datasets.{name}.get_word_index()"
            index = functools.partial(_word_index, TEXTS[name][0])
            changes[module.get_word_index] = _wrapped(module.get_word_index, what, index, notes)
    for root in homes():
        no_downloads(root)
    return changes


@functools.lru_cache(1)
def homes() -> tuple[str, ...]:
    """The packages that the code of each Keras is in: `tf_keras` may stand beside Keras 3."""
    import keras
    import tensorflow as tf

    owners = (str(k.layers.Dense.__module__) for k in (tf.keras, keras))
    return tuple(dict.fromkeys(o[: o.index(".src") + 4] if ".src" in o else o.partition(".")[0] for o in owners))


def no_downloads(root: str) -> None:
    """Has Keras' `get_file` stop where it would open a connection: what it finds in its cache it still gives."""

    def absent(*args: Any, **kwargs: Any) -> Any:
        raise Absent

    for name in ("file_utils", "data_utils"):
        module: Any = sys.modules.get(f"{root}.utils.{name}")
        if module is not None and hasattr(module, "urlretrieve"):
            module.urlretrieve = absent


def _wrapped(original: Callable[..., Any], what: str, make: Callable[..., Any], notes: Notes) -> Callable[..., Any]:
    @functools.wraps(original)
    def load(*args: Any, **kwargs: Any) -> Any:
        try:
            return quietly(original, *args, **kwargs)
        except Absent:
            made = make(*args, **kwargs)
            notes.say(what, _described(made))
            return made

    return load


def quietly(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Calls what may find that a file is not in the cache, without its word of a download."""
    modules: list[Any] = [m for root in homes() if (m := sys.modules.get(f"{root}.utils.io_utils")) is not None]
    said = [m.print_msg for m in modules]
    for module in modules:
        module.print_msg = lambda *a, **k: None
    try:
        return function(*args, **kwargs)
    finally:
        for module, before in zip(modules, said, strict=True):
            module.print_msg = before


def _described(made: Any) -> str:
    if isinstance(made, dict):
        return f"{len(made)} made-up words"
    (x, y), _ = made
    inputs = "random lists of word numbers" if x.dtype == object else f"random {x.dtype} values"
    labels = f"labels {y.shape} < {int(y.max()) + 1}" if y.dtype.kind in "iu" else f"targets {y.shape}"
    return f"{inputs} {x.shape}, {labels}"


def _made(name: str, *args: Any, **kwargs: Any) -> tuple[Split, Split]:
    """Both splits of a data set."""
    if name in IMAGES:
        return _images(name, TRAIN, *args, **kwargs), _images(f"{name} test", TEST, *args, **kwargs)
    if name in TEXTS:
        return _texts(name, TRAIN, *args, **kwargs), _texts(f"{name} test", TEST, *args, **kwargs)
    return _table(name, 404), _table(f"{name} test", 102)


def _images(name: str, n: int, label_mode: str = "fine", *_: Any, **__: Any) -> Split:
    shape, classes, column = IMAGES[name.split()[0]]
    if label_mode == "coarse":
        classes = 20
    generator = numbers(name)
    labels = generator.permutation(np.arange(n) % classes).astype("uint8")
    images = generator.integers(0, 256, (n, *shape), dtype="uint8")
    # Keras gives CIFAR-100's labels as int64
    labels = labels.astype("int64") if name.startswith("cifar100") else labels
    return images, labels[:, None] if column else labels


def _texts(
    name: str,
    n: int,
    path: Any = None,
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    *rest: Any,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    **_: Any,
) -> Split:
    vocabulary, classes = TEXTS[name.split()[0]]
    generator = numbers(name)
    top = max(num_words or min(vocabulary, 10_000), skip_top + 8)
    longest = max(2, min(maxlen or 120, 120))
    rows: Any = np.empty(n, dtype=object)
    for i in range(n):
        ids = generator.integers(max(4, skip_top) if top > 5 else 0, top, generator.integers(longest // 2, longest))
        rows[i] = ([start_char] if start_char is not None else []) + [int(k) for k in ids]
        rows[i] = rows[i][:longest]
    return rows, generator.permutation(np.arange(n) % classes).astype("int64")


def _table(name: str, n: int) -> Split:
    columns, dtype = TABLES[name.split()[0]]
    generator = numbers(name)
    scale = generator.uniform(0.5, 100.0, columns)
    inputs = (generator.random((n, columns)) * scale).astype(dtype)
    spread = (5.0, 45.0) if dtype == "float64" else (15_000.0, 500_000.0)
    return inputs, generator.uniform(*spread, n).astype(dtype)


def _word_index(words: int, *_: Any, **__: Any) -> dict[str, int]:
    """Words numbered from 1, the usual ones first."""
    names = [*WORDS, *(f"word{i}" for i in range(len(WORDS) + 1, min(words, 20_000) + 1))]
    return {word: i for i, word in enumerate(names, 1)}
