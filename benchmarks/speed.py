"""What a proof costs beside a plain run of the file: see README.md beside this file."""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from figures import Figure, add_options, seconds, table_of

from gradfix.config import Settings
from gradfix.jobs import LocalExecutor
from gradfix.repair import repair
from gradfix.run.kinds import kind_of
from gradfix.run.messages import Run
from gradfix.run.pool import Pool
from gradfix.run.worker import Held
from gradfix.sources import Source, read_source
from gradfix.values import FileReport, Verdict

FIXTURES = Path(__file__).parent.parent / "fixtures"
EAGER, FIT = "loss_after_the_block", "train_step_of_a_model_that_is_fitted"
TWENTY = (
    "array_methods_of_the_prediction",
    "conditional_loss",
    "copied_line_that_asks_the_first_tape",
    "epoch_loop",
    "error_computed_with_numpy",
    "forward_pass_before_the_block",
    "loop_that_collects_losses",
    "loss_after_the_block",
    "loss_turned_into_a_float",
    "moments_of_a_sample_with_numpy",
    "negated_target_in_the_call",
    "penalty_added_after_the_block",
    "predict_as_the_forward_pass",
    "several_statements_with_comments",
    "square_root_of_pythons_math",
    "tabs_for_indentation",
    "target_built_in_the_call",
    "tuple_and_augmented_assignments",
    "under_a_main_guard",
    "where_of_numpy_in_a_loss",
)
QUIET = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0"}
"""What gradfix sets for its worker, too: no search for GPUs, no log."""


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and of all processors, of one command."""

    wall: float
    cpu: float


def command(arguments: list[str], folder: Path) -> Cost:
    """Runs a command to its end, whatever its exit code; what it prints is thrown away."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(arguments, cwd=folder, env=QUIET, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def diff_of(path: Path) -> list[str]:
    """The command whose cost is measured."""
    return [sys.executable, "-m", "gradfix", "--diff", "--no-cache", path.name]


def cold(name: str, path: Path, goal: float, times: int) -> tuple[Figure, Cost]:
    """gradfix --diff against python running the file; also gives the median of gradfix's own cost."""
    pairs = []
    for _ in range(times):
        plain = command([sys.executable, path.name], path.parent)
        pairs.append((command(diff_of(path), path.parent), plain))
    ratio, cpu = median(a.wall / b.wall for a, b in pairs), median(a.cpu / b.cpu for a, b in pairs)
    ours = Cost(median(a.wall for a, _ in pairs), median(a.cpu for a, _ in pairs))
    plains = median(b.wall for _, b in pairs)
    return Figure(name, seconds(ours.wall), seconds(plains), ratio, goal, cpu=cpu), ours


