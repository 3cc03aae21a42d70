"""The table of the benchmarks: goals, and what has become worse than in a run that was saved."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
PROGRAM = """
import argparse, sys
from figures import Figure, add_options, table_of
parser = argparse.ArgumentParser()
parser.add_argument("ratios", type=float, nargs=2)
add_options(parser)
options = parser.parse_args()
table = table_of(options)
table.add(Figure("start", "1 s", "1 s", options.ratios[0], 1.5, cpu=1.25))
table.add(Figure("faster", "1 s", "9 s", options.ratios[1], 8.0, at_least=True))
sys.exit(table.close())
"""


def _table(*arguments: str) -> tuple[int, list[str]]:
    """The exit code, and the lines below the head."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, cwd=BENCHMARKS, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.returncode, done.stdout.splitlines()[1:]


def test_a_goal_that_is_missed_is_told_and_ends_with_1() -> None:
    code, lines = _table("1.2", "9")
    assert (code, [line.split()[-1] for line in lines]) == (0, ["yes", "yes"])
    assert lines[0].split() == ["start", "1", "s", "1", "s", "1.20", "<=", "1.5", "1.25", "yes"]
    code, lines = _table("1.2", "7")
    assert (code, [line.split()[-1] for line in lines]) == (1, ["yes", "NO"])


def test_a_regression_shows_beside_a_run_that_was_saved(tmp_path: Path) -> None:
    saved = tmp_path / "before.json"
    assert _table("1.2", "9", "--save", str(saved))[0] == 0
    assert json.loads(saved.read_text()) == {"start": 1.2, "faster": 9.0}
    code, lines = _table("1.3", "8.5", "--against", str(saved))  # as much as two runs differ anyway
    assert (code, [line.split()[-1] for line in lines]) == (0, ["1.20", "9.00"])
    code, lines = _table("1.4", "8.5", "--against", str(saved))
    assert (code, [line.split()[-1] for line in lines]) == (1, ["WORSE", "9.00"])
    saved.write_text('{"faster": 12.0}')
    code, lines = _table("1.4", "8.5", "--against", str(saved))
    assert (code, [line.split()[-1] for line in lines]) == (1, ["yes", "WORSE"])
