"""The HTML report: what it says, how it is written, and that nothing which was read can become markup."""

from __future__ import annotations

import gc
import os
import re
import weakref
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradfix.diffs import unified_diff
from gradfix.report import Unwritable
from gradfix.report.html.difference import difference
from gradfix.report.html.markup import Html, element, joined, link, spelled
from gradfix.report.html.writer import HtmlReport
from gradfix.report.snippet import visible
from gradfix.sources import Source
from gradfix.values import (
    Answer,
    Basis,
    FileReport,
    Finding,
    Fix,
    Place,
    Report,
    SourceReport,
    StepReport,
    Stop,
    Verdict,
)

VOID = {"meta", "link", "input"}
ELEMENTS = {
    *("html", "head", "title", "style", "body", "main", "header", "section", "nav", "footer", "article", "details"),
    *("summary", "h1", "h2", "h3", "h4", "p", "b", "span", "small", "code", "mark", "a", "bdi", "ol", "ul", "li", "dl"),
    *("dt", "dd", "div", "fieldset", "legend", "label", "figure", "figcaption", "table", "tbody", "tr", "td"),
    *("svg", "path", "rect", "circle", *VOID),
}
"""What a report is made of. There is no script among them, and no style but one."""


class Seen(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.comments: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def of(self, tag: str, kind: str = "") -> list[dict[str, str | None]]:
        """The attributes of all elements of a kind."""
        return [a for t, a in self.elements if t == tag and kind in [*(a.get("class") or "").split(), ""]]


def page_of(folder: Path, *files: FileReport, text: str | None = None, sandbox: str = "full", **how: bool) -> str:
    """The page on some files. `text` is the source of each of them."""
    path = folder / "report.html"
    interrupted = how.pop("interrupted", False)
    with HtmlReport(str(path), **how) as page:
        for file in files:
            page.file(file, None if text is None else Source(file.path, text, "utf-8", False))
        page.end(Report("0.1.0", "3.11.7", "2.16.1", "3.3.3", files, sandbox), interrupted)
    assert os.listdir(folder) == ["report.html"]
    return path.read_text(encoding="utf-8")


WAY = (
    Stop(Place("a.py", 6, 1, 6, 30), "g = tape.gradient(loss, [w, b])", inputs=(1,)),
    Stop(Place("a.py", 5, 8, 5, 30), "loss = tf.reduce_mean(np.abs(y) + b)", "float32[]", ("tf.reduce_mean",), (2, 3)),
    Stop(
        Place("a.py", 5, 23, 5, 32), "    q = np.abs(y)", "float32[4]", ("np.abs",), (3,), (), "`np.abs(y)` leaves", 3
    ),
    Stop(Place("a.py", 2, 1), "w = tf.Variable(1.0)", "float32[]", ("tf.Variable",), (), (0,), hidden=2),
)
AFTER = tuple(replace(s, cut="") for s in WAY)
STEP = StepReport(
    *("a.py", 6, 2, ("w",), (), 0.5, 0.5, ("x float32[4,8]",)),
    checks={"gradients": "all 2 sources have a finite gradient", "update": "not checked: it does not update"},
    answers=(
        SourceReport("w", (2, None), Answer.MISSING, Answer.THERE, None, 2.0),
        SourceReport("b", (), Answer.THERE, Answer.THERE, 1.0, 1.0),
    ),
    way_before=WAY,
    way_after=AFTER,
)
MENDED = Finding("numpy-on-path", "GF104", Place("a.py", 5, 23, 5, 32), "1 of 2", "Call `tf.abs`", Fix.PROVED)
DIFF = "--- a/a.py\n+++ b/a.py\n@@ -4,2 +4,2 @@\n with tape:\n--- np.abs(y)\n+++ tf.abs(y)\n"
FIXED = FileReport("a.py", Verdict.FIXED, "Call `tf.abs`", DIFF, (MENDED,), (STEP,), notes=("a `note`",))


# ---------------------------------------------------------------- what it says


def test_a_fixed_file_has_two_pictures_the_proof_the_diff_and_what_was_made_up(tmp_path: Path) -> None:
    seen = Seen(page_of(tmp_path, FIXED))
    assert len(seen.of("figure")) == 2
    assert "One patch brings back the missing gradient" in seen.text
    for said in ("GF104 numpy-on-path", "lost here np.abs(y) leaves", "→ float32[4]", "× 3", "2 lines left out"):
        assert said in seen.text
    assert "The gradients are there" in seen.text
    assert "all 2 sources have a finite gradient" in seen.text
    assert "Made up for the run" in seen.text
    assert "x float32[4,8]" in seen.text
    assert [li["class"] for li in seen.of("li") if li.get("class") in ("holds", "open")] == ["holds", "open"]
    assert len(seen.of("li", "cut")) == 1
    assert len(seen.of("circle", "halo")) == 1
    rails = seen.of("svg", "rail")
    assert rails[0]["aria-label"] == (
        "Before: the way from the target back to the sources in 4 lines; it is lost at line 5"
    )
    assert (rails[1]["aria-label"] or "").endswith("in 4 lines; 2 of 2 sources get a gradient")
    assert "a note" in seen.text
    assert seen.of("details")[0].get("open", "no") is None


def test_bars_are_as_long_as_norms_and_share_one_scale(tmp_path: Path) -> None:
    seen = Seen(page_of(tmp_path, FIXED))
    assert [bar["width"] for bar in seen.of("rect", "full")] == ["50", "100", "50"]
    assert len(seen.of("svg", "bar")) == 4
    assert "None" in seen.text


@pytest.mark.parametrize(
    ("answer", "norm", "said"),
    [
        (Answer.MISSING, None, "None"),
        (Answer.MISSING, 0.0, "zeros"),
        (Answer.MISSING, 2.0, "does not fit"),
        (Answer.NONE, None, "None, rightly"),
        (Answer.THERE, None, "there"),
        (Answer.THERE, 0.25, "0.25"),
        (Answer.THERE, float("inf"), "inf"),
    ],
)
def test_every_answer_of_a_tape_is_told(tmp_path: Path, answer: Answer, norm: float | None, said: str) -> None:
    step = replace(STEP, answers=(SourceReport("w", None, answer, norm_before=norm),), way_before=(), way_after=())
    page = page_of(tmp_path, FileReport("a.py", Verdict.CLEAN, steps=(step,)))
    assert f'<span class="norm">{said}</span>' in page


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_its_headline_and_its_section(tmp_path: Path, verdict: Verdict) -> None:
    suspect = Finding("r", "GF1", Place("a.py", 1, 1, 1, 3), "m", basis=Basis.TEXT)
    reports = {
        Verdict.CLEAN: (FileReport("a.py", verdict), "No gradient is missing", "1 clean file in which"),
        Verdict.FIXED: (FIXED, "One patch brings back the missing gradient", "fix proved"),
        Verdict.ADVICE: (replace(FIXED, verdict=verdict, diff=""), "1 gradient is missing", "advice"),
        Verdict.INCONCLUSIVE: (
            FileReport("a.py", verdict, "not run: 1 suspect", findings=(suspect,)),
            "1 suspect, from the text alone",
            "suspect, from the text alone",
        ),
        Verdict.ERROR: (FileReport("a.py", verdict, "no such file"), "1 file could not be checked", "no such file"),
    }
    report, headline, said = reports[verdict]
    seen = Seen(page_of(tmp_path, report, text="tf.abs(1)\n", sandbox=""))
    assert headline in seen.text
    assert said in seen.text
    assert "nothing was run" in seen.text


def test_advice_is_told_with_the_source_line_where_no_picture_shows_it(tmp_path: Path) -> None:
    finding = Finding("threshold", "GF205", Place("a.py", 2, 5, 2, 10), "no slope", advice=("`tf.sigmoid(x)`", "other"))
    report = FileReport("a.py", Verdict.ADVICE, findings=(finding,))
    page = page_of(tmp_path, report, text="a = 1\nb = x > 0\nc = 2\n")
    assert '<li class="here"><span class="n">2</span><code' in page
    assert "<mark>x &gt; 0</mark>" in page
    assert "<code>tf.sigmoid(x)</code>" in page
    assert "What could be written instead" in page


def test_several_files_have_an_overview_with_what_is_to_be_looked_at_first(tmp_path: Path) -> None:
    clean = [FileReport(f"c{i}.py", Verdict.CLEAN, steps=(replace(STEP, missing_before=()),)) for i in range(20)]
    plain = FileReport("plain.py", Verdict.CLEAN)
    page = page_of(tmp_path, *clean, plain, replace(FIXED, path="z.py"))
    seen = Seen(page)
    links = [a["href"] for a in seen.of("a") if (a["href"] or "").startswith("#")]
    assert links[0] == "#f22"
    assert len(links) == 21
    assert "and 9 clean files with a step" in seen.text
    assert "1 clean file in which there was nothing to show" in seen.text
    ids = {a["id"] for a in seen.of("span", "anchor")}
    assert {link.removeprefix("#") for link in links if link} == ids
    sections = seen.of("details", "file")
    assert ["open" in s for s in sections] == [False] * 20 + [True]


def test_a_page_on_thousands_of_files_stays_light(tmp_path: Path) -> None:
    clean = FileReport("c.py", Verdict.CLEAN, steps=(replace(STEP, missing_before=()),))
    broken = [replace(FIXED, path=f"z{i}.py") for i in range(4)]
    page = page_of(tmp_path, *([clean] * 600), *broken, replace(clean, notes=("one that says something",)))
    seen = Seen(page)
    assert len(seen.of("details", "file")) == 200 + 4 + 1
    assert "400 clean files without a section" in seen.text
    assert seen.text.count("1 step, nothing missing") == 2 * 200 + 400 + 2
    assert "604 files checked" not in seen.text
    assert "605 files checked" in seen.text
    one, more = (len(Seen(page_of(tmp_path, *broken[:n])).elements) for n in (2, 3))
    assert more - one < 190  # elements of a file with two pictures of four lines, a proof and a patch
    rails = Seen(page_of(tmp_path, FIXED)).of("path")
    assert (
        len(rails) <= 2 * (2 + 2) + 3 + 3
    )  # a way and its branches, each where it flows and where not; cross and logo
    # a browser looks anew at `:has` for each element that comes below, unless it says how deep it looks
    assert not re.findall(r":has\((?!> )", page)


def test_a_file_alone_is_open_also_where_it_is_clean(tmp_path: Path) -> None:
    clean = FileReport("c.py", Verdict.CLEAN, steps=(replace(STEP, missing_before=()),))
    (alone,) = Seen(page_of(tmp_path, clean)).of("details", "file")
    assert "open" in alone
    beside = Seen(page_of(tmp_path, clean, clean)).of("details", "file")
    assert ["open" in each for each in beside] == [False, False]


def test_what_was_written_and_what_was_interrupted_is_told(tmp_path: Path) -> None:
    page = page_of(tmp_path, FIXED, applied=True, interrupted=True)
    assert "The missing gradient is back" in page
    assert "1 patch written" in page
    assert "interrupted: the others were not looked at" in page
    assert "The patch, as it was written" in page


def test_the_sandbox_is_told_with_the_reason(tmp_path: Path) -> None:
    page = page_of(tmp_path, FIXED, sandbox="landlock (full: no namespaces (EPERM))")
    assert "<dd>landlock<small>full: no namespaces (EPERM)</small></dd>" in page


def test_a_removed_line_that_looks_like_the_head_of_a_diff_is_a_removed_line() -> None:
    seen = Seen(difference(DIFF + "--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"))
    assert len(seen.of("div", "diff")) == 2
    assert len(seen.of("tr", "removed")) == 2
    assert len(seen.of("tr", "added")) == 2
    assert seen.text.startswith("a.py44 with tape:5\u2212-- np.abs(y)5+++ tf.abs(y)b.py1\u2212a")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\"b<i>'&\\.py", "a\"b<i>'&\\.py"),
        ("\u00fcb er.py", "\u00fcb er.py"),
        ("n\n\udcff.py", "n\\n\\xff.py"),
    ],
)
def test_a_patch_names_its_file_as_it_is_called(name: str, shown: str) -> None:
    diff = unified_diff(name, b"a\n", b"b\n").decode()
    assert Seen(difference(diff)).text.startswith(f"{shown}1\u2212a")


