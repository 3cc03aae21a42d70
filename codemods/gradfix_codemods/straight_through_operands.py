"""GF120: `stop_gradient` stands on the wrong side.

The straight-through trick `z + tf.stop_gradient(q - z)` has the value of `q` and the gradient of `z`: what made `q`
(a codebook, a rounding) gets nothing through it. So the loss that is to train the codebook must use the `q` from
before that line; and in a loss of two parts that each hold one side constant, each part must hold another one.

Bad:

```python
with tf.GradientTape() as tape:
    q = tf.gather(codes, [0])
    q = z + tf.stop_gradient(q - z)
    codebook_loss = tf.reduce_sum(tf.square(q - tf.stop_gradient(z)))
grads = tape.gradient(codebook_loss, codes)
```

Good:

```python
with tf.GradientTape() as tape:
    q = tf.gather(codes, [0])
    codebook_loss = tf.reduce_sum(tf.square(q - tf.stop_gradient(z)))
    q = z + tf.stop_gradient(q - z)
grads = tape.gradient(codebook_loss, codes)
```

See "Advanced automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/advanced_autodiff), "Stop gradient flow", and the Keras example on vector-quantized
autoencoders (https://keras.io/examples/generative/vq_vae/).

In a rounding that lets gradients pass, what is rounded stands outside: `w + tf.stop_gradient(tf.round(w) - w)`. The
other way round, `tf.round(w) + tf.stop_gradient(w - tf.round(w))`, value and gradient are swapped.

Keep the code where the codebook is updated in another way, by moving averages for one, and is not to be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import Build, with_replaced
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.rebound import mentions
from gradfix_codemods.trees import Body, Statement, Tree, statements


class StraightThroughOperands(Codemod):
    """Puts `stop_gradient` on the other side; the module explains the mistake."""

    name = "straight-through-operands"
    code = "GF120"
    answers = frozenset({"stopped"})
    mistake = "`stop_gradient` stands on the wrong side"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts with the straight-through line further down, or with the stop on the other operand."""
        tree = Tree.parse(text)
        stop = tree.expression(cut) if tree else None
        if tree is None or not isinstance(stop, cst.Call) or len(stop.args) != 1 or stop.args[0].star:
            return
        if not Imports(tree).origin(stop.func).endswith(".stop_gradient"):
            return
        yield from offers(tree.module, _options(tree, stop))


def is_straight_through(tree: Tree, stop: cst.CSTNode) -> bool:
    """Takes a call of `stop_gradient`; returns whether it is that of `z + stop_gradient(q - z)`."""
    difference = stop.args[0].value if isinstance(stop, cst.Call) and stop.args else None
    total = tree.parents[stop]
    if not isinstance(total, cst.BinaryOperation) or not isinstance(difference, cst.BinaryOperation):
        return False
    other = total.left if total.right is stop else total.right
    signs = (type(total.operator), type(difference.operator))
    kept = difference.right if signs == (cst.Add, cst.Subtract) else difference.left
    return signs in _SIGNS and _same(tree, kept, other)


_STEPS = ("round", "rint", "floor", "ceil", "sign", "one_hot", "cast", "argmax")
_SIGNS = ((cst.Add, cst.Subtract), (cst.Subtract, cst.Subtract))


def _options(tree: Tree, stop: cst.Call) -> Iterator[tuple[cst.Module, str]]:
    if is_straight_through(tree, stop):
        yield from _further_down(tree, stop)
        yield from _swapped(tree, stop)
    else:
        yield from _taken_apart(tree, stop)
        yield from _on_the_other_side(tree, stop)


def _further_down(tree: Tree, stop: cst.Call) -> Iterator[tuple[cst.Module, str]]:
    """The line below what uses its name: below all of that but a `return` first, then below each."""
    line = tree.statement(stop)
    assign = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    body = tree.parents[line] if line is not None else None
    if line is None or not isinstance(assign, cst.Assign) or len(assign.targets) != 1 or not isinstance(body, Body):
        return
    name, lines = assign.targets[0].target, statements(body)
    index = next(i for i, other in enumerate(lines) if other is line)
    below = [i for i in range(index + 1, len(lines)) if _plain(lines[i]) and mentions(tree.module, name, lines[i])]
    ends = [i for i in range(index + 1, len(lines)) if not _plain(lines[i])]
    below = [i for i in below if not ends or i < ends[0]]
    for end in reversed(below):
        moved = [*lines[:index], *lines[index + 1 : end + 1], line, *lines[end + 1 :]]
        code = tree.module.code_for_node(name)
        title = f"Make `{code}` straight-through below what uses it"
        if isinstance(body, cst.Module):
            yield body.with_changes(body=moved), title
        else:
            yield tree.module.with_deep_changes(body, body=moved), title


