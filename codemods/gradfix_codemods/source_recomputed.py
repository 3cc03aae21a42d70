"""GF110: the gradient is asked of one tensor, and the block of the tape computes with another one like it.

`x_adv = x + noise` before the tape, `model(x + noise)` in it: the two are equal, but they are two tensors. What
the tape recorded leads to the second; asked for the first it gives None. The same happens where a tensor is
computed once more after the block. Compute it once, use that one, and have the tape watch it.

Bad:

```python
x_adv = x + noise
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(model(x + noise))
grads = tape.gradient(loss, x_adv)
```

Good:

```python
x_adv = x + noise
with tf.GradientTape() as tape:
    tape.watch(x_adv)
    loss = tf.reduce_mean(model(x_adv))
grads = tape.gradient(loss, x_adv)
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), the sections on intermediate results and on getting a gradient of None;
https://github.com/cleverhans-lab/cleverhans/issues/1051 is one who met it.

Keep the code where the loss is to be independent of that tensor, and ask for another one.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import (
    Asked,
    asked,
    assignments,
    block_at,
    line,
    opened,
    recorded_by,
    scope_of,
    source_paths,
)
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_replaced, without_part
from gradfix_codemods.effects import Collector
from gradfix_codemods.naming import base_path, dotted, fresh_name
from gradfix_codemods.offers import offers
from gradfix_codemods.rebound import makes_variable
from gradfix_codemods.swaps import Change, New, swapped
from gradfix_codemods.trees import Statement, Tree, statements

_COPIES = ("Variable", "constant", "convert_to_tensor", "identity", "cast", "asarray", "array")


class SourceRecomputed(Codemod):
    """Uses the source in the block, in the place of what it was made of; the module explains the mistake."""

    name = "source-recomputed"
    code = "GF110"
    answers = frozenset({"never-used", "unwatched"})
    rewrites_step = True
    mistake = "the block computes with another tensor than the one that is asked for"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts in which the block uses the source itself."""
        tree = Tree.parse(text)
        if tree is None:
            return
        for what in asked(tree, cut):
            for block in recorded_by(tree, what)[:1]:
                for path in dict.fromkeys(source_paths(tree, what)):
                    yield from offers(tree.module, _options(tree, what, block, path))
                for value in _expressions(what):
                    yield from offers(tree.module, _given_a_name(tree, what, block, value))


def _options(tree: Tree, what: Asked, block: cst.With, path: str) -> Iterator[tuple[cst.Module, str]]:
    start, end = tree.places[block].start.line, tree.places[what.call].start.line
    made = [m for m in assignments(tree, path, scope_of(tree, what.call)) if tree.places[m].start.line <= end]
    before = [m for m in made if tree.places[m].start.line < start]
    inside = [m for m in made if block in tree.ancestors(m)]
    after = [m for m in made if m not in before and m not in inside]
    if after:
        yield from _once_only(tree, what, block, path, after[-1], inside)
    elif before and not inside:
        uses = _uses(tree, block, before[-1].value)
        if uses:
            yield from _used(tree, what, block, path, uses, makes_variable(before[-1].value))


def _used(
    tree: Tree, what: Asked, block: cst.With, path: str, uses: list[cst.BaseExpression], watched: bool
) -> Iterator[tuple[cst.Module, str]]:
    name = cst.parse_expression(path)
    module = with_replaced(tree, {use: lambda _: name for use in uses})
    title = f"Use `{path}` in the block of `{what.tape}`"
    new = Tree.parse(module.code)
    again = block_at(new, tree.places[block].start.line) if new else None
    if new is not None and again is not None and not watched:
        yield opened(new, again, [f"{what.tape}.watch({path})"]), f"{title}, and watch it"
    yield module, title


