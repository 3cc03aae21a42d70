"""GF124: `tape.watch` is handed a variable of Keras.

"Passed in object <Variable path=dense/kernel ...>, not tf.Tensor or tf.Variable": since Keras 3 the variables of layers
and models are Keras' own, and `tape.watch` takes none of them. It need not: a tape watches the trainable variables
that are used in its block by itself. Only a tape made with `watch_accessed_variables=False` has to be told, and
takes the variable's `value`.

Bad:

```python
with tf.GradientTape() as tape:
    tape.watch(model.trainable_variables)
    loss = tf.reduce_mean(tf.square(y - model(x)))
grads = tape.gradient(loss, model.trainable_variables)
```

Good:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(y - model(x)))
grads = tape.gradient(loss, model.trainable_variables)
```

The same holds for `unconnected_gradients=tf.UnconnectedGradients.ZERO`: TensorFlow cannot make zeros for a variable of
Keras ("'str' object has no attribute '_type_enum'"), and can for its `value`: ask for `[v.value for v in variables]`.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), the section "Controlling what the tape watches".

Keep the call where the tape is to watch a variable that is not trainable, and hand it the `value`.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import asked
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_one_replaced, without
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.trees import Statement, Tree


class KerasVariableWatched(Codemod):
    """Takes the call out, or hands it the value; the module explains the mistake."""

    name = "keras-variable-watched"
    code = "GF124"
    answers = frozenset({"cannot-watch", "no-zeros"})
    mistake = "variables of Keras are handed to the tape where it takes those of TensorFlow alone"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts without the call, then with the value of the variable, then of each of several."""
        tree = Tree.parse(text)
        if tree is not None:
            yield from offers(tree.module, _values(tree, cut) if cut.kind == "no-zeros" else _options(tree, cut))


def _values(tree: Tree, cut: Cut) -> Iterator[tuple[cst.Module, str]]:
    """The values in the place of the variables that are asked for."""
    for what in asked(tree, cut):
        if what.sources is not None:
            sources = what.sources.value
            value = f"[v.value for v in {tree.module.code_for_node(sources)}]"
            for new in (value, f"{tree.module.code_for_node(sources)}.value"):
                yield with_one_replaced(tree, sources, cst.parse_expression(new)), f"Ask for `{new}`"


def _options(tree: Tree, cut: Cut) -> Iterator[tuple[cst.Module, str]]:
    for call in [node for node in tree.places if isinstance(node, cst.Call)]:
        if not tree.covers(call, cut.line) or len(call.args) != 1 or call.args[0].star:
            continue
        if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "watch":
            continue
        code, watched = tree.module.code_for_node, call.args[0].value
        line = _alone(tree, call)
        if line is not None:
            yield without(tree.module, tree, line), f"Take `{code(call.func)}` out"
        if dotted(watched):
            for value in (f"{code(watched)}.value", f"[v.value for v in {code(watched)}]"):
                yield with_one_replaced(tree, watched, cst.parse_expression(value)), f"Watch `{value}`"


def _alone(tree: Tree, call: cst.Call) -> Statement | None:
    """The statement that does nothing but the call: its line, or a loop with no other line; None if others need it."""
    line = tree.statement(call)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) > 1 or not isinstance(line.body[0], cst.Expr):
        return None
    body = tree.parents[line]
    loop = tree.parents.get(body)
    if not isinstance(body, cst.IndentedBlock) or len(body.body) > 1:
        return line
    return loop if isinstance(loop, cst.For) and loop.orelse is None else None
