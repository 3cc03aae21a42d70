"""Several files at a time: the same output, no more runs at once than asked for, and an end when it is asked for."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gradfix.config import Settings
from gradfix.jobs import PASSED, LocalExecutor, usual_jobs
from gradfix.run.messages import Run, Versions
from gradfix.run.pool import MOST_WORKERS, Closed, Pool
from gradfix.run.worker import Held
from gradfix.sources import Source
from gradfix.values import FileReport, Verdict
from tests.command import in_bytes

BROKEN = """\
import tensorflow as tf
w = tf.Variable([1.0, {number}.0], name="w")
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""
HEALTHY = BROKEN.replace("\nloss", "\n    loss")
OF_ITS_OWN = """\
import os
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
os.environ["TF_GRADFIX_TEST"] = "seen"
import tensorflow as tf
assert "TF_GRADFIX_TEST=seen" in open("/proc/self/environ").read()  # of the process that was started for it
""" + BROKEN.replace("import tensorflow as tf\n", "")
ENDLESS = """\
import tensorflow as tf
import sys, time
with open("/proc/self/comm", "w") as f:
    f.write({name!r})
while True:
    time.sleep(0.1)
tape = tf.GradientTape()
tape.gradient(1, 2)
"""


def test_jobs_change_nothing_of_what_is_said(tmp_path: Path) -> None:
    files = {
        "a_broken.py": BROKEN.format(number=1),
        "b_unreadable.py": "def (:\n",
        "c_environment.py": OF_ITS_OWN.format(number=2),
        "d_healthy.py": HEALTHY.format(number=3),
        "e_no_step.py": "print(1)\n",
        "f_stops.py": "import tensorflow as tf\nraise ValueError('no')\n" + BROKEN.format(number=4),
        "g_broken.py": BROKEN.format(number=5),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    one, more = (in_bytes("--no-cache", "--jobs", jobs, "--diff", ".", cwd=tmp_path) for jobs in ("1", "3"))
    assert one.stdout.count(b"+++ ") == 3
    assert (one.returncode, one.stdout, one.stderr.splitlines()) == (
        more.returncode,
        more.stdout,
        more.stderr.splitlines(),
    )


def test_reports_stream_in_order_with_few_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first report is there before the last file was taken; files are taken a few ahead only."""
    taken: list[int] = []
    monkeypatch.setattr("gradfix.jobs.repair", lambda source, pool, settings, account: source)

    def sources() -> Any:
        for number in range(50):
            taken.append(number)
            yield Source(str(number), "", "utf-8", False), Settings()

    with LocalExecutor(3) as executor:
        seen = []
        for report in executor.reports(sources()):
            seen.append(report)
            assert len(taken) <= len(seen) + 6
    assert [source.path for source in seen] == [str(number) for number in range(50)]


class Workers:
    """Stands in for workers: counts the runs that are under way, each of which lasts a moment."""

    def __init__(self) -> None:
        self.lock, self.now, self.most, self.closed = threading.Lock(), 0, 0, 0
        self.alive = True

    def versions(self) -> Versions:
        return Versions("3", "2", "3", "none", "", True, True)

    def hold(self, request: dict[str, Any], over: Callable[[], None]) -> Held:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)

        def end() -> None:
            time.sleep(0.01)
            with self.lock:
                self.now -= 1
            over()

        thread = threading.Thread(target=end)
        thread.start()
        return Held(lambda rest: None, lambda: None, lambda: (thread.join(), Run())[1])

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_runs_at_once_than_asked_for(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    workers = Workers()
    monkeypatch.setattr("gradfix.run.pool.Worker", lambda *_: workers)
    with Pool(sys.executable, 60, at_once=at_once) as pool:

        def ask() -> None:
            for answer in [pool.start({}) for _ in range(2)]:  # as a look does: both begun before one is waited for
                answer()

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not any(t.is_alive() for t in threads)
    assert workers.most == at_once
    with pytest.raises(Closed):
        pool.start({})


def test_a_worker_that_is_at_work_is_not_ended_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Workers] = {}

    def make(python: str, gpu: bool, variables: dict[str, str], sandbox: str) -> Workers:
        return made.setdefault(variables["TF_X"], Workers())

    monkeypatch.setattr("gradfix.run.pool.Worker", make)
    with Pool(sys.executable, 60, at_once=8) as pool:
        busy = pool.start({}, {"TF_X": "busy"})
        for number in range(MOST_WORKERS + 2):
            pool.run({}, {"TF_X": str(number)})
            if made["busy"].now:
                assert not made["busy"].closed
        busy()
        assert len(pool.workers) == MOST_WORKERS


def test_the_usual_number_of_jobs_fits_the_cores() -> None:
    assert 1 <= usual_jobs() <= max(len(os.sched_getaffinity(0)) // 2, 1)


def test_ctrl_c_ends_all_jobs_at_once(tmp_path: Path, mark: Any) -> None:
    for number in range(3):
        (tmp_path / f"endless{number}.py").write_text(ENDLESS.format(name=mark.name))
    process = subprocess.Popen(
        [sys.executable, "-m", "gradfix", "--jobs", "2", "--run", "always", "."],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    try:
        assert mark.comes(90)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        out, err = process.communicate(timeout=60)
        assert time.monotonic() - began < 40
    finally:
        process.kill()
    said = re.sub(rb"; sandbox: [^;]*", b"", out)
    assert said == b"0 files checked; interrupted: the others were not looked at\n"
    assert (process.returncode, err) == (130, b"")
    assert mark.goes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["endless0.py", "endless1.py", "endless2.py"]


def test_reports_that_need_no_run_are_passed_on_in_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those before the first run at once; those behind it wait for it, and only so many are taken meanwhile."""
    ended = threading.Event()

    def repair(source: Source, pool: Any, settings: Settings, account: Any) -> FileReport:
        ended.wait(60)
        return FileReport(source.path, Verdict.ADVICE)

    monkeypatch.setattr("gradfix.jobs.repair", repair)
    taken: list[int] = []

    def tasks() -> Iterator[Any]:
        for number in range(2 * PASSED):
            taken.append(number)
            if number == 9:
                yield Source("9", "", "utf-8", False), Settings()
            else:
                yield FileReport(str(number), Verdict.CLEAN)
            if number == 20:
                ended.set()

    for jobs in (1, 3):
        ended.clear()
        taken.clear()
        with LocalExecutor(jobs) as executor:
            reports = executor.reports(tasks())
            assert [next(reports).path for _ in range(9)] == [str(n) for n in range(9)]
            assert taken == [*range(9)]
            assert next(reports).verdict is Verdict.ADVICE
            assert len(taken) <= PASSED + 10
            assert [report.path for report in reports] == [str(n) for n in range(10, 2 * PASSED)]
