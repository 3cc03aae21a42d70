"""GF128: an array of NumPy is filled item by item.

`errors[i] = ...` puts a number into an array: NumPy takes the value out of the tensor and forgets where it came from,
so whatever is computed of the array has no way back to the variables. (A tensor cannot be filled this way at all:
"'EagerTensor' object does not support item assignment".) Collect the values in a list and stack them, or let TensorFlow
make a new tensor with the one item changed.

Bad:

```python
with tf.GradientTape() as tape:
    errors = np.zeros(3)
    for i in range(3):
        errors[i] = tf.square(w - x[i, 0])
    loss = tf.reduce_mean(errors)
grads = tape.gradient(loss, w)
```

Good:

```python
with tf.GradientTape() as tape:
    errors = []
    for i in range(3):
        errors.append(tf.square(w - x[i, 0]))
    errors = tf.stack(errors)
    loss = tf.reduce_mean(errors)
grads = tape.gradient(loss, w)
```

Where the items come in another order, `tf.tensor_scatter_nd_update(errors, [[i]], [value])` gives the tensor with item
`i` changed. Better than both is a line that computes all items at once: `errors = tf.square(w - x[:, 0])`.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Did calculations outside of TensorFlow".

Keep the array where it only records: what is plotted or printed needs no gradient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from gradfix_codemods.asked import assignments, line, scope_of
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import Build
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted
from gradfix_codemods.numpy_calls import Converter
from gradfix_codemods.offers import offers
from gradfix_codemods.regions import meets
from gradfix_codemods.swaps import Change, New, swapped
from gradfix_codemods.trees import Tree

_MAKERS = ("zeros", "empty", "ones", "full", "zeros_like", "empty_like", "ones_like")


class ArrayFilledByItem(Codemod):
    """Collects the items in a list, or changes them in a tensor; the module explains the mistake."""

    name = "array-filled-by-item"
    code = "GF128"
    answers = frozenset({"left-tensorflow"})
    completes = True
    mistake = "an array of NumPy is filled item by item"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts in which the items stay tensors: a list that is stacked, else new tensors."""
        tree = Tree.parse(text)
        if tree is None:
            return
        for node in tree.places:
            if isinstance(node, cst.Assign | cst.AugAssign) and cut.line and _is_at(tree, node, cut):
                filled = _filled(tree, node)
                if filled is not None:
                    yield from offers(tree.module, _options(tree, filled))


@dataclass(frozen=True)
class _Filled:
    """A line `array[index] = value`: the array's name, the line that made it, and the index."""

    line: cst.Assign | cst.AugAssign
    name: str
    made: cst.Assign
    index: tuple[cst.BaseExpression, ...]


def _is_at(tree: Tree, node: cst.CSTNode, cut: Cut) -> bool:
    place = tree.places[node]
    here = (place.start.line, place.start.column + 1, place.end.line)
    return here == (cut.line, cut.column, cut.end_line)


def _filled(tree: Tree, node: cst.Assign | cst.AugAssign) -> _Filled | None:
    if isinstance(node, cst.Assign) and len(node.targets) > 1:
        return None
    target = node.targets[0].target if isinstance(node, cst.Assign) else node.target
    if not isinstance(target, cst.Subscript) or not isinstance(target.value, cst.Name):
        return None
    index = tuple(part.slice.value for part in target.slice if isinstance(part.slice, cst.Index))
    made = assignments(tree, target.value.value, scope_of(tree, node))
    if len(index) < len(target.slice) or len(made) != 1 or not isinstance(made[0].value, cst.Call):
        return None
    origin = Imports(tree).origin(made[0].value.func)
    if origin.removeprefix("numpy.") not in _MAKERS or not origin.startswith("numpy."):
        return None
    return _Filled(node, target.value.value, made[0], index)


