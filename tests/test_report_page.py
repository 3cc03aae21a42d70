"""`gradfix --report`: through the command, and looked at in a browser."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser, started
from tests.command import gradfix
from tests.programs import program

BROKEN = """\
import tensorflow as tf

w = tf.Variable([1.0, 2.0], name="w")
with tf.GradientTape() as tape:
    y = w * 3.0
loss = tf.reduce_sum(y)
gradients = tape.gradient(loss, [w])
"""
HOSTILE = """\
import numpy as np
import tensorflow as tf

w = tf.Variable([1.0, 2.0], name="</style><script>document.title='owned'</script>")
x = tf.constant([1.0, 2.0], name="x")
with tf.GradientTape() as tape:
    y = tf.reduce_sum(tf.round(w) * x)  # <img src=x onerror="document.title='owned'">
gradients = tape.gradient(y, [w])
"""
NAME = "<img src=x onerror=document.title='owned'>`&amp;.py"
CLEAN = BROKEN.replace("\nloss", "\n    loss")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a broken file, one with a hostile name and source, a clean one and one that is no Python, and the
    report on them."""
    below = tmp_path_factory.mktemp("reports") / "project"
    below.mkdir()
    (below / "broken.py").write_text(BROKEN)
    (below / NAME).write_text(HOSTILE)
    (below / "healthy.py").write_text(CLEAN)
    (below / "plain.py").write_text("print(1)\n")
    (below / "wrong.py").write_text("with tf.GradientTape() as tape:  # of tensorflow\n  x = (\n")
    call = gradfix("--run", "always", "--report", "../out.html", "--output-format", "json", ".", cwd=below)
    assert call.returncode == 2
    steps = {f["path"]: f["steps"] for f in json.loads(call.stdout)["files"]}
    assert [stop["line"] for stop in steps["broken.py"][0]["way_before"]] == [7, 6, 5, 3]
    assert [stop["line"] for stop in steps["broken.py"][0]["way_after"]] == [7, 6, 5, 3]
    return below


