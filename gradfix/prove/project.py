"""The file that is checked, with the modules of its project that a run loaded: what a patch may rewrite."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gradfix.sources import Source, read_source


@dataclass(frozen=True)
class Project:
    """Sources by absolute path; `main` is the path of the file that is checked."""

    main: str
    sources: Mapping[str, Source]

    @property
    def texts(self) -> dict[str, str]:
        """The files' texts by absolute path."""
        return {path: source.text for path, source in self.sources.items()}

    def source(self, path: str) -> Source:
        """A file that a break or an edit lies in; the checked file where it is not one of the project's."""
        return self.sources.get(path, self.sources[self.main])

    def shown(self, path: str) -> str:
        """How a file is called in the report: the checked one as the user named it, others from the current folder."""
        return self.sources[path].path if path in self.sources else os.path.relpath(path)


def project_of(main: Source, path: str, loaded: Iterable[str], unsaved: Mapping[str, Source] | None = None) -> Project:
    """The project of a checked file, given the paths of the user's files that its runs loaded.

    `unsaved` are files, by absolute path, that count in the place of those on the disk.
    A module that cannot be read, or not be written back, is left out: nothing in it can be rewritten.
    """
    sources, unsaved = {path: main}, unsaved or {}
    for other in loaded:
        read = unsaved.get(other) or read_source(os.path.relpath(other)) if other not in sources else None
        if isinstance(read, Source):
            sources[other] = read
    return Project(path, sources)
