"""Steps that are too heavy for a run: the same file on smaller batches, before and after its patch."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gradfix.config import Settings
from gradfix.look import heavy
from gradfix.repair import repair
from gradfix.run.pool import Pool
from gradfix.sources import Source, read_source
from gradfix.values import FileReport, Verdict

HEAD = """import tensorflow as tf

model = tf.keras.Sequential(
    [tf.keras.layers.Conv2D(64, 5, activation="relu") for _ in range(4)]
    + [tf.keras.layers.GlobalAveragePooling2D(), tf.keras.layers.Dense(10)]
)
adam = tf.keras.optimizers.Adam()
"""
LOOP = """
for _ in range(1000):
    images = tf.random.uniform(({batch}, 96, 96, 3))
    labels = tf.random.uniform(({batch},), 0, 10, tf.int32)
    with tf.GradientTape() as tape:
        logits = model(images)
{indent}    losses = tf.keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
{indent}    loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    adam.apply_gradients(zip(gradients, model.trainable_variables))
"""


def _report(text: str, folder: Path, pool: Pool) -> FileReport:
    path = folder / "train.py"
    path.write_text(text)
    source = read_source(str(path))
    assert isinstance(source, Source)
    return repair(source, pool, Settings(python=sys.executable))


def test_a_heavy_step_is_mended_on_smaller_batches(tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heavy, "HEAVY", 3.0)  # a step on 128 pictures takes much longer, one on 4 much less
    text = HEAD + LOOP.format(batch=128, indent="")
    report = _report(text, tmp_path, pool)
    assert report.verdict is Verdict.FIXED, report.reason
    assert report.rewritten[0].text == HEAD + LOOP.format(batch=128, indent="    ")
    assert "batches of 128: batches of 4, since a step takes long" in report.steps[0].inputs


def test_a_file_that_smaller_batches_break_is_run_as_it_is(
    tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heavy, "HEAVY", 1.5)
    busy = "total = tf.constant(0.0)\nwhile __import__('time').process_time() < 2.5:\n    total += 1.0"
    step = "with tf.GradientTape() as tape:\n    loss = tf.reduce_sum(w @ tf.ones((8, 1)) + bias)\n"
    made = "BATCH = 16\nw, bias = tf.Variable(tf.ones((16, 8))), tf.ones((BATCH, 1))\n"
    text = f"import tensorflow as tf\n\n{busy}\n{made}{step}tape.gradient(loss, w)\n"
    report = _report(text, tmp_path, pool)
    assert report.verdict is Verdict.CLEAN, report.reason
    assert report.steps[0].inputs == ()
