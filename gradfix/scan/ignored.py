"""What git leaves out: `.gitignore` files, nested ones too, and `.git/info/exclude`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@dataclass(frozen=True)
class Ignored:
    """The patterns in force below one folder, the outermost first; each counts from the folder that it was found in."""

    rules: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def below(self, folder: str) -> Ignored:
        """The patterns in force in a folder below; takes its real path. The one that is read last wins."""
        spec = _read(os.path.join(folder, ".gitignore"))
        return Ignored((*self.rules, (folder, spec))) if spec else self

    def covers(self, path: str, *, folder: bool) -> bool:
        """Whether git would leave out this path (its real one, in a folder that is not left out itself)."""
        for base, spec in reversed(self.rules):
            name = path[len(base.rstrip(os.sep)) + 1 :].replace(os.sep, "/") + ("/" if folder else "")
            wanted = spec.check_file(name).include
            if wanted is not None:
                return wanted
        return False


def above(folder: str) -> Ignored:
    """The patterns that hold in a folder from outside of it: those of its repository. Takes the folder's real path."""
    root = next((f for f in _upwards(folder) if os.path.lexists(os.path.join(f, ".git"))), None)
    if root is None:
        return Ignored()
    exclude = _read(os.path.join(_git_folder(root), "info", "exclude"))
    found = Ignored(((root, exclude),) if exclude else ())
    outer = [f for f in _upwards(folder) if f != folder and (f == root or f.startswith(root.rstrip(os.sep) + os.sep))]
    for each in reversed(outer):
        found = found.below(each)
    # who names a folder that git ignores means it
    return Ignored() if _lies_in_ignored(folder, root, found) else found


def _lies_in_ignored(folder: str, root: str, found: Ignored) -> bool:
    return any(found.covers(f, folder=True) for f in _upwards(folder) if len(f) > len(root))


def _upwards(folder: str) -> Iterator[str]:
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder


def _git_folder(root: str) -> str:
    """The folder with `info/exclude`. In a worktree `.git` is a file that names its own, which names the common one."""
    git = os.path.join(root, ".git")
    line = _text(git) if os.path.isfile(git) else ""
    if not line.startswith("gitdir:"):
        return git
    git = os.path.join(root, line.removeprefix("gitdir:").strip())
    common = _text(os.path.join(git, "commondir")).strip()
    return os.path.join(git, common) if common else git


def _read(path: str) -> GitIgnoreSpec | None:
    text = _text(path)
    if not text.strip():
        return None
    # git's patterns have more rules than fnmatch knows; imported here, as most folders have none
    from pathspec import GitIgnoreSpec

    lines = []
    for line in text.splitlines():
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue  # git passes over what it cannot read, too
        lines.append(line)
    return GitIgnoreSpec.from_lines(lines)


def _text(path: str) -> str:
    """A small file's text; "" where there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except (OSError, ValueError):
        return ""
