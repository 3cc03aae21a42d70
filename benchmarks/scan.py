"""What a scan of a large tree costs, beside the least that anybody pays and beside other tools: see README.md."""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from figures import Figure, add_options, seconds, table_of
from scanning.tree import make_tree

FILES, FEW, MANY = 10_000, 1_000, 30_000
BIN = Path(sys.executable).parent
GRADFIX = [str(BIN / "gradfix")]
NEVER = [*GRADFIX, "--run", "never"]
READ_AND_PARSE = """
import ast, os, sys
for folder, _, files in os.walk(sys.argv[1]):
    for name in files:
        if name.endswith(".py"):
            with open(os.path.join(folder, name), "rb") as file:
                data = file.read()
            if b"GradientTape" in data:
                ast.parse(data)
"""
"""The least that anybody pays who looks for tapes: a plain loop."""
TYPER = [sys.executable, "-c", "import typer"]
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "FORCE_COLOR")}
"""Python keeps what it has compiled, as where pip has installed it."""


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of all processors of one command, and the peak of its largest process, in MB."""

    wall: float
    cpu: float
    peak: float


def run(command: list[str], folder: Path, cores: int = 1) -> Cost:
    """Runs a command to its end on so many cores, whatever its exit code; what it prints is thrown away."""
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, allowed),
    )
    _, _, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = 0
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def compared(name: str, ours: Callable[[], Cost], theirs: Callable[[], Cost], goal: float, times: int) -> Figure:
    """Both commands in turn; the figure is the median of the ratios of the pairs."""
    ours(), theirs()  # what is compiled and read for the first time counts for nobody
    pairs = [(ours(), theirs()) for _ in range(times)]
    return Figure(
        name,
        seconds(median(a.wall for a, _ in pairs)),
        seconds(median(b.wall for _, b in pairs)),
        median(a.wall / b.wall for a, b in pairs),
        goal,
        cpu=median(a.cpu / b.cpu for a, b in pairs),
    )


def of_starts(folder: Path, times: int) -> Iterator[Figure]:
    """What a call costs that has next to nothing to do."""
    (folder / "clean.py").write_text("print('nothing to see')\n")
    (folder / "pyproject.toml").write_text('[project]\nname = "one"\nversion = "1"\n')
    typer = lambda: run(TYPER, folder)  # noqa: E731
    starts = 4 * times
    yield compared("--version, against import typer", lambda: run([*GRADFIX, "--version"], folder), typer, 1.5, starts)
    clean = lambda: run([*NEVER, "clean.py"], folder)  # noqa: E731
    yield compared("one clean file in pre-commit, against import typer", clean, typer, 2, starts)


def of_tree(tree: Path, times: int) -> Iterator[Figure]:
    """A scan of the whole tree."""
    least = [sys.executable, "-c", READ_AND_PARSE, str(tree)]
    one = lambda: run([*NEVER, "."], tree)  # noqa: E731
    two = lambda: run([*NEVER, "."], tree, 2)  # noqa: E731
    yield compared("one core, against reading all and parsing tapes", one, lambda: run(least, tree), 1.5, times)
    pairs = [(one(), two()) for _ in range(times)]
    walls = median(a.wall for a, _ in pairs), median(b.wall for _, b in pairs)
    ratio = median(a.wall / b.wall for a, b in pairs)
    yield Figure("two cores: faster than one core", seconds(walls[1]), seconds(walls[0]), ratio, 1.7, at_least=True)
    ruff = [sys.executable, "-m", "ruff", "check", "--select", "F,E", "--no-cache", "--quiet", "."]
    yield compared("two cores, against ruff --select F,E", two, lambda: run(ruff, tree, 2), 1.5, times)


def of_tapes(tapes: list[Path], folder: Path, times: int) -> Iterator[Figure]:
    """The files with a tape alone, on two cores, against Fixit with one of its own rules."""
    if importlib.util.find_spec("fixit") is None:
        raise SystemExit("Fixit is not installed: pip install fixit, or leave this out with --only")
    for number, path in enumerate(tapes):
        shutil.copy(path, folder / f"tape_{number}.py")
    (folder / "pyproject.toml").write_text(
        '[tool.fixit]\nroot = true\ndisable = ["fixit.rules"]\nenable = ["fixit.rules:NoInheritFromObject"]\n'
    )
    ours = [run([*NEVER, "."], folder, 2) for _ in range(1 + times)][1:]
    theirs = run([sys.executable, "-m", "fixit", "--quiet", "lint", "."], folder, 2)
    mine = median(c.wall for c in ours)
    ratio, cpu = theirs.wall / mine, theirs.cpu / median(c.cpu for c in ours)
    name = f"{len(tapes)} files with a tape: faster than Fixit with one rule"
    yield Figure(name, seconds(mine), seconds(theirs.wall), ratio, 30, at_least=True, cpu=cpu)


def of_sizes(folder: Path, times: int) -> Iterator[Figure]:
    """What one file more costs in a large tree and in a small one, and the peak of memory."""
    costs: dict[int, Cost] = {}
    for size in (FEW, FILES, MANY):
        tree = folder / str(size)
        tree.mkdir()
        make_tree(tree, size)
        seen = [run([*NEVER, "."], tree) for _ in range(1 + times)][1:]
        costs[size] = Cost(*(median(getattr(c, field) for c in seen) for field in ("wall", "cpu", "peak")))
    small, middle, large = costs.values()
    per_file = [
        1e3 * (b.wall - a.wall) / n for a, b, n in ((small, middle, FILES - FEW), (middle, large, MANY - FILES))
    ]
    cpu = ((large.cpu - middle.cpu) / (MANY - FILES)) / ((middle.cpu - small.cpu) / (FILES - FEW))
    texts = [f"{ms:.3f} ms" for ms in per_file]
    yield Figure(
        "one file more of 30,000, against one more of 10,000",
        texts[1],
        texts[0],
        per_file[1] / per_file[0],
        1.15,
        cpu=cpu,
    )
    peaks = [f"{c.peak:.0f} MB" for c in (large, small)]
    yield Figure("peak memory at 30,000 files, against 1,000", *peaks, large.peak / small.peak, 1.15)


def main() -> int:
    """Prints the table; returns 1 where a goal is not reached, or a figure is worse than in a saved run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="how often each pair is measured")
    parser.add_argument(
        "--only", default="", help="starts, tree, tapes and sizes, with commas: the others are left out"
    )
    add_options(parser)
    options = parser.parse_args()
    wanted = set(filter(None, options.only.split(",")))
    table = table_of(options)
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        for each in ("one", "tree", "tapes", "sizes"):
            (top / each).mkdir()
        tapes = make_tree(top / "tree", FILES) if not wanted or wanted & {"tree", "tapes"} else []
        parts: dict[str, Callable[[], Iterator[Figure]]] = {
            "starts": lambda: of_starts(top / "one", options.times),
            "tree": lambda: of_tree(top / "tree", options.times),
            "tapes": lambda: of_tapes(tapes, top / "tapes", options.times),
            "sizes": lambda: of_sizes(top / "sizes", options.times),
        }
        for part, measured in parts.items():
            if not wanted or part in wanted:
                for figure in measured():
                    table.add(figure)
    return table.close()


if __name__ == "__main__":
    sys.exit(main())
