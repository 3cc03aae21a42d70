"""GF106: `model.predict` as the forward pass.

`predict` and `predict_on_batch` run the model as a finished thing: in a graph of their own, out of the tape's sight,
and give back NumPy arrays. The loss made of them knows nothing of the model's variables, and every gradient is None.

Bad:

```python
with tf.GradientTape() as tape:
    predicted = model.predict(x, verbose=0)
    loss = tf.reduce_mean(tf.square(y - predicted))
grads = tape.gradient(loss, model.trainable_variables)
```

Good:

```python
with tf.GradientTape() as tape:
    predicted = model(x)
    loss = tf.reduce_mean(tf.square(y - predicted))
grads = tape.gradient(loss, model.trainable_variables)
```

`model(x)` has the value that `predict` had. In a training step you probably want `model(x, training=True)`, with
dropout and batch statistics at work: that changes the value of the loss, so it is left to you.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Did calculations outside of TensorFlow".

Keep `predict` for what is to be held constant: pseudo-labels, the values of a target network, evaluation.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.imports import Imports
from gradfix_codemods.regions import mended
from gradfix_codemods.trees import call_at

_WAYS = frozenset({"predict", "predict_on_batch"})
_DROPPED = frozenset(
    {"batch_size", "verbose", "steps", "callbacks", "max_queue_size", "workers", "use_multiprocessing"}
)


class PredictAsForwardPass(Codemod):
    """Calls the model in the place of its `predict`; the module explains the mistake."""

    name = "predict-as-forward-pass"
    code = "GF106"
    answers = frozenset({"left-tensorflow"})
    mistake = "`predict` runs the model out of the tape's sight"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts with `model(x)` in the place of `model.predict(x)`, then with what NumPy does to the result."""
        found = call_at(text, cut)
        if found is None:
            return
        tree, call = found
        if not isinstance(call.func, cst.Attribute):
            return
        imports, method = Imports(tree), call.func.attr.value
        if method not in _WAYS or imports.origin(call.func) or _inputs(call) is None:
            return
        model = tree.module.code_for_node(call.func.value)
        for new, words in mended(tree, imports, call, [_forward]):
            title = f"Call `{model}` in the place of `{method}`{words}; `training=True` was perhaps meant"
            yield Rewrite(new, title)


def _inputs(call: cst.Call) -> cst.Arg | None:
    """The one argument that the model is called with; None where an argument is not understood."""
    inputs = None
    for index, arg in enumerate(call.args):
        if arg.star or (arg.keyword is None and index > 2):
            return None
        if (arg.keyword is None and index == 0) or (arg.keyword and arg.keyword.value == "x"):
            inputs = arg
        elif arg.keyword and arg.keyword.value not in _DROPPED:
            return None
    return inputs


def _forward(new: cst.BaseExpression) -> cst.BaseExpression:
    assert isinstance(new, cst.Call)
    assert isinstance(new.func, cst.Attribute)
    inputs = _inputs(new)
    assert inputs is not None
    if len(new.args) == 1:
        return new.with_changes(func=new.func.value, args=[inputs.with_changes(keyword=None, equal=_NO_EQUAL)])
    bare = inputs.with_changes(keyword=None, equal=_NO_EQUAL, comma=cst.MaybeSentinel.DEFAULT)
    return new.with_changes(func=new.func.value, args=[bare])


_NO_EQUAL = cst.MaybeSentinel.DEFAULT
