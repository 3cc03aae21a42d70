"""The catalogue of rules, and the commands that show it."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from gradfix.report.catalogue import as_page
from gradfix.rules import Rule, documentation, nearest, rule_called, rules, url_of
from gradfix_codemods.catalogue import codemods
from tests.command import gradfix

DOCS = Path(__file__).parents[2] / "docs"


def test_the_docstrings_say_the_codes_and_names_that_the_codemods_have() -> None:
    assert {r.name: r.code for r in rules() if r.mends} == {c.name: c.code for c in codemods()}
    modules = {c.name: type(c).__module__.rpartition(".")[2] for c in codemods()}
    assert {name: module.replace("_", "-") for name, module in modules.items()} == {n: n for n in modules}


def test_no_code_is_taken_twice() -> None:
    codes = [r.code for r in rules()]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch("GF[0-9]{3}", code) for code in codes)


@pytest.mark.parametrize("rule", rules(), ids=lambda r: r.name)
def test_an_explanation_has_what_a_reader_needs(rule: Rule) -> None:
    assert rule.url == f"{documentation()}/rules/{rule.name}/"
    assert rule.summary
    assert not rule.summary.endswith(".")
    if rule.code >= "GF100":
        assert rule.text.count("```python") >= 2, "a bad and a good example"
        assert "https://" in rule.text, "a source"


def test_listing_and_explaining_import_no_libcst() -> None:
    code = (
        "import sys; from gradfix.__main__ import main\n"
        "try: main()\nfinally: print([m for m in sys.modules if m.partition('.')[0] == 'libcst'], file=sys.stderr)"
    )
    for arguments in (["--list-rules"], ["--explain", "GF101"]):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.strip()) == (0, "[]")


def test_list_rules_has_a_line_for_each() -> None:
    done = gradfix("--list-rules")
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [[r.code, r.name] for r in rules()]


@pytest.mark.parametrize("name", ["GF101", "gf101", "loss-outside-tape"])
def test_explain_takes_name_or_code(name: str) -> None:
    rule = rule_called("loss-outside-tape")
    assert rule is not None
    assert gradfix("--explain", name).stdout == as_page(rule)


def test_an_unknown_rule_is_one_line_with_a_suggestion() -> None:
    done = gradfix("--explain", "loss-outside-the-tape")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("gradfix: error: ")
    assert done.stderr.endswith("did you mean loss-outside-tape?\n")
    assert done.stderr.count("\n") == 1


def test_nearest() -> None:
    assert nearest("GF1O1").startswith("GF1")
    assert nearest("wholly different") == ""
    assert url_of("nothing") == ""


def test_the_pages_in_the_documentation_are_those_of_the_docstrings() -> None:
    """`python docs/rules.py` writes them."""
    there = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "rules").glob("*.md")}
    made = runpy.run_path(str(DOCS / "rules.py"))["pages"]()
    assert there == made
    assert {name: made[name] for name in made if name != "index.md"} == {f"{r.name}.md": as_page(r) for r in rules()}
    assert all(f"| {r.code} | [{r.name}]({r.name}.md) |" in made["index.md"] for r in rules())


def test_the_table_of_causes_names_every_rule_and_links_to_pages_that_are_there() -> None:
    text = (DOCS / "causes.md").read_text(encoding="utf-8")
    links = dict(re.findall(r"\[(GF[0-9]+)\]\(rules/([a-z-]+)\.md\)", text))
    assert links == {r.code: r.name for r in rules()}
