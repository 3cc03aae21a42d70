"""GF210: what leads to the target was computed where its tape did not record.

Log-probabilities that are kept while an episode is played, features that a helper has worked out, a state from the
step before: they are tensors all right, but the tape that is asked was not open when they were made, so that it has no
path from them back to the variables. Where the lines stand beside the block gradfix moves them in by itself (GF101).
Where they run elsewhere, in the middle of what must not run twice, only you can say what is to be kept.

Bad:

```python
kept = []

def act(state):
    kept.append(tf.math.log_sigmoid(model(state)))

def learn():
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(kept[0])
    return tape.gradient(loss, model.trainable_variables)

act(x)
grads = learn()
```

Good, what goes into the model is kept, and not what it gave:

```python
kept = []

def act(state):
    kept.append(state)

def learn():
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(tf.math.log_sigmoid(model(kept[0])))
    return tape.gradient(loss, model.trainable_variables)

act(x)
grads = learn()
```

Or open the tape before the episode begins, and ask it after the last step.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Gradient tapes".

Keep what was computed before where it is to be held constant, as old probabilities in a ratio are.
"""

from __future__ import annotations

from gradfix.advice.base import Advice
from gradfix.breaks import OUTSIDE_TAPE, WRONG_TAPE, Break


class NotRecorded(Advice):
    """The tape was not open, or was another one; the module explains the mistake."""

    name = "not-recorded"
    code = "GF210"

    def fits(self, cut: Break) -> bool:
        """Whether the break ran where the tape that is asked did not record."""
        return cut.kind in (OUTSIDE_TAPE, WRONG_TAPE)

    def ways(self, cut: Break) -> tuple[str, ...]:
        """Computing it again in the block, or opening the tape earlier."""
        what = f"`{cut.segment}`" if cut.segment and len(cut.segment) <= 60 else "it"
        return (
            f"compute {what} again inside the block of the tape that is asked, from inputs that were kept for it",
            "open that tape before this runs, around all that leads to the target",
        )
