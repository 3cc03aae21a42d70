"""The hostile scripts: one file each in `scripts/`, with what it does, what it attacks and how it ends in its head."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "scripts"
STEP = """
import tensorflow as tf
w = tf.Variable([1.0, 2.0], name="w")
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(w * 3.0)
gradients = tape.gradient(loss, [w])
"""
"""What each script ends with: a healthy step. A file in which that was seen is `clean`."""


@dataclass(frozen=True)
class Script:
    """A script, and the modules beside it by name.

    `attacks` is what has to be kept from it; `ends` are the verdicts that it may get; `reason` is part of the verdict's
    reason; `limit` is for its run, in seconds; `memory` in GB; `alone` is said of one that would end the others' runs.
    """

    name: str
    text: str
    modules: dict[str, str]
    attacks: str
    ends: tuple[str, ...]
    reason: str = ""
    limit: float = 25.0
    memory: int = 0
    alone: bool = False
    called: str = "train.py"


def read(path: Path) -> Script:
    """Reads a script: comments of the form `# word: value` at its head, `#### name` in front of each module."""
    main, *others = path.read_text().split("\n#### ")
    modules = dict(part.split("\n", 1) for part in others)
    head = [line[2:] for line in main.splitlines() if line.startswith("# ")]
    said = dict(line.split(": ", 1) for line in head[1:])
    called = said.get("called", "train.py").encode().decode("unicode_escape")
    return Script(
        path.stem,
        main + STEP,
        modules,
        said["attacks"],
        tuple(said["ends"].split(", ")),
        said.get("reason", ""),
        float(said.get("limit", 25.0)),
        int(said.get("memory", 0)),
        said.get("alone") == "yes",
        called,
    )


SCRIPTS = {path.stem: read(path) for path in sorted(FOLDER.glob("*.py"))}
