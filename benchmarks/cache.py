"""What a second call costs beside the first one: see README.md beside this file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

FIXTURES = Path(__file__).parent.parent / "fixtures"
SHOWN = ("loss_after_the_block", "train_step_of_a_model_that_is_fitted")
GOAL = 0.1


def seconds(folder: Path, names: list[str]) -> float:
    """The time of one call, with a cache of the folder's own."""
    began = time.perf_counter()
    environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache"), "PYTHONPYCACHEPREFIX": str(folder / "bytes")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # gradfix is compiled once, as where pip has installed it
    command = [sys.executable, "-m", "gradfix", *names]
    subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=False)
    return time.perf_counter() - began


def main() -> int:
    """Prints the table; returns 1 where the goal is not reached."""
    missed = 0
    for names in ([SHOWN[0]], [SHOWN[1]], list(SHOWN)):
        with tempfile.TemporaryDirectory() as folder:
            files = [shutil.copy(FIXTURES / name / "before.py", Path(folder) / f"{name}.py") for name in names]
            paths = [os.path.basename(file) for file in files]
            first = seconds(Path(folder), paths)
            second = median(seconds(Path(folder), paths) for _ in range(3))
        missed += second > GOAL * first
        print(f"{' '.join(names):58}{first:8.2f} s{second:8.2f} s{second / first:8.3f}  <= {GOAL:g}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
