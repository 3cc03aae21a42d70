"""Finds the Python files and notebooks that the paths of one call mean."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from gradfix.config import Excluded
from gradfix.scan.ignored import Ignored, above
from gradfix.sources import NOTEBOOK, Unreadable, reason_of

LEFT_OUT = frozenset(
    {"__pycache__", "__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv"}
)
"""Folders that hold other people's code, copies or no code at all, as linters have it. Names with a dot in front are
left out as well."""


class Found(NamedTuple):
    """A file as it is called, the real path of its folder, its name there, and whether a link leads to it."""

    name: str
    folder: str
    own: str
    link: bool = False
    """Itself, or a folder above it."""

    @property
    def real(self) -> str:
        """Its real path."""
        return os.path.join(self.folder, self.own)


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
    return (found.name if isinstance(found, Found) else found for found in find_in_folders(paths, rules))


def find_in_folders(paths: Iterable[str], rules: Rules = _usual) -> Iterator[Found | Unreadable]:
    """The same with the folders in which the files really are."""
    paths = list(paths)
    several = len(paths) > 1
    seen: set[str] = set()
    for path in paths:
        try:
            os.lstat(path)
        except (OSError, ValueError) as problem:
            yield Unreadable(path, reason_of(problem))
            continue
        for found in _meant_by(path, rules):
            if isinstance(found, Found) and (several or found.link or seen):
                if found.real in seen:
                    continue
                if several or found.link:  # nothing else can come twice, and a tree may be large
                    seen.add(found.real)
            yield found


def _meant_by(path: str, rules: Rules) -> Iterator[Found | Unreadable]:
    if os.path.isdir(path):
        yield from _below(path, rules)
    elif not _forced_out(path, rules):
        yield Found(path, *os.path.split(os.path.realpath(path)), os.path.islink(path))


def _forced_out(path: str, rules: Rules) -> bool:
    """Whether a file that was named is left out all the same."""
    excluded = rules(os.path.dirname(os.path.abspath(path)))
    if not excluded.force:
        return False
    names = os.path.relpath(path).split(os.sep)
    return excluded.covers(path) or (excluded.usual and any(_usually_out(name) for name in names))


def _usually_out(name: str) -> bool:
    return name in LEFT_OUT or name.endswith(".egg-info")


@dataclass(frozen=True)
class _Folder:
    """A folder as it is called, its real path, and what is left out of it. `outside`: a link led to it."""

    name: str
    real: str
    ignored: Ignored
    excluded: Excluded
    outside: bool = False

    def takes_file(self, name: str) -> bool:
        """Whether a file in it is one to look at."""
        if name.startswith(".") or not name.endswith((".py", NOTEBOOK)):
            return False
        if not self.excluded.patterns and not self.ignored.rules:
            return True
        inner = os.path.join(self.real, name)
        return not self.excluded.covers(inner) and not (self.ignored.rules and self.ignored.covers(inner, folder=False))

    def takes_folder(self, name: str) -> bool:
        """Whether a folder in it is one to look into, as far as its name tells."""
        if name.startswith(".") or (self.excluded.usual and _usually_out(name)):
            return False
        inner = os.path.join(self.real, name)
        return not self.excluded.covers(inner, folder=True) and not (
            self.ignored.rules and self.ignored.covers(inner, folder=True)
        )


class _Walk:
    """One way through the tree below a folder: each folder's files and folders in the order of their names.

    That is the order of the parts of their paths, so that nothing has to be held until all is found.
    """

    def __init__(self, root: str, rules: Rules) -> None:
        self.rules, self.top = rules, os.path.realpath(root)
        # who names a folder that is excluded means it
        self.meant = not rules(self.top).force and rules(self.top).covers(self.top, folder=True)
        self.visited = {self.top}
        # "." adds nothing to a name that people read.
        name = "" if root in (os.curdir, os.path.join(os.curdir, "")) else root
        self.first = self.folder(name, self.top, above(self.top))

    def folder(self, name: str, real: str, outer: Ignored, outside: bool = False) -> _Folder:
        """A folder with what is left out of it; `outer` is what git ignores around it."""
        ignored = outer.below(real) if os.path.lexists(os.path.join(real, ".gitignore")) else outer
        excluded = Excluded(usual=self.rules(real).usual) if self.meant else self.rules(real)
        return _Folder(name, real, ignored, excluded, outside)

    def all(self) -> Iterator[Found | Unreadable]:
        """Every file to look at."""
        under_way: list[Iterator[Found | _Folder | Unreadable]] = [self.listed(self.first)]
        while under_way:  # no recursion: folders may lie deeper in one another than functions can
            found = next(under_way[-1], None)
            if found is None:
                under_way.pop()
            elif isinstance(found, _Folder):
                under_way.append(self.listed(found))
            else:
                yield found

    def listed(self, folder: _Folder) -> Iterator[Found | _Folder | Unreadable]:
        """What is in one folder."""
        try:
            entries = sorted(os.scandir(folder.name or os.curdir), key=_NAME)
        except OSError as problem:
            yield Unreadable(folder.name or os.curdir, reason_of(problem))
            return
        if folder.real != self.top and any(entry.name in ("pyvenv.cfg", "conda-meta") for entry in entries):
            return
        head = os.path.join(folder.name, "")
        for entry in entries:
            name = entry.name
            path = head + name
            link = entry.is_symlink()
            if not _is_folder(entry):
                if not folder.takes_file(name):
                    continue
                if not link:
                    yield Found(path, folder.real, name, folder.outside)
                    continue
                real = os.path.realpath(path)
                # Of a link and its target, the target gives the name: a diff of a link does not apply.
                if not self.comes_to(real):
                    yield Found(path, *os.path.split(real), True)
            elif folder.takes_folder(name):
                real = os.path.realpath(path) if link else os.path.join(folder.real, name)
                # A link into the tree adds no file, a link above it loops.
                loops = link and (_is_within(real, self.top) or _is_within(self.top, real))
                if not loops and real not in self.visited:
                    if link or folder.outside:
                        self.visited.add(real)
                    outer = above(real) if link else folder.ignored
                    yield self.folder(path, real, outer, link or folder.outside)

    def comes_to(self, real: str) -> bool:
        """Whether the way through the tree comes to a file, by its real path, without a link."""
        if not _is_within(real, self.top):
            return False
        *folders, name = os.path.relpath(real, self.top).split(os.sep)
        folder = self.first
        for each in folders:
            inner = os.path.join(folder.real, each)
            if not folder.takes_folder(each) or any(
                os.path.lexists(os.path.join(inner, sign)) for sign in ("pyvenv.cfg", "conda-meta")
            ):
                return False
            folder = self.folder(os.path.join(folder.name, each), inner, folder.ignored)
        return os.path.exists(real) and folder.takes_file(name)


def _below(root: str, rules: Rules) -> Iterator[Found | Unreadable]:
    """Every Python file and notebook under one folder, named from `root` on, sorted by the parts of the path."""
    return _Walk(root, rules).all()


_NAME = attrgetter("name")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))
