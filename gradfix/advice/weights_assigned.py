"""GF207: weights are assigned on the way to the target.

`variable.assign(...)` and `model.set_weights(...)` put numbers into variables. A variable remembers its value, not how
that was worked out, so a gradient that should go through the update (MAML, hyper-gradients, unrolled training) ends
there.

Bad:

```python
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        first = tf.reduce_mean(tf.square(x * start - y))
    fast.assign(start - 0.1 * inner.gradient(first, start))
    loss = tf.reduce_mean(tf.square(x * fast - y))
meta = outer.gradient(loss, start)
```

Good, weights as tensors:

```python
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        first = tf.reduce_mean(tf.square(x * start - y))
    fast = start - 0.1 * inner.gradient(first, start)
    loss = tf.reduce_mean(tf.square(x * fast - y))
meta = outer.gradient(loss, start)
```

gradfix writes this by itself where one variable is assigned and read back in the same function, and it can prove it.
For a Keras model call it with such weights by `model.stateless_call(weights, non_trainable, x)` (Keras 3), or write the
layers as functions of their weights.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Took gradients through a stateful object".

Keep `assign` for what is a state: averages, counters, the update after the step, first-order methods (Reptile).
"""

from __future__ import annotations

from gradfix.advice.base import Advice, called, operands
from gradfix.breaks import ASSIGNED, LEFT_TENSORFLOW, NEVER_USED, NOT_DIFFERENTIABLE, OVERWRITTEN, Break

_ASSIGNMENTS = ("assign", "assign_add", "assign_sub", "set_weights", "scatter_nd_update", "load_own_variables")


class WeightsAssigned(Advice):
    """A variable forgets where its value came from; the module explains the mistake."""

    name = "weights-assigned"
    code = "GF207"

    def fits(self, cut: Break) -> bool:
        """Whether the break writes into variables."""
        kinds = (ASSIGNED, NOT_DIFFERENTIABLE, LEFT_TENSORFLOW, NEVER_USED, OVERWRITTEN)
        return cut.kind in kinds and called(cut) in _ASSIGNMENTS

    def ways(self, cut: Break) -> tuple[str, ...]:
        """Weights as tensors, that flow through the step."""
        here = operands(cut.segment)
        value = here.values[0] if here.values else "the new weights"
        return (
            f"functional weights: keep `{value}` as a tensor and compute with that, not with the variable",
            "for a Keras 3 model `model.stateless_call(weights, others, inputs)`, which takes weights as tensors",
        )
