"""GF102: `np.where` on the way from the variables to the target.

You chose between two values by a condition, with `np.where`, and every gradient is None (or, in graph mode, TensorFlow
raised "NumPy arrays are not supported"). NumPy turned the tensors into arrays, worked out the answer and gave
back an array: a number that no longer knows which variables it came from.

Bad:

```python
with tf.GradientTape() as tape:
    error = y - model(x)
    loss = tf.reduce_mean(np.where(error > 0, 3.0 * error, -error))
grads = tape.gradient(loss, model.trainable_variables)
```

Good:

```python
with tf.GradientTape() as tape:
    error = y - model(x)
    loss = tf.reduce_mean(tf.where(error > 0, 3.0 * error, -error))
grads = tape.gradient(loss, model.trainable_variables)
```

`tf.where` takes the same arguments, but wants both values of one dtype: an integer beside a float is written as a
float (`0.0`), a float64 tensor is cast. The gradient flows to the value that was chosen, none to the condition.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), the section on getting a gradient of None, "Did calculations outside of
TensorFlow".

Keep `np.where` on labels, masks and metrics, where no gradient is to flow: there it does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import libcst as cst

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_one_replaced
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted
from gradfix_codemods.numpy_calls import Converter
from gradfix_codemods.offers import offers
from gradfix_codemods.regions import mended
from gradfix_codemods.trees import call_at

_NEEDED = ("where", "cast", "float32", "bool")


class NumpyWhere(Codemod):
    """Puts `tf.where` in the place of `np.where`; the module explains the mistake."""

    name = "numpy-where"
    code = "GF102"
    answers = frozenset({"left-tensorflow"})
    completes = True
    mistake = "`np.where` takes the values out of TensorFlow"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts with `tf.where` in the place of `np.where`: as it is, then with dtypes made one.

        Last come those in which the NumPy calls that its value meets are TensorFlow's too.
        """
        found = call_at(text, cut)
        if found is None:
            return
        tree, call = found
        imports = Imports(tree)
        if imports.origin(call.func) != "numpy.where" or not _three(call):
            return
        old = tree.module.code_for_node(call.func)
        where, cast, float32, boolean = (imports.reach(f"tensorflow.{n}", call) for n in _NEEDED)
        title = f"Put `{where}` in the place of `{old}`"
        variants = _variants(tree.module, call, cast, float32, boolean)
        news = ((call.with_changes(func=cst.parse_expression(where), args=a, lpar=[], rpar=[]), h) for a, h in variants)
        seen = set()
        for rewrite in offers(tree.module, ((with_one_replaced(tree, call, n), title + how) for n, how in news)):
            seen.add(rewrite.text)
            yield rewrite
        build = Converter(tree, imports).function(call)
        for further, words in mended(tree, imports, call, [build] if build else []):
            if further not in seen:
                yield Rewrite(further, title + words)


def _three(call: cst.Call) -> bool:
    names = [a.keyword.value if a.keyword else position for a, position in zip(call.args, "012", strict=False)]
    plain = len(call.args) == 3 and not any(a.star for a in call.args)
    return plain and {str(n) for n in names} <= {"0", "1", "2", "condition", "x", "y"}


def _variants(
    module: cst.Module, call: cst.Call, cast: str, float32: str, boolean: str
) -> list[tuple[list[cst.Arg], str]]:
    """The arguments to try, the smallest change first, each with words for the title."""
    order = {"condition": 0, "x": 1, "y": 2}
    place = {order[a.keyword.value] if a.keyword else i: i for i, a in enumerate(call.args)}
    condition, x, y = (call.args[place[i]].value for i in range(3))

    def casted(value: cst.BaseExpression, dtype: str) -> cst.BaseExpression:
        bare = module.code_for_node(value.with_changes(lpar=value.lpar[1:], rpar=value.rpar[1:]))
        return cst.parse_expression(f"{cast}({bare}, {dtype})", module.config_for_parsing)

    fx, fy = _as_float(x), _as_float(y)
    values = [(x, y, ""), (fx, fy, ", with floats"), *([(fx, fy, "")] if fx is not x and fy is not y else [])]
    for one, other, swap in ((fx, fy, False), (fy, fx, True)):
        if not _constant(one) and dotted(other):
            new = casted(one, f"{dotted(other)}.dtype")
            values.append((*((other, new) if swap else (new, other)), ", cast to one dtype"))
    both = [v if _constant(v) and isinstance(v, cst.Float) else casted(v, float32) for v in (fx, fy)]
    values.append((both[0], both[1], ", cast to one dtype"))
    conditions = [condition] if isinstance(condition, cst.Comparison) else [condition, casted(condition, boolean)]
    found = []
    for c, (a, b, how) in product(conditions, values):
        args = list(call.args)
        for index, value in enumerate((c, a, b)):
            args[place[index]] = args[place[index]].with_changes(value=value)
        found.append((args, how if c is condition else f"{how}, with a condition of booleans"))
    return found


def _constant(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.UnaryOperation):
        return _constant(value.expression)
    return isinstance(value, cst.Integer | cst.Float)


def _as_float(value: cst.BaseExpression) -> cst.BaseExpression:
    """`0.0` for `0`, and `-1.0` for `-1`; anything else as it is."""
    if isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Minus):
        inner = _as_float(value.expression)
        return value if inner is value.expression else value.with_changes(expression=inner)
    if isinstance(value, cst.Integer) and value.value.isdigit():
        return cst.Float(f"{value.value}.0", lpar=value.lpar, rpar=value.rpar)
    return value
