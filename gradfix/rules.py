"""The catalogue: every rule with its explanation, read from docstrings. No codemod is imported, and so no LibCST."""

from __future__ import annotations

import ast
import difflib
import importlib.util
import inspect
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from gradfix import advice

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "gradfix.codemods"
OWN = "gradfix"
CODEMODS = "gradfix_codemods"
_NAME = re.compile("[a-z]+(-[a-z]+)*")
_HEAD = re.compile(r"([A-Z]+[0-9]+): (.+)")


@dataclass(frozen=True)
class Rule:
    """One rule. `summary` is a sentence, `text` the explanation in Markdown without it, `url` where it can be read.

    `mends` says whether there is a codemod for it; otherwise it gives advice only.
    """

    name: str
    code: str
    summary: str
    text: str
    mends: bool
    url: str


@cache
def rules() -> tuple[Rule, ...]:
    """All rules in the order of their codes: installed codemods, those of third parties too, and gradfix's advice."""
    from importlib.metadata import entry_points  # it takes a fifth of all imports, and few calls ask for rules

    found = [_of_codemod(point) for point in entry_points(group=GROUP)]
    names = [m.name for m in pkgutil.iter_modules(advice.__path__) if m.name not in ("base", "choose")]
    found += [
        _of_document(n.replace("_", "-"), _document(f"{advice.__name__}.{n}"), False, documentation()) for n in names
    ]
    return tuple(sorted(found, key=lambda r: (r.code, r.name)))


def rule_called(name: str) -> Rule | None:
    """The rule with this name or code, in any case; None where there is none."""
    wanted = name.strip().lower()
    return next((r for r in rules() if wanted in (r.name, r.code.lower())), None)


def nearest(name: str) -> str:
    """The rule that was probably meant, as `name` or code, whatever `name` looks like; "" where none is near."""
    known = [w for r in rules() for w in (r.name, r.code)]
    by_lower = {w.lower(): w for w in known}
    word = name.strip().lower()
    near = difflib.get_close_matches(word, by_lower, len(by_lower))
    likeness = {w: (difflib.SequenceMatcher(None, word, w).ratio(), _alike(word, w)) for w in near}
    return by_lower[max(near, key=lambda w: likeness[w])] if near else ""


def _alike(one: str, other: str) -> int:
    """How many letters are the same, place by place."""
    return sum(a == b for a, b in zip(one, other, strict=False))


@cache
def url_of(name: str) -> str:
    """The address of a rule's page; "" for a rule that is not known."""
    rule = _own(name) or rule_called(name)
    return rule.url if rule else ""


def _own(name: str) -> Rule | None:
    """A rule of gradfix itself, found without reading all others."""
    if not _NAME.fullmatch(name):
        return None
    module = name.replace("-", "_")
    for package, mends in ((CODEMODS, True), (advice.__name__, False)):
        rule = _of_document(name, _document(f"{package}.{module}"), mends, documentation())
        if rule.code:
            return rule
    return None


def _of_codemod(point: EntryPoint) -> Rule:
    own = point.dist is None or point.dist.name == OWN
    url = documentation() if own else _documentation(point.dist.metadata.get_all("Project-URL") if point.dist else None)
    return _of_document(point.name, _document(point.module), True, url, own)


def _of_document(name: str, document: str, mends: bool, url: str, own: bool = True) -> Rule:
    """A rule from a docstring whose first line is `CODE: summary`."""
    first, _, rest = document.partition("\n")
    head = _HEAD.match(first)
    code, summary = (head[1], head[2]) if head else ("", first)
    page = f"{url}/rules/{name}/" if own and url else url
    return Rule(name, code, summary.rstrip("."), rest.strip(), mends, page)


def _document(module: str) -> str:
    """The docstring of a module that is not imported (only the packages that it lies in are)."""
    spec = importlib.util.find_spec(module)
    source = getattr(spec.loader, "get_source", lambda _: None)(module) if spec else None
    return inspect.cleandoc(ast.get_docstring(ast.parse(source)) or "") if source else ""


@cache
def documentation() -> str:
    """The address of gradfix's documentation, without a slash at its end: pyproject.toml alone says it."""
    from importlib.metadata import metadata

    return _documentation(metadata(OWN).get_all("Project-URL"))


def _documentation(urls: list[str] | None) -> str:
    """The address that a package's metadata names as its documentation."""
    found = [address for label, _, address in (u.partition(", ") for u in urls or ()) if label == "Documentation"]
    return found[0].rstrip("/") if found else ""