# ---------------------------------------------------------------- nothing becomes markup

NASTY = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "</style><script>alert(1)</script>",
            "</title><img src=x onerror=alert(1)>",
            '" onload=alert(1) x="',
            "' autofocus onfocus=alert(1) '",
            "--><svg onload=alert(1)>",
            "`<b>`",
            "javascript:alert(1)",
            "&lt;i&gt;",
            "\u202egnp.exe",
            "\x00\x1b[31m\ud800\udcff",
            "]]><!--",
            "\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-<i>",
        ]
    ),
)


def hostile(a: str, b: str, c: str) -> tuple[FileReport, ...]:
    """Reports with these texts wherever a text may stand."""
    place = Place(a, 1, 1, 1, 9)
    finding = Finding(b, c, place, a, b, Fix.REFUSED, advice=(a, c), basis=Basis.RUN)
    suspect = replace(finding, basis=Basis.TEXT, place=Place(a, 1, 2, 3, 4, cell=2))
    way = tuple(
        replace(s, place=replace(place, path=p), code=b, made=c, operations=(a, c), cut=x)
        for s, p, x in zip(WAY, (a, b, c, a), ("", "", a, b), strict=True)
    )
    answers = (SourceReport(a, None, Answer.MISSING), SourceReport(b, (1, None), Answer.THERE, norm_before=1.0))
    step = StepReport(a, 1, 2, (a,), (), 1.0, None, (b, c), {a: b, "value": c}, 0, answers, way, way)
    diff = f"--- a/x\n+++ b/{a}\n@@ -1 +1 @@\n-{b}\n+{c}\n"
    return (
        FileReport(a, Verdict.FIXED, b, diff, (finding,), (step,), notes=(a, c)),
        FileReport(b, Verdict.ADVICE, a, "", (suspect,), (step,), cells={2: c}),
        FileReport(c, Verdict.ERROR, a),
        FileReport(a, Verdict.CLEAN),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NASTY, NASTY, NASTY)
