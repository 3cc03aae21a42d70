"""Folders that are not there: a few invented names, of the kind that the code looks for."""

from __future__ import annotations

import ast
import functools
import glob
import os
import pathlib
import re
from collections.abc import Iterator
from types import FrameType
from typing import Any

from .contents import PICTURES
from .files import Files
from .guards import tree_of

CLASSES = ("class_0", "class_1")
MANY = 24
"""Files in an invented folder."""
SUFFIXES = (*PICTURES, ".wav", ".npy", ".npz", ".csv", ".txt", ".json", ".tfrecord", ".tfrecords")


def install(files: Files) -> None:
    """Wraps what lists folders."""
    listdir, walk, find, step_by_step = os.listdir, os.walk, glob.glob, glob.iglob

    @functools.wraps(listdir)
    def listed(path: Any = ".") -> Any:
        return listdir(path) if (frame := files.due(path)) is None else names(files, os.fspath(path), frame)

    @functools.wraps(walk)
    def walked(top: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        # os.walk of a missing folder is empty and no error, so that no guard of the code's speaks of it
        frame = files.due(top, frozenset())
        return walk(top, *args, **kwargs) if frame is None else iter(_walk(files, os.fspath(top), frame))

    @functools.wraps(find)
    def found(pathname: Any, *args: Any, **kwargs: Any) -> Any:
        made = matching(files, pathname)
        return find(pathname, *args, **kwargs) if made is None else made

    @functools.wraps(step_by_step)
    def found_step_by_step(pathname: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        # glob.glob itself calls this one, so that this one must not call that
        made = matching(files, pathname)
        return step_by_step(pathname, *args, **kwargs) if made is None else iter(made)

    os.listdir, os.walk, glob.glob, glob.iglob = listed, walked, found, found_step_by_step
    _wrap_paths(files)
    for name in ("isdir", "isfile"):
        setattr(os.path, name, _entry(getattr(os.path, name), name == "isdir", files))


def _wrap_paths(files: Files) -> None:
    path = pathlib.Path
    iterdir, one, deep = path.iterdir, path.glob, path.rglob

    def entries(self: Any) -> Any:
        frame = files.due(self)
        return iterdir(self) if frame is None else iter([self / n for n in names(files, str(self), frame)])

    def globbed(self: Any, pattern: Any, *args: Any, **kwargs: Any) -> Any:
        made = matching(files, os.path.join(str(self), str(pattern)))
        return one(self, pattern, *args, **kwargs) if made is None else iter([type(self)(p) for p in made])

    def rglobbed(self: Any, pattern: Any, *args: Any, **kwargs: Any) -> Any:
        made = matching(files, os.path.join(str(self), "*", str(pattern)))
        return deep(self, pattern, *args, **kwargs) if made is None else iter([type(self)(p) for p in made])

    path.iterdir, path.glob, path.rglob = entries, globbed, rglobbed  # type: ignore[method-assign]


def _entry(original: Any, folder: bool, files: Files) -> Any:
    """`isdir` and `isfile` know what was invented: `listdir` has just named it."""

    @functools.wraps(original)
    def answer(path: Any) -> bool:
        name = files.path(path)
        if name is not None and (known := os.path.normpath(name)) in files.made:
            return (known in files.folders) == folder
        return bool(original(path))

    return answer


def names(files: Files, path: str, frame: FrameType) -> list[str]:
    """Entries of an invented folder: folders of classes where the code looks into entries, else files."""
    tree = tree_of(frame.f_code.co_filename)
    text = ast.unparse(tree) if tree is not None else ""
    inside = os.path.normpath(path) in files.folders
    deep = len(re.findall(r"\b(listdir|iterdir|scandir|glob)\(", text)) > 1 or "isdir" in text
    entries = list(CLASSES) if deep and not inside else [f"picture_{i}{suffix(text, path)}" for i in range(MANY)]
    for entry in entries:
        whole = os.path.normpath(os.path.join(path, entry))
        files.made.add(whole)
        if deep and not inside:
            files.folders.add(whole)
    files.notes.say(f"the folder {files.shown(path)}", f"{len(entries)} invented names: {entries[0]}, ...")
    return entries


def suffix(text: str, path: str) -> str:
    """How the names of files end that the code looks for."""
    return next((s for s in SUFFIXES if f"'{s}'" in text or f"*{s}'" in text), ".jpg")


def matching(files: Files, pattern: Any) -> list[str] | None:
    """Invented paths for a pattern below a folder that is not there, None where it is there."""
    name = files.path(pattern)
    if name is None or not glob.has_magic(name):
        return None
    fixed: list[str] = []
    parts = name.replace("\\", "/").split("/")
    while parts and not glob.has_magic(parts[0]):
        fixed.append(parts.pop(0))
    base = "/".join(fixed) or ("/" if name.startswith("/") else "")
    frame = files.due(base, frozenset()) if base else None
    if frame is None:
        return None
    tree = tree_of(frame.f_code.co_filename)
    text = ast.unparse(tree) if tree is not None else ""
    made = [base]
    for i, part in enumerate(p for p in parts if p != "**" or p == parts[-1]):
        last = i == len([p for p in parts if p != "**" or p == parts[-1]]) - 1
        made = [os.path.join(m, entry) for m in made for entry in _filled(part, last, text, name)]
    for path in made:
        files.made.add(os.path.normpath(path))
    files.notes.say(f"the files {files.shown(name)}", f"{len(made)} invented names: {os.path.basename(made[0])}, ...")
    return sorted(made)


def _filled(part: str, last: bool, text: str, name: str) -> list[str]:
    """What one part of a pattern stands for."""
    if not glob.has_magic(part):
        return [part]
    if not last:
        return [part.replace("*", c) if part != "*" else c for c in CLASSES]
    plain = re.sub(r"\[[^\]]*\]|\?", "0", part)
    plain = plain if os.path.splitext(plain)[1] else plain.rstrip("*") + "*" + suffix(text, name)
    return [plain.replace("**", "*").replace("*", f"picture_{i}", 1).replace("*", "") for i in range(MANY)]


def _walk(files: Files, top: str, frame: FrameType) -> list[tuple[str, list[str], list[str]]]:
    tree = tree_of(frame.f_code.co_filename)
    text = ast.unparse(tree) if tree is not None else ""
    entries = [f"picture_{i}{suffix(text, top)}" for i in range(MANY)]
    files.made.update(os.path.normpath(os.path.join(top, c, e)) for c in CLASSES for e in entries)
    files.notes.say(f"the folder {files.shown(top)}", f"{len(CLASSES)} invented folders of {MANY} names")
    return [(top, list(CLASSES), []), *((os.path.join(top, c), [], list(entries)) for c in CLASSES)]
