"""GF201: an index was chosen on the way to the target.

`tf.argmax`, `tf.argsort`, `top_k` and ranks answer with positions. A small change of the scores changes no position
at all, so there is no slope to follow: TensorFlow gives None, and a tool cannot know what should stand there instead.

Bad:

```python
with tf.GradientTape() as tape:
    chosen = tf.cast(tf.argmax(model(x), axis=-1), tf.float32)
    loss = tf.reduce_mean(tf.square(chosen - labels))
grads = tape.gradient(loss, model.trainable_variables)
```

One way that works, the expected position:

```python
with tf.GradientTape() as tape:
    scores = model(x)
    positions = tf.range(tf.shape(scores)[-1], dtype=scores.dtype)
    chosen = tf.reduce_sum(tf.nn.softmax(10.0 * scores, axis=-1) * positions, axis=-1)
    loss = tf.reduce_mean(tf.square(chosen - labels))
grads = tape.gradient(loss, model.trainable_variables)
```

For classes, give the probabilities to a cross-entropy (or to a soft Dice) and leave the choice to the metric. For
ranks, compare scores pair by pair: a sigmoid of each difference counts, softly, how many are smaller (soft rank; Qin,
Liu and Li, "A general approximation framework for direct optimization of information retrieval measures", 2010).

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Took gradients through an integer or string".

Keep `argmax` in metrics, in the choice of an action, and for pseudo-labels: none of them is differentiated.
"""

from __future__ import annotations

from gradfix.advice.base import Advice, called, operands
from gradfix.breaks import LEFT_TENSORFLOW, NOT_DIFFERENTIABLE, WRONG_DTYPE, Break

_CHOICES = ("argmax", "argmin")
_RANKS = (
    "argsort", "rankdata", "searchsorted", "lexsort", "top_k", "topk", "in_top_k", "argpartition", "approx_max_k"
)  # fmt: skip
_BOXES = ("non_max_suppression", "non_max_suppression_with_scores", "combined_non_max_suppression")
_DECODERS = ("ctc_greedy_decoder", "ctc_beam_search_decoder", "ctc_decode", "edit_distance")


class ChoiceOfAnIndex(Advice):
    """A position is no function with a slope; the module explains the mistake."""

    name = "choice-of-an-index"
    code = "GF201"

    def fits(self, cut: Break) -> bool:
        """Whether positions were worked out at the break."""
        kinds = (NOT_DIFFERENTIABLE, WRONG_DTYPE, LEFT_TENSORFLOW)
        return cut.kind in kinds and called(cut) in (*_CHOICES, *_RANKS, *_BOXES, *_DECODERS)

    def ways(self, cut: Break) -> tuple[str, ...]:
        """Probabilities or the expected position for a choice, soft ranks or pairs for an order."""
        here = operands(cut.segment)
        scores = here.first
        if called(cut) == "in_top_k" and len(here.values) > 1:
            right, scores = here.values[:2]
            entropy = f"tf.keras.losses.sparse_categorical_crossentropy({right}, {scores}, from_logits=True)"
            return (f"a cross-entropy, which lifts the right score over the others: `{entropy}`, hits in a metric",)
        if called(cut) in _BOXES:
            return (f"a loss of all boxes, `{scores}`, each matched to its label: suppression comes after training",)
        if called(cut) in _DECODERS:
            return ("the probability of the right sequence, by `tf.nn.ctc_loss`, with decoding left to the metric",)
        if called(cut) in _RANKS:
            pairs = f"{scores}[..., :, None] - {scores}[..., None, :]"
            return (
                f"soft ranks, which follow the scores: `0.5 + tf.reduce_sum(tf.sigmoid(({pairs}) / 0.1), axis=-1)`",
                f"a loss over pairs: `tf.nn.softplus(-({pairs}))`, summed where the first should come first",
            )
        axis = here.option("axis", here.values[1] if len(here.values) > 1 else "-1")
        sign = "-" if called(cut) == "argmin" else ""
        soft = f"tf.nn.softmax({sign}10.0 * {scores}, axis={axis})"
        positions = f"tf.range(tf.shape({scores})[-1], dtype={scores}.dtype)"
        return (
            "the probabilities, in a cross-entropy or a soft Dice: "
            f"`{scores}` if it holds them, else `tf.nn.softmax({sign}{scores}, axis={axis})`",
            f"the expected position (soft-argmax): `tf.reduce_sum({soft} * {positions}, axis={axis})`",
        )
