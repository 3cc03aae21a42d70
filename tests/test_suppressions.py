"""What the user wants no word of, through the real command: comments, --add-ignore and baselines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.command import gradfix

HEAD = """\
import tensorflow as tf

w = tf.Variable([1.0, 2.0])
with tf.GradientTape() as tape:
    y = w * 3.0
"""
LOSS = "loss = tf.reduce_sum(y)"
LONG = "loss = tf.reduce_sum({first}\n    y,{second}\n){third}"
TAIL = "\ngradients = tape.gradient(loss, [w])\n"
BROKEN = HEAD + LOSS + TAIL
TWO = BROKEN + BROKEN.replace("import tensorflow as tf\n", "").replace("tf.reduce_sum(y)", "tf.reduce_mean(y)")
HOPELESS = HEAD + "    loss = tf.reduce_sum(tf.round(y))" + TAIL


def _found(folder: Path, *arguments: object) -> dict[str, tuple[str, list[tuple[int, str]]]]:
    """The verdict of each file, and its findings: line and code."""
    done = gradfix("--output-format", "json", *arguments, cwd=folder)
    files = json.loads(done.stdout)["files"]
    return {f["path"]: (f["verdict"], [(x["line"], x["code"]) for x in f["findings"]]) for f in files}


def _suspects(folder: Path, text: str, *arguments: object) -> list[tuple[int, str]]:
    (folder / "train.py").write_text(text)
    return _found(folder, "--run", "never", *arguments, "train.py")["train.py"][1]


# Texts whose one suspect is suppressed.
SUPPRESSED = {
    "by name": HEAD + LOSS + "  # gradfix: ignore[loss-outside-tape]" + TAIL,
    "by code": HEAD + LOSS + "  # gradfix: ignore[GF101]" + TAIL,
    "by prefix": HEAD + LOSS + "  # gradfix: ignore[GF10]" + TAIL,
    "by one of several": HEAD + LOSS + "  # gradfix: ignore[stray-stop-gradient, GF101]" + TAIL,
    "all": HEAD + LOSS + "  # gradfix: ignore" + TAIL,
    "without spaces": HEAD + LOSS + "  #gradfix:ignore[GF101]" + TAIL,
    "behind another comment": HEAD + LOSS + "  # type: ignore  # gradfix: ignore[GF101]" + TAIL,
    "noqa": HEAD + LOSS + "  # noqa" + TAIL,
    "noqa with a code": HEAD + LOSS + "  # noqa: GF101" + TAIL,
    "noqa with several": HEAD + LOSS + "  # NOQA:E501,GF101 # why" + TAIL,
    "on the first line of a statement": HEAD + LONG.format(first="  # noqa: GF101", second="", third="") + TAIL,
    "on a line within": HEAD + LONG.format(first="", second="  # gradfix: ignore", third="") + TAIL,
    "on its last line": HEAD + LONG.format(first="", second="", third="  # gradfix: ignore[GF101]") + TAIL,
    "the whole file": "# gradfix: skip-file\n" + BROKEN,
    "the whole file, from below": BROKEN + "\n# gradfix: skip-file\n",
}
REPORTED = {
    "another rule": HEAD + LOSS + "  # gradfix: ignore[GF102]" + TAIL,
    "another code": HEAD + LOSS + "  # noqa: E501" + TAIL,
    "the line above": HEAD + "# gradfix: ignore[GF101]\n" + LOSS + TAIL,
    "the line of the block": HEAD.replace("as tape:", "as tape:  # gradfix: ignore") + LOSS + TAIL,
    "words of a string": HEAD + LOSS + "; note = '# gradfix: ignore'" + TAIL,
    "another word": HEAD + LOSS + "  # gradfix: ignored" + TAIL,
    "an empty list": HEAD + LOSS + "  # gradfix: ignore[]" + TAIL,
}


@pytest.mark.parametrize("text", SUPPRESSED.values(), ids=SUPPRESSED)
def test_a_comment_suppresses(tmp_path: Path, text: str) -> None:
    assert _suspects(tmp_path, text) == []
    assert gradfix("--run", "never", "train.py", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("text", REPORTED.values(), ids=REPORTED)
def test_a_comment_does_not_suppress(tmp_path: Path, text: str) -> None:
    assert [code for _, code in _suspects(tmp_path, text)] == ["GF101"]


# What is chosen, and whether the suspect (GF101) is told.
CHOICES: dict[str, tuple[list[str], str, bool]] = {
    "nothing chosen": ([], "", True),
    "selected by name": (["--select", "loss-outside-tape"], "", True),
    "selected by code, in any case": (["--select", "gf101"], "", True),
    "selected by prefix": (["--select", "GF1"], "", True),
    "another selected": (["--select", "GF102"], "", False),
    "one of several": (["--select", "GF102,GF2", "--select", "GF101"], "", True),
    "ignored": (["--ignore", "GF101"], "", False),
    "ignored by prefix": (["--ignore", "GF10"], "", False),
    "the nearer selector is the stronger": (["--ignore", "GF1", "--select", "GF101"], "", True),
    "of two as near ignore wins": (["--ignore", "GF101", "--select", "GF101"], "", False),
    "extended": (["--select", "GF2", "--extend-select", "GF101"], "", True),
    "ignored by the configuration": ([], 'ignore = ["GF101"]', False),
    "extended on the command line": (["--extend-select", "GF101"], 'ignore = ["GF101"]', True),
    "selected on the command line": (["--select", "ALL"], 'ignore = ["GF101"]', True),
    "ignored on the command line": (["--ignore", "GF101"], 'select = ["GF1"]', False),
    "selected by the configuration": ([], 'select = ["GF102"]', False),
    "ignored in this file": ([], 'per-file-ignores = {"train.py" = ["GF1"]}', False),
    "ignored in other files": ([], 'per-file-ignores = {"tests/*" = ["GF1"]}', True),
}


@pytest.mark.parametrize(("arguments", "settings", "told"), CHOICES.values(), ids=CHOICES)
def test_rules_are_chosen(tmp_path: Path, arguments: list[str], settings: str, told: bool) -> None:
    (tmp_path / "gradfix.toml").write_text(settings)
    assert _suspects(tmp_path, BROKEN, *arguments) == ([(6, "GF101")] if told else [])


@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select"])
def test_an_unknown_rule_is_one_line_with_a_suggestion(tmp_path: Path, option: str) -> None:
    done = gradfix(option, "GF101,lose-outside-tape", ".", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    said = "there is no rule 'lose-outside-tape'; did you mean loss-outside-tape?"
    assert done.stderr == f"gradfix: error: {option}: {said}\n"


RUN: Mapping[str, str] = {
    "broken.py": BROKEN,
    "suppressed.py": HEAD + LOSS + "  # gradfix: ignore[GF101]" + TAIL,
    "one_of_two.py": TWO.replace(LOSS, LOSS + "  # noqa: GF101", 1),
    "hopeless.py": HOPELESS,
    "hopeless_suppressed.py": HOPELESS.replace("(y))", "(y))  # gradfix: ignore"),
    "unused.py": HEAD + "    " + LOSS + "  # gradfix: ignore[GF101]" + TAIL,
    "unused_of_several.py": HEAD + LOSS + "  # gradfix: ignore[GF101, GF105, no-such-rule]  # noqa: E501" + TAIL,
    "unused_but_a_linter_s.py": HEAD + "    " + LOSS + "  # noqa" + TAIL,
    "one_of_a_row.py": HEAD.replace("y = w * 3.0", "y = np.exp(w)  # gradfix: ignore").replace(
        "import", "import numpy as np\nimport", 1
    )
    + "    loss = tf.reduce_sum(tf.stop_gradient(y * 2.0))"
    + TAIL,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suppressions")
    for name, text in RUN.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def report(project: Path) -> dict[str, Any]:
    done = gradfix("--output-format", "json", "--run", "always", ".", cwd=project)
    return {f["path"]: f for f in json.loads(done.stdout)["files"]}


def _codes(file: dict[str, Any]) -> list[tuple[int, str]]:
    return [(f["line"], f["code"]) for f in file["findings"]]


def test_a_suppressed_finding_has_no_fix_and_the_file_is_clean(report: dict[str, Any]) -> None:
    assert report["broken.py"]["verdict"] == "fixed"
    for name in ("suppressed.py", "hopeless_suppressed.py"):
        assert (report[name]["verdict"], _codes(report[name]), report[name]["diff"]) == ("clean", [], ""), name
    assert report["hopeless.py"]["verdict"] == "advice"


def test_beside_a_suppressed_finding_another_is_fixed(report: dict[str, Any]) -> None:
    file = report["one_of_two.py"]
    assert (file["verdict"], _codes(file)) == ("fixed", [(12, "GF101")])
    changed = [line for line in file["diff"].splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == ["-loss = tf.reduce_mean(y)", "+    loss = tf.reduce_mean(y)"]


def test_a_fix_that_would_need_what_is_suppressed_is_refused(report: dict[str, Any]) -> None:
    file = report["one_of_a_row.py"]
    assert (file["verdict"], _codes(file), file["diff"]) == ("advice", [(7, "GF103")], "")
    finding = file["findings"][0]
    assert (finding["fix"], finding["edits"]) == ("refused", [])
    assert finding["help"] == "its gradients come back only together with what is suppressed"


def test_suppressions_that_are_not_used_are_told(report: dict[str, Any]) -> None:
    assert (report["unused.py"]["verdict"], _codes(report["unused.py"])) == ("advice", [(6, "GF003")])
    several = report["unused_of_several.py"]["findings"]
    assert [(f["code"], f["message"]) for f in several] == [
        ("GF003", "GF105 is not found here"),
        ("GF003", "there is no rule 'no-such-rule'"),
    ]
    assert report["unused_but_a_linter_s.py"]["verdict"] == "clean"


def test_what_was_not_run_has_no_unused_suppressions(project: Path) -> None:
    assert _found(project, "--run", "never", "unused.py") == {"unused.py": ("clean", [])}


def test_a_rule_that_is_not_chosen_is_neither_fixed_nor_told(project: Path) -> None:
    """A break that it would mend does not come back as one that nobody knows."""
    for arguments in (["--ignore", "GF101"], ["--select", "GF102"]):
        assert _found(project, *arguments, "broken.py") == {"broken.py": ("clean", [])}


def test_unsafe_or_not_a_file_with_unused_suppressions_is_not_done_when_it_is_fixed(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(HEAD + LOSS + "  # gradfix: ignore[GF102]" + TAIL)
    assert gradfix("--apply", "train.py", cwd=tmp_path).returncode == 1
    assert "    loss = " in (tmp_path / "train.py").read_text()


# Lines with a suspect, and what --add-ignore makes of them.
ADDED = {
    "a plain line": (LOSS, LOSS + "  # gradfix: ignore[loss-outside-tape]"),
    "a line with a comment": (LOSS + "  # why", LOSS + "  # why  # gradfix: ignore[loss-outside-tape]"),
    "a list that is there": (
        LOSS + "  # gradfix: ignore[GF102]",
        LOSS + "  # gradfix: ignore[GF102, loss-outside-tape]",
    ),
    "a line that goes on": (
        "loss = tf.reduce_sum(\n    y\n)",
        "loss = tf.reduce_sum(  # gradfix: ignore[loss-outside-tape]\n    y\n)",
    ),
    "a backslash": (
        "loss = \\\n    tf.reduce_sum(y) + \\\n    tf.reduce_sum(y)",
        "loss = \\\n    tf.reduce_sum(y) + \\\n    tf.reduce_sum(y)  # gradfix: ignore[loss-outside-tape]",
    ),
    "a string of several lines": (
        'loss = tf.reduce_sum(y, name="""a\nb""")',
        'loss = tf.reduce_sum(y, name="""a\nb""")  # gradfix: ignore[loss-outside-tape]',
    ),
}


@pytest.mark.parametrize(("before", "after"), ADDED.values(), ids=ADDED)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_add_ignore_writes_a_comment_and_nothing_else(tmp_path: Path, before: str, after: str, ends: str) -> None:
    path = tmp_path / "train.py"
    path.write_bytes((HEAD + before + TAIL).replace("\n", ends).encode("utf-8-sig"))
    first = gradfix("--run", "never", "--add-ignore", "train.py", cwd=tmp_path)
    assert (first.returncode, first.stderr) == (0, "gradfix: comments written: train.py\n")
    assert path.read_bytes() == (HEAD + after + TAIL).replace("\n", ends).encode("utf-8-sig")
    assert gradfix("--run", "never", "train.py", cwd=tmp_path).returncode == 0


def test_add_ignore_comes_to_what_the_first_finding_hides(tmp_path: Path) -> None:
    """A search ends at the first step that it cannot mend; each that comes after gets its comment all the same."""
    second = HOPELESS.replace("import tensorflow as tf\n", "").replace("tf.round", "tf.floor")
    (tmp_path / "train.py").write_text(HOPELESS + second + BROKEN.replace("import tensorflow as tf\n", ""))
    assert gradfix("--add-ignore", "train.py", cwd=tmp_path).returncode == 0
    text = (tmp_path / "train.py").read_text()
    commented = [line.strip() for line in text.splitlines() if "gradfix: ignore" in line]
    assert [line.partition("  #")[0] for line in commented] == [
        "loss = tf.reduce_sum(tf.round(y))",
        "loss = tf.reduce_sum(tf.floor(y))",
        LOSS,
    ]
    assert _found(tmp_path, "train.py") == {"train.py": ("clean", [])}


def _baseline(folder: Path) -> list[tuple[str, str, str, int]]:
    entries = json.loads((folder / "known.json").read_text())["findings"]
    return [(e["path"], e["rule"], e["line"], e["count"]) for e in entries]


def test_a_baseline_absorbs_what_it_knows_and_no_more(tmp_path: Path) -> None:
    rule = "loss-outside-tape"
    run = ("--run", "never", "--baseline", "known.json")
    assert _suspects(tmp_path, TWO) == [(6, "GF101"), (12, "GF101")]
    first = gradfix(*run, "--update-baseline", ".", cwd=tmp_path)
    assert (first.returncode, first.stderr) == (0, "gradfix: known.json: 2 findings\n")
    assert _baseline(tmp_path) == [
        ("train.py", rule, "loss = tf.reduce_mean(y)", 1),
        ("train.py", rule, LOSS, 1),
    ]
    assert _suspects(tmp_path, "\n\n" + TWO, *run[2:]) == [], "lines may move"
    more = TWO + BROKEN
    assert _suspects(tmp_path, more, *run[2:]) == [(19, "GF101")], "one more than is known"
    assert _suspects(tmp_path, TWO.replace("tf.reduce_mean", "tf.reduce_max"), *run[2:]) == [(12, "GF101")]


def test_what_is_stale_is_said_and_goes_with_the_next_update(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(BROKEN)
    (tmp_path / "other.py").write_text(HOPELESS)
    run = ("--baseline", "known.json")
    assert gradfix(*run, "--update-baseline", "train.py", "other.py", cwd=tmp_path).returncode == 0
    assert [entry[0] for entry in _baseline(tmp_path)] == ["other.py", "train.py"]
    (tmp_path / "train.py").write_text(HEAD + "    " + LOSS + TAIL)
    said = f"gradfix: known.json: not found any more: train.py: loss-outside-tape: {LOSS}\n"
    assert gradfix(*run, "train.py", cwd=tmp_path).stderr == ""
    done = gradfix(*run, "--verbose", "train.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, said)
    assert gradfix(*run, "--update-baseline", "train.py", cwd=tmp_path).returncode == 0
    assert [entry[0] for entry in _baseline(tmp_path)] == ["other.py"], "what was not looked at stays"


@pytest.mark.parametrize(
    ("arguments", "text", "said"),
    [
        (["--baseline", "known.json"], None, "known.json: there is no such baseline; --update-baseline writes it"),
        (["--baseline", "known.json"], "[]", "known.json: is no baseline of gradfix"),
        (["--baseline", "known.json"], "{", "known.json: is no baseline of gradfix"),
        (["--baseline", "known.json"], '{"baseline": 9}', "known.json: is a baseline of another version of gradfix"),
        (["--update-baseline"], None, "Invalid value: --update-baseline needs to know which: --baseline FILE"),
        (["--update-baseline", "--apply"], None, "Invalid value: --apply and --update-baseline exclude each other"),
        (["--add-ignore", "--diff"], None, "Invalid value: --diff and --add-ignore exclude each other"),
    ],
)
def test_a_baseline_that_cannot_be_meant_is_one_line(
    tmp_path: Path, arguments: list[str], text: str | None, said: str
) -> None:
    (tmp_path / "train.py").write_text(BROKEN)
    if text is not None:
        (tmp_path / "known.json").write_text(text)
    done = gradfix("--run", "never", *arguments, "train.py", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"gradfix: error: {said}\n")


def test_a_baseline_of_the_configuration_counts_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text(BROKEN)
    (tmp_path / "gradfix.toml").write_text('baseline = "known.json"\nrun = "never"\n')
    assert gradfix("--update-baseline", "train.py", cwd=tmp_path / "src").returncode == 0
    assert [entry[0] for entry in _baseline(tmp_path)] == ["src/train.py"]
    assert gradfix("src", cwd=tmp_path).returncode == 0
