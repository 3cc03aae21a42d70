"""The report on a terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from gradfix.report.text import console_for, render_diff, render_file, render_summary, visible
from gradfix.values import FileReport, Finding, Fix, Place, Report, StepReport, Verdict

SOURCE = "with tf.GradientTape() as tape:\n    y = model(x)\nloss = f(y)\ngrads = tape.gradient(loss, v)\n"
FINDING = Finding(
    "loss-outside-tape",
    "GF101",
    Place("train.py", 3, 8, 3, 12),
    "the loss is computed outside the tape",
    "move it into the with block",
    Fix.PROVED,
)
STEP = StepReport(
    "train.py", 4, 6, ("a", "b", "c", "d", "e", "f"), (), 0.693147, 0.69315, ("images float32[4,28,28,1]",)
)
FIXED = FileReport("train.py", Verdict.FIXED, findings=(FINDING,), steps=(STEP,))


def shown(report: FileReport, source: str | None = SOURCE, verbose: bool = False) -> str:
    stream = io.StringIO()
    render_file(report, source, console_for(stream), verbose=verbose)
    return stream.getvalue()


def test_a_proved_fix() -> None:
    assert shown(FIXED) == (
        "train.py:3:8: GF101 loss-outside-tape  the loss is computed outside the tape\n"
        "  |\n"
        "3 | loss = f(y)\n"
        "  |        ^^^^\n"
        "4 | grads = tape.gradient(loss, v)\n"
        "  | ------------------------------ asked here: no gradient for a, b, c, d, e and 1 more\n"
        "help: move it into the with block\n"
        "more: gradfix --explain GF101\n"
        "proved: 6 of 6 missing gradients are back; loss 0.6931 before and after;"
        " made up: images float32[4,28,28,1]\n"
        "\n"
    )


def test_other_numbers() -> None:
    step = replace(STEP, missing_before=("a",), missing_after=(), target_after=0.7, inputs=())
    assert "proved: 1 of 1 missing gradient is back; loss 0.6931 before, 0.7 after\n" in shown(
        replace(FIXED, steps=(step,))
    )
    step = replace(STEP, missing_after=("f",), target_before=None, inputs=())
    assert "proved: 5 of 6 missing gradients are back\n" in shown(replace(FIXED, steps=(step,)))
    step = replace(STEP, target_before=float("nan"), target_after=float("nan"))
    assert "loss nan before and after" in shown(replace(FIXED, steps=(step,)))
    step = replace(STEP, target_before=0.69311, target_after=0.69314)
    assert "loss 0.69311 before, 0.69314 after" in shown(replace(FIXED, steps=(step,)))


@pytest.mark.parametrize("verdict", [Verdict.INCONCLUSIVE, Verdict.ADVICE, Verdict.ERROR])
def test_other_verdicts_say_why(verdict: Verdict) -> None:
    report = FileReport("train.py", verdict, "no input could be made up", notes=("look at line 3",))
    assert shown(report, None) == (f"note: look at line 3\ntrain.py: {verdict.value}: no input could be made up\n\n")


def test_advice_shows_what_was_seen() -> None:
    text = shown(replace(FIXED, verdict=Verdict.ADVICE, reason="the patch changed the loss"))
    assert "  | ------------------------------ asked here: no gradient for a, b, c, d, e and 1 more\n" in text
    elsewhere = replace(FINDING, place=replace(FINDING.place, path="other.py"))
    text = shown(replace(FIXED, verdict=Verdict.ADVICE, reason="the patch changed the loss", findings=(elsewhere,)))
    assert "seen: train.py:4: 6 of 6 gradients missing: a, b, c, d, e and 1 more\n" in text
    assert "proved:" not in text
    assert text.endswith("train.py: advice: the patch changed the loss\n\n")


@pytest.mark.parametrize("fix", [Fix.UNSAFE, Fix.REFUSED])
def test_a_fix_that_is_not_proved(fix: Fix) -> None:
    report = FileReport("train.py", Verdict.ADVICE, findings=(replace(FINDING, fix=fix),))
    assert f"fix: {fix.value}\n" in shown(report)


def test_clean_files_say_nothing() -> None:
    report = FileReport("train.py", Verdict.CLEAN)
    assert shown(report) == ""
    assert shown(report, verbose=True) == "train.py: clean\n\n"


def test_verbose_shows_the_checks() -> None:
    report = replace(FIXED, steps=(replace(STEP, checks={"repeat": "equal"}),))
    assert "check:" not in shown(report)
    assert "check: repeat: equal\n" in shown(report, verbose=True)


@pytest.mark.parametrize(
    ("source", "place", "quoted", "under"),
    [
        ("\tx = 1\n", Place("a.py", 1, 2, 1, 3), "1 |     x = 1", "  |     ^"),
        ("x =\t\t1\n", Place("a.py", 1, 6, 1, 7), "1 | x =        1", "  |            ^"),
        ("名 = x\r\n", Place("a.py", 1, 1, 1, 2), "1 | 名 = x", "  | ^^"),
        ("名 = x\r\n", Place("a.py", 1, 5, 1, 6), "1 | 名 = x", "  |      ^"),
        ("x = 1", Place("a.py", 1, 3), "1 | x = 1", "  |   ^"),
        ("x", Place("a.py", 1, 99, 1, 120), "1 | x", "  |  ^"),
        ("\x0cx = '\x1b'", Place("a.py", 1, 2, 1, 3), "1 | \\x0cx = '\\x1b'", "  |     ^"),
        ("a\u2028b\n\n\nx\n", Place("a.py", 4, 1, 4, 2), "4 | x", "  | ^"),
        ("x" * 300, Place("a.py", 1, 300, 1, 301), "1 | …" + "x" * 17, "  | " + " " * 17 + "^"),
        ("x" * 300, Place("a.py", 1, 1, 1, 3), "1 | " + "x" * 132 + "…", "  | ^^"),
        ("名" * 300, Place("a.py", 1, 201, 1, 202), "1 | …" + "名" * 66 + "…", "  | " + " " * 33 + "^^"),
    ],
)
def test_underlines(source: str, place: Place, quoted: str, under: str) -> None:
    report = FileReport("a.py", Verdict.ADVICE, findings=(replace(FINDING, place=place),))
    assert shown(report, source).split("\n")[2:4] == [quoted, under]


@pytest.mark.parametrize(
    ("source", "place", "drawn"),
    [
        (
            "y = f(\n    1,\n)\n",
            Place("a.py", 1, 5, 3, 2),
            ["  |", "1 |   y = f(", "  |  _____^", "2 | |     1,", "3 | | )", "  | |_^"],
        ),
        (
            "\ty = f(\n\t名)\n",
            Place("a.py", 1, 2, 2, 4),
            ["  |", "1 |       y = f(", "  |  _____^", "2 | |     名)", "  | |_______^"],
        ),
        (
            "".join(f"line_{i}\n" for i in range(1, 12)),
            Place("a.py", 1, 1, 11, 8),
            [
                *("   |", " 1 |   line_1", "   |  _^", " 2 | | line_2", " 3 | | line_3", "   | | …"),
                *("10 | | line_10", "11 | | line_11", "   | |_______^"),
            ],
        ),
        ("x = 1\ny = 2\n", Place("a.py", 1, 1, 2, 1), ["  |", "1 | x = 1", "  | ^^^^^"]),
    ],
    ids=["three lines", "tabs and wide characters", "a long range", "a whole line"],
)
def test_ranges_of_several_lines(source: str, place: Place, drawn: list[str]) -> None:
    report = FileReport("a.py", Verdict.ADVICE, findings=(replace(FINDING, place=place),))
    assert shown(report, source).split("\n")[1 : 1 + len(drawn)] == drawn


@pytest.mark.parametrize("place", [Place("a.py", 0), Place("a.py", 9), Place("other.py", 1)])
def test_no_quote_without_the_line(place: Place) -> None:
    report = FileReport("a.py", Verdict.ADVICE, findings=(replace(FINDING, place=place),))
    assert " | " not in shown(report, "x\n")


def test_text_from_outside_is_harmless() -> None:
    nasty = "[red]x[/red] [/] :smile: \x1b[31m\r\n\x07\u202e\udcff\x9b " + "long " * 60
    finding = Finding(nasty, nasty, Place(nasty, 1), nasty, nasty, Fix.NONE)
    step = StepReport(nasty, 1, 1, (nasty,), (nasty,), 1.0, 2.0, (nasty,), {nasty: nasty})
    for verdict in Verdict:
        report = FileReport(nasty, verdict, nasty, "", (finding,), (step,), notes=(nasty,))
        text = shown(report, nasty, verbose=True)
        assert "[red]x[/red] [/] :smile: \\x1b[31m\\r\\n\\x07\\u202e\\xff\\x9b long" in text
        assert all(c == "\n" or c.isprintable() for c in text)
        # headline, three lines of quote, help, page, step, check, note, blank line: the verdict would add nothing
        assert text.count("\n") == 10


def test_visible_keeps_what_people_write() -> None:
    assert visible("naïve 名前\u3000\xa0🙂 \\n") == "naïve 名前\u3000\xa0🙂 \\n"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return monkeypatch


def test_colour_on_a_terminal_only(environment: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    render_file(FIXED, SOURCE, console_for(terminal))
    assert "\x1b[" in terminal.getvalue()
    assert "\x1b" not in shown(FIXED)
    environment.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in shown(FIXED)
    environment.setenv("NO_COLOR", "1")
    assert "\x1b" not in shown(FIXED)


def test_a_diff_for_the_eye_is_coloured_and_sends_nothing_to_the_terminal(environment: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    render_diff("--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-\t\x1b]0;title\x07\n+--- a\n same\n", console_for(terminal))
    assert terminal.getvalue() == (
        "\x1b[1m--- a/x.py\x1b[0m\n\x1b[1m+++ b/x.py\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n"
        "\x1b[31m-       \\x1b]0;title\\x07\x1b[0m\n\x1b[32m+--- a\x1b[0m\n same\n"
    )


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour_where_it_is_not_wanted(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(name, value)
    terminal = Terminal()
    render_file(FIXED, SOURCE, console_for(terminal))
    assert terminal.getvalue() == shown(FIXED)


def test_any_console_will_do() -> None:
    stream = io.StringIO()
    render_file(FIXED, SOURCE, Console(file=stream, width=20))
    assert stream.getvalue() == shown(FIXED)


def test_a_stream_with_few_characters() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    render_file(FileReport("modèle.py", Verdict.ERROR, "x"), None, console_for(stream))
    stream.flush()
    assert raw.getvalue() == b"mod\\xe8le.py: error: x\n\n"


@pytest.mark.parametrize(
    ("verdicts", "applied", "line"),
    [
        ([Verdict.FIXED, Verdict.CLEAN], False, "2 files checked: 1 fixable, 1 clean\n"),
        ([Verdict.FIXED], True, "1 file checked: 1 fixed\n"),
        ([], False, "0 files checked\n"),
        (
            [*Verdict, Verdict.CLEAN],
            False,
            "6 files checked: 1 fixable, 1 with advice, 1 inconclusive, 1 in error, 2 clean\n",
        ),
    ],
)
def test_summary(verdicts: list[Verdict], applied: bool, line: str) -> None:
    stream = io.StringIO()
    files = tuple(FileReport("a.py", verdict) for verdict in verdicts)
    render_summary(Report("0.1.0", "3.11", "", "", files), console_for(stream), applied=applied)
    assert stream.getvalue() == line


def test_the_summary_says_which_sandbox_was_in_force() -> None:
    stream = io.StringIO()
    report = Report("0.1.0", "3.11", "", "", (FileReport("a.py", Verdict.CLEAN),), "audit (full: refused\x1b)")
    render_summary(report, console_for(stream))
    assert stream.getvalue() == "1 file checked: 1 clean; sandbox: audit (full: refused\\x1b)\n"