def test_whatever_is_read_stays_text(tmp_path_factory: pytest.TempPathFactory, a: str, b: str, c: str) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    page = page_of(folder, *hostile(a, b, c), text=f"{b}\n{c}\n{a}", sandbox=f"audit ({c})")
    seen = Seen(page)
    assert not seen.open
    assert {tag for tag, _ in seen.elements} <= ELEMENTS
    assert [tag for tag, _ in seen.elements].count("style") == 1
    assert len(seen.comments) == 1
    for _, attributes in seen.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
    hrefs = [v for _, attributes in seen.elements if (v := attributes.get("href")) is not None]
    assert all(v.startswith(("#f", "data:image/svg+xml;base64,", "https://gradfix.")) for v in hrefs)
    for text in (a, b, c):
        assert "".join(visible(text).split("`")) in "".join(seen.text.split("`"))


def test_markup_is_made_of_what_is_no_markup() -> None:
    assert element("p", "<b>", None, ["&", element("i", "x")], class_='a"b', hidden=True, title=None) == (
        '<p class="a&quot;b" hidden>&lt;b&gt;&amp;<i>x</i></p>'
    )
    assert link("javascript:alert(1)", "x") == "x"
    assert link("https://a.b/?c&d", "x") == '<a href="https://a.b/?c&amp;d" rel="noreferrer noopener">x</a>'
    assert spelled("a `b<` c") == "a <code>b&lt;</code> c"
    assert spelled("half ` of it <") == "half ` of it &lt;"
    assert isinstance(joined("<"), Html)


