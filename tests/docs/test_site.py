"""The site builds strictly, holds every page, leads nowhere that is not there, and fetches nothing from elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import yaml

from gradfix.rules import documentation, rules
from tests.docs.listings import ROOT

DOCS = ROOT / "docs"
FETCHED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}
"""What a browser loads by itself, and where the element says from where."""


@dataclass
class Html(HTMLParser):
    """One page: its anchors, where it leads, and what it loads."""

    text: str
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        given = dict(attributes)
        self.anchors |= {given[name] or "" for name in ("id", "name") if name in given}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")
        fetches = tag != "link" or given.get("rel") not in ("canonical", "prev", "next")
        if fetches and given.get(FETCHED.get(tag, "")):
            self.loads.append(given[FETCHED[tag]] or "")


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Html]:
    """Each page by its path below the site's folder."""
    found = {path.relative_to(site).as_posix(): path for path in site.rglob("*.html") if path.parent.name != "assets"}
    return {name: Html(path.read_text(encoding="utf-8")) for name, path in found.items()}


def test_every_page_of_the_folder_is_on_the_site_and_in_its_navigation(pages: dict[str, Html]) -> None:
    sources = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    addresses = {re.sub("(^|/)index/$", r"\1", f"{source}/") for source in sources}
    brought = {"security/", "contributing/", "changelog/", "benchmarks/"}
    assert {f"{address}index.html" for address in addresses | brought} | {"404.html"} == set(pages)
    assert addresses | brought <= {"", *map(unquote, pages["index.html"].links)}


def test_no_page_is_in_the_navigation_twice() -> None:
    sections = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    pages = [page for section in sections for value in section.values() for page in _pages(value)]
    assert len(pages) == len(set(pages))


def _pages(value: str | list[dict[str, str]]) -> list[str]:
    """The pages of an entry of the navigation."""
    return [value] if isinstance(value, str) else [page for entry in value for page in entry.values()]


def test_what_the_rules_point_to_is_there(pages: dict[str, Html]) -> None:
    for rule in rules():
        assert rule.url.startswith(f"{documentation()}/")
        page = f"{rule.url.removeprefix(documentation() + '/')}index.html"
        assert f"{rule.name} ({rule.code})" in pages[page].text


def test_each_example_is_told_from_its_opposite(pages: dict[str, Html]) -> None:
    for rule in rules():
        page = pages[f"rules/{rule.name}/index.html"].text
        for kind in ("bad", "good"):
            assert page.count(f'class="language-python {kind} highlight"') == rule.text.lower().count(f"\n{kind}")
            assert f"<p>{kind.title()}" not in page


def test_the_site_says_that_it_is_where_the_package_says_it_is(pages: dict[str, Html]) -> None:
    (address,) = re.findall('<link rel="canonical" href="([^"]+)">', pages["start/index.html"].text)
    assert address == f"{documentation()}/start/"


def test_no_link_leads_to_a_page_or_an_anchor_that_is_not_there(site: Path, pages: dict[str, Html]) -> None:
    broken = []
    for name, page in pages.items():
        for link in page.links if name != "404.html" else ():
            parts = urlsplit(urljoin(f"http://site/{name}", link))
            if parts.netloc != "site":
                continue
            path = unquote(parts.path).lstrip("/")
            target = f"{path}index.html" if path.endswith("/") or not path else path
            anchors = pages[target].anchors if target in pages else set()
            if not (site / target).is_file() or not {unquote(parts.fragment)} <= anchors | {""}:
                broken.append((name, link))
    assert not broken


def test_no_markdown_is_left_over(pages: dict[str, Html]) -> None:
    """What the repository's pages show and the site's Markdown knows otherwise: lists, listings, bars, notes."""
    left = {}
    for name, page in pages.items():
        (article,) = re.findall("<article.*?</article>", page.text, re.DOTALL)
        prose = re.sub("<pre.*?</pre>", "", article, flags=re.DOTALL)
        left[name] = re.findall(r"\n(?:[*-]|\d+\.) .{,40}|```.{,40}|\\\|.{,40}|\[!\w+\]|\]\(.{,40}", prose)
    assert not {name: pieces for name, pieces in left.items() if pieces}


def test_nothing_is_fetched_from_elsewhere(site: Path, pages: dict[str, Html]) -> None:
    loaded = {load for page in pages.values() for load in page.loads}
    assert not {load for load in loaded if urlsplit(load).netloc}
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    drawn = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.svg"))
    assert not re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)]*", styles + drawn)
    assert not [name for name, page in pages.items() if 'class="mermaid"' in page.text], "mermaid comes from a network"


def test_read_the_docs_builds_it_with_what_the_package_declares() -> None:
    settings = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text(encoding="utf-8"))
    assert settings["mkdocs"] == {"configuration": "mkdocs.yml", "fail_on_warning": True}
    (install,) = settings["python"]["install"]
    assert install == {"method": "pip", "path": ".", "extra_requirements": ["docs"]}
    assert "://" not in re.sub("#.*", "", (ROOT / ".readthedocs.yaml").read_text(encoding="utf-8"))
