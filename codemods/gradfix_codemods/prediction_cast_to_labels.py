"""GF117: the prediction is cast to the integer dtype of the labels.

TensorFlow refuses to subtract an integer tensor from a float one, so one of them must be cast. Cast the labels:
an integer has no derivative, so a prediction that is cast to integers takes no gradient back, and it is rounded down
besides.

Bad:

```python
with tf.GradientTape() as tape:
    prediction = w * x
    prediction = tf.cast(prediction, labels.dtype)
    loss = tf.reduce_sum(tf.cast(tf.square(labels - prediction), tf.float32))
grads = tape.gradient(loss, w)
```

Good:

```python
with tf.GradientTape() as tape:
    prediction = w * x
    labels = tf.cast(labels, prediction.dtype)
    loss = tf.reduce_sum(tf.cast(tf.square(labels - prediction), tf.float32))
grads = tape.gradient(loss, w)
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Took gradients through an integer or string";
https://github.com/tensorflow/tensorflow/issues/47083 is one who met it.

Keep the cast where whole numbers are meant, in a metric for one, and make the loss of the values before it. The loss
has another value without the cast, so this fix is always one to look at.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.arguments import argument_of
from gradfix_codemods.asked import scope_of
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.dtypes import as_float, is_integer
from gradfix_codemods.edits import Build, always, unwrapped, with_one_replaced, with_replaced, without_part
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.trees import Tree, call_at

_CASTS = ("cast", "saturate_cast")
_PAIRS = ("add", "divide", "maximum", "minimum", "multiply", "squared_difference", "subtract", "truediv")


class PredictionCastToLabels(Codemod):
    """Casts the labels in place of the prediction; the module explains the mistake."""

    name = "prediction-cast-to-labels"
    code = "GF117"
    answers = frozenset({"not-differentiable", "wrong-dtype"})
    keeps_value = False
    mistake = "the prediction is cast to integers"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts in which the labels are cast, in which nothing is, and in which the cast is to floats."""
        found = call_at(text, cut)
        if found is not None:
            tree, call = found
            yield from offers(tree.module, _options(tree, call))


def _options(tree: Tree, call: cst.Call) -> Iterator[tuple[cst.Module, str]]:
    name = _called(call)
    value, dtype = argument_of(call, 0, "x", "value"), argument_of(call, 1, "dtype")
    if name not in _CASTS or value is None or dtype is None:
        return
    code = tree.module.code_for_node
    labels = _owner(dtype.value)
    if labels is None and not is_integer(dtype.value):
        return
    path, prediction = dotted(labels) if labels else None, dotted(value.value)
    statement = tree.parents[call]
    alone = isinstance(statement, cst.Assign) and len(statement.targets) == 1
    if labels is not None and path and prediction:
        other: dict[cst.CSTNode, Build] = {value.value: lambda _: labels, labels: lambda _: value.value}
        if alone and dotted(statement.targets[0].target) == prediction:  # type: ignore[attr-defined]
            target = statement.targets[0].target  # type: ignore[attr-defined]
            yield (
                with_replaced(tree, {**other, target: lambda _: labels}),
                f"Cast `{path}` in the place of `{prediction}`",
            )
        else:
            yield from _in_one_expression(tree, call, value, labels, path)
    others = _beside(tree, call)
    if others and not (path and prediction):
        yield _others_cast(tree, call, value, others)
    bare = unwrapped(call, value)
    if alone and prediction and dotted(statement.targets[0].target) == prediction:  # type: ignore[attr-defined]
        assert isinstance(statement, cst.BaseSmallStatement)
        yield without_part(tree.module, tree, statement), f"Leave `{prediction}` as it is"
    else:
        yield with_one_replaced(tree, call, bare), f"Take `{code(call.func)}` out"
    floats = Imports(tree).reach("tensorflow.float32", call)
    new = as_float(dtype.value) if labels is None else cst.parse_expression(floats)
    if new is not None:
        yield with_one_replaced(tree, dtype.value, new), f"Cast to `{code(new)}`"


def _in_one_expression(
    tree: Tree, call: cst.Call, value: cst.Arg, labels: cst.BaseExpression, path: str
) -> Iterator[tuple[cst.Module, str]]:
    """`labels - cast(p, labels.dtype)`: the other side gets the cast."""
    line = tree.statement(call)
    uses = [
        node
        for node in tree.places
        if isinstance(node, type(labels))
        and dotted(node) == path
        and tree.statement(node) is line
        and call not in tree.ancestors(node)
        and not isinstance(tree.parents[node], cst.Attribute | cst.AssignTarget)
    ]
    if len(uses) == 1:
        made = tree.module.code_for_node(call.func)
        new = cst.parse_expression(f"{made}({path}, {dotted(value.value)}.dtype)")
        module = with_replaced(tree, {call: lambda _: unwrapped(call, value), uses[0]: lambda _: new})
        yield module, f"Cast `{path}` in the place of `{dotted(value.value)}`"


def _beside(tree: Tree, call: cst.Call) -> list[cst.BaseExpression]:
    """What a cast prediction is computed with, under its name too: the other side of an operator, another argument."""
    made, scope = tree.parents[call], scope_of(tree, call)
    name = dotted(made.targets[0].target) if isinstance(made, cst.Assign) and len(made.targets) == 1 else None
    casts: list[cst.CSTNode] = [call]
    casts += [n for n in tree.places if name and dotted(n) == name and scope_of(tree, n) is scope]
    found: dict[cst.BaseExpression, None] = {}
    for cast in casts:
        parent = tree.parents[cast]
        if isinstance(parent, cst.BinaryOperation):
            found[parent.right if parent.left is cast else parent.left] = None
        above = tree.parents.get(parent)
        if isinstance(parent, cst.Arg) and isinstance(above, cst.Call) and _called(above) in _PAIRS:
            found.update(dict.fromkeys(a.value for a in above.args[:2] if a is not parent))
    return [other for other in found if not isinstance(other, cst.Integer | cst.Float)]


def _others_cast(
    tree: Tree, call: cst.Call, value: cst.Arg, others: list[cst.BaseExpression]
) -> tuple[cst.Module, str]:
    """The prediction as it is, and what it is computed with cast to its dtype."""
    made, code = tree.parents[call], tree.module.code_for_node
    path = dotted(made.targets[0].target) if isinstance(made, cst.Assign) else dotted(value.value)
    dtype = f"{path}.dtype" if path else Imports(tree).reach("tensorflow.float32", call)
    builds: dict[cst.CSTNode, Build] = {call: lambda _: unwrapped(call, value)}
    for other in others:
        text = code(other.with_changes(lpar=other.lpar[1:], rpar=other.rpar[1:]))
        new = cst.parse_expression(f"{code(call.func)}({text}, {dtype})", tree.module.config_for_parsing)
        builds[other] = always(new)
    names = ", ".join(f"`{code(other)}`" for other in others)
    return with_replaced(tree, builds), f"Cast {names} in the place of `{code(value.value)}`"


def _called(call: cst.Call) -> str:
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else dotted(call.func) or ""


def _owner(dtype: cst.BaseExpression) -> cst.BaseExpression | None:
    """The tensor whose dtype is asked for: `labels` of `labels.dtype`."""
    if isinstance(dtype, cst.Attribute) and dtype.attr.value == "dtype":
        return dtype.value
    return None