def _once_only(
    tree: Tree, what: Asked, block: cst.With, path: str, late: cst.Assign, inside: list[cst.Assign]
) -> Iterator[tuple[cst.Module, str]]:
    """What is computed after the block: once in the block is enough."""
    same = [m for m in inside if _bare(tree, m.value) == _bare(tree, late.value)]
    module = without_part(tree.module, tree, late)
    at = tree.places[block].start.line
    if same and same[-1] is inside[-1]:
        yield module, f"Keep the `{path}` of the block of `{what.tape}`"
        new = Tree.parse(module.code)
        again = block_at(new, at) if new else None
        if new is not None and again is not None:
            yield (
                opened(new, again, [f"{what.tape}.watch({path})"], [path]),
                f"Keep and watch the `{path}` of the block",
            )
        return
    new = Tree.parse(module.code)
    again = block_at(new, at) if new else None
    if new is None or again is None or inside:
        return
    uses = _equal(new, again, late.value)
    if uses:
        name = cst.parse_expression(path)
        used = Tree.parse(with_replaced(new, {use: lambda _: name for use in uses}).code)
        again = block_at(used, at) if used else None
        if used is not None and again is not None:
            collector = Collector(frozenset())
            late.value.visit(collector)
            code = f"{path} = {tree.module.code_for_node(late.value)}"
            yield opened(used, again, [code], [*collector.reads]), f"Compute `{path}` in the block of `{what.tape}`"


def _expressions(what: Asked) -> list[cst.BaseExpression]:
    """The sources that are computed in the call itself, such as `layer(x)`."""
    value = what.sources.value if what.sources is not None else None
    values = [e.value for e in value.elements] if isinstance(value, cst.List | cst.Tuple) else [value]
    return [v for v in values if isinstance(v, cst.Call | cst.BinaryOperation | cst.UnaryOperation | cst.Subscript)]


def _given_a_name(
    tree: Tree, what: Asked, block: cst.With, value: cst.BaseExpression
) -> Iterator[tuple[cst.Module, str]]:
    """What is computed in the block and once more in the call: once, in the block, under a name."""
    uses = _equal(tree, block, value)
    first = next((s for s in _lines(block) for use in uses if s in (use, *tree.ancestors(use))), None)
    if first is None:
        return
    code, called = tree.module.code_for_node(value), dotted(value.func) if isinstance(value, cst.Call) else None
    name = fresh_name(tree.module, f"{called.rpartition('.')[2]}_output" if called else "source", "source")
    builds: dict[cst.CSTNode, Change] = dict.fromkeys([*uses, value], cst.Name(name))
    for watch in ([], [f"{what.tape}.watch({name})"]):
        made = [line(tree.module, text) for text in (f"{name} = {code}", *watch)]
        made[0] = made[0].with_changes(leading_lines=first.leading_lines)
        after = swapped(first, builds).with_changes(leading_lines=[])
        new = swapped(tree.module, {**builds, first: _always(cst.FlattenSentinel([*made, after]))})
        yield new, f"Ask for the `{code}` of the block" + (", and watch it" if watch else "")


def _always(new: New) -> Change:
    return lambda _: new


def _lines(block: cst.With) -> list[Statement]:
    return statements(block.body) if isinstance(block.body, cst.IndentedBlock) else []


def _uses(tree: Tree, block: cst.With, value: cst.BaseExpression) -> list[cst.BaseExpression]:
    """Where the block has the expression that a source was made of, or the tensor that it is a copy of."""
    found = _equal(tree, block, value)
    if found or not isinstance(value, cst.Call) or not value.args:
        return found
    copied = value.args[0].value
    name = value.func.attr.value if isinstance(value.func, cst.Attribute) else dotted(value.func)
    return _equal(tree, block, copied) if name in _COPIES and base_path(copied) is not None else []


def _equal(tree: Tree, block: cst.With, value: cst.BaseExpression) -> list[cst.BaseExpression]:
    wanted = _bare(tree, value)
    return [
        node
        for node in tree.places
        if isinstance(node, type(value)) and _bare(tree, node) == wanted and _read_in(tree, block, node)
    ]


def _read_in(tree: Tree, block: cst.With, node: cst.CSTNode) -> bool:
    chain = [node, *tree.ancestors(node)]
    if block.body not in chain:
        return False
    parent = tree.parents[node]
    return not isinstance(parent, cst.AssignTarget | cst.Attribute | cst.Param) and not (
        isinstance(parent, cst.Arg) and parent.keyword is node
    )


def _bare(tree: Tree, value: cst.CSTNode) -> str:
    """The text of an expression without parentheses around it and without whitespace."""
    bare = value.with_changes(lpar=[], rpar=[]) if isinstance(value, cst.BaseExpression) else value
    return "".join(tree.module.code_for_node(bare).split())
