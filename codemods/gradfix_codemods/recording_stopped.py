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

from collections.abc import Iterator, Sequence

import libcst as cst

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.offers import offers
from gradfix_codemods.swaps import swapped
from gradfix_codemods.trees import Tree

_TITLE = "Record what stands in the block of `stop_recording`"
_MOST_BLOCKS = 3


class RecordingStopped(Codemod):
    """Takes statements out of `with tape.stop_recording():`; the module explains the mistake."""

    name = "recording-stopped"
    code = "GF123"
    answers = frozenset({"outside-tape", "recording-stopped"})
    rewrites_step = True
    mistake = "steps that lead to the target run while the recording is stopped"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts in which the statement at the cut is recorded: the fewest others with it first.

        Where the cut stands in a function or in another file, a block elsewhere may call it.
        """
        tree = Tree.parse(text)
        if tree is None:
            return
        here = tree.expression(cut)
        above = tree.ancestors(here) if here is not None else ()
        stop = next((node for node in above if isinstance(node, cst.With) and _stopping(node)), None)
        if here is not None and stop is not None:
            yield from offers(tree.module, ((m, _TITLE) for m in [*_parts(tree, stop, here), _whole(tree, stop)]))
        elif cut.kind == "recording-stopped" and (here is None or _in_function(tree, here)):
            blocks = [node for node in tree.places if isinstance(node, cst.With) and _stopping(node)]
            yield from offers(tree.module, ((_whole(tree, block), _TITLE) for block in blocks[:_MOST_BLOCKS]))


def _in_function(tree: Tree, node: cst.CSTNode) -> bool:
    return any(isinstance(above, cst.FunctionDef | cst.Lambda) for above in tree.ancestors(node))


def _stopping(block: cst.With) -> list[cst.WithItem]:
    """The items of a `with` that stop a recording."""
    return [
        item
        for item in block.items
        if isinstance(item.item, cst.Call)
        and isinstance(item.item.func, cst.Attribute)
        and item.item.func.attr.value == "stop_recording"
    ]


def _parts(tree: Tree, block: cst.With, here: cst.CSTNode) -> list[cst.Module]:
    """The modules in which the block keeps what stands before the cut, or what stands after it."""
    body = block.body
    if not isinstance(body, cst.IndentedBlock) or len(_stopping(block)) < len(block.items):
        return []
    lines = list(body.body)
    index = next(i for i, line in enumerate(lines) if line is here or line in tree.ancestors(here))
    found = []
    if index > 0:
        kept = block.with_changes(body=body.with_changes(body=lines[:index]))
        found.append((len(lines) - index, swapped(tree.module, {block: cst.FlattenSentinel([kept, *lines[index:]])})))
    if index + 1 < len(lines):
        kept = block.with_changes(leading_lines=[], body=body.with_changes(body=lines[index + 1 :]))
        moved = [_below(block.leading_lines, lines[0]), *lines[1 : index + 1], kept]
        found.append((index + 1, swapped(tree.module, {block: cst.FlattenSentinel(moved)})))
    return [module for _, module in sorted(found, key=lambda option: option[0])]


def _whole(tree: Tree, block: cst.With) -> cst.Module:
    """The module in which all of the block is recorded."""
    stopping = _stopping(block)
    others = [item for item in block.items if item not in stopping]
    if others:
        others[-1] = others[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return swapped(tree.module, {block: block.with_changes(items=others)})
    body = block.body
    if isinstance(body, cst.SimpleStatementSuite):
        line = cst.SimpleStatementLine(body.body, block.leading_lines, body.trailing_whitespace)
        return swapped(tree.module, {block: line})
    assert isinstance(body, cst.IndentedBlock)
    comment = [cst.EmptyLine(comment=body.header.comment)] if body.header.comment else []
    lines = [_below([*block.leading_lines, *comment], body.body[0]), *body.body[1:]]
    return swapped(tree.module, {block: cst.FlattenSentinel(lines)})


def _below(above: Sequence[cst.EmptyLine], line: cst.BaseStatement) -> cst.BaseStatement:
    assert isinstance(line, cst.SimpleStatementLine | cst.BaseCompoundStatement)
    return line.with_changes(leading_lines=[*above, *line.leading_lines])
