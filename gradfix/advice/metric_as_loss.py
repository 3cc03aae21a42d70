"""GF205: a metric is used as the loss.

A metric object (`keras.metrics.Accuracy()`, `MeanIoU`, `Mean`) adds what it is given to counters, and `result()` reads
the counters. Counters are variables of their own: the predictions went in, no gradient comes back out.

Bad:

```python
metric = tf.keras.metrics.MeanSquaredError()
with tf.GradientTape() as tape:
    metric.update_state(y, model(x))
    loss = metric.result()
grads = tape.gradient(loss, model.trainable_variables)
```

Good, the loss that the metric measures:

```python
with tf.GradientTape() as tape:
    loss = tf.keras.losses.MeanSquaredError()(y, model(x))
grads = tape.gradient(loss, model.trainable_variables)
```

For accuracy take a cross-entropy; for IoU and F1 their soft forms, with probabilities in the place of classes.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Took gradients through a stateful object".

Keep the metric beside the loss: it tells how training goes.
"""

from __future__ import annotations

import re

from gradfix.advice.base import Advice, called
from gradfix.breaks import NEVER_USED, NOT_DIFFERENTIABLE, OVERWRITTEN, STATEFUL, Break

_COUNTERS = ("result", "update_state", "reset_states")
_NAMES = re.compile(r"metrics?\b|accuracy|\biou\b|auc\b|precision|recall|f1", re.IGNORECASE)


class MetricAsLoss(Advice):
    """A metric's counters end the path; the module explains the mistake."""

    name = "metric-as-loss"
    code = "GF205"

    def fits(self, cut: Break) -> bool:
        """Whether the target was read from a metric."""
        if called(cut) in _COUNTERS or ".result()" in cut.segment or "result()" in cut.operation:
            return cut.kind in (NEVER_USED, NOT_DIFFERENTIABLE, OVERWRITTEN, STATEFUL)
        return cut.kind == NOT_DIFFERENTIABLE and bool(_NAMES.search(cut.operation))

    def ways(self, cut: Break) -> tuple[str, ...]:
        """The loss that goes with the metric's name."""
        text = f"{cut.operation} {cut.segment}".lower()
        if "iou" in text or "f1" in text or "precision" in text or "recall" in text:
            return (
                "its soft form, with probabilities in the place of classes: "
                "`1.0 - tf.reduce_sum(y_true * y_pred) / tf.reduce_sum(y_true + y_pred - y_true * y_pred)`",
            )
        if "auc" in text:
            return (
                "a cross-entropy: `tf.keras.losses.BinaryCrossentropy()(y_true, y_pred)`, with the metric beside it",
            )
        if "acc" in text:
            return ("a cross-entropy: `tf.keras.losses.SparseCategoricalCrossentropy()(y_true, y_pred)`",)
        return (
            "the loss that the metric measures, such as `tf.keras.losses.MeanSquaredError()(y_true, y_pred)`, "
            "with the metric beside it",
        )