def test_the_report_is_written_beside_what_is_printed(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(BROKEN)
    call = gradfix("--run", "never", "--report", "out.html", "--output-format", "concise", "broken.py", cwd=tmp_path)
    assert call.returncode == 1
    assert call.stdout.startswith("broken.py:6:8: GF101 loss-outside-tape suspect: ")
    assert call.stderr == ""
    assert sorted(os.listdir(tmp_path)) == ["broken.py", "out.html"]
    page = (tmp_path / "out.html").read_text()
    assert "1 suspect, from the text alone" in page
    assert "nothing was run" in page


def test_a_bad_path_is_an_error_of_one_line_before_anything_is_run(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(BROKEN)
    (tmp_path / "there").mkdir()
    for path in ("there", "missing/out.html", "broken.py"):
        call = gradfix("--report", path, "broken.py", cwd=tmp_path)
        assert call.returncode == 2
        assert call.stdout == ""
        assert call.stderr.startswith(f"gradfix: error: --report {path}: ")
        assert call.stderr.count("\n") == 1
    assert (tmp_path / "broken.py").read_text() == BROKEN


def test_the_diff_is_alone_on_stdout(folder: Path) -> None:
    call = gradfix("--run", "always", "--diff", "--report", "../diff.html", ".", cwd=folder)
    assert call.returncode == 2  # for the file that is no Python
    assert call.stdout.startswith("--- a/broken.py\n+++ b/broken.py\n@@ ")
    assert call.stdout.count("\n") == len(call.stdout.split("@@ ")[-1].split("\n")) + 1
    page = (folder.parent / "diff.html").read_text()
    assert '<tr class="added">' in page
    assert "1 patch proved" in page
    (folder.parent / "diff.html").unlink()


def test_apply_tells_what_was_written(folder: Path) -> None:
    call = gradfix("--run", "always", "--apply", "--jobs", "2", "--report", "../applied.html", ".", cwd=folder)
    assert call.returncode == 2  # for the file that is no Python
    assert (folder / "broken.py").read_text() == CLEAN
    (folder / "broken.py").write_text(BROKEN)
    page = (folder.parent / "applied.html").read_text()
    assert "1 of 2 missing gradients is back" in page
    assert "1 patch written; 3 from the cache" in page
    assert "The patch, as it was written" in page
    assert sorted(os.listdir(folder)) == sorted([NAME, "broken.py", "healthy.py", "plain.py", "wrong.py"])
    assert sorted(os.listdir(folder.parent)) == ["applied.html", "out.html", "project"]


# ---------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for this module."""
    with started(program("chromium"), tmp_path_factory.mktemp("profile")) as found:
        yield found


def shown(browser: Browser, selector: str) -> list[str]:
    """The texts of the elements that are to be seen."""
    found = browser.value(
        f"[...document.querySelectorAll({json.dumps(selector)})].filter(e => e.checkVisibility()).map(e => e.innerText)"
    )
    return list(found)


@pytest.mark.editor
def test_a_browser_shows_the_pictures_and_nothing_of_what_was_read_runs(
    folder: Path, browser: Browser, tmp_path: Path
) -> None:
    address = (folder.parent / "out.html").as_uri()
    browser.open(address)
    assert browser.complaints == []
    assert browser.requests == [address]
    assert browser.value("document.scripts.length + document.images.length") == 0
    assert browser.value("document.title") == "One patch brings back 1 of 2 missing gradients \u2013 gradfix"
    assert shown(browser, "h1") == ["One patch brings back 1 of 2 missing gradients"]
    assert set(shown(browser, ".overview a")) == {NAME, "broken.py", "healthy.py", "wrong.py"}
    hostile, before, after = shown(browser, "figure")
    assert "0 of 1 gradient" in before
    assert "lost here" in before
    assert "1 of 1 gradient" in after
    assert "lost here" not in after
    assert "</style><script>document.title='owned'</script>" in hostile
    # the node of the break stands on the row of its source line
    middle = "(e => { const r = e.getBoundingClientRect(); return r.y + r.height / 2 })"
    gap = browser.value(
        f"{middle}(document.querySelector('.node.cut')) - {middle}(document.querySelector('li.cut .line'))"
    )
    assert abs(gap) < 4
    ends = browser.value(
        "[...document.querySelectorAll('figure')].flatMap(f => [...f.querySelectorAll('.source')].map((s, i) => "
        f"{middle}(s) - {middle}(f.querySelectorAll('.end')[i])))"
    )
    assert len(ends) == 4
    assert all(abs(end) < 4 for end in ends)
    keep(browser, tmp_path, "light")


def keep(browser: Browser, folder: Path, name: str) -> None:
    """Keeps a picture, where `GRADFIX_SCREENSHOTS` says, for somebody to look at."""
    target = Path(os.environ.get("GRADFIX_SCREENSHOTS") or folder)
    browser.screenshot(target / f"report-{name}.png")
    assert (target / f"report-{name}.png").stat().st_size > 10_000


@pytest.mark.editor
def test_colours_follow_the_system_and_the_switch(folder: Path, browser: Browser, tmp_path: Path) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    browser.open((folder.parent / "out.html").as_uri(), dark=True)
    dark = browser.value(paper)
    keep(browser, tmp_path, "dark")
    browser.click("label:has(#theme-light)")
    light = browser.value(paper)
    browser.click("label:has(#theme-dark)")
    assert browser.value(paper) == dark != light
    browser.open((folder.parent / "out.html").as_uri())
    assert browser.value(paper) == light


@pytest.mark.editor
def test_verdicts_can_be_hidden_and_links_open_their_file(folder: Path, browser: Browser) -> None:
    browser.open((folder.parent / "out.html").as_uri())
    browser.click("label:has(#show-fixed)")
    assert "broken.py" not in shown(browser, ".overview a")
    assert "healthy.py" in shown(browser, ".overview a")
    assert shown(browser, "details.v-fixed") == []
    browser.click("label:has(#show-fixed)")
    assert "broken.py" in shown(browser, ".overview a")
    assert len(shown(browser, "figure")) == 3
    browser.click(".overview li.v-clean a")
    assert len(shown(browser, "figure")) == 4


@pytest.mark.editor
@pytest.mark.parametrize("width", [320, 390, 768, 1920])
def test_no_width_makes_the_page_scroll_sideways(folder: Path, browser: Browser, tmp_path: Path, width: int) -> None:
    browser.open((folder.parent / "out.html").as_uri(), width=width)
    assert browser.value("document.documentElement.scrollWidth") == width
    keep(browser, tmp_path, str(width))


@pytest.mark.editor
def test_it_prints_with_all_files_open(folder: Path, browser: Browser) -> None:
    browser.open((folder.parent / "out.html").as_uri())
    assert browser.pdf().startswith(b"%PDF-")
    browser.ask("Emulation.setEmulatedMedia", media="print")
    assert len(shown(browser, "figure")) == 4
    browser.ask("Emulation.setEmulatedMedia", media="")
