"""GF115: a variable was replaced by a tensor.

The first step works, the second one gives None, or dies with `'float' * NoneType`. `w - rate * gradient` is a new
tensor, and `w = ...` (or `w -= ...`) gives it the variable's name: the variable is gone, and the tape does not watch
tensors. A variable gets a new value by `assign`, `assign_sub` or `assign_add`, and stays a variable.

Bad:

```python
for _ in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(w * x - y))
    gradient = tape.gradient(loss, w)
    w = w - 0.1 * gradient  # a step downhill
```

Good:

```python
for _ in range(3):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(w * x - y))
    gradient = tape.gradient(loss, w)
    w.assign_sub(0.1 * gradient)  # a step downhill
```

On a `tf.Variable`, `w -= ...` raises "`variable -= value` with `tf.Variable`s is not supported": the same mistake.
Clipping does the same: `image = tf.clip_by_value(image, 0.0, 1.0)`.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Replaced a variable with a tensor".

Keep the code where the new tensor is to depend on the old one, as in the inner loop of meta-learning, and let the tape
watch it.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import Asked, asked, source_paths
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.rebound import Place, Rebinding, mentions, rebindings
from gradfix_codemods.swaps import New, swapped
from gradfix_codemods.trees import Tree

_SIGNS = {cst.Subtract: "assign_sub", cst.Add: "assign_add"}
_AUGMENTED = {cst.SubtractAssign: "assign_sub", cst.AddAssign: "assign_add"}
_ATOMS = cst.Name | cst.Attribute | cst.Call | cst.Subscript | cst.Integer | cst.Float
_MOST_ALONE = 4


class VariableOverwritten(Codemod):
    """Assigns to the variable in place of giving its name away; the module explains the mistake."""

    name = "variable-overwritten"
    code = "GF115"
    answers = frozenset({"overwritten", "unwatched"})
    rewrites_step = True
    mistake = "a tensor takes the variable's name"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts that assign to the sources: all after the call, all in the file, then each alone."""
        tree = Tree.parse(text)
        if tree is None:
            return
        for what in asked(tree, cut):
            yield from offers(tree.module, _options(tree, what, cut))


def _options(tree: Tree, what: Asked, cut: Cut) -> Iterator[tuple[cst.Module, str]]:
    code = tree.module.code_for_node
    found = rebindings(tree, what)
    after = [r for r in found if r.follows]
    for group in (after, found, *[[r] for r in found][:_MOST_ALONE]):
        news = [_assigning(tree, r) for r in group]
        if news and None not in news:
            names = dict.fromkeys(f"`{code(place)}`" for r in group for place, _ in r.pairs)
            yield swapped(tree.module, dict(filter(None, news))), f"Assign to {', '.join(names)} in place"
    if (here := _changed_at(tree, cut)) is not None and (new := _assigning(tree, here)) is not None:
        yield swapped(tree.module, dict([new])), f"Assign to `{here.name}` in place"
    for statement, name, loop in _lists(tree, what):
        yield swapped(tree.module, {statement: loop}), f"Assign to the variables in `{name}` in place"


def _changed_at(tree: Tree, cut: Cut) -> Rebinding | None:
    """The `w -= step` at the cut, whatever `w` is called in the list of sources."""
    for node in tree.places:
        here = isinstance(node, cst.AugAssign) and cut.line and tree.covers(node, cut.line)
        if isinstance(node, cst.AugAssign) and here and isinstance(node.target, Place):
            return Rebinding(node, ((node.target, node.value),), tree.module.code_for_node(node.target), True)
    return None


