"""GF118: a loop keeps the last of several losses.

Some variables get None, always the same ones: those of all tasks, scales or time steps but the last. Each turn of the
loop was to add to the loss, which is zero before it; with `loss = ...` each turn throws away what the ones before it
made.

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

from gradfix_codemods.asked import asked, line, recorded_by, scope_of
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.rebound import mentions
from gradfix_codemods.swaps import Change, New, swapped
from gradfix_codemods.trees import Tree

_ZEROS = ("constant", "zeros", "zeros_like", "convert_to_tensor")


class LossOverwrittenInLoop(Codemod):
    """Adds to the loss in the loop; the module explains the mistake."""

    name = "loss-overwritten-in-loop"
    code = "GF118"
    answers = frozenset({"never-used"})
    keeps_value = False
    doubt = "the sum is another loss than its last term"
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
        if around or mentions(tree.module, node.targets[0].target, node.value):
            continue
        starts = _starts(tree, loop, name)
        start = starts[-1] if starts else None
        if start is None:
            if "." in name or any(isinstance(n, cst.NameItem) and n.name.value == name for n in tree.places):
                continue  # what it is before is said elsewhere
            yield swapped(tree.module, _from_zero(tree, node, name)), f"Add to `{name}` in the loop, from zero on"
        elif not _is_start(start):
            continue
        elif isinstance(start, cst.List):
            yield swapped(tree.module, {node: _appending(node)}), f"Append to `{name}` in the loop"
        else:
            yield swapped(tree.module, {node: _adding(node)}), f"Add to `{name}` in the loop"


def _starts(tree: Tree, loop: cst.CSTNode, name: str) -> list[cst.BaseExpression]:
    """What a name is given before a loop, in the function or module that the loop stands in; the last counts."""
    here, home = tree.places[loop].start.line, scope_of(tree, loop)
    made = [n for n in tree.places if isinstance(n, cst.Assign) and tree.places[n].start.line < here]
    return [n.value for n in made if scope_of(tree, n) is home and any(dotted(t.target) == name for t in n.targets)]


def _from_zero(tree: Tree, node: cst.Assign, name: str) -> dict[cst.CSTNode, Change]:
    """The loss as zero before the outermost loop of its block or function, and added to in it."""
    outermost: cst.CSTNode = node
    for above in tree.ancestors(node):
        if isinstance(above, cst.FunctionDef | cst.With):
            break
        outermost = above if isinstance(above, cst.For | cst.While) else outermost
    zero = line(tree.module, f"{name} = 0.0")

    def both(loop: cst.CSTNode) -> New:
        assert isinstance(loop, cst.For | cst.While)
        start = zero.with_changes(leading_lines=loop.leading_lines)
        return cst.FlattenSentinel([start, loop.with_changes(leading_lines=[])])

    return {node: _adding(node), outermost: both}


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
