"""What the page says of one file: its findings, each step in pictures, the proof, the diff, and what was made up."""

from __future__ import annotations

from collections.abc import Iterator

from gradfix.report.html.code import snippet
from gradfix.report.html.difference import difference
from gradfix.report.html.figure import Given, Picture, figure
from gradfix.report.html.markup import Html, count, element, joined, link, spelled
from gradfix.rules import url_of
from gradfix.values import Answer, Basis, FileReport, Finding, Fix, Place, StepReport, Stop, Verdict

CHECKS = {
    "gradients": "The gradients are there",
    "run": "The patched run brings no new exception",
    "value": "The target keeps its value",
    "others": "Gradients that were there stay as they were",
    "derivative": "The new gradients are the derivative",
    "update": "The update moves the variables",
}
"""The points of a proof by the names of its checks, in the order in which they are shown."""
FIXES = {Fix.UNSAFE: "proved, but unsafe: it changes more than the gradients", Fix.REFUSED: "tried, and refused"}


def section(report: FileReport, text: str | None, number: int, *, opened: bool, applied: bool = False) -> Html:
    """The section of a file. `text` is the file before the patch, None where it is not known.

    `applied` says that its patch is written into it.
    """
    drawn = {(s.path, s.cell, s.line) for step in report.steps for s in _cuts(step)}
    head = element(
        "summary",
        element("h2", report.path),
        element("span", gist(report), class_="gist"),
        element("span", "from the cache", class_="tag") if report.cached else None,
        element("span", words(applied)[report.verdict], class_=f"verdict {report.verdict.value}"),
    )
    body = joined(
        element("span", id=f"f{number}", class_="anchor"),
        _lead(report),
        [_finding(f, report, text, drawn) for f in report.findings],
        [_step(step, report, text) for step in report.steps],
        _patch(report, applied),
        _notes(report),
    )
    return element("details", head, body, class_=f"file v-{report.verdict.value}", open=opened)


def _cuts(step: StepReport) -> Iterator[Place]:
    return (stop.place for stop in step.way_before if stop.cut)


def words(applied: bool) -> dict[Verdict, str]:
    """How the verdicts are called."""
    return {
        Verdict.CLEAN: "clean",
        Verdict.FIXED: "fixed" if applied else "fix proved",
        Verdict.ADVICE: "advice",
        Verdict.INCONCLUSIVE: "inconclusive",
        Verdict.ERROR: "error",
    }


def gist(report: FileReport) -> str:
    """A file in a few words."""
    missing = sum(len(s.missing_before) for s in report.steps)
    if report.verdict is Verdict.FIXED and missing:
        back = missing - sum(len(s.missing_after) for s in report.steps)
        return f"{back} of {count(missing, 'missing gradient')} back"
    if missing:
        return f"{count(missing, 'gradient')} missing"
    if report.findings and report.findings[0].basis is Basis.TEXT:
        return count(len(report.findings), "suspect")
    if report.steps and report.verdict is Verdict.CLEAN:
        return f"{count(len(report.steps), 'step')}, nothing missing"
    mended = " mended" if report.verdict is Verdict.FIXED else ""
    return count(len(report.findings), "finding") + mended if report.findings else ""


def _lead(report: FileReport) -> Html | None:
    """The reason of the verdict, unless a finding says the same."""
    said = {text for f in report.findings for text in (f.message, f.help)}
    if not report.reason or report.reason in said or set(report.reason.split("; ")) <= said:
        return None
    return element("p", spelled(report.reason), class_="lead")


# ---------------------------------------------------------------- findings


def _finding(finding: Finding, report: FileReport, text: str | None, drawn: set[tuple[str, int, int]]) -> Html:
    place = finding.place
    where = f"{place.path}, " if place.path != report.path else ""
    where += f"cell {place.cell}, line {place.line}" if place.cell else f"line {place.line}"
    suspect = element("span", "suspect, from the text alone", class_="tag") if finding.basis is Basis.TEXT else None
    head = element(
        "p",
        link(url_of(finding.rule), element("b", finding.code), " ", finding.rule, class_="rule"),
        element("span", where, class_="where"),
        suspect,
        class_="head",
    )
    shown = None
    if (place.path, place.cell, place.line) not in drawn and place.path == report.path:
        source = report.cells.get(place.cell, text)
        shown = snippet(source, place) if source is not None else None
    ways = element("ul", [element("li", spelled(way)) for way in finding.advice]) if finding.advice else None
    came = FIXES.get(finding.fix)
    fix = element("p", element("span", "Fix", class_="label"), " ", came, class_=f"fix {finding.fix.value}")
    return element(
        "article",
        head,
        element("p", spelled(finding.message), class_="message"),
        shown,
        element("p", spelled(finding.help), class_="help") if finding.help else None,
        element("div", element("p", "What could be written instead", class_="label"), ways) if ways else None,
        fix if came else None,
        class_=f"finding {finding.basis.value}",
    )


