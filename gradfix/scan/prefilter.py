"""The cheapest question first: can these bytes hold a step at all?"""

from __future__ import annotations

import re

FRAMEWORK = re.compile(rb"\b(tensorflow|keras|tf_keras)\b")
ASKS = re.compile(rb"GradientTape|\.fit\s*\(|\.minimize\s*\(|\.gradients\s*\(|\btrain_on_batch\b")


def may_hold_a_step(data: bytes) -> bool:
    """Whether a file mentions TensorFlow or Keras, and something that asks for gradients."""
    return ASKS.search(data) is not None and FRAMEWORK.search(data) is not None
