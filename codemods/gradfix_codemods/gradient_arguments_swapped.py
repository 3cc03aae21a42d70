"""GF112: target and sources have changed places in the call.

`tape.gradient(variables, loss)` asks how the variables depend on the loss: not at all, so the answer is None (one
None, not a list, since `loss` is one source). The target comes first, then the sources.

Bad:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(w * x - y))
grads = tape.gradient([w], loss)
```

Good:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(w * x - y))
grads = tape.gradient(loss, [w])
```

See `tf.GradientTape.gradient` (https://www.tensorflow.org/api_docs/python/tf/GradientTape#gradient), and
"Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff).

Keep the code where several outputs are in fact differentiated by an earlier tensor.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import Asked, asked, assignments
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_replaced
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.rebound import made_as_variable
from gradfix_codemods.trees import Tree

_ENDINGS = ("variables", "weights", "params", "parameters", "vars", "embeddings")


class GradientArgumentsSwapped(Codemod):
    """Puts target and sources in their order; the module explains the mistake."""

    name = "gradient-arguments-swapped"
    code = "GF112"
    answers = frozenset({"left-tensorflow", "never-used", "no-sources", "unwatched"})
    same_target = False
    rewrites_step = True
    mistake = "target and sources have changed places"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields the text with the two arguments exchanged, where the first one looks like variables."""
        tree = Tree.parse(text)
        if tree is not None:
            yield from offers(
                tree.module, (_exchanged(tree, what) for what in asked(tree, cut) if _swapped(tree, what))
            )


def _swapped(tree: Tree, what: Asked) -> bool:
    if what.target is None or what.sources is None:
        return False
    loss, variables = what.sources.value, what.target.value
    return dotted(loss) is not None and _holds_variables(tree, variables) and not _holds_variables(tree, loss)


def _holds_variables(tree: Tree, value: cst.BaseExpression, depth: int = 0) -> bool:
    """Whether an expression reads like variables: by its name, by what the name was given, or as a list of such."""
    if isinstance(value, cst.List | cst.Tuple | cst.Dict):
        return any(_holds_variables(tree, element.value, depth) for element in value.elements)
    if isinstance(value, cst.BinaryOperation):
        return _holds_variables(tree, value.left, depth) or _holds_variables(tree, value.right, depth)
    path = dotted(value)
    if path is None:
        return False
    if path.lower().endswith(_ENDINGS) or made_as_variable(tree, path):
        return True
    return depth < 3 and any(_holds_variables(tree, made.value, depth + 1) for made in assignments(tree, path))


def _exchanged(tree: Tree, what: Asked) -> tuple[cst.Module, str]:
    assert what.target is not None
    assert what.sources is not None
    first, second = what.target.value, what.sources.value
    module = with_replaced(tree, {first: lambda _: second, second: lambda _: first})
    code = tree.module.code_for_node
    return module, f"Ask for the gradient of `{code(second)}` with respect to `{code(first)}`"
