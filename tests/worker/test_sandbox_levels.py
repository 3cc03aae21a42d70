"""What each level of the sandbox stops, and what works in it all the same. Every run here is bounded by itself too."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gradfix.run.lab import Lab, subject_of
from gradfix.run.messages import Entry, Limits, Run
from gradfix.run.pool import Pool
from tests.conftest import Mark, within

LEVELS = ("full", "landlock", "audit")
HEAD = """\
import os, select, signal, socket, subprocess, sys, threading, time
import tensorflow as tf
w = tf.Variable([1.0, 2.0])
def wait(seconds):  # time.sleep is cut short in runs
    select.select([], [], [], seconds)
"""
STEP = "with tf.GradientTape() as tape:\n    loss = tf.reduce_sum(w * 3.0)\ntape.gradient(loss, [w])\n"


@dataclass(frozen=True)
class Place:
    """A level, and a project in which code is run at it."""

    level: str
    pool: Pool
    folder: Path

    def run(self, code: str, **more: object) -> Run:
        """Runs statements and then a step. It got to the step if there is a request."""
        path = self.folder / "train.py"
        path.write_text(f"{HEAD}{code}\n{STEP}")
        lab = Lab(self.pool, subject_of(str(path)), Limits(()))
        return lab.run(Entry(), {str(path): path.read_text()}, **{"timeout": 20.0, **more})


@pytest.fixture(scope="module", params=LEVELS)
def warm(request: pytest.FixtureRequest) -> Iterator[Pool]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADFIX_SANDBOX_AT_MOST", request.param)
        with Pool(sys.executable, 60) as pool:
            if pool.versions().sandbox != request.param:
                pytest.skip(f"not to be had here: {pool.versions().why}")
            yield pool


@pytest.fixture
def place(warm: Pool, tmp_path: Path) -> Place:
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "data" / "rows.csv").write_text("1,2\n")
    (project / "pyproject.toml").write_text("")
    return Place(warm.versions().sandbox, warm, project)


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """All that is below a folder but the script: kinds and modes, times, contents."""
    return {
        str(p.relative_to(folder)): (p.lstat().st_mode, p.lstat().st_mtime_ns, p.read_bytes() if p.is_file() else b"")
        for p in folder.rglob("*")
        if p.name not in ("train.py", "project")
    }


WRITING = """\
with open("data/rows.csv", "a") as f: f.write("3,4\\n")
assert open("data/rows.csv").read() == "1,2\\n3,4\\n"
os.makedirs("logs/deep")
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "logs", "own.txt"), "w") as f: f.write("x")
assert os.listdir("logs") == ["deep", "own.txt"] or os.listdir("logs") == ["own.txt", "deep"]
os.rename("logs/own.txt", "logs/deep/other.txt")
os.remove("logs/deep/other.txt")
with open(os.path.expanduser("~/gradfix_was_here.txt"), "w") as f: f.write("x")
import tempfile
with open(os.path.join(tempfile.mkdtemp(), "gradfix_was_here.txt"), "w") as f: f.write("x")
os.remove(__file__)
"""


def test_a_script_that_writes_gets_to_its_step_and_leaves_nothing(place: Place) -> None:
    before = tree(place.folder)
    temporary = set(os.listdir(tempfile.gettempdir()))
    run = place.run(WRITING)
    assert (run.trouble, len(run.requests), run.death) == (None, 1, "")
    assert tree(place.folder) == before
    assert not Path("~/gradfix_was_here.txt").expanduser().exists()
    left = set(os.listdir(tempfile.gettempdir())) - temporary
    assert not [name for name in left if name.startswith("tmp") and os.path.exists(f"/tmp/{name}/gradfix_was_here.txt")]


CHECKPOINTS = """\
tf.train.Checkpoint(w=w).save("models/ckpt")
assert tf.train.latest_checkpoint("models")
reader = tf.train.load_checkpoint("models")
assert reader.get_tensor("w/.ATTRIBUTES/VARIABLE_VALUE").tolist() == [1.0, 2.0]
tf.io.write_file("logs/own.txt", "x")
assert tf.io.read_file("logs/own.txt").numpy() == b"x"
model = tf.Module()
model.w = w
tf.saved_model.save(model, "exported")
assert os.path.exists("exported/saved_model.pb")
"""


def test_what_tensorflow_writes_itself_is_read_back_and_leaves_nothing(place: Place) -> None:
    before = tree(place.folder)
    run = place.run(CHECKPOINTS)
    assert (run.trouble, len(run.requests)) == (None, 1)
    assert tree(place.folder) == before


def test_places_and_files_are_told_as_the_user_knows_them(place: Place) -> None:
    run = place.run(
        "def fail():\n    raise ValueError(__file__)\ntry:\n    fail()\nexcept ValueError as e:\n    kept = e"
    )
    path = str(place.folder / "train.py")
    assert run.requests[0].place is not None
    assert (run.requests[0].place.path, run.files) == (path, (path,))
    run = place.run("raise ValueError(__file__)")
    assert run.trouble is not None
    assert (run.trouble.message, [p.path for p in run.trouble.places]) == (path, [path])


OUTSIDE = (
    'open({path!r}, "w").write("gone")',
    'open({path!r}, "a").write("more")',
    "os.truncate({path!r}, 0)",
    "os.remove({path!r})",
    'os.rename({path!r}, {path!r} + ".old")',
    "os.chmod({path!r}, 0)",
    "os.utime({path!r}, (1, 1))",
    'os.mkdir({path!r} + ".d")',
    'os.symlink("x", {path!r} + ".link")',
    'os.link({path!r}, {path!r} + ".hard")',
    "import shutil; shutil.rmtree(os.path.dirname({path!r}))",
    "here = os.open(os.path.dirname({path!r}), os.O_RDONLY); os.remove(os.path.basename({path!r}), dir_fd=here)",
    'import sqlite3; sqlite3.connect({path!r} + ".db").execute("create table t (x)")',
)


@pytest.mark.parametrize("statement", OUTSIDE)
def test_files_elsewhere_stay_as_they_are(statement: str, place: Place, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept.txt").write_text("kept")
    before = tree(tmp_path)
    run = place.run(
        f"try:\n    {statement.format(path=str(elsewhere / 'kept.txt'))}\nexcept Exception as e:\n    print(e)"
    )
    assert len(run.requests) == 1, run.trouble
    assert tree(tmp_path) == before


def test_files_elsewhere_stay_as_they_are_under_other_programs(place: Place, tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("kept")
    before = tree(tmp_path)
    command = f"echo gone > {kept}; rm -f {kept}; chmod 777 {kept}; touch {kept}"
    run = place.run(f"try:\n    subprocess.run({command!r}, shell=True)\nexcept OSError as e:\n    print(e)")
    assert len(run.requests) == 1, run.trouble
    assert tree(tmp_path) == before


@pytest.mark.parametrize("warm", LEVELS[:2], indirect=True)  # the hook does not see C++ code: SECURITY.md says so
def test_tensorflows_own_writers_stay_inside(place: Place, tmp_path: Path) -> None:
    target = tmp_path / "models"
    place.run(f"try:\n    tf.io.write_file({str(target / 'x')!r}, 'x')\nexcept tf.errors.OpError as e:\n    print(e)")
    assert not target.exists()


@contextlib.contextmanager
def listening(kind: int, family: int, address: object) -> Iterator[socket.socket]:
    with socket.socket(family, kind) as server:
        server.bind(address)  # type: ignore[arg-type]
        if kind == socket.SOCK_STREAM:
            server.listen()
        server.settimeout(0.2)
        yield server


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX])
def test_no_socket_reaches_anybody(kind: int, family: int, place: Place, tmp_path: Path) -> None:
    at = ("127.0.0.1", 0) if family == socket.AF_INET else os.path.relpath(tmp_path / "s")
    with listening(kind, family, at) as server:
        name = server.getsockname() if family == socket.AF_INET else str(tmp_path / "s")
        code = f"""\
