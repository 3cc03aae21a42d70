"""From a running frame to the line that the user wrote."""

from __future__ import annotations

import os
import sys
import sysconfig
from types import CodeType, FrameType
from typing import Any

AUTOGRAPH = "__autograph_generated_file"


class Places:
    """Knows which files are the user's, and maps frames and tracebacks to them.

    `main` is the file that is run, `root` the folder of its project: files below it that do not belong to an
    installation of Python are the user's own.
    """

    def __init__(self, main: str, root: str) -> None:
        self.main = main
        self.root = os.path.join(root, "")
        paths = {sysconfig.get_paths()[k] for k in ("stdlib", "platstdlib", "purelib", "platlib")}
        paths.add(os.path.dirname(os.path.abspath(__file__)))  # in a checkout of gradfix this code is below the root
        self.foreign = tuple(os.path.join(p, "") for p in paths)
        self.generated: dict[str, dict[int, tuple[str, int]]] = {}

    def owns(self, path: str) -> bool:
        """Whether a file is the user's own."""
        if path == self.main:
            return True
        return path.startswith(self.root) and not path.startswith(self.foreign) and "site-packages" not in path

    def at(self, code: CodeType, line: int, instruction: int = -1) -> tuple[str, int, int, int, int] | None:
        """(path, line, column, end line, end column) of the user's text; columns are -1 where unknown.

        `co_positions` gives columns in UTF-8 bytes from 0, and exists since Python 3.11.
        """
        path = code.co_filename
        if AUTOGRAPH in path:
            origin = self.generated.get(path, {}).get(line)
            return (*origin, -1, -1, -1) if origin and self.owns(origin[0]) else None
        if not self.owns(path):
            return None
        if instruction >= 0 and sys.version_info >= (3, 11):
            positions = list(code.co_positions())
            found = positions[instruction // 2] if instruction // 2 < len(positions) else None
            if found and None not in found:
                first, last, column, end = found
                return (path, first or line, column or 0, last or line, end or 0)
        return (path, line, -1, line, -1)

    def of_frame(self, frame: FrameType | None) -> tuple[str, int, int, int, int] | None:
        """The innermost place of the user's in a stack."""
        while frame is not None:
            place = self.at(frame.f_code, frame.f_lineno, frame.f_lasti)
            if place is not None:
                return place
            frame = frame.f_back
        return None

    def of_error(self, error: BaseException) -> list[tuple[str, int, int, int, int]]:
        """The user's places in a traceback, innermost last."""
        places, tb = [], error.__traceback__
        while tb is not None:
            place = self.at(tb.tb_frame.f_code, tb.tb_lineno, tb.tb_lasti)
            if place is not None:
                places.append(place)
            tb = tb.tb_next
        metadata = getattr(error, "ag_error_metadata", None)  # AutoGraph's translated stack, innermost first
        for info in reversed(getattr(metadata, "translated_stack", ())):
            if self.owns(info.filename):
                places.append((info.filename, info.lineno, -1, info.lineno, -1))
        return places

    def watch_autograph(self) -> None:
        """Learns the source map of each function that AutoGraph converts (its frames belong to generated files)."""
        from tensorflow.python.autograph.impl import api

        convert = api._convert_actual

        def converted(*args: Any, **kwargs: Any) -> Any:
            function = convert(*args, **kwargs)
            for location, origin in getattr(function, "ag_source_map", {}).items():
                lines = self.generated.setdefault(location.filename, {})
                lines[location.lineno] = (os.path.abspath(origin.loc.filename), origin.loc.lineno)
            return function

        api._convert_actual = converted
