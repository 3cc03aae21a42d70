"""GF003: a comment suppresses a finding that is not there.

`# gradfix: ignore[...]`, or a code of gradfix behind `# noqa:`, stands in a line in which the run found nothing of the
kind: the code was mended, or the name of the rule has a typing error. Such a comment would hide what breaks there
later. Take it away.

It is told only of files that were run to their end, since a finding may show in a run only. `# noqa` without codes is
never told: it may stand there for another tool.
"""

from __future__ import annotations

from gradfix.advice.base import Advice
from gradfix.breaks import Break


class UnusedSuppression(Advice):
    """What is said of a comment that suppresses nothing; the module explains it."""

    name = "unused-suppression"
    code = "GF003"

    def fits(self, cut: Break) -> bool:
        """No break: it is a comment."""
        return False

    def ways(self, cut: Break) -> tuple[str, ...]:
        """The finding says it."""
        return ()
