"""GF100: the gradients are asked of one list of variables, and applied to another.

`optimizer.apply_gradients(zip(grads, variables))` pairs the two lists blindly. Where the call of the tape names another
model than the update does, the gradients belong to other variables than those that move, if there are any: the
loss most often does not depend on the model that was named by mistake, or only outside of the tape, as on a target
network.

Bad:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(online(x) - goal))
grads = tape.gradient(loss, target.trainable_variables)
optimizer.apply_gradients(zip(grads, online.trainable_variables))
```

Good:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(online(x) - goal))
grads = tape.gradient(loss, online.trainable_variables)
optimizer.apply_gradients(zip(grads, online.trainable_variables))
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Gradients with respect to a model".

Keep the code where one model is to take the gradients of another of the same shape, as in first-order meta-learning.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import Asked, asked, is_answer, scope_of
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_one_replaced
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.trees import Tree
from gradfix_codemods.wrong_variables import is_list


class AppliedToOtherVariables(Codemod):
    """Asks for the variables that the gradients are applied to; the module explains the mistake."""

    name = "applied-to-other-variables"
    code = "GF100"
    answers = frozenset(
        {"left-tensorflow", "never-used", "no-sources", "not-differentiable", "outside-tape", "stopped"}
    )
    rewrites_step = True
    mistake = "the gradients are asked of other variables than they are applied to"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields the text that asks for the variables of the update, where both are lists of a model's variables."""
        tree = Tree.parse(text)
        if tree is not None:
            yield from offers(tree.module, (option for what in asked(tree, cut) for option in _options(tree, what)))


def _options(tree: Tree, what: Asked) -> Iterator[tuple[cst.Module, str]]:
    code = tree.module.code_for_node
    sources = what.sources.value if what.sources is not None else None
    if sources is None or not is_list(sources):
        return
    for applied in _applied(tree, what):
        if is_list(applied) and code(applied) != code(sources):
            title = f"Ask for `{code(applied)}`, which the gradients are applied to"
            yield with_one_replaced(tree, sources, applied), title


def _applied(tree: Tree, what: Asked) -> Iterator[cst.BaseExpression]:
    """The lists that an optimizer gets together with the gradients of this call."""
    home = scope_of(tree, what.call)
    for node in tree.places:
        if not isinstance(node, cst.Call) or dotted(node.func) != "zip" or len(node.args) != 2:
            continue
        calls = [n.func for n in tree.ancestors(node) if isinstance(n, cst.Call)]
        methods = [func.attr.value for func in calls if isinstance(func, cst.Attribute)]
        first, second = (argument.value for argument in node.args)
        if "apply_gradients" in methods and scope_of(tree, node) is home and is_answer(tree, what.call, first):
            yield second
