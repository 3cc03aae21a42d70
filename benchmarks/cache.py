"""What a second call costs beside the first one: see README.md beside this file."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from figures import Figure, add_options, seconds, table_of

FIXTURES = Path(__file__).parent.parent / "fixtures"
SHOWN = ("loss_after_the_block", "train_step_of_a_model_that_is_fitted")
GOAL = 0.1


def call(folder: Path, names: list[str]) -> float:
    """The time of one call, with a cache of the folder's own."""
    began = time.perf_counter()
    environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPYCACHEPREFIX": str(folder / "bytes")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # gradfix is compiled once, as where pip has installed it
    command = [sys.executable, "-m", "gradfix", *names]
    subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - began


def main() -> int:
    """Prints the table; returns 1 where the goal is not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    table = table_of(parser.parse_args())
    for names in ([SHOWN[0]], [SHOWN[1]], list(SHOWN)):
        with tempfile.TemporaryDirectory() as folder:
            files = [shutil.copy(FIXTURES / name / "before.py", Path(folder) / f"{name}.py") for name in names]
            paths = [os.path.basename(file) for file in files]
            first = call(Path(folder), paths)
            second = median(call(Path(folder), paths) for _ in range(3))
        table.add(Figure(", ".join(names), seconds(second), seconds(first), second / first, GOAL))
    return table.close()


if __name__ == "__main__":
    sys.exit(main())
