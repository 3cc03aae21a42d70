"""GF002: the labels do not fit the predictions.

The loss raises before any gradient is asked for ("logits and labels must have the same shape", "Dimensions must be
equal"). That is not a missing gradient, but it hides what comes after it. gradfix says so, and goes on with labels that
fit, so that a gradient that is missing as well is seen in the same run.

Give the last layer as many units as the labels have columns, or the labels the shape of the predictions. Whole-number
labels want a *sparse* cross-entropy.
"""

from __future__ import annotations

from gradfix.advice.base import Advice
from gradfix.breaks import Break


class LabelShape(Advice):
    """What is said of labels that do not fit; the module explains it."""

    name = "label-shape"
    code = "GF002"

    def fits(self, cut: Break) -> bool:
        """No break: it is a loss that raises."""
        return False

    def ways(self, cut: Break) -> tuple[str, ...]:
        """The finding says it."""
        return ()
