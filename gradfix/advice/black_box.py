"""GF206: a program outside of TensorFlow stands on the way to the target.

`tf.numpy_function` and `tf.py_function` run any Python: a simulator, a renderer, SciPy. TensorFlow sees a number come
out, not how it was worked out, so the gradient is None (or a zero, which no warning tells of).

Bad:

```python
with tf.GradientTape() as tape:
    landed = tf.numpy_function(simulate, [model(x)], tf.float32)
    loss = tf.reduce_mean(tf.square(landed - y))
grads = tape.gradient(loss, model.trainable_variables)
```

One way that works, finite differences as the gradient:

```python
@tf.custom_gradient
def simulated(values):
    result = tf.numpy_function(simulate, [values], tf.float32)

    def slope(upstream):
        step = 1e-3
        ahead = tf.numpy_function(simulate, [values + step], tf.float32)
        return upstream * (ahead - result) / step  # for a simulator that treats each value by itself

    return result, slope


with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(simulated(model(x)) - y))
grads = tape.gradient(loss, model.trainable_variables)
```

Where the derivative is known, return it instead. Where one call is dear, train a small network to imitate the program
(a surrogate) and differentiate that. Where the program is NumPy that TensorFlow has words for, write it in TensorFlow:
gradfix does that by itself where it can prove it.

See `tf.custom_gradient` (https://www.tensorflow.org/api_docs/python/tf/custom_gradient) and "Introduction to gradients
and automatic differentiation" in the TensorFlow guide (https://www.tensorflow.org/guide/autodiff), "Did calculations
outside of TensorFlow".

Keep it where it makes data or measures: nothing is differentiated there.
"""

from __future__ import annotations

from gradfix.advice.base import Advice, called, operands
from gradfix.breaks import LEFT_TENSORFLOW, Break

_BOXES = ("numpy_function", "py_function", "py_func", "eager_py_func")


class BlackBox(Advice):
    """No tape sees into another program; the module explains the mistake."""

    name = "black-box"
    code = "GF206"

    def fits(self, cut: Break) -> bool:
        """Whether the break hands values to Python code that TensorFlow does not follow."""
        return cut.kind == LEFT_TENSORFLOW

    def ways(self, cut: Break) -> tuple[str, ...]:
        """A gradient of one's own, finite differences, or a surrogate."""
        here = operands(cut.segment)
        if called(cut) in _BOXES and here.values[1:] and here.values[1].strip("()") in ("", "[]"):
            return (
                f"the model applied again, inside the block, to what `{here.first}` has collected: "
                "have it return what the model was given, and keep the outputs for choosing only",
                f"no wrapper, where `{here.first}` does nothing but reckon: TensorFlow's operations, called directly",
            )
        if called(cut) not in _BOXES or not here.values:
            return (
                "TensorFlow's own operations for what is done from here on, where it has them",
                "a function around it with a gradient of its own, by `@tf.custom_gradient`",
            )
        return (
            f"a gradient for `{here.first}` by `@tf.custom_gradient`: its derivative, or finite differences",
            f"a small network that imitates `{here.first}` (a surrogate), trained on its results, in its place",
        )
