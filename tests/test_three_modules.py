"""A project whose tape, loss, helper and model lie in four files: the patch spans them, and all goes on running."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from tests.command import gradfix

FILES = {
    "shop/__init__.py": "",
    "shop/nets.py": """\
        import tensorflow as tf


        def make_model():
            return tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(3), tf.keras.layers.Dense(1)])
        """,
    "shop/maths.py": """\
        import numpy as np


        def magnitude(values):
            return np.abs(values)
        """,
    "shop/losses.py": """\
        import tensorflow as tf

        from shop.maths import magnitude


        def spread(values):
            return magnitude(values) + 0.1 * values


        def price_error(truth, predicted):
            return tf.reduce_mean(spread(truth - predicted))
        """,
    "train.py": """\
        import numpy as np
        import tensorflow as tf

        from shop.losses import price_error
        from shop.maths import magnitude
        from shop.nets import make_model

        tf.random.set_seed(1)
        rows, prices = tf.random.normal((16, 4)), tf.random.normal((16, 1))
        model = make_model()
        optimizer = tf.keras.optimizers.SGD(0.1)

        for _ in range(3):
            with tf.GradientTape() as tape:
                predicted = model(rows)
            loss = price_error(prices, predicted)
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))

        print(magnitude(np.array([-1.0, 2.0])).tolist())
        """,
}
AFTER = {
    "train.py": ("    loss = price_error(prices, predicted)", "        loss = price_error(prices, predicted)"),
    "shop/maths.py": (
        "import numpy as np\n\n\ndef magnitude(values):\n    return np.abs(values)",
        "import numpy as np\nimport tensorflow as tf\n\n\ndef magnitude(values):\n"
        "    return tf.abs(values) if tf.is_tensor(values) else np.abs(values)",
    ),
}


def make(folder: Path) -> dict[str, str]:
    """Writes the project; returns its texts."""
    texts = {name: dedent(text) for name, text in FILES.items()}
    (folder / "shop").mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text)
    return texts


def test_the_patch_spans_the_files_and_numpy_is_still_served(tmp_path: Path) -> None:
    texts = make(tmp_path)
    expected = {name: text.replace(*AFTER[name]) if name in AFTER else text for name, text in texts.items()}
    shown = gradfix("--no-cache", "--diff", "train.py", cwd=tmp_path)
    assert shown.returncode == 1, shown.stderr
    assert {name: (tmp_path / name).read_text() for name in FILES} == texts
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=shown.stdout, text=True, check=True)
    assert {name: (tmp_path / name).read_text() for name in FILES} == expected
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    applied = gradfix("--no-cache", "--apply", "train.py", cwd=tmp_path)
    assert applied.returncode == 0, applied.stderr
    assert {name: (tmp_path / name).read_text() for name in FILES} == expected
    runs = subprocess.run([sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (runs.returncode, runs.stdout) == (0, "[1.0, 2.0]\n"), runs.stderr
