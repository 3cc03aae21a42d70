"""TensorFlow says what docs/messages.md says that it does, and the examples of rules that only advise do what they say.

Those of rules that mend are held to more: tests/codemods/test_every_example.py.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gradfix.rules import rules
from tests.docs.listings import ROOT

USUAL = """
def dense(units):
    return tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(units)])

model, head = dense(1), dense(1)
embedding = tf.keras.layers.Embedding(10, 3)
ids = tf.constant([1, 2, 3])
x, y = tf.random.normal((8, 3)), tf.random.normal((8, 1))
optimizer = tf.keras.optimizers.SGD(0.1)
w, h, start, fast = (tf.Variable(number) for number in (2.0, 3.0, 1.0, 0.0))
simulate = np.sin
"""
"""Names that examples leave to the reader."""
OTHERWISE = {
    "choice-of-an-index": "model, labels = dense(4), tf.ones((8,))",
    "sampled-value": "model, costs = dense(4), tf.random.normal((8, 4))",
}
"""What is something else for the example of a rule."""
WITHOUT = {"label-shape", "missing-gradient", "unused-suppression"}
"""Rules that have no example: what they tell of has no one shape."""
ADVICE = [rule for rule in rules() if not rule.mends]
ASKED = """
with tf.GradientTape() as tape:
    {inside}
{after}gradients = tape.gradient(loss, model.trainable_variables)
{then}
"""
LOST = {"inside": "predicted = model(x)", "after": "loss = tf.reduce_mean(predicted)\n"}
MESSAGES = {
    "No gradients provided for any variable": ASKED.format(
        **LOST, then="optimizer.apply_gradients(zip(gradients, model.trainable_variables))"
    ),
    "Gradients do not exist for variables": """
with tf.GradientTape() as tape:
    loss = w * w
optimizer.apply_gradients(zip(tape.gradient(loss, [w, h]), [w, h]))
""",
    "unsupported operand type(s) for *: 'float' and 'NoneType'": ASKED.format(**LOST, then="0.1 * gradients[0]"),
    "Attempt to convert a value (None) with an unsupported type": ASKED.format(
        **LOST, then="tf.clip_by_norm(gradients[0], 1.0)"
    ),
    "'numpy.float32' object has no attribute '_id'": ASKED.format(
        inside="loss = np.mean(np.square(model(x) - y))", after="", then=""
    ),
    "Cannot convert a symbolic tf.Tensor": """
@tf.function
def step():
    return tf.reduce_mean(np.square(model(x)))

step()
""",
    "'SymbolicTensor' object has no attribute 'numpy'": """
@tf.function
def step():
    return model(x).numpy()

step()
""",
    "A non-persistent GradientTape can only be used to compute one set of gradients": """
with tf.GradientTape() as tape:
    loss = w * w
tape.gradient(loss, w)
tape.gradient(loss, w)
""",
    "not tf.Tensor or tf.Variable or ExtensionType": ASKED.format(
        inside="tape.watch(model.trainable_variables)", after="loss = 0.0\n", then=""
    ),
    "object has no attribute '_unique_id'": ASKED.format(
        inside="loss = tf.reduce_mean(model(x))",
        after="",
        then="optimizer.apply_gradients(zip(model.trainable_variables, gradients))",
    ),
}
"""For each message of the page a program that meets it."""


@dataclass(frozen=True)
class Tried:
    """What became of a program: for each question which sources got no gradient, and what was said."""

    missing: list[list[bool]]
    said: str

    @property
    def complete(self) -> bool:
        """Whether the last question had an answer for each source, and nothing was raised."""
        return bool(self.missing and self.missing[-1]) and not any(map(any, self.missing)) and "Error" not in self.said


@pytest.fixture(scope="module")
def tried() -> dict[tuple[str, int], Tried]:
    """Each example of a rule by the rule's name and its number on the page, and each message's program, number 0."""
    programs: dict[tuple[str, int], list[str]] = {(message, 0): [USUAL, text] for message, text in MESSAGES.items()}
    for rule in ADVICE:
        for number, text in enumerate(re.findall(r"```python\n(.*?)```", rule.text, re.DOTALL)):
            programs[rule.name, number] = [f"{USUAL}\n{OTHERWISE.get(rule.name, '')}", text]
    python = os.environ.get("GRADFIX_TEST_PYTHON", sys.executable)
    done = subprocess.run(
        [python, Path(__file__).with_name("tried.py")],
        input=json.dumps(list(programs.values())),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return {key: Tried(**result) for key, result in zip(programs, results, strict=True)}


@pytest.mark.parametrize("name", [rule.name for rule in ADVICE])
def test_the_bad_example_lacks_a_gradient_and_the_others_do_not(name: str, tried: dict[tuple[str, int], Tried]) -> None:
    bad, *good = [result for (rule, _), result in tried.items() if rule == name] or [None]
    if bad is None:
        assert name in WITHOUT
        return
    assert not bad.complete
    assert "NameError" not in bad.said
    assert good
    assert all(example.complete for example in good), good


@pytest.mark.parametrize("message", MESSAGES)
def test_tensorflow_says_it(message: str, tried: dict[tuple[str, int], Tried]) -> None:
    assert message in tried[message, 0].said


def test_each_message_of_the_page_is_tried() -> None:
    page = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^### `(.+)`$", page, re.MULTILINE)) == set(MESSAGES)
