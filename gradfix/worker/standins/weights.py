"""Weights that are not there: the same network keeps its random ones."""

from __future__ import annotations

import functools
import os
import sys
from typing import Any

from .datasets import homes
from .files import Files


def install(files: Files) -> None:
    """Wraps `load_weights`, and what `keras.applications` asks about files."""
    import keras
    import tensorflow as tf

    for model in {id(m): m for m in (keras.Model, tf.keras.Model)}.values():
        model.load_weights = _load_weights(model.load_weights, files)
    sequential = {id(m): m for m in (keras.Sequential, tf.keras.Sequential)}.values()
    for model in sequential:
        if "load_weights" in vars(model):
            model.load_weights = _load_weights(model.load_weights, files)
    for root in homes():
        for name in ("file_utils", "io_utils"):
            module: Any = sys.modules.get(f"{root}.utils.{name}")
            if module is not None and hasattr(module, "exists"):
                module.exists = _exists(module.exists)
    tf.io.gfile.exists = _exists(tf.io.gfile.exists)
    for name in ("restore", "read"):
        setattr(tf.train.Checkpoint, name, _restore(getattr(tf.train.Checkpoint, name), files))


def _application(depth: int) -> str:
    """The name of the application whose code called, "" where it was another's."""
    name = str(sys._getframe(depth + 1).f_globals.get("__name__", ""))
    return name.rpartition(".")[2] if ".applications." in name else ""


def _exists(original: Any) -> Any:
    """Lets an application go on with the path of weights that are not there: loading them then tells."""

    @functools.wraps(original)
    def exists(path: Any, *args: Any, **kwargs: Any) -> Any:
        return True if _application(1) and isinstance(path, str) else original(path, *args, **kwargs)

    return exists


def _load_weights(original: Any, files: Files) -> Any:
    @functools.wraps(original)
    def load_weights(self: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        path = files.path(filepath)
        if path is None or _there(path):
            return original(self, filepath, *args, **kwargs)
        application = _application(1)
        if application:
            files.notes.say(f"the pretrained weights of keras.applications.{application}", "random weights")
        elif files.due(path) is None:
            return original(self, filepath, *args, **kwargs)
        else:
            files.notes.say(f"the weights {files.shown(path)}", "the random weights that the model began with")
        return _Status()

    return load_weights


def _restore(original: Any, files: Files) -> Any:
    @functools.wraps(original)
    def restore(self: Any, save_path: Any = None, *args: Any, **kwargs: Any) -> Any:
        path = files.path(save_path)
        if path is None or _there(path) or files.due(path) is None:
            return original(self, save_path, *args, **kwargs)
        files.notes.say(f"the checkpoint {files.shown(path)}", "the values that the variables began with")
        return _Status()

    return restore


def _there(path: str) -> bool:
    """Whether a file of weights, or a checkpoint with that prefix, is there."""
    return os.path.exists(path) or os.path.exists(path + ".index")


class _Status:
    """What loading a checkpoint gives back."""

    def _same(self, *_: Any, **__: Any) -> _Status:
        return self

    expect_partial = assert_consumed = assert_existing_objects_matched = assert_nontrivial_match = _same
