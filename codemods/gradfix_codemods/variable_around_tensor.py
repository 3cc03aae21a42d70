"""GF107: `tf.Variable` around a value on the way to the target.

A variable is a place to keep a value, not an operation. `tf.Variable(t)` copies the numbers of `t` into a new place
that the tape watches from then on: the gradient of the loss ends at this new variable, and those that you asked for, of
what `t` was computed from, are None.

Bad:

```python
with tf.GradientTape() as tape:
    predicted = tf.Variable(model(x))
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
(https://www.tensorflow.org/guide/autodiff), "Took gradients through a stateful object": state stops gradients.

Keep the variable where it is what you differentiate by: make it once, before the tape.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import Build, unwrapped
from gradfix_codemods.imports import Imports
from gradfix_codemods.regions import mended
from gradfix_codemods.trees import call_at

_VARIABLES = ("tensorflow.Variable", "keras.Variable", "tensorflow.keras.Variable", "tensorflow.keras.backend.variable")
_DROPPED = frozenset({"trainable", "name", "shape", "validate_shape", "dtype"})


class VariableAroundTensor(Codemod):
    """Leaves the tensor a tensor; the module explains the mistake."""

    name = "variable-around-tensor"
    code = "GF107"
    answers = frozenset({"not-differentiable", "left-tensorflow", "overwritten"})
    completes = True
    mistake = "a new variable holds the numbers of a tensor, not what they came from"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts with the tensor itself in the place of a variable that is made of it."""
        found = call_at(text, cut)
        if found is None:
            return
        tree, call = found
        imports = Imports(tree)
        if imports.origin(call.func) not in _VARIABLES or _initial(call) is None:
            return
        name = tree.module.code_for_node(call.func)
        cast, convert = (imports.reach(f"tensorflow.{way}", call) for way in ("cast", "convert_to_tensor"))
        for new, words in mended(tree, imports, call, _builds(call, cast, convert)):
            yield Rewrite(new, f"Leave the tensor as it is, without `{name}`{words}")


def _initial(call: cst.Call) -> cst.Arg | None:
    """The value that a variable starts with; None where an argument is not understood."""
    found = None
    for index, arg in enumerate(call.args):
        word = arg.keyword.value if arg.keyword else ""
        if arg.star:
            return None
        if word in ("initial_value", "initializer", "value") or (not word and index == 0):
            found = arg
        elif word and word not in _DROPPED:
            return None
    return found


def _builds(call: cst.Call, cast: str, convert: str) -> list[Build]:
    def plain(new: cst.BaseExpression) -> cst.BaseExpression:
        assert isinstance(new, cst.Call)
        argument = _initial(new)
        assert argument is not None
        return unwrapped(new, argument) if len(new.args) == 1 else argument.value

    def within(function: str, *more: cst.BaseExpression) -> Build:
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")) if more else cst.MaybeSentinel.DEFAULT
        name = cst.parse_expression(function)
        return lambda new: cst.Call(name, [cst.Arg(plain(new), comma=comma), *(cst.Arg(a) for a in more)])

    dtype = next((a.value for a in call.args if a.keyword and a.keyword.value == "dtype"), None)
    several = isinstance(plain(call), cst.List | cst.Tuple)
    builds: list[Build] = [within(convert)] if several else [plain, within(convert)]
    return [*builds, within(cast, dtype)] if dtype is not None else builds
