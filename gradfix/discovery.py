"""Finds the Python files and notebooks that the paths of one call mean."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gradfix.config import Excluded
from gradfix.scan.ignored import above
from gradfix.sources import NOTEBOOK, Unreadable, reason_of

LEFT_OUT = frozenset(
    {"__pycache__", "__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv"}
)
"""Folders that hold other people's code, copies or no code at all, as linters have it. Names with a dot in front are
left out as well."""


@dataclass(frozen=True)
class _Found:
    """A file as it is called, its real path, and whether it is a link."""

    name: str
    real: str
    link: bool


Rules = Callable[[str], Excluded]
"""What is left out of a folder, by the folder's path."""


def _usual(folder: str) -> Excluded:
    return Excluded()


def find_files(paths: Iterable[str], rules: Rules = _usual) -> Iterator[str | Unreadable]:
    """Lists the files that the paths of one call mean, each file once even when two paths lead to it.

    A file is taken as named, whatever it is called (unless the rules exclude it by force). Of a folder, every *.py and
    *.ipynb below it is taken, sorted by the parts of its path, without hidden names, virtual environments, what git
    ignores and what the rules exclude: usually caches and installed packages.
    A linked folder is followed when it leads out of the named one. Yields Unreadable for a path that is not there
    and for a folder that cannot be listed.
    """
    seen: set[str] = set()
    for path in paths:
        try:
            os.lstat(path)
        except (OSError, ValueError) as problem:
            yield Unreadable(path, reason_of(problem))
            continue
        named = _Found(path, os.path.realpath(path), os.path.islink(path))
        found = _below(path, rules) if os.path.isdir(path) else [named] if not _forced_out(path, rules) else []
        # Of a link and its target, the target gives the name: a diff of a link does not apply.
        own = {f.real for f in found if isinstance(f, _Found) and not f.link}
        for file in found:
            if isinstance(file, Unreadable):
                yield file
            elif file.real not in seen and not (file.link and file.real in own):
                seen.add(file.real)
                yield file.name


def _forced_out(path: str, rules: Rules) -> bool:
    """Whether a file that was named is left out all the same."""
    excluded = rules(os.path.dirname(os.path.abspath(path)))
    if not excluded.force:
        return False
    names = os.path.relpath(path).split(os.sep)
    return excluded.covers(path) or (excluded.usual and any(_usually_out(name) for name in names))


def _usually_out(name: str) -> bool:
    return name in LEFT_OUT or name.endswith(".egg-info")


def _below(root: str, rules: Rules) -> list[_Found | Unreadable]:
    """Every Python file and notebook under one folder, named from `root` on, sorted by the parts of the path."""
    top = os.path.realpath(root)
    # who names a folder that is excluded means it
    meant = not rules(top).force and rules(top).covers(top, folder=True)
    visited = {top}
    found: list[_Found | Unreadable] = []
    # "." adds nothing to a name that people read.
    pending = [("" if root in (os.curdir, os.path.join(os.curdir, "")) else root, top, above(top))]
    while pending:
        folder, real, outer = pending.pop()
        try:
            entries = sorted(os.scandir(folder or os.curdir), key=lambda e: e.name)
        except OSError as problem:
            found.append(Unreadable(folder or os.curdir, reason_of(problem)))
            continue
        names = {entry.name for entry in entries}
        if real != top and ("pyvenv.cfg" in names or "conda-meta" in names):
            continue
        ignored = outer.below(real) if ".gitignore" in names else outer
        excluded = Excluded(usual=rules(real).usual) if meant else rules(real)
        for entry in entries:
            name, path = entry.name, os.path.join(folder, entry.name)
            if name.startswith("."):
                continue
            inner = os.path.join(real, name)
            link = entry.is_symlink()
            if not _is_folder(entry):
                if not name.endswith((".py", NOTEBOOK)) or excluded.covers(inner):
                    continue
                if not (ignored.rules and ignored.covers(inner, folder=False)):
                    found.append(_Found(path, os.path.realpath(path) if link else inner, link))
                continue
            if (excluded.usual and _usually_out(name)) or excluded.covers(inner, folder=True):
                continue
            if ignored.rules and ignored.covers(inner, folder=True):
                continue
            inner = os.path.realpath(path) if link else inner
            # A link into the tree adds no file, a link above it loops.
            loops = link and (_is_within(inner, top) or _is_within(top, inner))
            if not loops and inner not in visited:
                visited.add(inner)
                pending.append((path, inner, above(inner) if link else ignored))
    return sorted(found, key=lambda f: (f.name if isinstance(f, _Found) else f.path).split(os.sep))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))
