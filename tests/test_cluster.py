"""Files that a Dask cluster looks at: a real scheduler and two workers, of which one is killed half-way."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import gradfix
from tests.conftest import within

BROKEN = """\
import tensorflow as tf
w = tf.Variable([1.0, {number}.0], name="w")
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""
FILES = {
    "a_broken.py": BROKEN.format(number=1),
    "b_unreadable.py": "def (:\n",
    "c_healthy.py": BROKEN.format(number=2).replace("\nloss", "\n    loss"),
    "d_no_step.py": "print(1)\n",
    "e_stops.py": "import tensorflow as tf\nraise ValueError('no')\n" + BROKEN.format(number=3),
    "f_notebook.ipynb": '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "g_broken.py": BROKEN.format(number=4),
}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@dataclass
class Cluster:
    """A scheduler, and workers of one thread each."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


def _start(*command: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + command[0], *command[1:]],
        cwd=folder,  # not that of the call
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _worker(address: str, folder: Path) -> subprocess.Popen[bytes]:
    ways = ["--host", "127.0.0.1", "--no-dashboard", "--nthreads", "1", "--no-nanny", "--memory-limit", "0"]
    return _start("dask_worker", address, *ways, "--local-directory", str(folder), folder=folder)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    started = _start(
        "dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show", folder=folder
    )
    made = Cluster(address, started, [])
    try:
        made.workers += [_worker(address, folder) for _ in range(2)]
        yield made
    finally:
        for process in (*made.workers, made.scheduler):
            process.kill()
            process.wait(30)


def _below(process: subprocess.Popen[bytes]) -> list[int]:
    """What a process has started."""
    pids = Path(f"/proc/{process.pid}/task").glob("*/children")
    return [int(pid) for children in pids for pid in children.read_text().split()]


def _used(cluster: Cluster) -> bool:
    """Waits until both workers are there, so that both are handed something."""
    from distributed import Client

    with Client(cluster.address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        return len(client.nthreads()) == 2


def _tree(folder: Path, files: dict[str, str] = FILES) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_the_report_is_that_of_a_local_call(cluster: Cluster, tmp_path: Path) -> None:
    assert _used(cluster)
    tree = _tree(tmp_path / "tree")
    pages = tmp_path / "local.html", tmp_path / "there.html"
    local, there = (
        gradfix("--no-cache", "--diff", f"--report={page}", *more, ".", cwd=tree)
        for page, more in zip(pages, ((), ("--cluster", cluster.address)), strict=True)
    )
    assert local.stdout.count("+++ ") == 2
    assert (there.returncode, there.stdout, there.stderr) == (local.returncode, local.stdout, local.stderr)
    here, far = (re.sub(r"(<dt>Made</dt><dd>)[^<]+", r"\1", page.read_text()) for page in pages)
    assert here.count("lost here") == 2
    assert here.count(">After<") == 2
    assert far == here
    assert within(60, lambda: not any(map(_below, cluster.workers))), "a bench outlives its call"


def test_apply_writes_what_the_cluster_has_proved(cluster: Cluster, tmp_path: Path) -> None:
    assert _used(cluster)
    tree = _tree(tmp_path / "tree", {"a.py": FILES["a_broken.py"], "b.py": FILES["g_broken.py"]})
    call = gradfix("--no-cache", "--apply", "--cluster", cluster.address, ".", cwd=tree)
    assert (call.returncode, call.stderr) == (0, "")
    assert "    loss = tf" in (tree / "a.py").read_text()
    assert "    loss = tf" in (tree / "b.py").read_text()


def test_a_file_that_is_another_there_is_an_error(cluster: Cluster, tmp_path: Path) -> None:
    """The workers share this machine, so that the one whose files differ is played by a file that changes meanwhile."""
    assert _used(cluster)
    from gradfix.cluster.executor import ClusterExecutor
    from gradfix.config import Settings
    from gradfix.sources import Source

    path = tmp_path / "train.py"
    path.write_text(FILES["a_broken.py"])
    other = Source(str(path), FILES["g_broken.py"], "utf-8", False)
    gone = Source(str(tmp_path / "gone.py"), FILES["g_broken.py"], "utf-8", False)
    with ClusterExecutor(cluster.address, cache=False) as executor:
        said = [report.reason for report in executor.reports([(other, Settings()), (gone, Settings())])]
    here = f"on {socket.gethostname()}"
    need = "what it is here; a cluster's machines need the same files"
    assert said == [f"{here} it differs from {need}", f"{here} No such file or directory: not {need}"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://127.0.0.1:9", "no Dask scheduler answers at tcp://127.0.0.1:9: "),
        ("no address at all", "no Dask scheduler answers at no address at all: "),
    ],
)
def test_without_a_scheduler_there_is_one_line_and_exit_code_2(address: str, said: str, tmp_path: Path) -> None:
    call = gradfix("--no-cache", "--cluster", address, ".", cwd=_tree(tmp_path / "tree"))
    assert (call.returncode, call.stdout) == (2, "")
    assert re.fullmatch(rf"gradfix: error: {re.escape(said)}.+\n", call.stderr)


def test_text_on_stdin_is_not_for_a_cluster(tmp_path: Path) -> None:
    call = gradfix("--no-cache", "--cluster", "tcp://127.0.0.1:9", "-", cwd=tmp_path)
    assert (call.returncode, call.stdout) == (2, "")
    assert call.stderr == "gradfix: error: Invalid value: --cluster is for files that its machines see, and - is none\n"


def test_an_empty_address_is_no_call_on_this_machine(tmp_path: Path) -> None:
    call = gradfix("--cluster", "", "--report", "out.html", ".", cwd=tmp_path)
    assert (call.returncode, call.stdout) == (2, "")
    assert call.stderr == "gradfix: error: Invalid value: --cluster is given an empty text\n"


def test_what_a_killed_worker_looked_at_is_looked_at_by_another(cluster: Cluster, tmp_path: Path) -> None:
    assert _used(cluster)
    tree = _tree(tmp_path / "tree", {f"{number:02}.py": BROKEN.format(number=number) for number in range(8)})
    local = gradfix("--no-cache", "--diff", ".", cwd=tree)
    doomed = cluster.workers[0]
    process = subprocess.Popen(
        [sys.executable, "-m", "gradfix", "--no-cache", "--diff", "--cluster", cluster.address, "."],
        cwd=tree,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert within(60, lambda: any(_below_of(pid) for pid in _below(doomed))), "it was handed nothing"
        benches = _below(doomed)
        os.kill(doomed.pid, signal.SIGKILL)
        out, err = process.communicate(timeout=300)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (local.returncode, local.stdout, local.stderr)
    assert within(30, lambda: not any(Path(f"/proc/{pid}").exists() for pid in benches)), "a bench outlives its worker"


def _below_of(pid: int) -> list[str]:
    """The processes of a bench: TensorFlow's, once it has something to run."""
    return [name for children in Path(f"/proc/{pid}/task").glob("*/children") for name in children.read_text().split()]