# ---------------------------------------------------------------- steps


def _step(step: StepReport, report: FileReport, text: str | None) -> Html:
    patched = report.verdict is Verdict.FIXED
    where = f"cell {step.cell}, line {step.line}" if step.cell else f"line {step.line}"
    own = step.path == report.path
    asked = _asked(step, report, text)
    pictures = list(_pictures(step, patched, asked))
    return element(
        "section",
        element("h3", "Step at ", where if own else f"{step.path}, {where}"),
        element("div", pictures, class_="pictures two" if len(pictures) > 1 else "pictures"),
        _proof(step) if step.checks and len(pictures) > 1 else None,
        _made_up(step),
        class_="step",
    )


def _asked(step: StepReport, report: FileReport, text: str | None) -> Stop:
    """The line that asks: all of a way that is known where none was looked at."""
    source = report.cells.get(step.cell, "") if step.cell else text
    lines = (source or "").split("\n") if step.path == report.path else []
    code = lines[step.line - 1] if 1 <= step.line <= len(lines) else ""
    sources = tuple(range(len(step.answers)))
    return Stop(Place(step.path, step.line, cell=step.cell), code, sources=sources)


def _pictures(step: StepReport, patched: bool, asked: Stop) -> Iterator[Html]:
    """The picture before the patch, and the one after it where there is one."""
    norms = [n for a in step.answers for n in (a.norm_before, a.norm_after if patched else None) if n is not None]
    most = max((n for n in norms if n < float("inf")), default=0.0)
    before = [Given(a.name, a.shape, a.before, a.norm_before) for a in step.answers if a.before is not Answer.UNSEEN]
    broken = bool(step.missing_before) or not before or any(s.cut for s in step.way_before)
    title = "Before" if patched and broken else "As it is"
    way = step.way_before or (asked,)
    yield figure(Picture(title, way, tuple(before), most, step.target_before, step.path))
    if patched and broken:
        after = tuple(Given(a.name, a.shape, a.after, a.norm_after) for a in step.answers)
        yield figure(Picture("After", step.way_after or (asked,), after, most, step.target_after, step.path))


def _proof(step: StepReport) -> Html:
    names = [*(n for n in CHECKS if n in step.checks), *(n for n in step.checks if n not in CHECKS)]
    points = [
        element("li", element("b", CHECKS.get(n, n)), element("span", step.checks[n]), class_=_mark(step.checks[n]))
        for n in names
    ]
    return element("div", element("h4", "The proof"), element("ul", points, class_="proof"), class_="panel")


def _mark(outcome: str) -> str:
    """How the outcome of a check is marked: it holds, was not looked at, or speaks against the patch."""
    if outcome.startswith(("not checked", "not conclusive", "none was")):
        return "open"
    if outcome.startswith(("changed", "finite differences differ")) or "missing" in outcome or "raises" in outcome:
        return "against"
    return "holds"


def _made_up(step: StepReport) -> Html | None:
    if not step.inputs:
        return None
    chips = [element("li", element("code", given)) for given in step.inputs]
    return element("div", element("h4", "Made up for the run"), element("ul", chips, class_="chips"), class_="panel")


# ---------------------------------------------------------------- the rest


def _patch(report: FileReport, applied: bool) -> Html | None:
    if not report.diff:
        return None
    return element(
        "section",
        element("h3", "The patch, as it was written" if applied else "The patch"),
        difference(report.diff),
        class_="patch",
    )


def _notes(report: FileReport) -> Html | None:
    if not report.notes:
        return None
    return element("ul", [element("li", spelled(note)) for note in report.notes], class_="notes")