os.chdir({str(tmp_path)!r})
try:
    s = socket.socket({int(family)}, {int(kind)})
    s.settimeout(3)
    s.connect({name if family == socket.AF_INET else "s"!r})
    s.send(b"hello")
except OSError as e:
    print(e)
"""
        assert len(place.run(code).requests) == 1
        with pytest.raises(TimeoutError):
            server.accept() if kind == socket.SOCK_STREAM else server.recv(10)


def test_other_processes_are_not_signalled(place: Place) -> None:
    with subprocess.Popen(["sleep", "30"], start_new_session=True) as other:
        try:
            for call in ("kill", "killpg"):
                run = place.run(f"try:\n    os.{call}({other.pid}, signal.SIGKILL)\nexcept OSError as e:\n    print(e)")
                assert len(run.requests) == 1, run.trouble
            assert other.poll() is None
        finally:
            other.kill()


def test_own_processes_are_signalled(place: Place) -> None:
    code = """\
pid = os.fork()
if pid == 0:
    wait(20)
    os._exit(0)
os.kill(pid, signal.SIGKILL)
assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
"""
    run = place.run(code)
    assert (run.trouble, len(run.requests)) == (None, 1)


DETACHED = """\
ready, tell = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    import ctypes
    ctypes.CDLL(None).prctl(15, {mark!r}.encode(), 0, 0, 0)
    os.write(tell, b"x")
    wait(120)
    os._exit(0)