def _swapped(tree: Tree, stop: cst.Call) -> Iterator[tuple[cst.Module, str]]:
    """`q + stop(z - q)` becomes `z + stop(q - z)`: the operand that passes the gradient stands outside."""
    total, difference = tree.parents[stop], stop.args[0].value
    assert isinstance(total, cst.BinaryOperation)
    assert isinstance(difference, cst.BinaryOperation)
    other = total.left if total.right is stop else total.right
    kept, free = difference.right, difference.left
    if not isinstance(total.operator, cst.Add):
        kept, free = free, kept
    if not _is_step(tree, other):
        return
    new: dict[cst.CSTNode, Build] = {other: lambda _: free, free: lambda _: kept, kept: lambda _: free}
    code = tree.module.code_for_node
    yield with_replaced(tree, new), f"Hold `{code(kept)}` constant in the place of `{code(free)}`"


def _is_step(tree: Tree, value: cst.BaseExpression) -> bool:
    """Whether a value is a step function of something, or a name that is always assigned one."""
    if isinstance(value, cst.Call):
        return (dotted(value.func) or "").rpartition(".")[2] in _STEPS
    assigned = [
        a for a in tree.places if isinstance(a, cst.Assign) and any(_same(tree, t.target, value) for t in a.targets)
    ]
    return bool(assigned) and all(isinstance(a.value, cst.Call) and _is_step(tree, a.value) for a in assigned)


def _plain(statement: Statement) -> bool:
    """Whether a statement is a simple one that does not leave the block."""
    jumps = cst.Return | cst.Raise | cst.Break | cst.Continue
    return isinstance(statement, cst.SimpleStatementLine) and not any(isinstance(p, jumps) for p in statement.body)


def _taken_apart(tree: Tree, stop: cst.Call) -> Iterator[tuple[cst.Module, str]]:
    """`stop_gradient(z + (q - z))`, or `stop_gradient(z + q - z)`: the first term comes out."""
    total = stop.args[0].value
    if not isinstance(total, cst.BinaryOperation):
        return
    first, rest = total.left, total.right
    if isinstance(total.operator, cst.Add) and isinstance(rest, cst.BinaryOperation):
        kept, difference = first, rest
    elif isinstance(total.operator, cst.Subtract) and isinstance(first, cst.BinaryOperation):
        kept, difference = first.left, cst.BinaryOperation(first.right, cst.Subtract(), rest)
        if not isinstance(first.operator, cst.Add):
            return
    else:
        return
    if isinstance(difference.operator, cst.Subtract) and _same(tree, kept, difference.right):
        inner = stop.with_changes(args=[stop.args[0].with_changes(value=difference.with_changes(lpar=[], rpar=[]))])
        new = cst.BinaryOperation(kept, cst.Add(), inner)
        code = tree.module.code_for_node
        yield with_replaced(tree, {stop: lambda _: new}), f"Let the gradient of `{code(kept)}` through"


def _on_the_other_side(tree: Tree, stop: cst.Call) -> Iterator[tuple[cst.Module, str]]:
    """`stop(q) - z` becomes `q - stop(z)`; the same for the two arguments of a call."""
    parent = tree.parents[stop]
    if isinstance(parent, cst.BinaryOperation):
        other = parent.left if parent.right is stop else parent.right
    elif isinstance(parent, cst.Arg) and isinstance(call := tree.parents[parent], cst.Call):
        others = [a for a in call.args if a is not parent and not a.star]
        if len(others) != 1:
            return
        other = others[0].value
    else:
        return
    if _stops(other):
        return
    held = stop.with_changes(args=[stop.args[0].with_changes(value=other.with_changes(lpar=[], rpar=[]))])
    held = held.with_changes(lpar=[], rpar=[])
    free = stop.args[0].value
    code = tree.module.code_for_node
    yield (
        with_replaced(tree, {stop: lambda _: free, other: lambda _: held}),
        f"Hold `{code(other)}` constant in the place of `{code(free)}`",
    )


def _stops(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Call) and (dotted(node.func) or "").rpartition(".")[2] == "stop_gradient":
        return True
    return any(_stops(child) for child in node.children)


def _same(tree: Tree, one: cst.BaseExpression, other: cst.BaseExpression) -> bool:
    texts = [tree.module.code_for_node(e.with_changes(lpar=[], rpar=[])) for e in (one, other)]
    return "".join(texts[0].split()) == "".join(texts[1].split())
