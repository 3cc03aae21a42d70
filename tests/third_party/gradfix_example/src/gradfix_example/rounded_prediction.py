"""EX101: the prediction is rounded before it is compared.

`tf.round` is flat, so the loss has no slope. Compare the prediction as it is, and round in the metric.

Bad:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(tf.round(model(x)) - y))
grads = tape.gradient(loss, model.trainable_variables)
```

Good:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(model(x) - y))
grads = tape.gradient(loss, model.trainable_variables)
```

See https://www.tensorflow.org/guide/autodiff. Keep the rounding in metrics.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_replaced
from gradfix_codemods.offers import offers
from gradfix_codemods.trees import call_at


class RoundedPrediction(Codemod):
    """Takes the rounding out."""

    name = "rounded-prediction"
    code = "EX101"
    answers = frozenset({"not-differentiable"})
    mistake = "a rounded prediction has no slope"
    keeps_value = False

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields the text with what was rounded in the place of the rounding."""
        found = call_at(text, cut)
        if found is None or cut.operation not in ("", "tf.round", "tf.math.round") or len(found[1].args) != 1:
            return
        tree, call = found
        plain = with_replaced(tree, {call: lambda _: call.args[0].value})
        yield from offers(tree.module, [(plain, "Compare the prediction as it is")])
