"""What git leaves out: `.gitignore` files, nested ones too, and `.git/info/exclude`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@dataclass(frozen=True)
class Rules:
    """The patterns of one file. `any` finds something wherever one of them does: most names fit none, told in a fifth
    of the time."""

    spec: GitIgnoreSpec
    any: re.Pattern[str]

    def wanted(self, name: str) -> bool | None:
        """Whether a path, a folder's with a slash behind it, is left out; None where nothing is said of it."""
        return self.spec.check_file(name).include if self.any.search(name) else None


@dataclass(frozen=True)
class Ignored:
    """The patterns in force below one folder, the outermost first; each counts from the folder that it was found in."""

    rules: tuple[tuple[str, Rules], ...] = ()

    def below(self, folder: str) -> Ignored:
        """The patterns in force in a folder below; takes its real path. The one that is read last wins."""
        rules = _read(os.path.join(folder, ".gitignore"))
        return Ignored((*self.rules, (folder, rules))) if rules else self

    def covers(self, path: str, *, folder: bool) -> bool:
        """Whether git would leave out this path (its real one, in a folder that is not left out itself)."""
        for base, rules in reversed(self.rules):
            name = path[len(base.rstrip(os.sep)) + 1 :].replace(os.sep, "/") + ("/" if folder else "")
            wanted = rules.wanted(name)
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


def _read(path: str) -> Rules | None:
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
    spec = GitIgnoreSpec.from_lines(lines)
    each = (pattern.regex.pattern for pattern in spec.patterns if pattern.regex is not None)
    return Rules(spec, re.compile("|".join(re.sub(r"\?P<\w+>", "?:", pattern) for pattern in each)))


def _text(path: str) -> str:
    """A small file's text; "" where there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except (OSError, ValueError):
        return ""
