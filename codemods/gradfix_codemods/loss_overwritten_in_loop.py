"""GF118: a loop keeps the last of several losses.

Some variables get None, always the same ones: those of all tasks, scales or time steps but the last. The loss is set to
zero before the loop, and each turn was to add to it; with `loss = ...` each turn throws away what the ones before
it made.

Bad:

```python
with tf.GradientTape() as tape:
    loss = 0.0
    for w in weights:
        loss = tf.square(w - 1.0)
grads = tape.gradient(loss, weights)
```

Good:

```python
with tf.GradientTape() as tape:
    loss = 0.0
    for w in weights:
        loss += tf.square(w - 1.0)
grads = tape.gradient(loss, weights)
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff): a source that the target does not depend on has no gradient.

Keep the code where the last turn is what you want, and ask for its variables alone. The sum is another loss than the
last term, so this fix is always one to look at.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import asked, recorded_by, scope_of
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.rebound import mentions
from gradfix_codemods.swaps import New, swapped
from gradfix_codemods.trees import Body, Tree, statements

_ZEROS = ("constant", "zeros", "zeros_like", "convert_to_tensor")


class LossOverwrittenInLoop(Codemod):
    """Adds to the loss in the loop; the module explains the mistake."""

    name = "loss-overwritten-in-loop"
    code = "GF118"
    answers = frozenset({"never-used"})
    keeps_value = False
    mistake = "each turn of a loop throws the loss of the turn before away"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts in which a loop adds up: the one at the cut first, then any of the function that asks."""
        tree = Tree.parse(text)
        if tree is None:
            return
        made = tree.expression(cut)
        near = [node for node in (tree.ancestors(made) if made else ()) if isinstance(node, cst.Assign)]
        wanted = {dotted(what.target.value) for what in asked(tree, cut) if what.target is not None}
        blocks = [block for what in asked(tree, cut) for block in recorded_by(tree, what)[:1]]
        others = [n for n in tree.places if isinstance(n, cst.Assign) and dotted(n.targets[0].target) in wanted]
        yield from offers(tree.module, _options(tree, [*near[:1], *others], blocks))


def _options(tree: Tree, found: list[cst.Assign], blocks: list[cst.With]) -> Iterator[tuple[cst.Module, str]]:
    for node in found:
        name = dotted(node.targets[0].target) if len(node.targets) == 1 else None
        loop = next((n for n in tree.ancestors(node) if isinstance(n, cst.For | cst.While)), None)
        if name is None or loop is None or scope_of(tree, node) is not scope_of(tree, loop):
            continue
        around = any(loop in tree.ancestors(block) for block in blocks)
        start = _start(tree, loop, name)
        if around or start is None or mentions(tree.module, node.targets[0].target, node.value):
            continue
        if isinstance(start, cst.List):
            yield swapped(tree.module, {node: _appending(node)}), f"Append to `{name}` in the loop"
        else:
            yield swapped(tree.module, {node: _adding(node)}), f"Add to `{name}` in the loop"


def _start(tree: Tree, loop: cst.CSTNode, name: str) -> cst.BaseExpression | None:
    """The zero, or the empty list, that a name is given before a loop; None where it is given something else."""
    below: cst.CSTNode = loop
    for body in tree.ancestors(loop):
        if isinstance(body, cst.FunctionDef | cst.ClassDef):
            return None
        if isinstance(body, Body):
            lines = statements(body)
            before = lines[: next(i for i, line in enumerate(lines) if line is below)]
            for line in reversed(before):
                for part in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                    if isinstance(part, cst.Assign) and any(dotted(t.target) == name for t in part.targets):
                        return part.value if _is_start(part.value) else None
        below = body
    return None


def _is_start(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.Integer | cst.Float):
        return float(value.evaluated_value) == 0.0
    if isinstance(value, cst.List):
        return not value.elements
    if not isinstance(value, cst.Call):
        return False
    name = (dotted(value.func) or "").rpartition(".")[2]
    return name in _ZEROS and (name.startswith("zeros") or (bool(value.args) and _is_start(value.args[0].value)))


def _adding(node: cst.Assign) -> New:
    target = node.targets[0]
    assert isinstance(target.target, cst.Name | cst.Attribute)
    space = {"whitespace_before": target.whitespace_before_equal, "whitespace_after": target.whitespace_after_equal}
    return cst.AugAssign(target.target, cst.AddAssign(**space), node.value, semicolon=node.semicolon)


def _appending(node: cst.Assign) -> New:
    method = cst.Attribute(value=node.targets[0].target, attr=cst.Name("append"))
    return cst.Expr(cst.Call(func=method, args=[cst.Arg(node.value)]), semicolon=node.semicolon)
