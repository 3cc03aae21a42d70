"""Configuration files through the real command: where they are found, what they may hold, what wins, what is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gradfix.settings.schema import as_text
from tests.command import gradfix

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[1] / "docs" / "gradfix.schema.json").read_text())
KEYS: dict[str, dict[str, Any]] = SCHEMA["properties"]
BROKEN = """\
import tensorflow as tf

w = tf.Variable([1.0, 2.0])
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""
# For each type of the schema a value of another one, as TOML writes it.
WRONG = {
    "boolean": '"yes"',
    "string": "3",
    "integer": "1.5",
    "number": '"soon"',
    "array": '"GF101"',
    "object": "[1]",
    "enum": '"sometimes"',
}


def _shown(*arguments: object, cwd: Path) -> dict[str, tuple[Any, str]]:
    """The settings that --show-settings prints, each with where it comes from."""
    done = gradfix("--show-settings", *arguments, cwd=cwd)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line for line in done.stdout.splitlines() if not line.startswith("#")]
    parts = {line.partition(" = ")[0]: line.partition(" = ")[2].rpartition("  # ") for line in lines}
    return {key: (json.loads(value) if "{" not in value else value, where) for key, (value, _, where) in parts.items()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a folder in it, each with a broken file."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "train.py").write_text(BROKEN)
    (tmp_path / "inner" / "train.py").write_text(BROKEN)
    return tmp_path


def _write(project: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (project / name).write_text(text)


FOUND: dict[str, tuple[dict[str, str], str, str]] = {
    "pyproject.toml": ({"pyproject.toml": "[tool.gradfix]\ntimeout = 7"}, "inner/train.py", "pyproject.toml"),
    "gradfix.toml": ({"gradfix.toml": "timeout = 7"}, "inner/train.py", "gradfix.toml"),
    "gradfix.toml wins in its folder": (
        {"pyproject.toml": "[tool.gradfix]\ntimeout = 8", "gradfix.toml": "timeout = 7"},
        "train.py",
        "gradfix.toml",
    ),
    "the nearest wins": (
        {"gradfix.toml": "timeout = 8", "inner/pyproject.toml": "[tool.gradfix]\ntimeout = 7"},
        "inner/train.py",
        "inner/pyproject.toml",
    ),
    "a pyproject.toml without a table is passed over": (
        {"gradfix.toml": "timeout = 7", "inner/pyproject.toml": "[project]\nname = 'x'"},
        "inner/train.py",
        "gradfix.toml",
    ),
}


@pytest.mark.parametrize(("files", "path", "where"), FOUND.values(), ids=FOUND)
def test_settings_are_those_of_the_nearest_file(project: Path, files: dict[str, str], path: str, where: str) -> None:
    _write(project, files)
    shown = _shown(path, cwd=project)
    table = ": tool.gradfix" if where.endswith("pyproject.toml") else ""
    assert shown["timeout"] == (7, f"{project / where}{table}")
    assert shown["run"] == ("auto", "default")


def test_the_command_line_wins_and_isolated_and_config_choose_the_file(project: Path) -> None:
    _write(project, {"gradfix.toml": "timeout = 7\njobs = 1", "other.toml": "timeout = 9"})
    assert _shown("train.py", "--timeout", 3, cwd=project)["timeout"] == (3, "command line")
    assert _shown("train.py", "--timeout", 3, cwd=project)["jobs"] == (1, f"{project}/gradfix.toml")
    assert _shown("train.py", "--isolated", cwd=project)["timeout"] == (60, "default")
    named = _shown("train.py", "--config", "other.toml", cwd=project)
    assert (named["timeout"], named["jobs"]) == ((9, "other.toml"), (0, "default"))


def test_each_file_has_the_settings_of_its_own_project(project: Path) -> None:
    """One call, two projects: what one of them leaves out the other looks for."""
    _write(project, {"gradfix.toml": 'run = "never"', "inner/gradfix.toml": 'run = "never"\nignore = ["GF101"]'})
    done = gradfix("--output-format", "json", ".", cwd=project)
    verdicts = {f["path"]: f["verdict"] for f in json.loads(done.stdout)["files"]}
    assert verdicts == {"inner/train.py": "clean", "train.py": "inconclusive"}


def test_the_schema_in_the_documentation_is_that_of_the_options() -> None:
    """`python -m gradfix.settings.schema` writes it."""
    assert json.dumps(SCHEMA, indent=2) + "\n" == as_text()
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def _kind(schema: dict[str, Any]) -> str:
    return "enum" if "enum" in schema else str(schema["type"])


@pytest.mark.parametrize("key", KEYS)
def test_a_wrong_type_is_one_line_that_names_file_and_key(project: Path, key: str) -> None:
    _write(project, {"gradfix.toml": f"{key} = {WRONG[_kind(KEYS[key])]}"})
    done = gradfix("train.py", cwd=project)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"gradfix: error: {project}/gradfix.toml: {key} must be ")


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_is_nearly_right_is_an_error_with_a_suggestion(project: Path, key: str) -> None:
    _write(project, {"pyproject.toml": f"[tool.gradfix]\n{key}s = 1"})
    done = gradfix("train.py", cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    where = f"{project}/pyproject.toml: tool.gradfix"
    assert done.stderr == f"gradfix: error: {where}: unknown key '{key}s'; did you mean {key}?\n"


# Texts of gradfix.toml that cannot be followed, and what is said of them.
FAULTS = {
    "= 1": "Invalid",
    "timeout = 0": "timeout must be at least 0.1, not 0",
    "timeout = true": "timeout must be a number, not True",
    "timeout = nan": "timeout must be a number, not nan",
    "jobs = 33": "jobs must be at most 32, not 33",
    'run = "alway"': "run must be one of auto, always, never, not 'alway'; did you mean always?",
    'select = ["GF101", 1]': "select[1] must be a string, not 1",
    'select = ["lose-outside-tape"]': "select: there is no rule 'lose-outside-tape'; did you mean loss-outside-tape?",
    'per-file-ignores = {"a.py" = ["GF9999"]}': "per-file-ignores.'a.py': there is no rule 'GF9999'",
    'per-file-ignores = {"a.py" = "GF101"}': "per-file-ignores.'a.py' must be a list, not 'GF101'",
    'inputs = {"train.py:f" = 3}': "inputs.'train.py:f' must be a table, not 3",
    "frobnicate = 1": "unknown key 'frobnicate'",
}


@pytest.mark.parametrize(("text", "said"), FAULTS.items(), ids=FAULTS)
def test_what_cannot_be_followed_is_one_line(project: Path, text: str, said: str) -> None:
    _write(project, {"gradfix.toml": text})
    done = gradfix("--run", "never", ".", cwd=project)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"gradfix: error: {project}/gradfix.toml: {said}")


@pytest.mark.parametrize(
    ("text", "name"),
    [("tool = 1", "pyproject.toml"), ("[tool]\ngradfix = 1", "pyproject.toml"), (None, "nowhere.toml")],
)
def test_a_config_without_settings_is_an_error(project: Path, text: str | None, name: str) -> None:
    if text is not None:
        (project / name).write_text(text)
    done = gradfix("--config", name, "train.py", cwd=project)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"gradfix: error: {name}: ")


def test_what_is_shown_can_be_written_down(project: Path) -> None:
    """The output of --show-settings is a gradfix.toml that gives the same settings."""
    given = 'select = ["GF1"]\nper-file-ignores = {"old/*.py" = ["GF101"]}\npython = "venv/bin/python"\nmemory = 2\n'
    _write(project, {"gradfix.toml": given})
    first = gradfix("--show-settings", "train.py", cwd=project).stdout
    _write(project, {"gradfix.toml": first})
    second = gradfix("--show-settings", "train.py", cwd=project).stdout

    def values(text: str) -> list[str]:
        return [line.rpartition("  # ")[0] for line in text.splitlines() if not line.startswith("#")]

    assert values(first) == values(second)
    assert f'python = "venv/bin/python"  # {project}/gradfix.toml' in first.splitlines()
