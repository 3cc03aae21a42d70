"""GF204: values were compared or counted on the way to the target.

`probabilities > 0.5`, `tf.equal`, `count_nonzero` and `tf.one_hot` of predicted classes answer yes or no. Between the
two there is no slope: a prediction of 0.6 and one of 0.9 give the same loss, and the gradient is None.

Bad:

```python
with tf.GradientTape() as tape:
    positive = tf.cast(model(x) > 0.5, tf.float32)
    loss = 1.0 - 2.0 * tf.reduce_sum(positive * y) / tf.reduce_sum(positive + y)
grads = tape.gradient(loss, model.trainable_variables)
```

One way that works, soft Dice (Milletari, Navab and Ahmadi, 2016, https://arxiv.org/abs/1606.04797): the probabilities
themselves count.

```python
with tf.GradientTape() as tape:
    positive = tf.sigmoid(model(x))
    loss = 1.0 - 2.0 * tf.reduce_sum(positive * y) / tf.reduce_sum(positive + y)
grads = tape.gradient(loss, model.trainable_variables)
```

Where the place of the threshold matters, put a steep sigmoid in its place: `tf.sigmoid(10.0 * (values - 0.5))`.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Took gradients through an integer or string".

Keep thresholds in metrics, masks and the conditions of `tf.where`: only its two values are differentiated.
"""

from __future__ import annotations

from gradfix.advice.base import Advice, called, operands
from gradfix.breaks import LEFT_TENSORFLOW, NOT_DIFFERENTIABLE, WRONG_DTYPE, Break

_ABOVE = (">", ">=", "greater", "greater_equal")
_BELOW = ("<", "<=", "less", "less_equal")
_SAME = ("==", "!=", "equal", "not_equal", "isclose")
_TABLES = ("confusion_matrix",)
_COUNTS = ("count_nonzero", "bincount", "unique", "histogram_fixed_width", "histogram", "digitize", "bucketize")
_CLASSES = ("one_hot", "to_categorical", "cast", "to_int32", "to_int64", "astype", "int")


class Threshold(Advice):
    """Yes and no have no slope; the module explains the mistake."""

    name = "threshold"
    code = "GF204"

    def fits(self, cut: Break) -> bool:
        """Whether the break compares, counts, or makes whole numbers."""
        name = called(cut) or cut.operation
        if name in _CLASSES:
            return cut.kind in (WRONG_DTYPE, NOT_DIFFERENTIABLE)
        kinds = (NOT_DIFFERENTIABLE, WRONG_DTYPE, LEFT_TENSORFLOW)
        return cut.kind in kinds and name in (*_ABOVE, *_BELOW, *_SAME, *_TABLES, *_COUNTS)

    def ways(self, cut: Break) -> tuple[str, ...]:
        """A steep sigmoid, or the probabilities themselves."""
        here = operands(cut.segment)
        value, name = here.first, called(cut) or cut.operation
        other = here.values[1] if len(here.values) > 1 else "0.5"
        overlap = "their product with the labels, summed, is the soft form of the true positives"
        if name in _ABOVE:
            return (
                f"a steep sigmoid in its place: `tf.sigmoid(10.0 * {_difference(value, other)})`",
                f"for F1, Dice or accuracy the probabilities themselves, `{value}`: {overlap}",
            )
        if name in _BELOW:
            return (f"a steep sigmoid in its place: `tf.sigmoid(10.0 * {_difference(other, value)})`",)
        if name in _SAME:
            return (
                f"how near they are: `tf.exp(-tf.square({value} - {other}))`",
                "for classes a cross-entropy of the probabilities, with the comparison left to the metric",
            )
        if name in _TABLES and len(here.values) > 1:
            labels = f"tf.one_hot({value}, tf.shape({other})[-1])"
            return (f"a soft table, of probabilities: `tf.matmul({labels}, {other}, transpose_a=True)`",)
        if name in _COUNTS:
            return (f"a soft count: `tf.reduce_sum(tf.sigmoid(10.0 * {value}))`",)
        return (f"the floats as they are: `{value}`, with whole numbers left to the metric",)


def _difference(one: str, other: str) -> str:
    """Their difference, in parentheses; one of them alone where the other is zero."""
    if other in _ZEROS:
        return one
    return f"-{other}" if one in _ZEROS else f"({one} - {other})"


_ZEROS = ("0", "0.0", "0.")
