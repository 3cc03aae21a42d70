"""GF203: a value was rounded on the way to the target.

`tf.round`, `tf.floor`, `tf.math.ceil` and `tf.sign` are steps: flat nearly everywhere. TensorFlow gives None for
rounding, and zeros for `tf.sign`, which no warning tells of.

Bad:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(tf.round(model(x)) - y))
grads = tape.gradient(loss, model.trainable_variables)
```

One way that works, the straight-through estimator (Bengio, Léonard and Courville, 2013,
https://arxiv.org/abs/1308.3432): round forwards, and pass the gradient on as if nothing had been done.

```python
@tf.custom_gradient
def rounded(values):
    return tf.round(values), lambda upstream: upstream


with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(rounded(model(x)) - y))
grads = tape.gradient(loss, model.trainable_variables)
```

Often the rounding is not needed at all while training: compare the numbers as they are, and round in the metric.

Keep it in metrics and in what is printed.
"""

from __future__ import annotations

from gradfix.advice.base import Advice, called, operands
from gradfix.breaks import LEFT_TENSORFLOW, NOT_DIFFERENTIABLE, Break

_STEPS = ("round", "rint", "floor", "ceil", "trunc", "around", "fix", "floordiv", "floor_div", "floor_divide", "//")
_BYTES = ("convert_image_dtype", "saturate_cast")
"""What makes whole numbers of pictures, with a scale of their own."""
_SIGNS = ("sign", "heaviside", "signbit")


class RoundedValue(Advice):
    """Rounding is flat; the module explains the mistake."""

    name = "rounded-value"
    code = "GF203"

    def fits(self, cut: Break) -> bool:
        """Whether the break rounds."""
        name = called(cut) or cut.operation
        return cut.kind in (NOT_DIFFERENTIABLE, LEFT_TENSORFLOW) and (name in (*_STEPS, *_SIGNS, *_BYTES))

    def ways(self, cut: Break) -> tuple[str, ...]:
        """The straight-through estimator, a smooth form, or none at all."""
        here = operands(cut.segment)
        value, name = here.first, called(cut) or cut.operation
        if name in _SIGNS:
            return (f"a smooth sign: `tf.tanh(10.0 * {value})`", _straight_through(value, f"tf.sign({value})"))
        if name in _BYTES:
            return (
                f"`{value}` as it is, in floats, with a `max_val` that fits them where it is asked for",
                "whole numbers in the metric and in what is saved only",
            )
        if name in ("floordiv", "floor_div", "floor_divide", "//") and len(here.values) > 1:
            return (
                f"the division as it is: `{value} / {here.values[1]}`",
                _straight_through(*[f"({value} / {here.values[1]})", f"tf.floor({value} / {here.values[1]})"]),
            )
        step = {
            "rint": "tf.round",
            "around": "tf.round",
            "fix": "tf.round",
            "ceil": "tf.math.ceil",
            "trunc": "tf.round",
        }
        return (
            f"`{value}` as it is while training, rounded in the metric only",
            _straight_through(value, f"{step.get(name, 'tf.' + name)}({value})"),
        )


def _straight_through(value: str, step: str) -> str:
    return (
        f"the step forwards, a slope of 1 backwards (straight-through): `{value} + tf.stop_gradient({step} - {value})`"
    )
