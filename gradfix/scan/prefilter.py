"""The cheapest question first: can these bytes hold a step at all?"""

from __future__ import annotations

import re

FRAMEWORK = re.compile(rb"\b(tensorflow|keras|tf_keras)\b")
ASKS = re.compile(rb"GradientTape|\.fit\s*\(|\.minimize\s*\(|\.gradients\s*\(|\btrain_on_batch\b")


def may_hold_a_step(data: bytes) -> bool:
    """Whether a file mentions TensorFlow or Keras, and something that asks for gradients."""
    # a search for plain bytes is many times faster than one for a pattern, and enough for most files
    if b"tensorflow" not in data and b"keras" not in data:
        return False
    return ASKS.search(data) is not None and FRAMEWORK.search(data) is not None