def _options(tree: Tree, filled: _Filled) -> Iterator[tuple[cst.Module, str]]:
    imports = Imports(tree)
    home = scope_of(tree, filled.line)
    body = home.body if isinstance(home, cst.FunctionDef) else home
    later = meets(tree, Converter(tree, imports), body, frozenset({filled.name}))
    changes: dict[cst.CSTNode, Change] = {
        node: _rebuilt(build) for node, build in later.items() if node is not filled.made.value
    }
    loop = _loop(tree, filled)
    if loop is not None and isinstance(filled.line, cst.Assign):
        listed = _collected(tree, imports, filled, loop)
        title = f"Collect the items of `{filled.name}` in a list, and stack them"
        yield swapped(tree.module, listed), title
        yield swapped(tree.module, {**changes, **listed}), f"{title}, with what follows"
    else:
        new = _updated(tree, imports, filled)
        title = f"Change the items of `{filled.name}` in a tensor"
        yield swapped(tree.module, {filled.line: new}), title
        yield swapped(tree.module, {**changes, filled.line: new}), f"{title}, with what follows"


def _rebuilt(build: Build) -> Change:
    def change(new: cst.CSTNode) -> New:
        assert isinstance(new, cst.BaseExpression)
        return build(new)

    return change


def _loop(tree: Tree, filled: _Filled) -> cst.For | None:
    """The loop whose every turn fills the next item, where nothing else looks at the array before its end."""
    body = tree.parents[tree.parents[filled.line]]
    loop = tree.parents.get(body)
    if not isinstance(loop, cst.For) or loop.orelse is not None or len(filled.index) != 1:
        return None
    counter = loop.target.elements[0].value if isinstance(loop.target, cst.Tuple) else loop.target
    over = dotted(loop.iter.func) if isinstance(loop.iter, cst.Call) and len(loop.iter.args) == 1 else None
    if over != ("enumerate" if isinstance(loop.target, cst.Tuple) else "range"):
        return None
    if dotted(counter) is None or dotted(counter) != dotted(filled.index[0]):
        return None
    end = tree.places[loop].end.line
    uses = [n for n in tree.places if isinstance(n, cst.Name) and n.value == filled.name]
    inner = [n for n in uses if tree.places[filled.made].end.line < tree.places[n].start.line <= end]
    return loop if len(inner) == 1 else None


def _collected(tree: Tree, imports: Imports, filled: _Filled, loop: cst.For) -> dict[cst.CSTNode, Change]:
    """A list in the place of the array, an `append` in that of the item, and a line that stacks it all."""
    assert isinstance(filled.line, cst.Assign)
    append = cst.Attribute(cst.Name(filled.name), cst.Name("append"))
    call = cst.Expr(cst.Call(append, [cst.Arg(filled.line.value)]), semicolon=filled.line.semicolon)
    stacked = line(tree.module, f"{filled.name} = {imports.reach('tensorflow.stack', loop)}({filled.name})")

    def both(new: cst.CSTNode) -> New:
        return cst.FlattenSentinel([new, stacked])

    return {filled.made.value: cst.List([]), filled.line: call, loop: both}


def _updated(tree: Tree, imports: Imports, filled: _Filled) -> cst.Assign:
    """`array = tf.tensor_scatter_nd_update(array, [[index]], [value])`, in the array's dtype."""
    update, cast = (imports.reach(f"tensorflow.{n}", filled.line) for n in ("tensor_scatter_nd_update", "cast"))
    code = tree.module.code_for_node
    if isinstance(filled.line, cst.AugAssign):
        sign = code(filled.line.operator).strip().removesuffix("=")
        value = f"{code(filled.line.target)} {sign} {cast}({code(filled.line.value)}, {filled.name}.dtype)"
    else:
        value = f"{cast}({code(filled.line.value)}, {filled.name}.dtype)"
    index = ", ".join(code(part) for part in filled.index)
    text = f"{update}({filled.name}, [[{index}]], [{value}])"
    made = cst.parse_expression(text, tree.module.config_for_parsing)
    return cst.Assign([cst.AssignTarget(cst.Name(filled.name))], made, semicolon=filled.line.semicolon)
