"""GF001: a gradient is missing, and nothing says more of it.

The tape gave None for a source, and neither a codemod nor other advice knows the operation at the break. The finding
names the expression at which the path from the variables to the target is lost: look there.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Getting a gradient of None", for the ways in which that happens.
"""

from __future__ import annotations

from gradfix.advice.base import Advice
from gradfix.breaks import Break


class MissingGradient(Advice):
    """What is said where nothing else is known; the module explains it."""

    name = "missing-gradient"
    code = "GF001"

    def fits(self, cut: Break) -> bool:
        """Any break."""
        return True

    def ways(self, cut: Break) -> tuple[str, ...]:
        """Nothing that would be right for sure."""
        return ()
