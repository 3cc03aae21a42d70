"""GF105: a tensor's value is taken out of it on the way to the target.

`x.numpy()`, `float(x)`, `x.item()`, `K.get_value(x)`, `keras.ops.convert_to_numpy(x)` and the functions of Python's
`math` give you the number in a tensor. A number does not know what it was computed from, so the tape's record
ends there. Where the number is the target itself, TensorFlow may not even say None but raise an error
(`'float' object has no attribute '_id'`, "Cannot convert the argument `type_value`").

Bad:

```python
with tf.GradientTape() as tape:
    predicted = model(x).numpy()
    loss = tf.reduce_mean(tf.square(y - predicted))
grads = tape.gradient(loss, model.trainable_variables)
```

Good:

```python
with tf.GradientTape() as tape:
    predicted = model(x)
    loss = tf.reduce_mean(tf.square(y - predicted))
grads = tape.gradient(loss, model.trainable_variables)
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Did calculations outside of TensorFlow".

Keep the call where the number is printed, plotted or compared. A target that is meant to be held constant is better
written with `tf.stop_gradient`, which says so.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import Build, with_replaced
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted
from gradfix_codemods.numpy_calls import Converter
from gradfix_codemods.offers import offers
from gradfix_codemods.regions import mended
from gradfix_codemods.trees import Tree, call_at


class NumpyMethod(Codemod):
    """Leaves a value in its tensor; the module explains the mistake."""

    name = "numpy-method"
    code = "GF105"
    answers = frozenset({"left-tensorflow"})
    mistake = "the number is taken out of its tensor"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts without the call at the cut, then with the NumPy calls that the tensor meets after it."""
        found = call_at(text, cut)
        if found is None:
            return
        tree, call = found
        imports = Imports(tree)
        converter = Converter(tree, imports)
        title = f"Leave the value in its tensor, without `{_short(tree, call)}`"
        builds: list[Build] = []
        plain = converter.to_number(call)
        outer = _outermost(tree, converter, call)
        constant = _constant_of(tree, imports, outer)
        if constant is not None and plain is not None:
            freed = _freed(_stripped(converter, outer, call))
            for new, words in mended(tree, imports, constant, [freed]):
                yield Rewrite(new, f"{title} and `{tree.module.code_for_node(constant.func)}`{words}")
        if outer is not call:
            whole = _stripped(converter, outer, call)
            for new, words in mended(tree, imports, outer, [whole]):
                yield Rewrite(new, f"{title} and `{_short(tree, outer)}`{words}")
        if plain is not None:
            builds = [plain, _wider(plain, imports.reach("tensorflow.cast", call), imports, call)]
        elif (build := converter.python_math(call)) is not None:
            builds, title = [build], f"Let TensorFlow do what `{tree.module.code_for_node(call.func)}` does"
        for new, words in mended(tree, imports, call, builds):
            yield Rewrite(new, f"{title}{words}")
        later = _kept_as_numbers(tree, call) if plain is not None else {}
        if plain is not None and later:
            kept = with_replaced(tree, {**later, call: plain})
            yield from offers(tree.module, [(kept, f"{title}, and take the number where it is kept")])


def _outermost(tree: Tree, converter: Converter, call: cst.Call) -> cst.Call:
    """The last of the calls that take a value out one after the other: `x.numpy().tolist()` for its `x.numpy()`."""
    parent = tree.parents[call]
    above = tree.parents.get(parent)
    around = isinstance(parent, cst.Attribute) or (isinstance(parent, cst.Arg) and isinstance(above, cst.Call))
    if around and isinstance(above, cst.Call) and converter.to_number(above) is not None:
        return _outermost(tree, converter, above)
    return call


def _constant_of(tree: Tree, imports: Imports, call: cst.Call) -> cst.Call | None:
    """The `tf.constant(...)` that a number alone is put into: a tensor needs none, and a variable dies in it."""
    parent = tree.parents[call]
    above = tree.parents.get(parent)
    if not isinstance(above, cst.Call) or len(above.args) != 1 or parent is not above.args[0]:
        return None
    plain = above.args[0].keyword is None and not above.args[0].star
    return above if plain and imports.origin(above.func, above) == "tensorflow.constant" else None


def _freed(inside: Build) -> Build:
    """What a call holds, after `inside`."""

    def build(new: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(new, cst.Call)
        return inside(new.args[0].value)

    return build


def _stripped(converter: Converter, outer: cst.Call, inner: cst.Call) -> Build:
    """The tensor that all of these calls took the value out of."""
    depth, node = 1, outer
    while node is not inner:
        value = node.func.value if isinstance(node.func, cst.Attribute) and not node.args else node.args[0].value
        assert isinstance(value, cst.Call)
        depth, node = depth + 1, value

    def build(new: cst.BaseExpression) -> cst.BaseExpression:
        for _ in range(depth):
            step = converter.to_number(new) if isinstance(new, cst.Call) else None
            new = step(new) if step is not None else new  # one in it may be gone already
        return new

    return build


def _kept_as_numbers(tree: Tree, call: cst.Call) -> dict[cst.CSTNode, Build]:
    """Where the name of the number is added up, rounded or put into a list, and what to make of it there."""
    assign = tree.parents[call]
    name = dotted(assign.targets[0].target) if isinstance(assign, cst.Assign) and len(assign.targets) == 1 else None
    scope = next((n for n in tree.ancestors(call) if isinstance(n, cst.FunctionDef)), tree.module)
    found: dict[cst.CSTNode, Build] = {}
    for node in tree.places:
        if name is None or not isinstance(node, cst.AugAssign | cst.Call) or scope not in tree.ancestors(node):
            continue
        if isinstance(node, cst.AugAssign):
            value: cst.BaseExpression | None = node.value
        else:
            method = node.func.attr.value if isinstance(node.func, cst.Attribute) else dotted(node.func)
            value = node.args[0].value if node.args and method in ("append", "round") else None
        if value is not None and dotted(value) == name:
            found[value] = lambda new: cst.Call(cst.Name("float"), [cst.Arg(new)])
    return found


def _wider(plain: Build, cast: str, imports: Imports, call: cst.Call) -> Build:
    """The tensor in double precision, in which NumPy and Python reckon where the other side does."""
    double = cst.parse_expression(imports.reach("tensorflow.float64", call))

    def build(new: cst.BaseExpression) -> cst.BaseExpression:
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        return cst.Call(cst.parse_expression(cast), [cst.Arg(plain(new), comma=comma), cst.Arg(double)])

    return build


def _short(tree: Tree, call: cst.Call) -> str:
    function = call.func
    return f".{function.attr.value}()" if isinstance(function, cst.Attribute) else tree.module.code_for_node(function)
