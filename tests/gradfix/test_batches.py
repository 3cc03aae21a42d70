"""Smaller batches: which numbers of a text are made smaller, and that nothing else of it moves."""

from __future__ import annotations

import pytest

from gradfix.scan.batches import with_smaller_batches

TABLE = {
    "a constant by its name": (
        "BATCH_SIZE, WIDTH = 64, 64\nx = tf.random.normal((BATCH_SIZE, WIDTH))\n",
        "BATCH_SIZE, WIDTH =  4, 64\nx = tf.random.normal((BATCH_SIZE, WIDTH))\n",
    ),
    "data and its labels": (
        "x = tf.random.uniform((64, 64, 64, 3))\ny = tf.random.uniform((64,), 0, 9, tf.int32)\ndense = Dense(64)\n",
        "x = tf.random.uniform(( 4, 64, 64, 3))\ny = tf.random.uniform(( 4,), 0, 9, tf.int32)\ndense = Dense(64)\n",
    ),
    "NumPy's ways": (
        "x = np.random.rand(32, 8)\ny = rng.integers(0, 2, size=32)\nz = np.random.randint(0, 2, 32)\n",
        "x = np.random.rand( 4, 8)\ny = rng.integers(0, 2, size= 4)\nz = np.random.randint(0, 2,  4)\n",
    ),
    "what is a multiple of a batch stays one": (
        "x = np.zeros((1024, 8))\nfor i in range(0, 1024, 64):\n    step(x[i : i + 64])\nmodel.fit(x, batch_size=64)\n",
        "x = np.zeros((  64, 8))\nfor i in range(0, 1024,  4):\n    step(x[i : i +  4])\nmodel.fit(x, batch_size= 4)\n",
    ),
    "parameters, options, keys and pipelines": (
        "def f(d, batch_size=32): ...\nadd('--batch-size', type=int, default=32)\nc = {'batch': 32}\nd = d.batch(32)\n",
        "def f(d, batch_size= 4): ...\nadd('--batch-size', type=int, default= 4)\nc = {'batch':  4}\nd = d.batch( 4)\n",
    ),
    "columns are counted in bytes": ("é = tf.zeros([16, 8])\n", "é = tf.zeros([ 4, 8])\n"),
    "weights are none": ("w = tf.Variable(tf.random.normal((64, 8)))\n", None),
    "numbers of batches are none": ("num_batches = 64\nFIRST_BATCH = 8\nbatch_norm = 32\n", None),
    "what is small already": ("BATCH_SIZE = 4\n", None),
}


@pytest.mark.parametrize("name", TABLE)
def test_batches_become_smaller_in_place(name: str) -> None:
    text, expected = TABLE[name]
    smaller = with_smaller_batches(text, 4)
    assert smaller.text == (expected or text)
    assert bool(smaller.changes) == (expected is not None)


def test_the_changes_are_told() -> None:
    assert with_smaller_batches("x = tf.zeros((64, 9))\ny = tf.zeros((128, 9))\n", 4).changes == ((64, 4), (128, 8))
