"""The cheapest question first: can these bytes hold a step at all?"""

from __future__ import annotations

import re

FRAMEWORK = re.compile(rb"\b(tensorflow|keras|tf_keras)\b")
ASKS = re.compile(rb"GradientTape|\.fit\s*\(|\.minimize\s*\(|\.gradients\s*\(|\btrain_on_batch\b")

ASKS_IN_JSON = re.compile(rb"GradientTape|\.fit\b|\.minimize\b|\.gradients\b|train_on_batch")


def may_hold_a_step(data: bytes) -> bool:
    """Whether a file mentions TensorFlow or Keras, and something that asks for gradients."""
    # a search for plain bytes is many times faster than one for a pattern, and enough for most files
    if b"tensorflow" not in data and b"keras" not in data:
        return False
    return ASKS.search(data) is not None and FRAMEWORK.search(data) is not None


def may_hold_a_step_as_json(data: bytes) -> bool:
    """The same of the raw bytes of a notebook: in JSON what stands between two words may be the letters of `\\n`."""
    if b"tensorflow" not in data and b"keras" not in data:
        return False
    return ASKS_IN_JSON.search(data) is not None
