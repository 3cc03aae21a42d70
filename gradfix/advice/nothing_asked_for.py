"""GF211: no variable is asked for at all.

Layers make their weights when they are first called, or built. `layer.trainable_variables` before that is an empty
list, and a list that was put together of such lists stays empty for good: the tape is asked for nothing, and the
optimizer is handed nothing. A model that is frozen as a whole has no trainable variables either.

Bad:

```python
class Net:
    def __init__(self):
        self.layer = tf.keras.layers.Dense(1)
        self.weights = []

    def collect(self):
        for name in ["layer"]:
            self.weights += getattr(self, name).trainable_variables

net = Net()
net.collect()
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(net.layer(x) - y))
grads = tape.gradient(loss, net.weights)
```

Good, the list is taken when the weights are there:

```python
class Net:
    def __init__(self):
        self.layer = tf.keras.layers.Dense(1)
        self.weights = []

    def collect(self):
        for name in ["layer"]:
            self.weights += getattr(self, name).trainable_variables

net = Net()
net.layer(x)
net.collect()
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(net.layer(x) - y))
grads = tape.gradient(loss, net.weights)
```

See "Making new layers and models via subclassing" in the TensorFlow guide
(https://www.tensorflow.org/guide/keras/making_new_layers_and_models_via_subclassing), "Best practice: deferring weight
creation until the shape of the inputs is known".

Keep an empty list where nothing is to be trained, and do not ask a tape for it.
"""

from __future__ import annotations

from gradfix.advice.base import Advice
from gradfix.breaks import NO_SOURCES, Break


class NothingAskedFor(Advice):
    """An empty list of sources; the module explains the mistake."""

    name = "nothing-asked-for"
    code = "GF211"

    def fits(self, cut: Break) -> bool:
        """Whether no source was asked for."""
        return cut.kind == NO_SOURCES

    def ways(self, cut: Break) -> tuple[str, ...]:
        """Taking the list later, making the weights earlier, or letting layers train."""
        if cut.operation in ("fit", "train_on_batch"):
            return ("`trainable = True` for the layers that are to train, before the model is compiled",)
        listed = f"`{cut.segment}`" if cut.segment and len(cut.segment) <= 60 else "the list"
        return (
            f"fill {listed} after the first call of the layers: before that they have no weights",
            "make the weights before: call each layer or model on a batch, or `layer.build(shape)`",
            "where a `tf.Module` holds layers of Keras 3, which it does not find: a `keras.Model` or a `keras.Layer`",
        )
