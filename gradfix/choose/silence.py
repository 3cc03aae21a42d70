"""Decides of each finding of one file whether the user wants no word of it, and keeps account of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from gradfix.choose.baseline import Key
from gradfix.choose.choice import UnknownRule, meant_by
from gradfix.choose.suppressions import Suppression, lines_of, suppressions_in
from gradfix.config import Settings
from gradfix.values import Finding, Place, Silence, Silenced

UNUSED = ("unused-suppression", "GF003")


class Listener:
    """Hears of each finding once. `texts` are those of the files that findings may lie in, by the report's paths."""

    def __init__(self, texts: Mapping[str, str], settings: Settings) -> None:
        self.texts, self.settings = dict(texts), settings
        self.silenced: list[Silence] = []
        self._used: set[tuple[str, Suppression]] = set()
        self._absorbed: Counter[Key] = Counter()

    def silences(self, finding: Finding) -> bool:
        """Whether a finding is not reported: its rule is not looked for, a comment says so, or a baseline knows it."""
        path, place = finding.place.path, finding.place
        if self.settings.choice.lacks(finding.rule, path):
            return True
        text = self.texts.get(path, "")
        suppressions = suppressions_in(text)
        lines = lines_of(text, place) if suppressions else range(0)
        covering = [s for s in suppressions if s.covers(finding, lines)]
        self._used.update((path, s) for s in covering)
        by = Silenced.COMMENT if covering else self._otherwise(finding)
        if by is not None:
            self.silenced.append(Silence(finding, by, self._line(finding)))
        return by is not None

    def unused(self, path: str) -> tuple[Finding, ...]:
        """A finding for each suppression in a file that silenced nothing, though the file was run to its end."""
        if self.settings.choice.lacks(UNUSED[0], path):
            return ()
        text = self.texts.get(path, "")
        return tuple(
            finding
            for s in suppressions_in(text)
            if (path, s) not in self._used and (why := self._why_unused(s, path))
            for finding in [Finding(*UNUSED, Place(path, s.line, s.column, s.line, s.end_column), why)]
            if not self.silences(finding)
        )

    def _otherwise(self, finding: Finding) -> Silenced | None:
        known = self.settings.known
        if known is not None:
            key = known.key(finding.place.path, finding.rule, self._line(finding))
            if self._absorbed[key] < known.counts.get(key, 0):
                self._absorbed[key] += 1
                return Silenced.BASELINE
        return Silenced.ASKED if self.settings.silent and finding.rule != UNUSED[0] else None

    def _line(self, finding: Finding) -> str:
        lines = self.texts.get(finding.place.path, "").split("\n")
        return lines[finding.place.line - 1].strip() if 0 < finding.place.line <= len(lines) else ""

    def _why_unused(self, suppression: Suppression, path: str) -> str:
        """What is wrong with a suppression that silenced nothing, or ""."""
        selector = suppression.selector
        if not selector:
            return "nothing is found here that it could suppress" if suppression.own else ""
        try:
            rules = meant_by(selector)
        except UnknownRule as e:
            return str(e)
        looked_for = any(self.settings.choice.has(rule.name, path) for rule in rules)
        return f"{selector} is not found here" if looked_for else ""
