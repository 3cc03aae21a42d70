"""Which rules are looked for: `--select`, `--ignore`, `--extend-select` and `per-file-ignores`, as ruff has them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradfix.patterns import Patterns
from gradfix.rules import Rule, nearest, rules

ALL = "ALL"
Wanted = Callable[[str, str], bool]
"""Whether a rule is looked for, by its name and the path of a file."""


class UnknownRule(ValueError):
    """A selector that means no rule. Its text is one line, with a suggestion where one is near."""


@dataclass(frozen=True)
class Choice:
    """The names of the rules that are looked for, None for all; and those that are not, in the files of a pattern."""

    names: frozenset[str] | None = None
    fewer: tuple[tuple[Patterns, frozenset[str]], ...] = ()

    def has(self, rule: str, path: str) -> bool:
        """Whether a rule is looked for in a file."""
        if self.names is not None and rule not in self.names:
            return False
        return not any(rule in names and patterns.cover(path) for patterns, names in self.fewer)

    def lacks(self, rule: str, path: str) -> bool:
        """Whether a rule is not looked for in a file."""
        return not self.has(rule, path)

    @property
    def everything(self) -> bool:
        """Whether all rules are looked for everywhere."""
        return self.names is None and not self.fewer


def meant_by(selector: str) -> tuple[Rule, ...]:
    """The rules that a name, a code, a prefix of codes or ALL means. Raises UnknownRule."""
    wanted = selector.strip()
    if wanted.upper() == ALL:
        return rules()
    exact = tuple(r for r in rules() if wanted.lower() in (r.name, r.code.lower()))
    found = exact or tuple(r for r in rules() if _is_prefix(wanted.upper(), r.code))
    if not found:
        near = nearest(wanted) or next(iter(difflib.get_close_matches(wanted.upper(), _families(), 1)), "")
        raise UnknownRule(f"there is no rule {wanted!r}" + (f"; did you mean {near}?" if near else ""))
    return found


def _is_prefix(text: str, code: str) -> bool:
    """Whether a text begins a code, with all of its letters: GF, GF1, GF10."""
    letters = code.rstrip("0123456789")
    return bool(code) and text.startswith(letters) and code.startswith(text)


def _families() -> list[str]:
    """The letters that codes begin with."""
    return sorted({r.code.rstrip("0123456789") for r in rules()})


def chosen(layers: Iterable[Mapping[str, Any]]) -> frozenset[str] | None:
    """The rules that layers of settings leave, the first of them the weakest; None for all. Raises UnknownRule.

    A layer that selects begins anew. In a layer the nearer a selector names a rule, the stronger it is: ALL is the
    weakest, then prefixes by their length, then whole codes and names; of two that are as near, `ignore` wins.
    """
    names: frozenset[str] | None = None
    for layer in layers:
        if not any(key in layer for key in ("select", "ignore", "extend-select")):
            continue
        ranked = [
            (_nearness(selector), key == "ignore", meant_by(selector))
            for key in ("select", "extend-select", "ignore")
            for selector in layer.get(key, ())
        ]
        now = set() if "select" in layer else {r.name for r in rules()} if names is None else set(names)
        for _, out, meant in sorted(ranked, key=lambda r: r[:2]):
            found = {r.name for r in meant}
            now = now - found if out else now | found
        names = frozenset(now)
    return names


def _nearness(selector: str) -> int:
    wanted = selector.strip()
    if wanted.upper() == ALL:
        return 0
    exact = any(wanted.lower() in (r.name, r.code.lower()) for r in rules())
    return 1 << 10 if exact else len(wanted)


def names_of(selectors: Sequence[str]) -> frozenset[str]:
    """The names of all rules that some selectors mean. Raises UnknownRule."""
    return frozenset(r.name for s in selectors for r in meant_by(s))
