"""GF129: a loop opens a new tape each time, and after it the last one alone is asked.

A decoder goes from word to word, a loss is summed up over steps, and `with tf.GradientTape() as tape:` stands in the
loop. Each turn then makes a tape of its own, and the name holds the last. What the turns before it computed was
recorded by tapes that are gone: variables that only they used get None, and the others a part of their gradients. Open
one tape around the loop.

Bad:

```python
loss = 0.0
state = tf.tanh(w)
for turn in range(3):
    with tf.GradientTape() as tape:
        state = tf.tanh(h * state)
        loss += state
grads = tape.gradient(loss, [w, h])
```

Good:

```python
loss = 0.0
with tf.GradientTape() as tape:
    state = tf.tanh(w)
    for turn in range(3):
        state = tf.tanh(h * state)
        loss += state
grads = tape.gradient(loss, [w, h])
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Gradient tapes".

Keep the tape in the loop where each turn asks it, and updates the variables.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import asks
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.blocks import indented
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.tapes import asking_calls
from gradfix_codemods.trees import Body, Statement, Tree, statements


class TapeInLoop(Codemod):
    """Opens the tape around the loop; the module explains the mistake."""

    name = "tape-in-loop"
    code = "GF129"
    answers = frozenset({"outside-tape", "wrong-tape"})
    rewrites_step = True
    completes = True
    mistake = "each turn of a loop opens a new tape, and only the last one is asked"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields the text in which the tape that the step asks is opened around the loop."""
        tree = Tree.parse(text)
        if tree is not None:
            yield from offers(tree.module, (o for call in asking_calls(tree, cut) for o in _options(tree, call)))


def _options(tree: Tree, call: cst.Call) -> Iterator[tuple[cst.Module, str]]:
    assert isinstance(call.func, cst.Attribute)
    tape = dotted(call.func.value) or ""
    below: cst.CSTNode = call
    for body in tree.ancestors(call):
        if isinstance(body, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            return
        if isinstance(body, Body):
            siblings = statements(body)
            step = next(index for index, sibling in enumerate(siblings) if sibling is below)
            for loop in reversed(siblings[:step]):
                if isinstance(loop, cst.For | cst.While) and (block := _block(loop, tape)) is not None:
                    if not _asks(loop):
                        yield _around(tree, body, loop, block), f"Open `{tape}` around the loop"
                    return
        below = body


def _block(loop: cst.For | cst.While, tape: str) -> cst.With | None:
    """The `with` of a tape right in the body of a loop, where it is the only one there."""
    blocks = [s for s in statements(loop.body) if isinstance(s, cst.With)] if isinstance(loop.body, Body) else []
    (block,) = blocks if len(blocks) == 1 else (None,)
    if block is None or not isinstance(block.body, cst.IndentedBlock):
        return None
    names = [dotted(item.asname.name) for item in block.items if item.asname is not None]
    return block if tape in names else None


def _asks(loop: cst.CSTNode) -> bool:
    """Whether a tape is asked within a loop: then it is meant to be one for each turn."""
    return asks(loop) or any(_asks(child) for child in loop.children)


def _around(tree: Tree, body: Body, loop: cst.For | cst.While, block: cst.With) -> cst.Module:
    inner = block.body
    assert isinstance(loop.body, cst.IndentedBlock)
    assert isinstance(inner, cst.IndentedBlock)
    lines: list[Statement] = []
    footer = list(loop.body.footer)
    comments: list[cst.EmptyLine] = []  # what stood at the end of the block stands above what follows it
    for statement in statements(loop.body):
        if statement is not block:
            lines.append(statement.with_changes(leading_lines=[*comments, *statement.leading_lines]))
            comments = []
            continue
        first, *rest = statements(inner)
        lines += [first.with_changes(leading_lines=[*block.leading_lines, *first.leading_lines]), *rest]
        comments = list(inner.footer)
    changed = loop.with_changes(body=loop.body.with_changes(body=lines, footer=[*comments, *footer]), leading_lines=[])
    around = block.with_changes(
        body=inner.with_changes(body=indented([changed]), footer=[]), leading_lines=loop.leading_lines
    )
    siblings = [around if statement is loop else statement for statement in statements(body)]
    if isinstance(body, cst.Module):
        return body.with_changes(body=siblings)
    return tree.module.with_deep_changes(body, body=siblings)
