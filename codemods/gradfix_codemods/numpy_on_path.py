"""GF104: NumPy works on values that lead from the variables to the target.

NumPy takes tensors without complaint, and gives back arrays. An array does not know what it was computed from:
the tape's record ends there, and every gradient behind it is None. In graph mode TensorFlow says so at once
("NumPy arrays are not supported", "Cannot convert a symbolic tf.Tensor to a numpy array"), and where the target itself
is a number of NumPy's, the tape does (`'numpy.float32' object has no attribute '_id'`).

Bad:

```python
with tf.GradientTape() as tape:
    error = y - model(x)
    loss = np.sqrt(np.mean(np.square(error)))
grads = tape.gradient(loss, model.trainable_variables)
```

Good:

```python
with tf.GradientTape() as tape:
    error = y - model(x)
    loss = tf.sqrt(tf.reduce_mean(tf.square(error)))
grads = tape.gradient(loss, model.trainable_variables)
```

Most of NumPy's functions have a counterpart, often of another name: `np.mean` is `tf.reduce_mean`,
`np.concatenate` is `tf.concat`, `x.astype(np.float32)` is `tf.cast(x, tf.float32)`.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Did calculations outside of TensorFlow".

Keep NumPy for data, labels, metrics and plots, where no gradient is to flow.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.imports import Imports
from gradfix_codemods.numpy_calls import Converter
from gradfix_codemods.regions import mended
from gradfix_codemods.trees import Tree


class NumpyOnPath(Codemod):
    """Puts TensorFlow's functions in the place of NumPy's; the module explains the mistake."""

    name = "numpy-on-path"
    code = "GF104"
    answers = frozenset({"left-tensorflow"})
    mistake = "NumPy takes the values out of TensorFlow"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts with the call at the cut in TensorFlow's words, then with those that its value meets."""
        tree = Tree.parse(text)
        call = tree.expression(cut) if tree else None
        if tree is None or not isinstance(call, cst.Call):
            return
        imports = Imports(tree)
        converter = Converter(tree, imports)
        if converter.numpy_name(call) == "where":  # GF102 knows more of it
            return
        build = converter.function(call) or converter.method(call)
        name = tree.module.code_for_node(call.func)
        for new, words in mended(tree, imports, call, [build] if build else []):
            yield Rewrite(new, f"Let TensorFlow do what `{name.rpartition(chr(10))[2].strip()}` does{words}")
