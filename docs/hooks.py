"""What mkdocs needs to know beyond mkdocs.yml: the rules' pages, pages from outside of docs/, and the site's address.

https://www.mkdocs.org/user-guide/configuration/#hooks
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradfix.rules import documentation

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
BROUGHT = {
    "SECURITY.md": "security.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/README.md": "benchmarks.md",
}
"""Pages that lie elsewhere in the repository, where people look for them, and what they are called on the site."""
GROUPS = {"GF1": "Rewritten", "GF2": "Explained", "GF0": "Said of a run"}
"""What rules have in common whose codes begin so, in the order of the navigation."""
EXAMPLE = '```{{ .python .{kind} title="{title}" }}'
"""How a rule's bad or good example begins."""
_EXAMPLE = re.compile(r"^((Bad|Good)(?:, [^\n]*)?):\n\n```python$", re.MULTILINE)
_LINK = re.compile(r"(?<=\]\()([^)\s#:]+)(?=[)#])")


def on_config(config: MkDocsConfig) -> None:
    """Sets the address, and lists the rules' pages in the navigation."""
    config.site_url = config.site_url or f"{documentation()}/"
    section = next(entry for entry in config.nav or () if "Rules" in entry)
    section["Rules"] = [f"{section['Rules']}/index.md", *_rules(ROOT / "docs" / section["Rules"])]


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Brings the pages that lie outside of docs/."""
    from mkdocs.structure.files import File

    for source, name in BROUGHT.items():
        files.append(File.generated(config, name, content=(ROOT / source).read_text(encoding="utf-8")))


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Links work in the repository, and here become those of the site; a rule's examples get their colours."""
    there = {name: source for source, name in BROUGHT.items()}
    name = page.file.src_uri
    if name.startswith("rules/"):
        markdown = _EXAMPLE.sub(lambda found: EXAMPLE.format(kind=found[2].lower(), title=found[1]), markdown)
    return _LINK.sub(lambda link: leads_to(link[1], there.get(name, f"docs/{name}"), name), markdown)


def leads_to(link: str, source: str, name: str) -> str:
    """Where a link of the repository's file `source` leads on its page `name`; itself if that is not on the site."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
    found = BROUGHT.get(target) or (target.removeprefix("docs/") if target.startswith("docs/") else None)
    return posixpath.relpath(found, posixpath.dirname(name) or ".") if found else link


def _rules(folder: Path) -> list[dict[str, list[dict[str, str]]]]:
    """The pages of the rules in the order of their codes, grouped by what gradfix does about them."""
    titles = {page: page.read_text(encoding="utf-8").partition("\n")[0] for page in folder.glob("*.md")}
    heads = {page: re.fullmatch(r"# (.+) \((.+)\)", title) for page, title in titles.items()}
    pages = sorted((head[2], head[1], f"{folder.name}/{page.name}") for page, head in heads.items() if head)
    return [
        {title: [{f"{code} {name}": path} for code, name, path in pages if code.startswith(group)]}
        for group, title in GROUPS.items()
    ]
