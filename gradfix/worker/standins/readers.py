"""TensorFlow's own readers: `tf.io.read_file`, `tf.io.gfile` and TFRecord pipelines of files that are not there."""

from __future__ import annotations

import functools
import os
from typing import Any

import numpy as np
import tensorflow as tf

from . import contents, csv_readers, folders, hints
from .files import Files, missing, replaced
from .notes import ROWS, numbers

RECORDS = 32
"""Different records in a TFRecord file that is not there."""


def install(files: Files) -> None:
    """Wraps the readers."""
    _read_file(files)
    _records(files)
    csv_readers.install(files)
    _list_files(files)
    _gfile(files)


def _read_file(files: Files) -> None:
    original = tf.io.read_file

    def contents_of(path: Any, whose: Any) -> bytes:
        name = bytes(path).decode()
        if os.path.exists(name):
            with open(name, "rb") as file:
                return file.read()
        data = contents.of_file(name, whose)
        if data is None:
            raise FileNotFoundError(name)
        what = f"tf.io.read_file of {os.path.splitext(name)[1]} files that are not there"
        files.notes.say(what, contents.described(data), frame=whose)
        return data

    @functools.wraps(original)
    def read_file(filename: Any, name: Any = None) -> Any:
        frame = files.notes.asker(("tensorflow", "keras"))
        if frame is None:
            return original(filename, name)
        if tf.is_tensor(filename) and not hasattr(filename, "numpy"):  # inside a pipeline: the path comes later
            made = tf.numpy_function(lambda path: contents_of(path, frame), [filename], tf.string)
            made.set_shape(())
            return made
        path = filename.numpy().decode() if hasattr(filename, "numpy") else str(filename)
        if files.due(path) is None and os.path.normpath(path) not in files.made:
            return original(filename, name)
        return tf.constant(contents_of(path.encode(), frame))

    replaced(tf.io, "read_file", read_file)
    tf.compat.v1.read_file = read_file


def _records(files: Files) -> None:
    original = tf.data.TFRecordDataset
    served: list[Any] = []

    @functools.wraps(original)
    def records(filenames: Any, *args: Any, **kwargs: Any) -> Any:
        names = missing(files, filenames) or _invented(files, filenames)
        if not names:
            return original(filenames, *args, **kwargs)
        served.append(files.notes.user())
        files.notes.say(f"tf.data.TFRecordDataset({files.shown(names[0])})", "examples with the features asked for")
        return tf.data.Dataset.from_tensor_slices([str(i % RECORDS) for i in range(ROWS)])

    tf.data.TFRecordDataset = records
    for name in ("parse_single_example", "parse_example"):
        replaced(tf.io, name, _parsing(getattr(tf.io, name), served))


def _invented(files: Files, names: Any) -> list[str]:
    """A record file that was invented, where the names come from a pipeline: they are not known yet."""
    symbolic = isinstance(names, tf.data.Dataset) or (tf.is_tensor(names) and not hasattr(names, "numpy"))
    return sorted(n for n in files.made if symbolic and "tfrec" in n)[:1]


def _parsing(original: Any, served: list[Any]) -> Any:
    """A parser that takes the number of a record for the record."""

    @functools.wraps(original)
    def parse(serialized: Any, features: Any, *args: Any, **kwargs: Any) -> Any:
        if served:
            with tf.init_scope():
                made = tf.constant(_examples(features, hints.of_frame(served[-1])))
            serialized = tf.gather(made, tf.strings.to_number(serialized, tf.int32))
        return original(serialized, features, *args, **kwargs)

    return parse


def _examples(features: dict[str, Any], said: hints.Hints) -> list[bytes]:
    made = []
    for i in range(RECORDS):
        row = {name: _feature(name, spec, said, i) for name, spec in features.items()}
        made.append(tf.train.Example(features=tf.train.Features(feature=row)).SerializeToString())
    return made


def _feature(name: str, spec: Any, said: hints.Hints, i: int) -> Any:
    size = int(np.prod([d or 1 for d in getattr(spec, "shape", (8,))])) if hasattr(spec, "shape") else 8
    generator = numbers(f"{name} {i}")
    if spec.dtype == tf.int64:
        top = said.count if hints.LABELS.match(name) else 2 if size == 1 else 100
        values = [i % top] if size == 1 else [int(v) for v in generator.integers(0, top, size)]
        if name.lower() in ("height", "width", "depth", "channels"):
            values = [{"height": 64, "width": 64}.get(name.lower(), 3)]
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))
    if spec.dtype == tf.string:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[_bytes(name, said, i)] * size))
    return tf.train.Feature(float_list=tf.train.FloatList(value=generator.random(size).astype("float32")))


def _bytes(name: str, said: hints.Hints, i: int) -> bytes:
    """A string feature: raw numbers or a tensor where the code decodes such, else a picture or a name."""
    if said.says("decode_raw"):
        kind = "uint8" if said.says("uint8") else "float32"
        return bytes((said.features(name, i + 1)[i] * 255).astype(kind).tobytes())
    if said.says("parse_tensor"):
        return bytes(tf.io.serialize_tensor(tf.constant(said.features(name, i + 1)[i])).numpy())
    if said.says("decode_jpeg", "decode_png", "decode_image"):
        return contents.picture(f"{name}_{i}.png" if said.says("decode_png") else f"{name}_{i}.jpg")
    return contents.SENTENCES[i % len(contents.SENTENCES)].encode()


def _list_files(files: Files) -> None:
    original = tf.data.Dataset.list_files

    @functools.wraps(original)
    def list_files(file_pattern: Any, *args: Any, **kwargs: Any) -> Any:
        listed = file_pattern if isinstance(file_pattern, (list, tuple)) else [file_pattern]
        made = [folders.matching(files, pattern) for pattern in listed]
        if any(m is None for m in made):
            return original(file_pattern, *args, **kwargs)
        return tf.data.Dataset.from_tensor_slices([path for m in made for path in m or ()])

    tf.data.Dataset.list_files = staticmethod(list_files)


def _gfile(files: Files) -> None:
    """`tf.io.gfile` answers as `open`, `os` and `glob` do."""
    gfile = tf.io.gfile
    opened, find, listed, is_dir = gfile.GFile, gfile.glob, gfile.listdir, gfile.isdir

    class GFile(opened):  # type: ignore[misc, valid-type]
        """A file, made up where it is not there."""

        def __new__(cls, name: Any, mode: str = "r") -> Any:
            return open(name, mode) if mode in ("r", "rb") and files.due(name) is not None else object.__new__(cls)

    def glob(pattern: Any) -> Any:
        patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
        made = [folders.matching(files, p) for p in patterns]
        return find(pattern) if None in made else sorted(path for m in made for path in m or ())

    def listdir(path: Any) -> Any:
        frame = files.due(path)
        return listed(path) if frame is None else folders.names(files, os.fspath(path), frame)

    def isdir(path: Any) -> Any:
        name = files.path(path)
        return True if name is not None and os.path.normpath(name) in files.folders else is_dir(path)

    GFile.__name__ = GFile.__qualname__ = "GFile"
    for module in (gfile, tf.compat.v1.gfile):
        module.GFile = module.Open = GFile
    gfile.glob, gfile.listdir, gfile.isdir = glob, listdir, isdir
