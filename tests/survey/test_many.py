"""Many files: reports come while files are still looked for, memory stays bounded, several processes change nothing."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradfix.call import Call
from gradfix.discovery import Found, find_files, find_in_folders
from gradfix.session import session
from gradfix.settings.options import BadSettings
from gradfix.settings.resolve import Resolver
from gradfix.sources import Unreadable
from gradfix.survey import many
from gradfix.survey.one import Surveyed, Surveyor

BROKEN = """\
import tensorflow as tf
w = tf.Variable([1.0, 2.0])
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""
SKIPPED = "# gradfix: skip-file\n" + BROKEN
PLAIN = "def double(x):\n    return 2 * x\n"
PYTHON_2 = BROKEN + "print 'no'\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """600 files, the current folder; some are broken, skipped, no Python, or not to be decoded."""
    texts = {7: BROKEN, 100: SKIPPED, 250: PYTHON_2, 401: BROKEN, 599: BROKEN}
    for number in range(600):
        folder = tmp_path / f"part{number // 100}"
        folder.mkdir(exist_ok=True)
        (folder / f"file{number:03}.py").write_text(texts.get(number, PLAIN))
    (tmp_path / "part3" / "latin.py").write_bytes(b"name = '\xe9'\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def surveyed(processes: int, monkeypatch: pytest.MonkeyPatch, *paths: str) -> Iterator[Surveyed]:
    """The files below some paths, as so many processes see them."""
    monkeypatch.setattr(many, "_processes", lambda: processes)
    resolver = Resolver({"run": "never"})
    surveyor = Surveyor(resolver, resolver.for_path("."), frozenset(paths))
    return many.survey(find_files(paths), surveyor)


def told(files: Iterator[Surveyed]) -> list[object]:
    """What is said of the files, without seconds."""
    return [
        (f.path, f.read, f.parsed, f.source, f.report and (f.report.verdict, f.report.reason, f.report.findings))
        for f in files
    ]


def test_processes_change_nothing_of_what_is_said(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = told(surveyed(1, monkeypatch, ".", "no such folder"))
    assert len(alone) == 602
    assert alone == told(surveyed(2, monkeypatch, ".", "no such folder"))
    assert alone == told(surveyed(3, monkeypatch, ".", "no such folder"))


def test_a_process_that_dies_is_made_up_for(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = told(surveyed(1, monkeypatch, "."))
    here, look, looked = os.getpid(), Surveyor.look, list[str]()

    def deadly(self: Surveyor, path: str) -> Surveyed:
        looked.append(path)
        if os.getpid() != here and len(looked) > 20:
            os._exit(3)
        return look(self, path)

    monkeypatch.setattr(Surveyor, "look", deadly)
    assert told(surveyed(3, monkeypatch, ".")) == alone
    assert len(looked) < 600  # what the others said before they died is not asked again


def test_settings_that_cannot_be_followed_are_raised_out_of_a_process(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "part4" / "gradfix.toml").write_text("tiemout = 3\n")
    with pytest.raises(BadSettings, match="did you mean timeout"):
        told(surveyed(2, monkeypatch, "."))


def test_processes_end_when_nobody_asks_any_more(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _children()  # others' too: the warm worker of other tests is one
    files = surveyed(3, monkeypatch, ".")  # this one is the third
    next(files)
    assert len(_children() - before) == 2
    files.close()  # type: ignore[attr-defined]
    assert _children() - before == set()


def _children() -> set[str]:
    """The processes of this one, also those that have ended and were not waited for."""
    return {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("jobs", [0, 2])
def test_the_first_result_is_printed_before_the_last_file_is_looked_at(
    tree: Path, monkeypatch: pytest.MonkeyPatch, processes: int, jobs: int
) -> None:
    monkeypatch.setattr(many, "_processes", lambda: processes)
    taken: list[Found | Unreadable] = []
    at_first: list[int] = []

    def finding(*arguments: object) -> Iterator[Found | Unreadable]:
        for found in find_in_folders(*arguments):  # type: ignore[arg-type]
            taken.append(found)
            yield found

    class Screen(io.StringIO):
        def write(self, text: str) -> int:
            at_first.append(len(taken))
            return super().write(text)

    monkeypatch.setattr("gradfix.session.find_in_folders", finding)
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    assert session(Call((".",), Resolver({"run": "never", "jobs": jobs}))) == 2
    assert "part0/file007.py:5:" in screen.getvalue()
    assert at_first[0] < 300
    assert len(taken) == 601


def test_memory_does_not_grow_with_the_tree(tmp_path: Path) -> None:
    text = PLAIN * 300  # 11 kB
    step = BROKEN.replace("\nloss", "\n    loss") + text
    for number in range(3000):
        folder = tmp_path / f"{number // 500}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.py").write_text(f"{step if number % 100 == 0 else text}# {number}\n")
    code = """
import resource, sys
from gradfix.cli import run
assert run(["--run", "never", "--quiet", *sys.argv[1:]]) == 0
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
    few, all_ = (
        int(subprocess.run([sys.executable, "-c", code, path], cwd=tmp_path, capture_output=True, check=True).stdout)
        for path in ("0", ".")
    )
    assert all_ < few + 15  # MB; the texts of the further files alone are 27


def test_few_files_start_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(many.MANY - 1):
        (tmp_path / f"{number}.py").write_text(PLAIN)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("a process was started"))
    assert len(list(itertools.islice(surveyed(2, monkeypatch, "."), 1000))) == many.MANY - 1
