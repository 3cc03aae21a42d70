"""The cheapest question first: can these bytes hold a step at all?"""

from __future__ import annotations

import re

FRAMEWORK = re.compile(r"\b(tensorflow|keras|tf_keras)\b", re.ASCII)
ASKS = re.compile(r"\.fit\s*\(|\.minimize\s*\(|\.gradients\s*\(|\btrain_on_batch\b", re.ASCII)
WORDS = (".fit", ".minimize", ".gradients", "train_on_batch")
"""One of them is in each text that `ASKS` finds something in."""

ASKS_IN_JSON = re.compile(rb"GradientTape|\.fit\b|\.minimize\b|\.gradients\b|train_on_batch")


def may_hold_a_step(text: str) -> bool:
    """Whether a file mentions TensorFlow or Keras, and something that asks for gradients."""
    # a search for plain text is many times faster than one for a pattern, and enough for most files
    if "tensorflow" not in text and "keras" not in text:
        return False
    if "GradientTape" not in text and not (any(word in text for word in WORDS) and ASKS.search(text)):
        return False
    return FRAMEWORK.search(text) is not None


def may_hold_a_step_as_json(data: bytes) -> bool:
    """The same of the raw bytes of a notebook: in JSON what stands between two words may be the letters of `\\n`."""
    if b"tensorflow" not in data and b"keras" not in data:
        return False
    return ASKS_IN_JSON.search(data) is not None
