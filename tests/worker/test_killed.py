"""No process of a run is left when gradfix is killed, whenever that is: at its start, during a run, between two."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gradfix.run import worker
from gradfix.run.lab import Lab, subject_of
from gradfix.run.messages import Entry, Limits, Run
from gradfix.run.pool import Pool
from tests.conftest import within

MARK = "GRADFIX_TEST_MARK"
MOMENTS, COLD = 8, 3
SCRIPT = """\
import os, select
import tensorflow as tf
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        select.select([], [], [], 60)
    os._exit(0)
w = tf.Variable([1.0, 2.0])
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(w * 3.0)
select.select([], [], [], 60)
tape.gradient(loss, [w])
"""
SERVERS = """\
import importlib.util, json, os, signal, sys, time
folder = os.path.dirname(sys.argv[1])
spec = importlib.util.spec_from_file_location("gradfix_worker", sys.argv[1], submodule_search_locations=[folder])
sys.modules["gradfix_worker"] = package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
from gradfix_worker import guest, server
from gradfix_worker.isolation import choose, kernel
choice = choose.choose("auto")
guest.import_tensorflow()
print(choice.level, flush=True)
for line in sys.stdin:
    requests, delay = json.loads(line)
    inbox, tell = os.pipe()
    answers, outbox = os.pipe()
    pid = os.fork()
    if pid == 0:
        kernel.die_with_parent()
        os.close(tell)
        server.Server(inbox, outbox, choice).loop()
        os._exit(0)
    os.write(tell, "".join(json.dumps(r) + chr(10) for r in requests).encode())
    time.sleep(delay)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    for fd in (inbox, tell, answers, outbox):
        os.close(fd)
    print("killed", flush=True)
"""
"""Warm parents, forked of one that has imported TensorFlow, each killed some time after it was asked for runs."""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


class Noting(Pool):
    """A pool that runs nothing and keeps what it was asked."""

    asked: Mapping[str, Any]

    def start(self, request: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Callable[[], Run]:
        """Notes one request."""
        self.asked = {**request, "timeout": 40.0}
        return Run


def marked(value: str) -> dict[int, str]:
    """The processes with the mark in their environment, which they inherit from gradfix, and their states."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{MARK}={value}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()[0]
    return {pid: state for pid, state in found.items() if state not in "ZX"}


@pytest.mark.parametrize("level", ["full", "landlock", "audit"])
def test_nothing_is_left_when_the_warm_parent_is_killed_at_any_moment(level: str, tmp_path: Path) -> None:
    path, temporary, mark = tmp_path / "project" / "train.py", tmp_path / "tmp", uuid.uuid4().hex
    path.parent.mkdir()
    temporary.mkdir()
    path.write_text(SCRIPT)
    pool = Noting(sys.executable, 40)
    Lab(pool, subject_of(str(path)), Limits(())).run(Entry(), {str(path): SCRIPT})
    requests = [{**pool.asked, "id": i} for i in (1, 2)]
    launch = str(worker.LAUNCH.with_name("__init__.py"))
    more = {MARK: mark, "GRADFIX_SANDBOX_AT_MOST": level, "TMPDIR": str(temporary), "CUDA_VISIBLE_DEVICES": "-1"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVERS, launch],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | more | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        text=True,
    ) as servers:
        assert servers.stdin is not None
        assert servers.stdout is not None
        if (here := servers.stdout.readline().strip()) != level:
            servers.kill()
            pytest.skip(f"not to be had here, but {here}")
        for _ in range(MOMENTS):
            delay = random.random() ** 2  # most of what is done is done at the beginning
            servers.stdin.write(json.dumps([requests, delay]) + "\n")
            servers.stdin.flush()
            assert servers.stdout.readline() == "killed\n"
            assert within(20, lambda: set(marked(mark)) == {servers.pid}), (delay, marked(mark))
            left = [p for p in temporary.glob("gradfix-run-*/*") if p.is_dir() and any(p.iterdir())]
            assert left == [], delay


def test_nothing_is_left_when_gradfix_is_killed_at_any_moment(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    for _ in range(COLD):
        mark, delay = uuid.uuid4().hex, 5 * random.random()
        command = [sys.executable, "-m", "gradfix", str(tmp_path / "train.py")]
        with subprocess.Popen(
            command, env=os.environ | {MARK: mark}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as gradfix:
            time.sleep(delay)
            assert marked(mark)
            gradfix.kill()
        assert within(20, lambda mark=mark: not marked(mark)), (delay, marked(mark))  # type: ignore[misc]
