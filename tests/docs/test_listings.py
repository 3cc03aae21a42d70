"""Every command and every listing of the documentation is run, or parsed by what reads it; what is not says why.

The listings of a page are taken from the first to the last, in a folder of the page's own: one with a title is a file
there, commands are run and find what is there. `sh` holds commands, each of which ends with 0 or 1; `console` shows
what they print as well; `diff` and `text` show a part of what the commands before them have printed.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from gradfix.given import in_comments, in_table
from gradfix.settings.resolve import Resolver
from gradfix.toml import read_toml
from tests.docs.desk import Desk, commands, fits
from tests.docs.listings import ROOT, Listing, listings, pages

REPORT = json.loads((ROOT / "docs" / "report.schema.json").read_text())
HOOKS = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
NOT_RUN = 10
"""So many listings are marked as not run: another one wants a reason, and a look at whether it could not be."""


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One path for the folder of all pages, in turn: what was proved of `train.py` for one is known for the next."""
    return tmp_path_factory.mktemp("docs") / "desk"


@pytest.mark.parametrize("page", pages())
def test_the_listings_of_a_page_are_true(page: str, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    desk = Desk(place)
    for listing in listings(page):
        if "has" in listing.said:
            desk.give(listing.said["has"])
        if not {"ci", "not run"} & set(listing.said):
            KINDS[listing.language](listing, desk)


@pytest.mark.parametrize(
    ("shown", "printed", "so"),
    [
        ("a\n", "a\n", True),
        ("a\n", "b\n", False),
        ("a\n", "a\nb\n", False),
        ("a\n...\n", "a\nb\nc\n", True),
        ("...\nc\n", "a\nb\n", False),
        ("loss ...\n", "loss 2.7\n", True),
        ("1 clean\n", "1 clean; 1 from the cache; sandbox: audit (why)\n", True),
        ("1 clean; sandbox: full\n", "2 clean; sandbox: full\n", False),
    ],
)
def test_what_is_shown_is_compared_with_what_is_printed(shown: str, printed: str, so: bool) -> None:
    assert fits(shown, printed) is so


def test_what_is_not_run_is_counted_and_what_ci_runs_is_run_there() -> None:
    said = [listing.said for page in pages() for listing in listings(page)]
    assert len([words for words in said if "not run" in words]) == NOT_RUN
    assert [words["ci"] for words in said if "ci" in words] == ["run", "test"]


def test_the_sample_of_a_report_is_what_is_written_now(place: Path) -> None:
    """`python docs/sample.py` writes it anew."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    desk = Desk(place)
    desk.give("train.py")
    code, output = desk.run("gradfix --report report.html train.py")
    assert code == 1, output
    written = (place / "report.html").read_text(encoding="utf-8")
    facts = seen_of((ROOT / "docs" / "assets" / "report.html").read_text(encoding="utf-8"))
    assert len(facts) > 15
    assert seen_of(written) == facts


def seen_of(page: str) -> list[tuple[str, str]]:
    """The code and the figures of a report: what it is about, whatever words are around it."""
    main = re.sub('<dl class="facts">.*?</dl>', "", page[page.index("<main") :], flags=re.DOTALL)
    return re.findall(r'<code[^>]*>(.*?)</code>|class="(?:norm|value|tally[^"]*)">(.*?)<', main)


def shell(listing: Listing, desk: Desk) -> None:
    """Each command ends with 0, or with 1 where there is something to see."""
    desk.output = ""
    for command in listing.text.replace("\\\n", "").splitlines():
        code, output = desk.run(command)
        assert code in (0, 1), f"{listing.place}: {command} ended with {code}:\n{output}"


def console(listing: Listing, desk: Desk) -> None:
    """Each command prints what is shown below it."""
    desk.output = ""
    for command, shown in commands(listing.text):
        code, output = desk.run(command)
        assert fits(shown, output), f"{listing.place}: {command} ended with {code} and printed:\n{output}"


def printed(listing: Listing, desk: Desk) -> None:
    """What is shown is a part of what was printed."""
    shown = "".join(f"{line.rstrip()}\n" for line in listing.text.splitlines())
    output = "".join(f"{line.rstrip()}\n" for line in desk.output.splitlines())
    assert shown in output, f"{listing.place}: not printed, but:\n{desk.output}"


def python(listing: Listing, desk: Desk) -> None:
    """A file, an excerpt of one, or a script; comments for gradfix can be read."""
    in_comments(listing.text, ast.parse(listing.text))
    if "from" in listing.said:
        assert listing.text in (ROOT / listing.said["from"]).read_text(), listing.place
    elif not written(listing, desk):
        code, output = desk.run(f"python -c {shlex.quote(listing.text)}")
        assert code == 0, f"{listing.place}: {output}"


def toml(listing: Listing, desk: Desk) -> None:
    """gradfix takes its settings, and reads each description of an input."""
    path = desk.folder / "settings" / (listing.title or "pyproject.toml")
    path.parent.mkdir(exist_ok=True)
    path.write_text(listing.text)
    table = read_toml(path)
    settings = Resolver().for_folder(str(path.parent))
    if "gradfix" in table.get("tool", {}) or listing.title == "gradfix.toml":
        assert settings != Resolver(isolated=True).for_folder(str(path.parent)), f"{listing.place}: nothing is set"
    for key in settings.inputs.table if settings.inputs else ():
        file, _, name = key.rpartition(":")
        assert in_table(settings.inputs, str(path.parent / file))[name], listing.place
    shutil.rmtree(path.parent)
    written(listing, desk)


def as_json(listing: Listing, desk: Desk) -> None:
    """It can be parsed; a report fits the schema of reports."""
    value = json.loads(listing.text)
    if "schema" in value:
        jsonschema.Draft202012Validator(REPORT).validate(value)
    written(listing, desk)


def as_yaml(listing: Listing, desk: Desk) -> None:
    """It can be parsed; what calls gradfix in it is run, and hooks are there."""
    value = yaml.safe_load(listing.text)
    for command in _values(value, "run"):
        if command.startswith("gradfix"):
            code, output = desk.run(command)
            assert code in (0, 1), f"{listing.place}: {command} ended with {code}:\n{output}"
    assert set(_values(_values(value, "hooks"), "id")) <= HOOKS
    written(listing, desk)


def elsewhere(listing: Listing, desk: Desk) -> None:
    """Settings of editors, which tests/editors hands to the editors themselves."""
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "editors").glob("*.py"))
    assert listing.page == "docs/editors.md", listing.place
    assert "editors.md" in tests, f"{listing.place}: no test reads the page"


def written(listing: Listing, desk: Desk) -> bool:
    """Whether the listing is a file; then it is there from now on."""
    if listing.title:
        path = desk.folder / listing.title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(listing.text, encoding="utf-8")
    return bool(listing.title)


def _values(value: Any, key: str) -> list[Any]:
    """All values with this key, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value[key]] if isinstance(value, dict) and key in value else []
    return own + [found for item in inner for found in _values(item, key)]


KINDS = {
    "sh": shell,
    "console": console,
    "text": printed,
    "diff": printed,
    "python": python,
    "toml": toml,
    "json": as_json,
    "yaml": as_yaml,
    "lua": elsewhere,
    "vim": elsewhere,
    "elisp": elsewhere,
}
"""How a listing of each language is tested; another language has no test, and so no place in the documentation."""
