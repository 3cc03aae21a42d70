"""Folders: those that are there are listed as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gradfix.values import FileReport, Verdict

CODE = """\
import glob, os
import tensorflow as tf

w = tf.Variable([1.0, 2.0], name="w")
here = ["notes/a.txt", "notes/b.txt"]
assert sorted(glob.glob("notes/*.txt")) == sorted(glob.iglob("notes/*.txt")) == here
assert glob.glob("notes/*.csv") == []
os.remove("nowhere")
assert not os.path.islink("nowhere")
saved = tf.train.Checkpoint(w=w).save("checkpoints/one")
tf.train.Checkpoint(w=w).restore(saved).assert_consumed()
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(w * 3.0)
gradients = tape.gradient(loss, [w])
"""


def test_globs_and_links_that_lead_nowhere_are_as_ever_so_that_checkpoints_are_saved(
    repaired: Callable[..., FileReport], tmp_path: Path
) -> None:
    (tmp_path / "notes").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "notes" / name).touch()
    (tmp_path / "nowhere").symlink_to("nothing")
    report = repaired(CODE)
    assert (report.verdict, report.reason) == (Verdict.CLEAN, "")
