"""GF123: steps that lead to the target run while the tape's recording is stopped.

`with tape.stop_recording():` is for what is to leave no trace: logging, a metric, gradients that are taken inside the
block. What the target needs must not stand in it, or the way back to the variables ends there and their gradients
are None.

Bad:

```python
with tf.GradientTape() as tape:
    with tape.stop_recording():
        y = w * w
    loss = tf.square(y)
grads = tape.gradient(loss, w)
```

Good:

```python
with tf.GradientTape() as tape:
    y = w * w
    loss = tf.square(y)
grads = tape.gradient(loss, w)
```

See "Advanced automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/advanced_autodiff), the section "Stop recording".

Keep it around what is to be held constant; `tf.stop_gradient` says that more clearly.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.offers import offers
from gradfix_codemods.swaps import swapped
from gradfix_codemods.trees import Tree


class RecordingStopped(Codemod):
    """Takes statements out of `with tape.stop_recording():`; the module explains the mistake."""

    name = "recording-stopped"
    code = "GF123"
    answers = frozenset({"outside-tape", "recording-stopped"})
    mistake = "steps that lead to the target run while the recording is stopped"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields the text with the statements around the cut recorded."""
        tree = Tree.parse(text)
        here = tree.expression(cut) if tree else None
        if tree is not None and here is not None:
            stops = [node for node in tree.ancestors(here) if isinstance(node, cst.With) and _stopping(node)]
            yield from offers(tree.module, (_recorded(tree, stop) for stop in stops[:1]))


def _stopping(block: cst.With) -> list[cst.WithItem]:
    """The items of a `with` that stop a recording."""
    return [
        item
        for item in block.items
        if isinstance(item.item, cst.Call)
        and isinstance(item.item.func, cst.Attribute)
        and item.item.func.attr.value == "stop_recording"
    ]


def _recorded(tree: Tree, block: cst.With) -> tuple[cst.Module, str]:
    title = "Record what stands in the block of `stop_recording`"
    stopping = _stopping(block)
    others = [item for item in block.items if item not in stopping]
    if others:
        others[-1] = others[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return swapped(tree.module, {block: block.with_changes(items=others)}), title
    body = block.body
    if isinstance(body, cst.SimpleStatementSuite):
        line = cst.SimpleStatementLine(body.body, block.leading_lines, body.trailing_whitespace)
        return swapped(tree.module, {block: line}), title
    assert isinstance(body, cst.IndentedBlock)
    lines = list(body.body)
    first = lines[0]
    assert isinstance(first, cst.SimpleStatementLine | cst.BaseCompoundStatement)
    comment = [cst.EmptyLine(comment=body.header.comment)] if body.header.comment else []
    lines[0] = first.with_changes(leading_lines=[*block.leading_lines, *comment, *first.leading_lines])
    return swapped(tree.module, {block: cst.FlattenSentinel(lines)}), title
