"""GF100: asked for are the variables that the gradients are applied to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradfix_codemods.applied_to_other_variables import AppliedToOtherVariables

# Each case: a sentence, the text before with the call marked, the rewrite.
REWRITES = [
    (
        "two models",
        "g = «t.gradient(loss, self.slow.weights)»  # all\nself.opt.apply_gradients(zip(g, self.quick.weights))\n",
        "g = t.gradient(loss, self.quick.weights)  # all\nself.opt.apply_gradients(zip(g, self.quick.weights))\n",
    ),
    (
        "a call in the update itself",
        "opt.apply_gradients(list(zip(«t.gradient(y, a.trainable_variables)», b.trainable_variables)))\n",
        "opt.apply_gradients(list(zip(t.gradient(y, b.trainable_variables), b.trainable_variables)))\n",
    ),
    (
        "a call in the pairs themselves",
        "opt.apply_gradients(zip(«t.gradient(y, a.trainable_variables)», b.trainable_variables))\n",
        "opt.apply_gradients(zip(t.gradient(y, b.trainable_variables), b.trainable_variables))\n",
    ),
    (
        "statistics that are not applied",
        "g = «t.gradient(loss, m.variables)»\nopt.apply_gradients(zip(g, m.trainable_variables))\n",
        "g = t.gradient(loss, m.trainable_variables)\nopt.apply_gradients(zip(g, m.trainable_variables))\n",
    ),
    ("the same list", "g = «t.gradient(y, a.weights)»\nopt.apply_gradients(zip(g, a.weights))\n", None),
    ("a list with a name", "g = «t.gradient(y, vs)»\nopt.apply_gradients(zip(g, a.weights))\n", None),
    ("an update with a name for the list", "g = «t.gradient(y, a.weights)»\nopt.apply_gradients(zip(g, vs))\n", None),
    ("other gradients", "g = «t.gradient(y, a.weights)»\nopt.apply_gradients(zip(h, b.weights))\n", None),
    (
        "the same name for the gradients of an earlier update",
        "g = t.gradient(c, d.weights)\no.apply_gradients(zip(g, d.weights))\n"
        "g = «t.gradient(y, a.weights)»\np.apply_gradients(zip(g, a.weights))\n",
        None,
    ),
    (
        "the same name for the gradients of a later update",
        "g = «t.gradient(y, d.weights)»\ng, _ = tf.clip_by_global_norm(g, 1.0)\no.apply_gradients(zip(g, a.weights))\n"
        "g = t.gradient(c, d.weights)\np.apply_gradients(zip(g, d.weights))\n",
        "g = t.gradient(y, a.weights)\ng, _ = tf.clip_by_global_norm(g, 1.0)\no.apply_gradients(zip(g, a.weights))\n"
        "g = t.gradient(c, d.weights)\np.apply_gradients(zip(g, d.weights))\n",
    ),
    ("no optimizer", "g = «t.gradient(y, a.weights)»\nshow(zip(g, b.weights))\n", None),
    ("another function", "g = «t.gradient(y, a.weights)»\ndef f(g):\n    o.apply_gradients(zip(g, b.weights))\n", None),
]


@pytest.mark.parametrize(("before", "after"), [pytest.param(*case[1:], id=case[0]) for case in REWRITES])
def test_the_rewrite(before: str, after: str | None, asked: Callable[..., list[str]]) -> None:
    assert asked(AppliedToOtherVariables(), before, "outside-tape") == ([] if after is None else [after])


def test_the_docstrings_examples(
    examples: Callable[..., tuple[str, str]], asked: Callable[..., list[str]], run: Callable[..., dict[str, Any]]
) -> None:
    bad, good = examples(AppliedToOtherVariables)
    head = (
        "import tensorflow as tf\nx = tf.ones((2, 3))\n"
        "online, target = (tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1)]) for _ in range(2))\n"
        "goal, optimizer = 0.9 * target(x), tf.keras.optimizers.SGD()\n"
    )
    call = "tape.gradient(loss, target.trainable_variables)"
    assert asked(AppliedToOtherVariables(), head + bad.replace(call, f"«{call}»"), "outside-tape") == [head + good]
    with pytest.raises(ValueError, match="No gradients provided"):
        run(head + bad)
    assert None not in run(head + good)["grads"]
