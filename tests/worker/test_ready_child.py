"""The child that the warm parent makes ahead: it sees the files as they are when it is used, and does not stay."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gradfix.run.lab import Lab, subject_of
from gradfix.run.messages import Entry, Limits, Run
from gradfix.run.pool import Pool
from tests.conftest import within

STEP = """
import tensorflow as tf
w = tf.Variable([1.0, 2.0])
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(w * 3.0)
tape.gradient(loss, [w])
"""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


@dataclass(frozen=True)
class Place:
    """A warm worker at one level of the sandbox, and a project."""

    pool: Pool
    folder: Path

    def run(self, code: str, **more: object) -> Run:
        """Runs statements and then a step."""
        path = self.folder / "train.py"
        path.write_text(code + STEP)
        return Lab(self.pool, subject_of(str(path)), Limits(())).run(Entry(), {str(path): path.read_text()}, **more)

    @property
    def worker(self) -> int:
        """The worker's process."""
        return next(iter(self.pool.workers.values())).process.pid

    def children(self) -> list[int]:
        """The keepers that the worker has now."""
        return [int(pid) for pid in Path(f"/proc/{self.worker}/task/{self.worker}/children").read_text().split()]

    def one_is_ready(self) -> int:
        """Waits until nothing but a child that was made ahead is there, with its room built; gives its keeper."""
        assert within(30, lambda: len(self.children()) == 1)
        keeper = self.children()[0]
        assert within(30, lambda: bool(Path(f"/proc/{keeper}/task/{keeper}/children").read_text()))
        time.sleep(0.2)
        return keeper


@pytest.fixture(scope="module", params=("full", "landlock", "audit"))
def warm(request: pytest.FixtureRequest) -> Iterator[Pool]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADFIX_SANDBOX_AT_MOST", request.param)
        with Pool(sys.executable, 60) as pool:
            if pool.versions().sandbox != request.param:
                pytest.skip(f"not to be had here: {pool.versions().why}")
            yield pool


@pytest.fixture
def place(warm: Pool, tmp_path: Path) -> Place:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "pyproject.toml").write_text("")
    return Place(warm, tmp_path / "project")


def test_it_sees_what_has_changed_since_it_was_made(place: Place) -> None:
    folder = place.folder
    for name in ("edited", "replaced", "gone"):
        (folder / name).write_text("old")
    for name in ("exchanged", "removed"):
        (folder / name).mkdir()
        (folder / name / "old").write_text("old")
    code = (
        "import os\nstate = {n: os.listdir(n) if os.path.isdir(n) else open(n).read() for n in sorted(os.listdir())}\n"
    )
    assert place.run(code).trouble is None
    keeper = place.one_is_ready()
    (folder / "edited").write_text("new")
    (folder / "other").write_text("new")
    (folder / "other").rename(folder / "replaced")
    (folder / "gone").unlink()
    (folder / "exchanged").rename(folder / "moved")
    (folder / "exchanged").mkdir()
    (folder / "exchanged" / "new").write_text("new")
    shutil.rmtree(folder / "removed")
    (folder / "made").mkdir()
    (folder / "made" / "new").write_text("new")
    expected = {
        "edited": "new",
        "replaced": "new",
        "exchanged": ["new"],
        "moved": ["old"],
        "made": ["new"],
        "pyproject.toml": "",
    }
    check = f"del state['train.py']\nassert state == {expected!r}, state\n"
    for _ in "made before, after":
        assert place.run(code + check).trouble is None
        assert keeper not in place.children()
        keeper = place.one_is_ready()


def test_it_sees_a_project_that_was_exchanged_as_a_whole(place: Place) -> None:
    (place.folder / "data").write_text("old")
    assert place.run("assert open('data').read() == 'old'\n").trouble is None
    place.one_is_ready()
    place.folder.rename(place.folder.with_name("elsewhere"))
    place.folder.mkdir()
    (place.folder / "data").write_text("new")
    assert place.run("assert open('data').read() == 'new'\n").trouble is None


def test_other_limits_hold_in_it(place: Place) -> None:
    place.run("")
    place.one_is_ready()
    code = "import select\nselect.select([], [], [], 20)\n"
    assert place.run(code, timeout=3.0).death == "it did not end within 3 s"


def test_it_is_taken_for_the_next_run_and_the_time_that_it_waited_does_not_count(place: Place) -> None:
    place.run("", timeout=7.0)
    keeper = place.one_is_ready()
    time.sleep(3)
    assert place.children() == [keeper]
    run = place.run("import select\nselect.select([], [], [], 4.5)\n", timeout=7.0)
    assert (run.death, run.trouble, len(run.requests)) == ("", None, 1)
    assert run.sandbox_seconds is not None
    assert run.sandbox_seconds < 2


def test_one_that_has_died_is_told_or_replaced(place: Place) -> None:
    place.run("")
    os.kill(place.one_is_ready(), signal.SIGKILL)
    first = place.run("")
    assert first.death in ("", "its keeper died")
    assert len(place.run("").requests) == 1
    place.one_is_ready()  # and nothing else: what ran under the dead keeper was left unreaped once


def test_none_is_kept_where_nobody_asks_for_long(place: Place) -> None:
    if place.pool.versions().sandbox != "audit":
        pytest.skip("takes ten seconds, and is the same at each level")
    place.run("")
    place.one_is_ready()
    assert within(30, lambda: not place.children())
    assert len(place.run("").requests) == 1


def test_a_folder_for_runs_that_was_cleared_meanwhile_costs_a_new_child_only(place: Place) -> None:
    place.run("")
    place.one_is_ready()
    for path in Path(os.environ.get("TMPDIR", "/tmp")).glob("gradfix-run-*"):
        if any(fd.resolve().parent == path for fd in Path(f"/proc/{place.worker}/fd").iterdir()):
            shutil.rmtree(path, ignore_errors=True)
    assert len(place.run("").requests) == 1


MOUNTING = """\
import os, sys
sys.path.insert(0, {root!r})
from gradfix.worker.isolation import kernel, view
folder = {folder!r}
uid = os.getuid()
kernel.unshare(0x20000 | 0x10000000)
open("/proc/self/uid_map", "w").write(f"{{uid}} {{uid}} 1")
kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
plans = [view.plan(), view.plan()]
kernel.mount("tmpfs", folder + "/point", "tmpfs", 0)
plans.append(view.plan())
os.mkdir(folder + "/beside")
plans += [view.plan(), view.plan()]
print(*(a == b for a, b in zip(plans, plans[1:])))
"""


def test_a_view_is_built_anew_where_something_was_mounted_or_made_beside_a_mount_point(tmp_path: Path) -> None:
    (tmp_path / "point").mkdir()
    root = str(Path(__file__).parent.parent.parent)
    code = MOUNTING.format(root=root, folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if "unshare" in done.stderr:
        pytest.skip("this machine allows no namespaces")
    assert done.stdout == "True False False True\n", done.stderr
