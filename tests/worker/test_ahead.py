"""Runs that are begun before it is known what is asked of them: what they show is what a later run would have shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gradfix.config import Settings
from gradfix.repair import repair
from gradfix.run.messages import Run
from gradfix.run.pool import Pool
from gradfix.run.worker import Held
from gradfix.sources import Source, read_source
from gradfix.values import FileReport, Verdict
from tests.conftest import within

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork")
HEAD = """import tensorflow as tf
w = tf.Variable([1.0, 2.0])
"""
BROKEN = """with tf.GradientTape() as tape:
    y = w * w
loss = tf.reduce_sum(y * y)
gradient = tape.gradient(loss, w)
w.assign_sub(0.1 * gradient)
"""
CLOSE = """import os, stat
for fd in range(3, 4096):
    try:
        through_socket = stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        continue
    if through_socket:
        os.close(fd)
"""


class Watched(Pool):
    """A pool that tells what was begun ahead and became of it, and which runs were begun at their time."""

    may = True

    def hold(self, request: Mapping[str, Any], environment: Mapping[str, str]) -> Held | None:
        held = super().hold(request, environment) if self.may else None
        if held is None:
            return None
        kind = request["held"]
        self.seen.append(f"held {kind}")
        real = held

        def tell(rest: Mapping[str, Any]) -> None:
            self.seen.append(f"told {kind}")
            real.tell(rest)

        def stop() -> None:
            self.seen.append(f"stopped {kind}")
            real.stop()

        return Held(tell, stop, real.wait)

    def start(self, request: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Callable[[], Run]:
        self.seen.append(
            "trace" if request.get("trace") else "perturb" if "step" in request.get("perturb", {}) else "look"
        )
        return super().start(request, environment)

    def repaired(self, source: Source, *, ahead: bool = True) -> FileReport:
        """The report of a file, and `seen` of it."""
        self.seen, self.may = list[str](), ahead
        report = repair(source, self, Settings(python=self.python))
        assert within(30, lambda: not +self.users)  # what was ended is gone
        return replace(report, seconds=0.0, spent=None)


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with Watched(os.environ.get("GRADFIX_TEST_PYTHON", sys.executable), timeout=60) as pool:
        yield pool


def _source(folder: Path, text: str) -> Source:
    path = folder / "train.py"
    path.write_text(text)
    source = read_source(str(path))
    assert isinstance(source, Source)
    return source


@pytest.mark.parametrize("name", ["loss_after_the_block", "epoch_loop"])
def test_a_proof_is_the_same(watched: Watched, tmp_path: Path, name: str) -> None:
    source = _source(tmp_path, (FIXTURES / name / "before.py").read_text())
    report = watched.repaired(source)
    seen = watched.seen
    assert report.verdict is Verdict.FIXED
    assert {"told trace", "told perturb"} <= {*seen}
    assert not {"trace", "perturb"} & {*seen}
    assert report == watched.repaired(source, ahead=False)
    assert watched.seen.count("look") == seen.count("look")


def test_a_clean_file_has_nothing_begun_ahead(watched: Watched, tmp_path: Path) -> None:
    report = watched.repaired(_source(tmp_path, HEAD + BROKEN.replace("\nloss", "\n    loss")))
    assert (report.verdict, watched.seen) == (Verdict.CLEAN, ["look"])


def test_what_breaks_at_a_later_request_is_traced_by_itself(watched: Watched, tmp_path: Path) -> None:
    whole = "with tf.GradientTape() as first:\n    a = tf.reduce_sum(w * w)\nfirst.gradient(a, w)\n"
    report = watched.repaired(_source(tmp_path, HEAD + whole + BROKEN))
    assert report.verdict is Verdict.FIXED
    assert watched.seen[:4] == ["look", "held trace", "stopped trace", "trace"]


def test_code_that_closes_its_files_is_run_again(watched: Watched, tmp_path: Path) -> None:
    report = watched.repaired(_source(tmp_path, CLOSE + HEAD + BROKEN))
    assert report.verdict is Verdict.FIXED
    assert watched.seen[:4] == ["look", "held trace", "told trace", "trace"]


def test_a_long_pipeline_ends_where_it_did(watched: Watched, tmp_path: Path) -> None:
    slow = "import time\ncount = 0\nfor _ in tf.data.Dataset.range(10**6):\n    count += 1\n    time.sleep(0.01)\n"
    text = HEAD + slow + BROKEN.replace("y * y", "y * float(count)")
    report = watched.repaired(_source(tmp_path, text))
    assert report.verdict is Verdict.FIXED, report.reason
    assert "equal before and after" in str(report)


def test_nothing_is_begun_ahead_beside_another_file(watched: Watched, tmp_path: Path) -> None:
    with watched.one_file():
        report = watched.repaired(_source(tmp_path, HEAD + BROKEN))
    assert report.verdict is Verdict.FIXED
    assert not [s for s in watched.seen if s.startswith("held")]


def test_nothing_is_begun_ahead_where_runs_see_each_others_files(
    watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "first", replace(watched.versions(), sandbox="off"))
    assert watched.repaired(_source(tmp_path, HEAD + BROKEN)).verdict is Verdict.FIXED
    assert not [s for s in watched.seen if s.startswith("held")]