os.read(ready, 1)
"""


def test_a_double_fork_does_not_get_away(place: Place, mark: Mark) -> None:
    assert len(place.run(DETACHED.format(mark=mark.name)).requests) == 1
    assert mark.goes()


@pytest.mark.parametrize("whom", ["host", "worker"])
def test_nothing_lives_on_when_gradfix_is_killed(whom: str, place: Place, mark: Mark) -> None:
    (place.folder / "train.py").write_text(f"{HEAD}{DETACHED.format(mark=mark.name)}wait(120)\n{STEP}")
    environment = os.environ | {"GRADFIX_SANDBOX_AT_MOST": place.level}
    command = [sys.executable, "-m", "gradfix", str(place.folder / "train.py")]
    pipe = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe) as host:
        assert mark.comes(60)
        worker = int(Path(f"/proc/{host.pid}/task/{host.pid}/children").read_text().split()[0])
        os.kill(host.pid if whom == "host" else worker, signal.SIGKILL)
        try:
            assert mark.goes()
        finally:
            host.kill()
    rooms = Path(tempfile.gettempdir())
    own = Path("files", *place.folder.parts[1:])
    assert within(60, lambda: not any((room / own).exists() for room in rooms.glob("gradfix-run-*/*")))


HOGS = {
    "memory": (
        "kept = []\nfor _ in range(60):\n    kept.append(bytearray(b'x' * (10 << 20)))\n    wait(0.02)\nwait(15)",
        "of memory",
    ),
    "processes": (
        "for _ in range(40):\n    if os.fork() == 0:\n        wait(15)\n        os._exit(0)\nwait(15)",
        "processes",
    ),
    "threads": (
        "try:\n    for _ in range(400):\n        threading.Thread(target=wait, args=(15,), daemon=True).start()\n"
        "except RuntimeError:  # the kernel has no more ids for it: the keeper has not looked yet\n    pass\nwait(15)",
        "threads",
    ),
    "processor time": (
        "for _ in range(5):\n    if os.fork() == 0:\n        end = time.monotonic() + 30\n"
        "        while time.monotonic() < end: pass\n        os._exit(0)\nwait(30)",
        "of processor time",
    ),
}


@pytest.mark.parametrize(("code", "words"), HOGS.values(), ids=HOGS)
def test_a_run_beyond_a_limit_ends_and_says_which(code: str, words: str, place: Place) -> None:
    run = place.run(code, bounds={"memory": 500 << 20, "threads": 300, "cpu": 3.0, "processes": 20}, timeout=40.0)
    assert run.death.startswith("it was stopped: it "), run
    assert words in run.death


def test_a_huge_file_ends_in_words(place: Place) -> None:
    run = place.run("with open('huge', 'wb') as f:\n    f.truncate(3 << 30)")
    assert run.trouble is not None
    assert run.trouble.message == "[Errno 27] File too large (a run may write files of up to 1 GB)"


def test_what_looks_like_an_event_is_not_heard(place: Place) -> None:
    forged = {"event": "end", "error": None, "ended": False, "files": []}
    code = f"""\
import json
for fd in map(int, os.listdir('/proc/self/fd')):
    try:
        os.write(fd, b'\\n' + json.dumps({forged!r}).encode() + b'\\n')
    except OSError:
        pass
os._exit(3)
"""
    run = place.run(code)
    assert run.death == "its process left with exit code 3 before the end"


def test_a_search_for_files_that_are_there_finds_them(place: Place) -> None:
    code = "import glob\nassert glob.glob('data/*.csv') == list(glob.iglob('data/*.csv')) == ['data/rows.csv']"
    assert place.run(code).trouble is None
