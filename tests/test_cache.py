"""The cache of proofs, through the real command: what is believed, and what is run again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gradfix.cache.plain import of_plain, to_plain
from gradfix.values import FileReport, Finding, Fix, Place, Rewritten, Spent, StepReport, TextEdit, Verdict
from tests.command import gradfix

HELPER = "def scaled(y):\n    return y * 3.0\n"
BROKEN = """\
import tensorflow as tf
from helper import scaled

rate = float(open("rate.txt").read())
w = tf.Variable([1.0, 2.0], name="w")
with tf.GradientTape() as tape:
    y = scaled(w) * rate
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""
FIXED = BROKEN.replace("\nloss", "\n    loss")


class Project:
    """A file with a helper and data, and a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cache = folder / "project", folder / "cache"
        self.folder.mkdir()
        for name, text in {"train.py": BROKEN, "helper.py": HELPER, "rate.txt": "1.0"}.items():
            (self.folder / name).write_text(text)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the command."""
        return gradfix(*arguments, cwd=self.folder, XDG_CACHE_HOME=str(self.cache))

    def file(self, *arguments: str) -> dict[str, Any]:
        """What the report says of the file."""
        (file,) = json.loads(self.call("--output-format", "json", *arguments, "train.py").stdout)["files"]
        return dict(file)

    def entries(self) -> list[Path]:
        """The entries of the cache."""
        return sorted(self.cache.rglob("*.json"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """A project whose file was proved once, and where a copy of it lies."""
    folder = tmp_path_factory.mktemp("known")
    project = Project(folder)
    assert (project.file()["verdict"], project.file()["cached"]) == ("fixed", True)
    return project, Path(shutil.copytree(folder, folder.with_name(f"{folder.name} as proved")))


@pytest.fixture
def known(proved: tuple[Project, Path]) -> Project:
    """A project whose file was proved once, as it was then: what a proof rests on has its place and times."""
    project, kept = proved
    shutil.rmtree(project.folder.parent)
    shutil.copytree(kept, project.folder.parent)
    return project


def test_a_second_call_says_the_same_and_runs_nothing(project: Project) -> None:
    first = project.call("--diff", "train.py")
    second = project.call("--diff", "train.py")
    assert (second.returncode, second.stdout) == (first.returncode, first.stdout)
    assert second.stderr == first.stderr.replace("; sandbox", "; 1 from the cache; sandbox")
    told = json.loads(project.call("--statistics", "--output-format", "json", "train.py").stdout)
    assert (told["statistics"]["runs"], told["statistics"]["files"]["cached"]) == (0, 1)
    assert told["tensorflow"].startswith("2.")


@pytest.mark.parametrize(
    ("name", "text"),
    [("train.py", BROKEN + "\n"), ("helper.py", HELPER + "\n"), ("rate.txt", "2.0"), ("new.py", "")],
    ids=["the file", "a module that it loads", "data that it reads", "a file that is new there"],
)
def test_what_a_proof_rests_on_has_changed(name: str, text: str, known: Project) -> None:
    (known.folder / name).write_text(text)
    assert known.file()["cached"] is False
    assert known.file()["cached"] is True


def test_settings_that_matter_and_no_others_are_told_apart(known: Project) -> None:
    assert known.file("--jobs", "2", "-v")["cached"] is True
    assert known.file("--unsafe-fixes")["cached"] is False
    assert known.file("--no-cache")["cached"] is False


def test_a_damaged_entry_is_passed_over_and_replaced(known: Project) -> None:
    (entry,) = known.entries()
    whole = entry.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], whole.replace(b"GF101", b"GF102"), b"null"):
        entry.write_bytes(damaged)
        assert known.file()["cached"] is False
        assert known.file()["cached"] is True


def test_apply_writes_from_the_cache_what_was_proved(known: Project) -> None:
    call = known.call("--apply", "train.py")
    assert (call.returncode, "from the cache" in call.stdout) == (0, True)
    assert (known.folder / "train.py").read_text() == FIXED


def test_what_ran_out_of_time_is_not_kept(project: Project) -> None:
    (project.folder / "train.py").write_text("import select\nselect.select([], [], [], 60)\n" + BROKEN)
    assert project.file("--timeout", "1")["verdict"] == "inconclusive"
    assert project.entries() == []


def test_clear_cache_forgets_all(known: Project) -> None:
    assert known.call("--clear-cache").stdout == "1 cached proof removed\n"
    assert known.entries() == []


def test_several_at_a_time_leave_one_whole_entry(project: Project) -> None:
    command = [sys.executable, "-m", "gradfix", "train.py"]
    environment = os.environ | {"XDG_CACHE_HOME": str(project.cache)}
    calls = [
        subprocess.Popen(command, cwd=project.folder, env=environment, stdout=subprocess.DEVNULL) for _ in range(2)
    ]
    assert [call.wait(200) for call in calls] == [1, 1]
    assert [p.suffix for p in project.cache.rglob("*") if p.is_file()] == [".json"]
    assert project.file()["cached"] is True


def test_a_report_is_the_same_after_it_was_written_and_read() -> None:
    place = Place("a\udcff.py", 1, 2, 3, 4)
    finding = Finding("r", "GF1", place, "m", "h", Fix.PROVED, (TextEdit(place, "x"),), ("try",))
    step = StepReport("a.py", 4, 1, ("w",), (), None, float("nan"), ("x",), {"value": "equal"})
    report = FileReport(
        "a.py", Verdict.FIXED, "", "diff \udcff", (finding,), (step,), 1.0, (Rewritten("a.py", b"\xff", b"", "t"),),
        ("note",), {1: "cell"}, spent=Spent(3, {"running": 1.0}, {}),
    )  # fmt: skip
    again = of_plain(FileReport, json.loads(json.dumps(to_plain(report))))
    assert repr(again) == repr(report)
