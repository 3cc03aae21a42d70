"""Which level of the sandbox runs have: the best one that the machine allows, as far as the user lets it."""

from __future__ import annotations

import os
from dataclasses import dataclass

from . import landlock, namespaces

FULL, LANDLOCK, AUDIT, OFF = "full", "landlock", "audit", "off"
LEVELS = (FULL, LANDLOCK, AUDIT, OFF)
"""The best first."""
AT_MOST = "GRADFIX_SANDBOX_AT_MOST"
"""The environment variable that names the best level that may be taken: that is how the others are tested."""


@dataclass(frozen=True)
class Choice:
    """The level in force, and why it is not a better one ("" where it is the best). `runs` is whether it suffices."""

    level: str
    why: str = ""
    runs: bool = True


def choose(wish: str) -> Choice:
    """The level for a wish: `auto` (the best there is), `strict` (that one or nothing is run), or `off`."""
    if wish == OFF:
        return Choice(OFF, "switched off")
    choice = _best()
    return Choice(choice.level, choice.why, wish != "strict" or choice.level == FULL)


def _best() -> Choice:
    """Tries the levels one after the other, each in a child that may die."""
    at_most = os.environ.get(AT_MOST, FULL)
    allowed = LEVELS[LEVELS.index(at_most) :] if at_most in LEVELS else LEVELS
    why = [] if len(allowed) == len(LEVELS) else [f"{AT_MOST} is {at_most}"]
    for level, refusal in ((FULL, namespaces.refusal), (LANDLOCK, landlock.refusal), (AUDIT, lambda: "")):
        if level in allowed:
            reason = refusal()
            if not reason:
                return Choice(level, "; ".join(why))
            why.append(f"{level}: {reason}")
    return Choice(OFF, "; ".join(why))
