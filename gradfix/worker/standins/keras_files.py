"""Keras' own ways to files: `get_file`, pictures and texts from folders, `load_img`."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import os
import sys
import urllib.parse
from collections.abc import Callable
from typing import Any

import numpy as np

from . import contents, hints, pictures
from .datasets import Absent, homes, quietly
from .files import Files
from .notes import numbers

MOST_PIXELS = 1 << 23
"""Numbers in all made-up pictures of one folder: one batch there is in any case."""


def install(files: Files) -> dict[Any, Any]:
    """The functions of every Keras that is there, and what is to take their places."""
    changes: dict[Any, Any] = {}
    for root in homes():
        utils = _module(f"{root}.utils.file_utils") or _module(f"{root}.utils.data_utils")
        if utils is not None:
            changes[utils.get_file] = _get_file(utils.get_file, files)
        for name, make in (("image_dataset", _images), ("text_dataset", _texts)):
            module = _module(f"{root}.utils.{name}_utils") or _module(f"{root}.utils.{name}")
            function = getattr(module, f"{name}_from_directory", None)
            if function is not None:
                changes[function] = _from_directory(function, make, files)
        module = _module(f"{root}.utils.image_utils")
        if module is not None:
            changes[module.load_img] = _load_img(module.load_img, files)
            if getattr(module, "pil_image", None) is None:
                changes[module.array_to_img] = _array_to_img
                changes[module.save_img] = lambda *args, **kwargs: None
        generator = _module(f"{root}.legacy.preprocessing.image") or _module(f"{root}.preprocessing.image")
        if generator is not None and hasattr(generator, "ImageDataGenerator"):
            _flows(generator.ImageDataGenerator, files)
    return changes


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _get_file(original: Callable[..., Any], files: Files) -> Callable[..., Any]:
    """Gives the path of a download that was not made; reading it gives a stand-in."""

    @functools.wraps(original)
    def get_file(fname: Any = None, origin: Any = None, *args: Any, **kwargs: Any) -> Any:
        try:
            return quietly(original, fname, origin, *args, **kwargs)
        except Absent:
            caller = str(sys._getframe(1).f_globals.get("__name__", ""))
            if ".datasets." in caller:
                raise  # datasets.py knows better
            name = os.fspath(fname) if fname else os.path.basename(urllib.parse.urlsplit(str(origin)).path)
            base = os.path.expanduser(str(kwargs.get("cache_dir") or os.path.join("~", ".keras")))
            path = os.path.join(base, str(kwargs.get("cache_subdir", "datasets")), name)
            files.made.add(os.path.normpath(path))
            files.made.add(path)
            if ".applications." not in caller:
                files.notes.say(f"keras.utils.get_file({name!r})", "a path whose contents are made up")
            return path

    return get_file


def _from_directory(original: Callable[..., Any], make: Callable[..., Any], files: Files) -> Callable[..., Any]:
    signature = inspect.signature(original)

    @functools.wraps(original)
    def from_directory(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        options = given.arguments
        if files.due(options["directory"]) is None:
            return original(*args, **kwargs)
        said = hints.of_frame(files.notes.user())
        names = list(options["class_names"] or _class_names(said, options["label_mode"]))
        shown = f"keras.utils.{original.__name__}({files.shown(options['directory'])})"
        if options.get("subset") == "both":
            made: Any = (make(options, names, "train"), make(options, names, "validation"))
        else:
            made = make(options, names, str(options.get("subset")))
        first = made[0] if isinstance(made, tuple) else made
        files.notes.say(shown, f"random batches: {first.element_spec}"[:300])
        return made

    return from_directory


def _class_names(said: hints.Hints, mode: Any) -> list[str]:
    count = 2 if mode == "binary" else said.count
    return [f"class_{i}" for i in range(count)]


def _images(options: dict[str, Any], names: list[str], part: str) -> Any:
    channels = {"rgb": 3, "rgba": 4, "grayscale": 1}[options["color_mode"]]
    height, width = options["image_size"]
    size = options["batch_size"] or 16
    n = max(size, min(3 * size, MOST_PIXELS // (height * width * channels)))
    images = numbers(f"images {part}").integers(0, 256, (n, height, width, channels), dtype="uint8")
    return _batched(images, options, names, part, True)


def _texts(options: dict[str, Any], names: list[str], part: str) -> Any:
    n = 3 * (options["batch_size"] or 16)
    lines = np.array(contents.SENTENCES)[numbers(f"texts {part}").integers(0, len(contents.SENTENCES), n)]
    return _batched(lines, options, names, part, False)


def _batched(inputs: Any, options: dict[str, Any], names: list[str], part: str, floats: bool) -> Any:
    import tensorflow as tf

    n, mode = len(inputs), options["label_mode"]
    labels = numbers(f"labels {part}").permutation(np.arange(n) % max(1, len(names))).astype("int32")
    parts: Any = (inputs, labels)
    if mode is None or options.get("labels") is None:
        parts = inputs
    elif mode == "categorical":
        parts = (inputs, np.eye(len(names), dtype="float32")[labels])
    elif mode == "binary":
        parts = (inputs, labels[:, None].astype("float32"))
    made = tf.data.Dataset.from_tensor_slices(parts)
    if options["batch_size"]:
        made = made.batch(options["batch_size"])
    if floats:
        whole = not isinstance(parts, tuple)

        def cast(x: Any, *y: Any) -> Any:
            return tf.cast(x, tf.float32) if whole else (tf.cast(x, tf.float32), *y)

        made = made.map(tf.autograph.experimental.do_not_convert(cast))
    made.class_names = names
    made.file_paths = [f"{names[int(i) % len(names)]}/{j}.jpg" for j, i in enumerate(labels)] if names else []
    return made


def _load_img(original: Callable[..., Any], files: Files) -> Callable[..., Any]:
    """Without PIL, TensorFlow decodes what is there; else a picture is made up."""

    @functools.wraps(original)
    def load_img(path: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(path, *args, **kwargs)
        except (ImportError, FileNotFoundError):
            if files.notes.asker(("tensorflow", "keras")) is None or not isinstance(path, (str, os.PathLike)):
                raise
            made = pictures.opened(path)
            if not os.path.exists(path):
                files.notes.say(f"keras.utils.load_img({files.shown(path)})", "a random picture")
            mode = {"grayscale": "L", "rgba": "RGBA"}.get(kwargs.get("color_mode", "rgb"), "RGB")
            size = kwargs.get("target_size") or (args[1] if len(args) > 1 else None)
            made = made.convert(mode)
            return made.resize((size[1], size[0])) if size else made

    return load_img


def _array_to_img(x: Any, data_format: Any = None, scale: bool = True, *_: Any, **__: Any) -> pictures.Picture:
    """Without PIL."""
    made = np.asarray(x, dtype="float32")
    if scale:
        made = (made - made.min()) / max(float(made.max() - made.min()), 1e-9) * 255
    return pictures.Picture(made[..., 0] if made.shape[-1] == 1 else made)


def _flows(generator: Any, files: Files) -> None:
    """`ImageDataGenerator`: its folders, and its transformations where SciPy is absent."""
    directory, frame_ = generator.flow_from_directory, generator.flow_from_dataframe

    def invented(self: Any, what: str, count: int, **options: Any) -> Any:
        height, width = options.get("target_size", (256, 256))[:2]
        channels = {"grayscale": 1, "rgba": 4}.get(options.get("color_mode", "rgb"), 3)
        size, mode = options.get("batch_size", 32), options.get("class_mode", "categorical")
        n = max(size, min(3 * size, MOST_PIXELS // (height * width * channels)))
        images = numbers(what).integers(0, 256, (n, height, width, channels)).astype("float32")
        labels: Any = np.arange(n) % count
        if mode == "categorical":
            labels = np.eye(count, dtype="float32")[labels]
        elif mode == "input":
            labels = images
        made = self.flow(images, None if mode is None else labels.astype("float32"), batch_size=size, seed=1)
        names = [f"class_{i}" for i in range(count)]
        made.class_indices, made.classes = {k: i for i, k in enumerate(names)}, np.arange(n) % count
        made.samples, made.num_classes, made.class_mode, made.filenames = n, count, mode, [f"{i}.jpg" for i in range(n)]
        files.notes.say(what, f"random batches of {size} pictures, {height} by {width}, {count} classes")
        return made

    @functools.wraps(directory)
    def from_directory(self: Any, directory_: Any, *args: Any, **kwargs: Any) -> Any:
        if files.due(directory_) is None:
            return directory(self, directory_, *args, **kwargs)
        kwargs.update(zip(("target_size", "color_mode", "classes", "class_mode", "batch_size"), args, strict=False))
        said = hints.of_frame(files.notes.user())
        binary = kwargs.get("class_mode") == "binary"
        count = len(kwargs.get("classes") or ()) or (2 if binary else said.count)
        return invented(self, f"flow_from_directory({files.shown(directory_)})", count, **kwargs)

    @functools.wraps(frame_)
    def from_dataframe(self: Any, dataframe: Any, directory_: Any = None, *args: Any, **kwargs: Any) -> Any:
        if directory_ is not None and files.due(directory_) is None:
            return frame_(self, dataframe, directory_, *args, **kwargs)
        count = 2 if kwargs.get("class_mode") == "binary" else hints.of_frame(files.notes.user()).count
        return invented(self, f"flow_from_dataframe({files.shown(directory_ or '.')})", count, **kwargs)

    generator.flow_from_directory, generator.flow_from_dataframe = from_directory, from_dataframe
    if importlib.util.find_spec("scipy") is None:
        generator.apply_transform = lambda self, x, transform_parameters: x