def test_the_policy_lets_nothing_run_and_nothing_load(tmp_path: Path) -> None:
    seen = Seen(page_of(tmp_path, FIXED))
    (policy,) = [a["content"] for a in seen.of("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "script" not in policy


# ---------------------------------------------------------------- how it is written


def test_a_report_replaces_an_earlier_one_and_keeps_its_mode(tmp_path: Path) -> None:
    page_of(tmp_path, FIXED)
    (tmp_path / "report.html").chmod(0o640)
    assert "2 files checked" in page_of(tmp_path, FIXED, FIXED)
    assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "report.html").symlink_to(tmp_path / "there" / "real.html")
    page_of(tmp_path / "here", FIXED)
    assert (tmp_path / "there" / "real.html").is_file()
    assert (tmp_path / "here" / "report.html").is_symlink()


def test_what_is_no_report_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import tensorflow\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.html").touch()
    os.mkfifo(tmp_path / "pipe")
    before = sorted(os.listdir(tmp_path))
    for name, said in (
        ("train.py", "is there already, and is no report of gradfix"),
        ("folder", "is a folder"),
        ("pipe", "is no regular file"),
        ("missing/report.html", "No such file or directory"),
        ("train.py/report.html", "Not a directory"),
        ("n" * 300, "File name too long"),
    ):
        with pytest.raises(Unwritable) as problem:
            HtmlReport(str(tmp_path / name))
        assert str(problem.value) == f"--report {tmp_path / name}: {said}"
    assert sorted(os.listdir(tmp_path)) == before
    with HtmlReport(str(tmp_path / "empty.html")) as page:
        page.end(Report("0.1.0", "", "", "", ()), False)
    assert (tmp_path / "empty.html").read_text().startswith("<!doctype html>")


def test_nothing_is_left_behind_where_it_did_not_come_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with HtmlReport(str(path)) as page:
        page.file(FIXED, None)
        assert len(os.listdir(tmp_path)) == 1
    assert os.listdir(tmp_path) == []


def test_files_are_written_as_they_come_and_not_held(tmp_path: Path) -> None:
    with HtmlReport(str(tmp_path / "report.html")) as page:
        report = replace(FIXED, path="long.py")
        known = weakref.ref(report)
        page.file(report, None)
        page.file(FIXED, None)
        del report
        gc.collect()
        assert known() is None
        assert page.sections.tell() > 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with HtmlReport(str(tmp_path / "report.html")) as page, open("/dev/full", "wb", buffering=0) as full:
        page.sections.close()
        page.sections = full
        page.file(FIXED, None)
        with pytest.raises(Unwritable, match=r"not written: No space left on device"):
            page.file(FIXED, None)
    with HtmlReport(str(tmp_path / "report.html")) as page:
        page.file(FIXED, None)
        page.page.close()
        page.page = open("/dev/full", "wb")  # noqa: SIM115 - closed by the report
        with pytest.raises(Unwritable, match=r"not written: No space left on device"):
            page.end(Report("0.1.0", "", "", "", (FIXED,)), False)
    assert os.listdir(tmp_path) == []