class CountingPool(Pool):
    """A pool that counts its runs and notes how long their sandboxes took. A fresh one ends its worker at each run."""

    def __init__(self, at_once: int, fresh: bool = False) -> None:
        super().__init__(sys.executable, 120.0, at_once=at_once)
        self.fresh, self.count, self.setups = fresh, 0, list[float]()

    def start(self, request: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Callable[[], Run]:
        """One run, as ever."""
        answer = super().start(request, environment)
        self.count += 1

        def wait() -> Run:
            run = answer()
            if run.sandbox_seconds is not None:
                self.setups.append(run.sandbox_seconds)
            return run

        if not self.fresh:
            return wait
        done = wait()
        for worker in self.workers.values():
            worker.close()
        return lambda: done

    def hold(self, request: Mapping[str, Any], environment: Mapping[str, str]) -> Held | None:
        """A run that is begun ahead; it counts where it is waited for. A process of its own has none beside it."""
        held = None if self.fresh else super().hold(request, environment)
        if held is None:
            return None

        def wait() -> Run:
            self.count += 1
            return held.wait()

        return replace(held, wait=wait)


def fixed(source: Source, pool: Pool) -> FileReport:
    """The report of a file that gradfix mends. Ends the benchmark where it does not: its figures would mean nothing."""
    report = repair(source, pool, Settings(python=sys.executable))
    if report.verdict is not Verdict.FIXED:
        raise SystemExit(f"{source.path}: {report.verdict.value}: {report.reason}")
    return report


def sources(paths: list[Path]) -> list[Source]:
    """The files as gradfix reads them."""
    read = [read_source(str(path)) for path in paths]
    return [source for source in read if isinstance(source, Source)]


def many(paths: list[Path], sample: int) -> Figure:
    """All files with one warm worker, its start included, against a process of its own for each of their runs.

    Of the latter a sample of the files is run, and its cost of one run taken times the number of runs.
    """
    files = sources(paths)
    began = time.perf_counter()
    settings = Settings(python=sys.executable)
    with LocalExecutor() as executor:
        executor.pools[kind_of(settings)] = pool = CountingPool(2)
        pool.warm_up()
        for report in executor.reports((file, settings) for file in files):
            if report.verdict is not Verdict.FIXED:
                raise SystemExit(f"{report.path}: {report.verdict.value}: {report.reason}")
    together = time.perf_counter() - began
    began = time.perf_counter()
    with CountingPool(1, fresh=True) as fresh:
        for source in files[:: max(len(files) // sample, 1)][:sample]:
            fixed(source, fresh)
    alone = (time.perf_counter() - began) / fresh.count * pool.count
    name = f"{len(files)} files, {pool.count} runs: faster than a process for each run"
    return Figure(name, seconds(together), seconds(alone), alone / together, 8.0, at_least=True)


def spent(pool: Pool) -> float:
    """Seconds of all processors by this process and by the runs of a warm worker, which are its children."""
    total = time.process_time()
    for worker in pool.workers.values():
        fields = Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def warm(paths: list[Path], cold_cost: Cost, times: int) -> tuple[Figure, Figure]:
    """One more file on a warm worker against the cold command; and what the sandbox took for each run."""
    eager, *others = sources(paths)
    costs = []
    with CountingPool(2) as pool:
        fixed(others[0], pool)
        for _ in range(times):
            began, before = time.perf_counter(), spent(pool)
            fixed(eager, pool)
            costs.append(Cost(time.perf_counter() - began, spent(pool) - before))
    took, cpu = median(c.wall for c in costs), median(c.cpu for c in costs)
    more = Figure(
        "one more file on a warm worker, against the cold run",
        seconds(took),
        seconds(cold_cost.wall),
        took / cold_cost.wall,
        0.25,
        cpu=cpu / cold_cost.cpu,
    )
    setup = 1000 * median(pool.setups) if pool.setups else float("nan")
    name = f"sandbox set-up for each run ({pool.versions().sandbox})"
    return more, Figure(name, f"{setup:.1f} ms", "", setup, 20.0, unit=" ms")


@dataclass
class Watched:
    """The most memory that a process and all below it held at a time, each shared page counted once (PSS)."""

    pid: int
    peak: int = 0
    unread: set[int] = field(default_factory=set)
    over: bool = False

    def watch(self) -> None:
        """Looks about fifty times a second until it is told to stop."""
        while not self.over:
            total = 0
            for pid in tree(self.pid):
                try:
                    with open(f"/proc/{pid}/smaps_rollup") as f:
                        total += next((int(line.split()[1]) for line in f if line.startswith("Pss:")), 0) << 10
                except PermissionError:
                    self.unread.add(pid)
                except OSError:  # it has ended meanwhile
                    continue
            self.peak = max(self.peak, total)
            time.sleep(0.02)


def tree(top: int) -> list[int]:
    """The process and all that descend from it. Needs /proc."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat") as f:
                parents[int(name)] = int(f.read().rpartition(")")[2].split()[1])
    found = [top]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def peak(arguments: list[str], folder: Path) -> int:
    """The peak of a command's memory in bytes."""
    process = subprocess.Popen(arguments, cwd=folder, env=QUIET, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    watched = Watched(process.pid)
    thread = threading.Thread(target=watched.watch)
    thread.start()
    process.wait()
    watched.over = True
    thread.join()
    if watched.unread:
        print(f"  the memory of {len(watched.unread)} processes could not be read: run this as root")
    return watched.peak


def memory(path: Path, times: int) -> Figure:
    """Peak memory of gradfix with all its processes against python running the file."""
    pairs = []
    for _ in range(times):
        plain = peak([sys.executable, path.name], path.parent)
        pairs.append((peak(diff_of(path), path.parent), plain))
    ours, plains = median(a for a, _ in pairs), median(b for _, b in pairs)
    ratio = median(a / b for a, b in pairs)
    return Figure("peak memory (PSS of all processes)", f"{ours / 1e6:.0f} MB", f"{plains / 1e6:.0f} MB", ratio, 1.4)


def main() -> int:
    """Prints the table. Exit code 1 where a goal is not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="pairs of each kind, of which the median counts")
    parser.add_argument("--files", type=int, default=20, help="files of the third line")
    parser.add_argument("--sample", type=int, default=2, help="files of the third line that are run in fresh processes")
    add_options(parser)
    options = parser.parse_args()
    table = table_of(options)
    with tempfile.TemporaryDirectory() as place:
        paths = {}
        for name in (EAGER, FIT, *TWENTY):
            paths[name] = Path(place, f"{name}.py")
            shutil.copy(FIXTURES / name / "before.py", paths[name])
        command(diff_of(paths[EAGER]), Path(place))  # reads everything from the disk once
        figure, cost = cold("an eager file, cold, against python running it", paths[EAGER], 1.6, options.times)
        table.add(figure)
        table.add(cold("a file with fit, cold, against python running it", paths[FIT], 1.8, options.times)[0])
        table.add(many([paths[name] for name in TWENTY[: options.files]], options.sample))
        for each in warm([paths[EAGER], paths[FIT]], cost, options.times):
            table.add(each)
        table.add(memory(paths[EAGER], options.times))
    return table.close()


if __name__ == "__main__":
    sys.exit(main())
