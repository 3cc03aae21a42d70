"""A folder in which the commands of a page are run, and how what they print is compared with what the page shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.listings import ROOT, titled

_MACHINE = re.compile(r"; (?:\d+ from the cache|sandbox: .*)")
"""What the last line of a report says of the machine and of earlier calls: left out on both sides."""


@dataclass
class Desk:
    """The folder of one page. `output` is what the last listing of commands printed, stdout and stderr as they came."""

    folder: Path
    output: str = ""
    given: set[str] = field(default_factory=set)

    def give(self, names: str) -> None:
        """Puts files there: `train.py` from the page of the first steps, a path of the repository, or `NAME = PATH`."""
        for name, _, path in (part.strip().partition(" = ") for part in names.split(",")):
            source, target = ROOT / (path or name), self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            elif source.is_file():
                shutil.copy(source, target)
            else:
                target.write_text(titled(path or name), encoding="utf-8")

    def run(self, command: str) -> tuple[int, str]:
        """Exit code and output of one command of the shell."""
        plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONPATH")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{plain['PATH']}"
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command}"],
            cwd=self.folder,
            env={**plain, "PATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        self.output += done.stdout
        return done.returncode, done.stdout


def fits(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed. A line `...` stands for any lines, `...` at a line's end for its rest."""
    lines = []
    for line in _settled(shown).splitlines():
        if line == "...":
            lines.append(r"(?:.*\n)*")
        elif line.endswith("..."):
            lines.append(rf"{re.escape(line.removesuffix('...'))}.*\n")
        else:
            lines.append(rf"{re.escape(line)}\n")
    return re.fullmatch("".join(lines), _settled(printed)) is not None


def _settled(text: str) -> str:
    """Without what is said of the machine, and without spaces at line ends, which no page shows."""
    lines = [_MACHINE.sub("", line).rstrip() for line in text.strip("\n").splitlines()]
    return "".join(f"{line}\n" for line in lines)


def commands(text: str) -> list[tuple[str, str]]:
    """Each command of a listing `console` with what is shown below it."""
    pieces = re.split(r"^\$ ", text, flags=re.MULTILINE)
    if pieces[0]:
        raise ValueError(f"output without a command: {pieces[0]}")
    return [(command, output) for command, _, output in (piece.partition("\n") for piece in pieces[1:])]
