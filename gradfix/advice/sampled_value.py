"""GF202: a value was drawn at random on the way to the target.

`tf.random.categorical(logits, 1)` answers with drawn classes. The draw jumps from class to class, it has no slope, and
the gradient with respect to the logits is None.

Bad:

```python
with tf.GradientTape() as tape:
    drawn = tf.one_hot(tf.random.categorical(model(x), 1)[:, 0], 4)
    loss = tf.reduce_mean(tf.reduce_sum(drawn * costs, axis=-1))
grads = tape.gradient(loss, model.trainable_variables)
```

One way that works, Gumbel-softmax (Jang, Gu and Poole, 2017, https://arxiv.org/abs/1611.01144):

```python
with tf.GradientTape() as tape:
    logits = model(x)
    noise = -tf.math.log(-tf.math.log(tf.random.uniform(tf.shape(logits), 1e-6, 1.0 - 1e-6)))
    drawn = tf.nn.softmax((logits + noise) / 0.5)
    loss = tf.reduce_mean(tf.reduce_sum(drawn * costs, axis=-1))
grads = tape.gradient(loss, model.trainable_variables)
```

Another is the score function (REINFORCE): draw outside of the path, and train on the log-probability of what was
drawn, weighted by its cost. For a normal distribution write `mean + deviation * tf.random.normal(tf.shape(mean))`
(reparameterisation, Kingma and Welling, 2014, https://arxiv.org/abs/1312.6114): that one has a gradient.

Keep the draw where an agent acts or a batch is chosen: nothing is differentiated there.
"""

from __future__ import annotations

from gradfix.advice.base import Advice, called, operands
from gradfix.breaks import LEFT_TENSORFLOW, NOT_DIFFERENTIABLE, WRONG_DTYPE, Break

_CLASSES = ("categorical", "multinomial", "choice", "log_uniform_candidate_sampler", "stateless_categorical")
_NUMBERS = ("normal", "binomial", "stateless_binomial", "poisson", "stateless_poisson", "bernoulli", "randn", "sample")


class SampledValue(Advice):
    """A draw has no slope; the module explains the mistake."""

    name = "sampled-value"
    code = "GF202"

    def fits(self, cut: Break) -> bool:
        """Whether a value was drawn at the break."""
        random = "random" in cut.operation or called(cut) in ("sample", "multinomial")
        kinds = (NOT_DIFFERENTIABLE, WRONG_DTYPE, LEFT_TENSORFLOW)
        return cut.kind in kinds and random and called(cut) in (*_CLASSES, *_NUMBERS)

    def ways(self, cut: Break) -> tuple[str, ...]:
        """Gumbel-softmax and the score function for classes, reparameterisation for numbers."""
        here = operands(cut.segment)
        score = "the score function: draw first, then minimise `tf.stop_gradient(cost) * -log_probability_of_the_draw`"
        if called(cut) not in _CLASSES:
            return (
                "reparameterisation: noise that does not depend on the variables, moved and scaled by them: "
                "`mean + deviation * tf.random.normal(tf.shape(mean))`",
                score,
            )
        logits = here.option("logits", here.option("p", here.first))
        noise = f"tf.math.log(-tf.math.log(tf.random.uniform(tf.shape({logits}), 1e-6, 1.0 - 1e-6)))"
        drawn = f"tf.nn.sparse_softmax_cross_entropy_with_logits(labels=drawn, logits={logits})"
        return (
            f"a soft draw (Gumbel-softmax): `tf.nn.softmax(({logits} - {noise}) / 0.5)`",
            f"the score function: draw first, then minimise `tf.stop_gradient(cost) * {drawn}`",
        )
