"""Lines and columns as TensorFlow reads them: `TextLineDataset`, `CsvDataset`, `make_csv_dataset`, `decode_csv`."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import tensorflow as tf

from . import columns, contents, hints
from .files import Files, missing, replaced
from .notes import ROWS, numbers

LINES = 64
"""Different lines of numbers for `decode_csv`."""


def install(files: Files) -> None:
    """Wraps the readers."""
    served: list[Any] = []
    _text_lines(files, served)
    replaced(tf.io, "decode_csv", _decoding(tf.io.decode_csv, served))
    _columns(files)
    _csv(files)


def _text_lines(files: Files, served: list[Any]) -> None:
    original = tf.data.TextLineDataset

    @functools.wraps(original)
    def lines(filenames: Any, *args: Any, **kwargs: Any) -> Any:
        names = missing(files, filenames)
        data = contents.of_file(names[0], files.notes.user()) if names else None
        if data is None:
            return original(filenames, *args, **kwargs)
        served.append(files.notes.user())
        files.notes.say(f"tf.data.TextLineDataset({files.shown(names[0])})", "lines of made-up text")
        return tf.data.Dataset.from_tensor_slices(data.decode().splitlines())

    tf.data.TextLineDataset = lines


def _decoding(original: Any, served: list[Any]) -> Any:
    """`decode_csv`, which says what columns a made-up line has to have."""

    @functools.wraps(original)
    def decode_csv(records: Any, record_defaults: Any, *args: Any, **options: Any) -> Any:
        if served:
            delimiter = options.get("field_delim", args[0] if args else ",")
            with tf.init_scope():
                made = tf.constant(_lines(record_defaults, hints.of_frame(served[-1]), delimiter))
            records = tf.gather(made, tf.strings.to_hash_bucket_fast(records, LINES))
        return original(records, record_defaults, *args, **options)

    return decode_csv


def _lines(defaults: Any, said: hints.Hints, delimiter: str) -> list[str]:
    made = [_column(default, i, i == len(defaults) - 1, said, LINES) for i, default in enumerate(defaults)]
    return [
        delimiter.join(f"{v:.4f}" if isinstance(v, float) else str(v) for v in row) for row in zip(*made, strict=True)
    ]


def _column(default: Any, i: int, last: bool, said: hints.Hints, rows: int) -> list[Any]:
    """Values of the type of a default: whole numbers are classes where they come last, words are words."""
    kind = tf.as_dtype(default) if isinstance(default, (tf.DType, type)) else tf.convert_to_tensor(default).dtype
    generator = numbers(f"column {i}")
    if kind == tf.string:
        return [contents.SENTENCES[k % 4].split()[i % 3] for k in generator.integers(0, 4, rows)]
    if kind.is_integer:
        return [int(v) for v in generator.permutation(np.arange(rows) % (said.count if last else 8))]
    return [float(v) for v in generator.random(rows)]


def _columns(files: Files) -> None:
    original = tf.data.experimental.CsvDataset

    @functools.wraps(original, updated=())
    def made_up(filenames: Any, record_defaults: Any, *args: Any, **options: Any) -> Any:
        names = missing(files, filenames)
        if not names:
            return original(filenames, record_defaults, *args, **options)
        said = hints.of_frame(files.notes.user())
        kinds = [d if isinstance(d, tf.DType) else tf.convert_to_tensor(d).dtype for d in record_defaults]
        chosen = [_column(k, i, i == len(kinds) - 1, said, ROWS) for i, k in enumerate(kinds)]
        files.notes.say(f"tf.data.experimental.CsvDataset({files.shown(names[0])})", f"{len(kinds)} random columns")
        return tf.data.Dataset.from_tensor_slices(tuple(tf.constant(c, k) for c, k in zip(chosen, kinds, strict=True)))

    tf.data.experimental.CsvDataset = made_up


def _csv(files: Files) -> None:
    original = tf.data.experimental.make_csv_dataset

    @functools.wraps(original)
    def make(file_pattern: Any, batch_size: int, *args: Any, **kwargs: Any) -> Any:
        names = missing(files, file_pattern)
        if not names:
            return original(file_pattern, batch_size, *args, **kwargs)
        table: dict[str, Any] = dict(columns.table(files.notes.user(), names[0]))
        chosen = kwargs.get("select_columns") or kwargs.get("column_names") or (args[0] if args else None)
        if chosen:
            made = [(str(c), table.get(c, columns.column(None, str(c), ROWS))) for c in chosen]
            table = dict(made)
        label = kwargs.get("label_name")
        if label is not None and label not in table:
            table[label] = columns.column(None, label, ROWS, is_label=True)
        typed = {k: v.astype({"f": "float32", "i": "int32"}.get(v.dtype.kind, v.dtype)) for k, v in table.items()}
        typed = {k: v.astype(str) if v.dtype == object else v for k, v in typed.items()}
        labels = typed.pop(label) if label is not None else None
        shown = f"tf.data.experimental.make_csv_dataset({files.shown(names[0])})"
        files.notes.say(shown, f"{len(table)} random columns")
        data = tf.data.Dataset.from_tensor_slices(typed if labels is None else (typed, labels))
        epochs = kwargs.get("num_epochs")
        return data.repeat(epochs).batch(batch_size, drop_remainder=epochs is None)

    tf.data.experimental.make_csv_dataset = make
