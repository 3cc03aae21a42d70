"""Packages that are there, and a file that is not: readers of pandas, PIL, OpenCV and h5py."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

from ..loading import when_loaded
from . import downloads
from .files import Files
from .notes import ROWS

READERS = ("read_csv", "read_table", "read_excel", "read_parquet", "read_feather", "read_hdf")


def install(files: Files) -> None:
    """Looks after each of them: now where it is loaded, else when it is."""
    changes: dict[str, Callable[[Any, Files], None]] = {
        "pandas": _pandas,
        "PIL.Image": _pil,
        "cv2": _cv2,
        "h5py": _h5py,
        "scipy.io": _scipy,
        "joblib": _joblib,
        "requests": downloads.requests,
    }
    when_loaded({name: functools.partial(_call, change, files) for name, change in changes.items()})


def _call(change: Callable[[Any, Files], None], files: Files, module: Any) -> None:
    change(module, files)


def _pandas(pandas: Any, files: Files) -> None:
    for name in READERS:
        setattr(pandas, name, _reader(pandas, name, getattr(pandas, name), files))


def _reader(pandas: Any, name: str, original: Any, files: Files) -> Any:
    from . import columns
    from .guards import tree_of

    @functools.wraps(original)
    def read(path: Any = None, *args: Any, **options: Any) -> Any:
        frame = files.due(path)
        if frame is None:
            return original(path, *args, **options)
        tree = tree_of(frame.f_code.co_filename)
        made: Any = columns.table(frame, os.fspath(path))
        wanted = options.get("names") or options.get("usecols")
        if isinstance(wanted, (list, tuple)) and all(isinstance(n, str) for n in wanted):
            made = {n: made[n] if n in made else columns.column(tree, n, ROWS) for n in wanted}
        elif options.get("header", 0) is None:
            made = dict(enumerate(made.values()))
        if isinstance(options.get("index_col"), str):
            made.pop(options["index_col"], None)

        class Invented(pandas.DataFrame):  # type: ignore[misc]
            """A table whose columns come into being when they are asked for."""

            @property
            def _constructor(self) -> Any:
                return pandas.DataFrame

            def __getitem__(self, key: Any) -> Any:
                for k in key if isinstance(key, list) else [key]:
                    if isinstance(k, str) and k not in self.columns:
                        self[k] = columns.column(tree, k, len(self))
                return super().__getitem__(key)

        shown = f"{len(made)} columns: {', '.join(map(str, list(made)[:8]))}"
        files.notes.say(f"pandas.{name}({files.shown(path)})", f"a random table of {shown}")
        table = Invented(made)
        return iter([table]) if options.get("chunksize") else table

    return read


def _pil(image: Any, files: Files) -> None:
    from . import pictures

    original = image.open

    @functools.wraps(original)
    def opened(fp: Any, *args: Any, **kwargs: Any) -> Any:
        if files.due(fp) is None:
            return original(fp, *args, **kwargs)
        files.notes.say(f"PIL.Image.open({files.shown(fp)})", "a random picture")
        return image.fromarray(pictures.pixels(f"picture {os.path.basename(os.fspath(fp))}"))

    image.open = opened


def _cv2(cv2: Any, files: Files) -> None:
    from . import pictures

    original = cv2.imread

    @functools.wraps(original)
    def imread(filename: Any, flags: int = 1) -> Any:
        if files.due(filename, frozenset()) is None:
            return original(filename, flags)
        files.notes.say(f"cv2.imread({files.shown(filename)})", "a random picture")
        image = pictures.pixels(f"picture {os.path.basename(os.fspath(filename))}")
        return pictures.gray(image) if flags == 0 else image

    cv2.imread = imread


def _h5py(h5py: Any, files: Files) -> None:
    from . import arrays

    original = h5py.File

    class File(original):  # type: ignore[misc, valid-type]
        """A file that may be made up: then it is an archive of arrays."""

        def __new__(cls, name: Any = None, mode: Any = "r", *args: Any, **kwargs: Any) -> Any:
            frame = files.due(name) if mode == "r" else None
            if frame is None:
                return object.__new__(cls)
            files.notes.say(f"h5py.File({files.shown(name)})", "random arrays, made when they are asked for")
            return arrays.Archive(frame)

    File.__name__ = File.__qualname__ = "File"
    h5py.File = File


def _scipy(io: Any, files: Files) -> None:
    from . import mat_files

    io.loadmat = mat_files.reader(io.loadmat, files)
    io.wavfile.read = mat_files.sound(io.wavfile.read, files)


def _joblib(joblib: Any, files: Files) -> None:
    from . import pickles

    original, invented = joblib.load, pickles.names(files)["load"]

    @functools.wraps(original)
    def load(filename: Any, *args: Any, **kwargs: Any) -> Any:
        return invented(filename) if files.due(filename) is not None else original(filename, *args, **kwargs)

    joblib.load = load
