"""The command, called in a process of its own as users call it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LIMIT = 300
"""Seconds that a call may take, on a machine that is busy."""


def in_bytes(
    *arguments: object, cwd: Path | None = None, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """A call in a folder, with more variables in its environment, and what it wrote as it came."""
    return subprocess.run(
        [sys.executable, "-m", "gradfix", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        input=stdin,
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )


def gradfix(
    *arguments: object, cwd: Path | None = None, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """The same in text, in UTF-8 and with the line ends of Unix."""
    done = in_bytes(*arguments, cwd=cwd, stdin=stdin.encode(), **environment)
    out, err = (text.decode().replace("\r\n", "\n") for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)
