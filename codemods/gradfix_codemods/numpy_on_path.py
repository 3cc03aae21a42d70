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
`np.concatenate` is `tf.concat`, `x.astype(np.float32)` is `tf.cast(x, tf.float32)`. A scaler of scikit-learn works in
NumPy too: `scaler.inverse_transform(p)` is `p * scaler.scale_ + scaler.mean_` of a StandardScaler.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Did calculations outside of TensorFlow".

Keep NumPy for data, labels, metrics and plots, where no gradient is to flow.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import Build, with_replaced
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted, parameters
from gradfix_codemods.numpy_calls import Converter
from gradfix_codemods.offers import offers
from gradfix_codemods.regions import mended
from gradfix_codemods.scalers import scaling
from gradfix_codemods.trees import Tree, call_at


class NumpyOnPath(Codemod):
    """Puts TensorFlow's functions in the place of NumPy's; the module explains the mistake."""

    name = "numpy-on-path"
    code = "GF104"
    answers = frozenset({"left-tensorflow"})
    completes = True
    mistake = "NumPy takes the values out of TensorFlow"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts with the call at the cut in TensorFlow's words, then with those that its value meets.

        Last, for a helper that goes on to serve NumPy, one that asks what it was given.
        """
        found = call_at(text, cut)
        if found is None:
            return
        tree, call = found
        imports = Imports(tree)
        converter = Converter(tree, imports)
        if converter.numpy_name(call) == "where":  # GF102 knows more of it
            return
        build = converter.function(call) or converter.method(call) or scaling(tree, imports, call)
        name = tree.module.code_for_node(call.func).rpartition("\n")[2].strip()
        for new, words in mended(tree, imports, call, [build] if build else []):
            yield Rewrite(new, f"Let TensorFlow do what `{name}` does{words}")
        value = _parameter(tree, call)
        if build is not None and value:
            both = _for_tensors(build, imports.reach("tensorflow.is_tensor", call), value)
            title = f"Let TensorFlow do what `{name}` does where `{value}` is a tensor"
            yield from offers(tree.module, [(with_replaced(tree, {call: both}), title)])


def _parameter(tree: Tree, call: cst.Call) -> str:
    """The parameter that a call works on, in a helper that may be given arrays as well; "" for another value."""
    function = next((n for n in tree.ancestors(call) if isinstance(n, cst.FunctionDef)), None)
    value = dotted(call.args[0].value) if call.args and not call.args[0].keyword else None
    return value if function is not None and value and value in parameters(function.params) else ""


def _for_tensors(build: Build, asks: str, value: str) -> Build:
    """NumPy for arrays, as before, and TensorFlow for tensors."""
    test = cst.parse_expression(f"{asks}({value})")

    def both(new: cst.BaseExpression) -> cst.BaseExpression:
        tensors = build(new)
        if not isinstance(tensors, cst.Call):
            tensors = tensors.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return cst.IfExp(test=test, body=tensors, orelse=new)

    return both
