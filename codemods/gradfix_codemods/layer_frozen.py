"""GF119: `trainable = False` is set on what the gradient is asked of.

The optimizer said "No gradients provided for any variable", or Python "not enough values to unpack" where you took
variables and gradients apart. `model.trainable = False`, left over from fine-tuning or set too early, takes all
variables of the model out of `model.trainable_variables`: that list is empty, so the tape is asked for nothing. And a
variable or weight that was made with `trainable=False` is not watched by a tape: its gradient is None.

Bad:

```python
model.trainable = False
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(model(x) - y))
grads = tape.gradient(loss, model.trainable_variables)
```

Good:

```python
model.trainable = True
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(model(x) - y))
grads = tape.gradient(loss, model.trainable_variables)
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Controlling what the tape watches", and the Keras guide on transfer
learning (https://keras.io/guides/transfer_learning/).

Keep `trainable = False` where that part is not meant to train, and ask for the variables of the part that is. Which
part is to train only you know, so this fix is always unsafe: one to look at.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import asked, source_paths
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_replaced
from gradfix_codemods.naming import base_path, dotted, touching
from gradfix_codemods.offers import offers
from gradfix_codemods.trees import Tree

_MOST_ALONE = 6


class LayerFrozen(Codemod):
    """Lets what is asked for train; the module explains the mistake."""

    name = "layer-frozen"
    code = "GF119"
    answers = frozenset({"never-used", "no-sources", "unwatched"})
    keeps_value = False
    doubt = "only you know whether it is meant to train"
    mistake = "`trainable = False` keeps what is asked for from training"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts in which one thing trains: what is asked for first, then all, then others one by one."""
        tree = Tree.parse(text)
        if tree is not None:
            yield from offers(tree.module, _options(tree, cut))


def _options(tree: Tree, cut: Cut) -> Iterator[tuple[cst.Module, str]]:
    paths = {path for what in asked(tree, cut) for path in source_paths(tree, what)}
    flags = _flags(tree)
    own = [flag for flag, owner in flags if owner and touching([owner], paths)]
    groups = [own, [flag for flag, _ in flags], *([flag] for flag, _ in flags[:_MOST_ALONE])]
    for group in groups:
        if group:
            owners = dict.fromkeys(f"`{owner}`" for flag, owner in flags if flag in group and owner)
            title = f"Let {', '.join(owners) or 'it'} train: set `trainable` to True"
            yield with_replaced(tree, {flag: lambda _: cst.Name("True") for flag in group}), title


def _flags(tree: Tree) -> list[tuple[cst.BaseExpression, str]]:
    """Each `False` that freezes something, with the name of what it freezes."""
    found: list[tuple[cst.BaseExpression, str]] = []
    for node in tree.places:
        if isinstance(node, cst.Assign) and _is_false(node.value):
            for target in node.targets:
                if isinstance(target.target, cst.Attribute) and target.target.attr.value == "trainable":
                    found.append((node.value, dotted(target.target.value) or ""))
        elif isinstance(node, cst.Arg) and node.keyword is not None and node.keyword.value == "trainable":
            found += [(node.value, _made_as(tree, node))] if _is_false(node.value) else []
    return found


def _made_as(tree: Tree, node: cst.CSTNode) -> str:
    """The name that an expression is given."""
    made = next((n for n in tree.ancestors(node) if isinstance(n, cst.Assign | cst.FunctionDef)), None)
    return base_path(made.targets[0].target) or "" if isinstance(made, cst.Assign) else ""


def _is_false(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Name) and value.value == "False"
