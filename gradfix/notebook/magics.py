"""What IPython understands and Python does not: magics, shell lines and questions become lines of Python.

Each line becomes one line, so that places hold; with its column too where it holds a statement (`%time step(x)`).
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from gradfix.notebook.logical import Reader

PYTHON = frozenset({"capture", "debug", "memit", "mprun", "prun", "time", "timeit", "wandb"})
"""Cell magics whose cell is Python all the same; the rest is in other languages, or text."""
RUNNING = frozenset({"memit", "prun", "time", "timeit"})
"""Line magics that run the statement behind them in the notebook's own namespace."""
EFFECTS = frozenset({"cd", "env", "run", "set_env"})
"""Line magics that later cells may depend on: the worker's stand-in of IPython has them."""
SHORTEST = "if 1:"

_CELL = re.compile(r"\s*%%(?P<name>\w+)(?P<rest>.*)")
_LINE = re.compile(r"(?P<indent>[ \t]*)%(?P<name>[A-Za-z_]\w*)(?P<gap>\s*)(?P<rest>.*)")
_SHELL = re.compile(r"[ \t]*(!|\?|%%)")
_ASKS = re.compile(r"[ \t]*%{0,2}[^\W\d][\w.*\[\]-]*\?\??\s*")
_ASSIGNED = re.compile(r"(?P<left>\s*[^\W\d][\w.,\s*\[\]'\"]*=\s*)(?P<mark>!|%)(?P<rest>[^=].*)")
_WITHOUT_MARK = re.compile(r"\s*(pip3?|conda|mamba|cd|ls|cat|mkdir|rm|cp|mv|man|less|more|rmdir)\s+[-\w./~\"'*].*")
_OPTIONS = re.compile(r"(?:-(?:[nrpcs]\s*\d+|[A-Za-z]\w*)\s+)*")
_FUTURE = re.compile(r"from\s+__future__\s+import\s+[\w\s,]+(#.*)?")


@dataclass(frozen=True)
class Line:
    """A line of the program, and the line of the cell that it stands for where that is another."""

    text: str
    original: str | None = None


def program_lines(source: str, number: int, started: bool, python: bool = True) -> tuple[Line, ...]:
    """The lines of Python for the source of cell `number`, as many as it has.

    `started` says whether code precedes it: then an import from __future__, which a notebook may have in any cell, is
    left out, and what does nothing is a statement. Else it is a comment, in front of which all may stand. Of a cell
    that is not in Python no line does anything.
    """
    lines = source.split("\n")
    found: list[Line] = []
    other, reader, at, heads = not python, Reader(), 0, True
    while at < len(lines):
        line = lines[at]
        count, code = 1, None
        cell = _CELL.fullmatch(line.rstrip()) if heads else None
        if other:
            code = ""
        elif cell is not None:
            other = cell["name"] not in PYTHON
            code = _cell_magic(cell["name"], cell["rest"].strip(), lines[at + 1 :])
        elif reader.fresh and _may_be_magic(line):
            count = _joined(lines, at)
            code = _statement("\n".join(lines[at : at + count]))
        if code is None and started and reader.fresh and _FUTURE.fullmatch(line.rstrip()):
            code = ""
        heads = heads and (cell is not None or not line.strip())
        if code is None:
            reader.read(line)
            found.append(Line(line))
            started = started or bool(line.strip() and not line.lstrip().startswith("#"))
        else:
            for n in range(at, at + count):
                indent = "" if other else lines[at][: len(lines[at]) - len(lines[at].lstrip(" \t"))]
                text = indent + (code if n == at and code else "pass" if started or indent else "")
                found.append(_stand_in(text, lines[n], f"cell {number}, line {n + 1}"))
            started = started or bool(code)
        at += count
    return tuple(found)


def _stand_in(code: str, line: str, where: str) -> Line:
    """A line that says where it stands, so that there are no two of it."""
    end = "\r" if line.endswith("\r") else ""
    return Line(f"{code}{'  ' if code else ''}# {where} of the notebook{end}", line)


def _may_be_magic(line: str) -> bool:
    return "%" in line or "!" in line or "?" in line or _WITHOUT_MARK.match(line) is not None


def _joined(lines: list[str], at: int) -> int:
    """How many lines a magic takes: a backslash at the end goes on, in a line of the shell too."""
    count = 1
    while at + count < len(lines) and lines[at + count - 1].rstrip("\r").endswith("\\"):
        count += 1
    return count


def _statement(text: str) -> str | None:
    """What stands for a magic: a statement without its indentation, "" for one that does nothing; None for none."""
    line = text.replace("\\\n", " ").rstrip()
    if magic := _LINE.fullmatch(line):
        if magic["name"] in RUNNING and "\n" not in text:
            return _run(magic["name"], magic["gap"], magic["rest"])
        return _call("run_line_magic", magic["name"], magic["rest"]) if magic["name"] in EFFECTS else ""
    if _SHELL.match(line) or _ASKS.fullmatch(line):
        return ""
    if assigned := _ASSIGNED.fullmatch(line):
        rest = assigned["rest"].strip()
        if assigned["mark"] == "!":
            return assigned["left"].lstrip() + _call("getoutput", rest)
        name, _, argument = rest.partition(" ")
        return assigned["left"].lstrip() + _call("run_line_magic", name, argument.strip())
    return "" if _WITHOUT_MARK.fullmatch(line) and not _is_python(line.strip()) else None


def _run(name: str, gap: str, rest: str) -> str:
    """The statement behind `%time`, at the very column where it stands; "" where there is none."""
    options = _OPTIONS.match(rest)
    cut = options.end() if options else 0
    width = 1 + len(name) + len(gap) + cut
    code = SHORTEST + " " * (width - len(SHORTEST)) + rest[cut:]
    return code if rest[cut:] and width > len(SHORTEST) and _is_python(code) else ""


def _cell_magic(name: str, rest: str, body: list[str]) -> str:
    if name in ("writefile", "file"):
        text = "\n".join(body)
        return _call("run_cell_magic", name, rest, text if text.endswith("\n") else text + "\n")
    if name == "capture":
        names = [word for word in rest.split() if word.isidentifier()]
        return f"{names[0]} = " + _call("run_cell_magic", name, rest, "") if names else ""
    return ""


def _call(method: str, *arguments: str) -> str:
    return f"get_ipython().{method}({', '.join(map(ascii, arguments))})"


def _is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True