def _assigning(tree: Tree, rebinding: Rebinding) -> tuple[cst.CSTNode, New] | None:
    """A node, and what stands in its place: one call, or a line for each variable; None where none can."""
    module, node = tree.module, rebinding.statement
    calls = [cst.Expr(_call(module, place, value, node)) for place, value in rebinding.pairs]
    if len(calls) == 1:
        return node, calls[0].with_changes(semicolon=node.semicolon)
    for place, _ in rebinding.pairs:
        if any(mentions(module, place, value) for other, value in rebinding.pairs if other is not place):
            return None  # a later line would see the new value
    here = tree.parents[node]
    if not isinstance(here, cst.SimpleStatementLine) or len(here.body) > 1:
        return None
    lines = [cst.SimpleStatementLine([call]) for call in calls]
    lines[0] = lines[0].with_changes(leading_lines=here.leading_lines)
    lines[-1] = lines[-1].with_changes(trailing_whitespace=here.trailing_whitespace)
    return here, cst.FlattenSentinel(lines)


def _call(module: cst.Module, place: Place, value: cst.BaseExpression, node: cst.CSTNode) -> cst.Call:
    """`w.assign_sub(step)` for `w - step`, `w.assign(value)` for any other value."""
    method, argument = "assign", value
    if isinstance(node, cst.AugAssign):
        method = _AUGMENTED.get(type(node.operator), "")
        if not method:
            operator = module.code_for_node(node.operator).strip().removesuffix("=")
            right = module.code_for_node(value if isinstance(value, _ATOMS) or value.lpar else _in_parentheses(value))
            method, argument = "assign", cst.parse_expression(f"{module.code_for_node(place)} {operator} {right}")
    elif isinstance(value, cst.BinaryOperation):
        same = module.code_for_node(value.left) == module.code_for_node(place)
        if same and type(value.operator) in _SIGNS:
            method, argument = _SIGNS[type(value.operator)], value.right
    needed = isinstance(argument, cst.Tuple | cst.GeneratorExp | cst.NamedExpr)
    if len(argument.lpar) == 1 and not needed and not _over_lines(module, argument):
        argument = argument.with_changes(lpar=[], rpar=[])
    bare = place.with_changes(lpar=[], rpar=[])
    return cst.Call(func=cst.Attribute(value=bare, attr=cst.Name(method)), args=[cst.Arg(argument)])


def _in_parentheses(value: cst.BaseExpression) -> cst.BaseExpression:
    return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _over_lines(module: cst.Module, value: cst.BaseExpression) -> bool:
    """Whether parentheses hold line breaks of their own, and maybe comments, next to them."""
    around = [value.lpar[0].whitespace_after, value.rpar[0].whitespace_before]
    return any("\n" in module.code_for_node(space) for space in around)


def _lists(tree: Tree, what: Asked) -> Iterator[tuple[cst.SimpleStatementLine, str, cst.For]]:
    """Lines such as `ws = [w - g for w, g in zip(ws, gs)]`, each with its list and the loop to put there."""
    names = {*source_paths(tree, what), dotted(what.sources.value) if what.sources else None}
    for node in tree.places:
        if not isinstance(node, cst.SimpleStatementLine) or len(node.body) > 1:
            continue
        part = node.body[0]
        if not isinstance(part, cst.Assign) or not isinstance(part.value, cst.ListComp):
            continue
        name, made = dotted(part.targets[0].target), part.value
        item = _item(made, name) if name in names else None
        if name is None or item is None or made.for_in.ifs or made.for_in.inner_for_in:
            continue
        line = cst.SimpleStatementLine(
            [cst.Expr(_call(tree.module, item, made.elt, part))], trailing_whitespace=node.trailing_whitespace
        )
        loop = cst.For(
            target=made.for_in.target,
            iter=made.for_in.iter,
            body=cst.IndentedBlock([line]),
            leading_lines=node.leading_lines,
        )
        yield node, name, loop


def _item(made: cst.ListComp, name: str | None) -> cst.Name | None:
    """The name that stands for one of the list `name` in a comprehension over it."""
    target, over = made.for_in.target, made.for_in.iter
    if dotted(over) == name:
        return target if isinstance(target, cst.Name) else None
    if not isinstance(over, cst.Call) or dotted(over.func) != "zip" or not isinstance(target, cst.Tuple):
        return None
    for element, argument in zip(target.elements, over.args, strict=False):
        if dotted(argument.value) == name and isinstance(element.value, cst.Name):
            return element.value
    return None
