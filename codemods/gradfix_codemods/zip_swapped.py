"""GF113: the optimizer is handed variables for gradients, and gradients for variables.

`apply_gradients` takes pairs of a gradient and its variable, in this order. With the two exchanged it fails on the
tensor that it takes for a variable: "'EagerTensor' object has no attribute '_unique_id'", or "... 'path'".

Bad:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(tf.square(model(x)))
grads = tape.gradient(loss, model.trainable_variables)
optimizer.apply_gradients(zip(model.trainable_variables, grads))
```

Good:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(tf.square(model(x)))
grads = tape.gradient(loss, model.trainable_variables)
optimizer.apply_gradients(zip(grads, model.trainable_variables))
```

See `tf.keras.optimizers.Optimizer.apply_gradients`
(https://www.tensorflow.org/api_docs/python/tf/keras/optimizers/Optimizer#apply_gradients).

Keep the order of `zip` in a loop of your own: `for v, g in zip(variables, grads): v.assign_sub(rate * g)`.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import Asked, asked, is_answer, scope_of
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_replaced
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.trees import Tree

_UPDATES = ("apply", "apply_gradients")


class ZipSwapped(Codemod):
    """Puts the gradients first in the pairs of an update; the module explains the mistake."""

    name = "zip-swapped"
    code = "GF113"
    answers = frozenset({"pairs-swapped"})
    rewrites_step = True
    mistake = "the optimizer is handed variables for gradients"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields the text in which the gradients of the call come first in each pair."""
        tree = Tree.parse(text)
        if tree is not None:
            yield from offers(tree.module, (option for what in asked(tree, cut) for option in _options(tree, what)))


def _options(tree: Tree, what: Asked) -> Iterator[tuple[cst.Module, str]]:
    home = scope_of(tree, what.call)
    for node in tree.places:
        pair = _pair(node)
        if pair is None or scope_of(tree, node) is not home or not _handed_on(tree, node):
            continue
        variables, gradients = pair
        if is_answer(tree, what.call, gradients):
            yield _exchanged(tree, variables, gradients), "Hand each gradient to the optimizer before its variable"


def _exchanged(tree: Tree, one: cst.BaseExpression, other: cst.BaseExpression) -> cst.Module:
    return with_replaced(tree, {one: lambda _: other, other: lambda _: one})


def _pair(node: cst.CSTNode) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    """The two parts of `zip(a, b)` or `(a, b)`."""
    if isinstance(node, cst.Call) and dotted(node.func) == "zip" and len(node.args) == 2:
        return node.args[0].value, node.args[1].value
    if isinstance(node, cst.Tuple) and len(node.elements) == 2:
        return node.elements[0].value, node.elements[1].value
    return None


def _handed_on(tree: Tree, node: cst.CSTNode) -> bool:
    """Whether an expression stands in the call of an update."""
    calls = [above.func for above in tree.ancestors(node) if isinstance(above, cst.Call)]
    return any(isinstance(func, cst.Attribute) and func.attr.value in _UPDATES for func in calls)
