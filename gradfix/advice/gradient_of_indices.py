"""GF209: the gradient is asked with respect to whole numbers that look something up.

Token ids, classes and positions are integers. A little more than token 17 is no token, so there is nothing to
differentiate by, and casting the ids to floats does not help: an embedding takes whole numbers only.

Bad:

```python
with tf.GradientTape() as tape:
    tape.watch(ids)
    loss = tf.reduce_mean(head(embedding(ids)))
importance = tape.gradient(loss, ids)
```

Good, with respect to what was looked up:

```python
with tf.GradientTape() as tape:
    embedded = embedding(ids)
    tape.watch(embedded)
    loss = tf.reduce_mean(head(embedded))
importance = tape.gradient(loss, embedded)
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Took gradients through an integer or string".
"""

from __future__ import annotations

from gradfix.advice.base import Advice
from gradfix.breaks import WRONG_DTYPE, Break


class GradientOfIndices(Advice):
    """Nothing can be differentiated by an index; the module explains the mistake."""

    name = "gradient-of-indices"
    code = "GF209"

    def fits(self, cut: Break) -> bool:
        """Whether the source itself is made of whole numbers (then no operation stands at the break)."""
        return cut.kind == WRONG_DTYPE and not cut.operation

    def ways(self, cut: Break) -> tuple[str, ...]:
        """With respect to the embedding's output."""
        ids = cut.segment or "the ids"
        return (
            f"the gradient with respect to what `{ids}` look up: keep the embedding's output in a name, "
            "`tape.watch` it, and ask for that",
        )
