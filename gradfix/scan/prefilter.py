"""The cheapest question first: can these bytes hold a step at all?"""

from __future__ import annotations

import re

FRAMEWORK = re.compile(r"\b(tensorflow|keras|tf_keras)\b", re.ASCII)
ASKS = re.compile(r"\.fit\s*\(|\.minimize\s*\(|\.gradients\s*\(|\btrain_on_batch\b", re.ASCII)
WORDS = (".fit", ".minimize", ".gradients", "train_on_batch")
"""One of them is in each text that `ASKS` finds something in."""

_FRAMEWORKS = (b"tensorflow", b"keras")
_ASKING = (b"GradientTape", *(word.encode() for word in WORDS))

ASKS_IN_JSON = re.compile(rb"GradientTape|\.fit\b|\.minimize\b|\.gradients\b|train_on_batch")


def may_hold_a_step(text: str) -> bool:
    """Whether a file mentions TensorFlow or Keras, and something that asks for gradients."""
    # a search for plain text is many times faster than one for a pattern, and enough for most files
    framework = _first(("tensorflow", "keras"), text)
    if framework < 0:
        return False
    if "GradientTape" not in text:
        asking = _first(WORDS, text)
        if asking < 0 or not ASKS.search(text, asking):
            return False
    return FRAMEWORK.search(text, max(framework - len("tf_"), 0)) is not None


def _first(words: tuple[str, ...], text: str) -> int:
    """Where the first of some words stands; -1 where there is none."""
    return min((at for at in map(text.find, words) if at >= 0), default=-1)


def is_without_a_step(data: bytes) -> bool:
    """Whether the bytes of a Python file are sure to have no step: UTF-8 that says nothing of encodings, without words.

    Nothing that `parse_source` finds fault with is in them, but for the syntax, which is not looked at.
    """
    if any(word in data for word in _FRAMEWORKS) and any(word in data for word in _ASKING):
        return False
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return False
    if b"\0" in data or b"coding" in data[: data.find(b"\n", data.find(b"\n") + 1) + 1 or None]:
        return False
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def may_hold_a_step_as_json(data: bytes) -> bool:
    """The same of the raw bytes of a notebook: in JSON what stands between two words may be the letters of `\\n`."""
    if b"tensorflow" not in data and b"keras" not in data:
        return False
    return ASKS_IN_JSON.search(data) is not None
