"""The page around the files: its head with the policy that lets nothing run, the masthead, and the overview."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from gradfix.report.html.markup import Html, count, element, grouped, joined
from gradfix.report.html.section import words
from gradfix.values import Report, Verdict

ORDER = (Verdict.FIXED, Verdict.ADVICE, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.CLEAN)
"""The verdicts as they are counted: what somebody has to look at comes first."""
FEW = 12
"""Files that the overview names though they are clean."""
MARK = "<!doctype html>\n<!-- gradient-flow report of gradfix -->\n"
"""How every report begins: a file that begins so may be overwritten by the next one."""
ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><path d='M16 5v22' stroke='#0b7a75' stroke-width='4'/>"
    "<circle cx='16' cy='6' r='5' fill='#0b7a75'/><circle cx='16' cy='26' r='5' fill='#c0341d'/></svg>"
)


@dataclass(frozen=True)
class Row:
    """A file in the overview. `number` is that of its section, 0 where it has none."""

    path: str
    verdict: Verdict
    gist: str
    number: int


@dataclass(frozen=True)
class Tally:
    """What all files together came to: gradients that were missing, those that patches bring back, and suspects."""

    missing: int = 0
    back: int = 0
    suspects: int = 0


def opening(report: Report, rows: Sequence[Row], tally: Tally, *, applied: bool, interrupted: bool) -> str:
    """The page up to where the sections of files begin."""
    head = joined(
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="generator", content=f"gradfix {report.gradfix}"),
        element("meta", name="robots", content="noindex"),
        element("link", rel="icon", href="data:image/svg+xml;base64," + base64.b64encode(ICON.encode()).decode()),
        element("title", f"{headline(report, tally, applied)} \u2013 gradfix"),
        element("style", _style()),
    )
    summary = report.summary()
    names = words(applied)
    body = joined(
        element("header", _brand(), _themes(), class_="top"),
        element(
            "section",
            element("h1", headline(report, tally, applied)),
            element("p", _deck(report, tally, applied, interrupted), class_="deck"),
            _counts(summary, names) if sum(summary.values()) > 1 else None,
            _facts(report),
            class_="hero",
        ),
        _overview(rows, names),
    )
    return f'{MARK}<html lang="en"><head>{head}</head><body><main>{body}'


def closing(rows: Sequence[Row]) -> str:
    """The page behind the sections."""
    plain = [row for row in rows if not row.number]
    listed = None
    if plain:
        what = " without a section" if any(row.gist for row in plain) else " in which there was nothing to show"
        listed = element(
            "details",
            element("summary", count(len(plain), "clean file"), what),
            element("ul", [element("li", row.path, _said(row)) for row in plain]),
            class_="plain v-clean",
        )
    foot = element(
        "footer",
        element("p", "A proof holds for the inputs of its run. What was made up is named beside each step."),
        element("p", "This page holds all that it shows: it runs no script and asks no network."),
    )
    return f"{joined(listed, foot)}</main></body></html>\n"


def _said(row: Row) -> Html | None:
    return element("span", row.gist, class_="gist") if row.gist else None


def headline(report: Report, tally: Tally, applied: bool) -> str:
    """The whole in one sentence."""
    verdicts = report.summary()
    missing = count(tally.missing, "missing gradient")
    if tally.back:
        some = f"{grouped(tally.back)} of {missing}"
        if tally.back == tally.missing:
            some = {1: "the missing gradient", 2: "both missing gradients"}.get(tally.back, f"all {missing}")
        if applied:
            return f"{some[0].upper()}{some[1:]} {'is' if tally.back == 1 else 'are'} back"
        return f"{'One patch brings' if verdicts['fixed'] == 1 else 'Patches bring'} back {some}"
    if tally.missing:
        return f"{count(tally.missing, 'gradient')} {'is' if tally.missing == 1 else 'are'} missing"
    if verdicts["fixed"]:
        return count(verdicts["fixed"], "patch is proved", "patches are proved")
    if tally.suspects:
        return f"{count(tally.suspects, 'suspect')}, from the text alone"
    if verdicts["error"] and verdicts["error"] == sum(verdicts.values()):
        return f"{count(verdicts['error'], 'file')} could not be checked"
    if verdicts["advice"] or verdicts["inconclusive"]:
        return f"{count(verdicts['advice'] + verdicts['inconclusive'], 'file')} to look at"
    return "No gradient is missing"


def _deck(report: Report, tally: Tally, applied: bool, interrupted: bool) -> str:
    checked = f"{count(sum(report.summary().values()), 'file')} checked"
    fixed = report.summary()["fixed"]
    if applied and fixed:
        checked += f", {count(fixed, 'patch', 'patches')} written"
    elif fixed:
        checked += f", {count(fixed, 'patch', 'patches')} proved by running before and after on TensorFlow"
    elif tally.suspects and not report.sandbox:
        checked += "; nothing was run"
    cached = report.counted().cached
    checked += f"; {grouped(cached)} from the cache" if cached else ""
    return checked + ("; interrupted: the others were not looked at." if interrupted else ".")


def _brand() -> Html:
    lines = (("M11 4v9", "flow"), ("M11 19v9", "dry"))
    drawn = [element("path", d=d, class_=kind) for d, kind in lines]
    nodes = [element("circle", cx=11, cy=y, r=4, class_=f"node {kind}") for y, kind in ((4, "flow"), (28, "dry"))]
    cut = element("path", d="M5 16h12", class_="break")
    logo = element("svg", drawn, nodes, cut, viewBox="0 0 22 32", width=18, height=26, aria_hidden="true")
    return element("p", logo, element("b", "gradfix"), " ", element("span", "gradient-flow report"), class_="brand")


def _themes() -> Html:
    choices = [
        element(
            "label",
            element("input", type="radio", name="theme", id=f"theme-{name}", checked=name == "auto"),
            element("span", name.capitalize()),
        )
        for name in ("auto", "light", "dark")
    ]
    return element("fieldset", element("legend", "Colours"), choices, class_="themes")


def _counts(summary: dict[str, int], names: dict[Verdict, str]) -> Html:
    """How many files have each verdict, as a bar and as boxes by which files are shown and hidden."""
    total = sum(summary.values()) or 1
    parts, at = [], 0.0
    for verdict in ORDER:
        width = 1000 * summary[verdict.value] / total
        if width:
            parts.append(element("rect", x=round(at, 2), width=round(width, 2), height=8, class_=verdict.value))
        at += width
    bar = element("svg", parts, class_="share", viewBox="0 0 1000 8", preserveAspectRatio="none", aria_hidden="true")
    boxes = [
        element(
            "label",
            element("input", type="checkbox", id=f"show-{v.value}", checked=True),
            element("span", class_=f"dot {v.value}"),
            element("b", grouped(summary[v.value])),
            " ",
            names[v],
        )
        for v in ORDER
        if summary[v.value]
    ]
    return element("div", bar, element("div", boxes, class_="boxes"), class_="counts")


def _facts(report: Report) -> Html:
    level, _, why = report.sandbox.partition(" (")
    sandbox = joined(level, element("small", why.removesuffix(")")) if why else None) if level else "nothing was run"
    now = datetime.now().astimezone()
    known = (
        ("Sandbox", sandbox),
        ("TensorFlow", report.tensorflow),
        ("Keras", report.keras),
        ("Python", report.python),
        ("gradfix", report.gradfix),
        ("Made", f"{now.day} {now:%B %Y, %H:%M}"),
    )
    return element("dl", [element("div", element("dt", k), element("dd", v)) for k, v in known if v], class_="facts")


def _overview(rows: Sequence[Row], names: dict[Verdict, str]) -> Html | None:
    """The files that have a section, with a link to each; none for a single one."""
    named = [row for row in rows if row.number]
    if len(rows) < 2 or not named:
        return None
    lines = [
        element(
            "li",
            element("a", element("bdi", row.path), href=f"#f{row.number}"),
            element("span", row.gist, class_="gist"),
            element("span", names[row.verdict], class_=f"verdict {row.verdict.value}"),
            class_=f"v-{row.verdict.value}",
        )
        for row in sorted(named, key=lambda r: ORDER.index(r.verdict))
    ]
    first = max(sum(row.verdict is not Verdict.CLEAN for row in named), FEW)
    more = None
    if len(lines) > first:
        said = element("summary", f"and {count(len(lines) - first, 'clean file')} with a step")
        more = element("details", said, element("ol", lines[first:]), class_="v-clean")
    return element(
        "nav", element("h2", "Files"), element("ol", lines[:first]), more, class_="overview", aria_label="Files"
    )


@cache
def _style() -> Html:
    """The style sheet: gradfix's own file, so that it is markup already."""
    return Html(files("gradfix.report.html").joinpath("style.css").read_text(encoding="utf-8"))


def _policy() -> str:
    """What the browser is told: nothing is loaded, nothing runs, and no style but the one above holds."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
