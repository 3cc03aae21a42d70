"""GF208: the target does not depend on what is asked for.

A loss that compares labels with labels, a loss function that never reads its `y_pred`, a term that was dropped, a layer
that is made and never called: there is no path from the target back to these variables, and None is the right answer.
No rewriting of operations helps, whatever is often advised: only its author knows what the loss should have been.

Bad:

```python
def loss_of(y_true, y_pred):
    return tf.reduce_mean(tf.square(y_true - tf.reduce_mean(y_true)))


with tf.GradientTape() as tape:
    loss = loss_of(y, model(x))
grads = tape.gradient(loss, model.trainable_variables)
```

Good:

```python
def loss_of(y_true, y_pred):
    return tf.reduce_mean(tf.square(y_true - y_pred))


with tf.GradientTape() as tape:
    loss = loss_of(y, model(x))
grads = tape.gradient(loss, model.trainable_variables)
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Getting a gradient of None": a target that is not connected to a source.

Where some of the model is meant to be left out (a head for another task), leave its variables out of the sources too.
"""

from __future__ import annotations

from gradfix.advice.base import Advice
from gradfix.breaks import NEVER_USED, Break


class PredictionUnused(Advice):
    """No path leads from the target to the sources; the module explains the mistake."""

    name = "prediction-unused"
    code = "GF208"

    def fits(self, cut: Break) -> bool:
        """Whether the target was seen not to depend on the sources."""
        return cut.kind == NEVER_USED

    def ways(self, cut: Break) -> tuple[str, ...]:
        """Where the model's output should have come in."""
        if cut.segment:
            return (f"read `{cut.segment}` in `{cut.operation}`",)
        if cut.operation:
            return (f"call `{cut.operation}` on the way to the target, or leave it out of the sources",)
        return ("compute the target from what the model gave, or leave these variables out of the sources",)
