"""The shortest way to an answer says what the whole command line says, or leaves it to that."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gradfix.quick import answer

PLAIN = b"print('nothing to see')\n"
STEP = b"import tensorflow as tf\nwith tf.GradientTape() as tape:\n    pass\n"
LEFT = {
    "a step": {"a.py": STEP},
    "no Python": {"a.py": b"print 'Python 2'\n"},
    "null byte": {"a.py": b"x = '\0'\n"},
    "another encoding": {"a.py": b"# coding: latin-1\nname = '\xe9'\n"},
    "not to be decoded": {"a.py": b"name = '\xe9'\n"},
    "byte order mark": {"a.py": b"\xef\xbb\xbf" + PLAIN},
    "carriage returns": {"a.py": b"print(1)\rprint(2)\n"},
    "nested too deeply": {"a.py": b"(" * 500 + b")" * 500},
    "settings": {"a.py": PLAIN, "gradfix.toml": b'output-format = "json"\n'},
    "shared settings": {"a.py": PLAIN, "pyproject.toml": b'[tool.gradfix]\noutput-format = "json"\n'},
    "settings that are no TOML": {"a.py": PLAIN, "pyproject.toml": b"[tool\n"},
    "a journal": {"a.py": PLAIN, ".gradfix-journal": b"{}\n"},
}
"""What takes more than the shortest way has."""


def whole(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """The call as the command line as a whole answers it."""
    code = "import sys; from gradfix.cli import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("names", [["a.py"], ["a.py", "b/c.py"]])
def test_clean_files_are_told_of_in_the_same_words(
    names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes("# Ünïcode\n".encode() + PLAIN)
    said = answer(["--run", "never", *names])
    assert said is not None
    assert whole(tmp_path, "--run", "never", *names) == (0, f"{said}\n", "")


@pytest.mark.parametrize("files", LEFT.values(), ids=list(LEFT))
def test_what_takes_more_is_left_to_the_command_line(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    assert answer(["--run", "never", "a.py"]) is None


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a.py"],
        ["--run", "never"],
        ["--run", "never", "."],
        ["--run", "never", "-q", "a.py"],
        ["--run", "never", "a.py", "./a.py"],
        ["--run", "never", "link.py"],
        ["--run", "never", "no.py"],
        ["--run", "auto", "a.py"],
    ],
)
def test_other_calls_are_left_to_the_command_line(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_bytes(PLAIN)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "gradfix.toml").touch()
    (tmp_path / "elsewhere" / "b.py").write_bytes(PLAIN)
    (tmp_path / "link.py").symlink_to("elsewhere/b.py")
    assert answer(arguments) is None


def test_a_clean_file_and_the_version_need_no_parser_and_no_rich(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(PLAIN)
    for arguments in (["--run", "never", "a.py"], ["--version"]):
        command = [sys.executable, "-X", "importtime", "-m", "gradfix", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
        assert "gradfix" in loaded
        assert not loaded & {"typer", "click", "rich", "libcst", "dataclasses", "inspect"}


@pytest.mark.parametrize("files", LEFT.values(), ids=list(LEFT))
def test_a_scan_without_the_parser_says_what_one_with_it_says(files: dict[str, bytes], tmp_path: Path) -> None:
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    arguments = ["--run", "never", ".", "a.py", "no.py"]
    command = [sys.executable, "-m", "gradfix", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    said = whole(tmp_path, *arguments)
    without = [re.sub(r'"seconds": .*', "", out) for out in (done.stdout, said[1])]
    assert (done.returncode, without[0], done.stderr) == (said[0], without[1], said[2])
