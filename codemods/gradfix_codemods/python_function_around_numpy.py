"""GF108: `tf.py_function` or `tf.numpy_function` around code that TensorFlow can express.

`tf.py_function` lets a graph call Python. What happens in that Python to a number that left its tensor (`.numpy()`,
`np.mean`) is not recorded: the gradient comes back as a zero of the wrong shape, or not at all. `tf.numpy_function`
hands over arrays, and has no gradient whatever its body does.

Bad:

```python
def absolute(a, b):
    return np.mean(np.abs(a - b))

with tf.GradientTape() as tape:
    loss = tf.numpy_function(absolute, [y, model(x)], tf.float32)
grads = tape.gradient(loss, model.trainable_variables)
```

Good:

```python
def absolute(a, b):
    return tf.reduce_mean(tf.abs(a - b))

with tf.GradientTape() as tape:
    loss = absolute(y, model(x))
grads = tape.gradient(loss, model.trainable_variables)
```

Called directly, with TensorFlow's functions in its body, it runs in eager mode and in a graph.

See https://www.tensorflow.org/api_docs/python/tf/numpy_function ("the operation is not differentiable") and "Did
calculations outside of TensorFlow" in https://www.tensorflow.org/guide/autodiff.

Keep the wrapper where the code cannot be had in TensorFlow (SciPy, a simulator): give it a gradient with
`tf.custom_gradient`. Keep it around an agent that plays (the function draws at random, moves an environment on, or is
given nothing): what that collects are data. Apply the model again, inside the block, to the observations.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import Build, with_replaced
from gradfix_codemods.effects import SELVES
from gradfix_codemods.flow import Flow
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted, parameters, root
from gradfix_codemods.numpy_calls import Converter
from gradfix_codemods.offers import offers
from gradfix_codemods.regions import meets, without_idle
from gradfix_codemods.trees import Tree, call_at

_WRAPPERS = ("tensorflow.py_function", "tensorflow.numpy_function", "tensorflow.compat.v1.py_func")


class PythonFunctionAroundNumpy(Codemod):
    """Calls the function itself, with its body in TensorFlow's words; the module explains the mistake."""

    name = "python-function-around-numpy"
    code = "GF108"
    answers = frozenset({"left-tensorflow", "not-differentiable"})
    completes = True
    mistake = "the tape does not see into a Python function that TensorFlow calls"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields the text with a direct call, and the NumPy calls of the function that is called put right."""
        found = call_at(text, cut)
        if found is None:
            return
        tree, call = found
        imports = Imports(tree)
        parts = _parts(call) if imports.origin(call.func) in _WRAPPERS else None
        if parts is None or not parts[1] or _collects(tree, parts[0].value):
            return
        yield from offers(tree.module, _options(tree, imports, call, parts[0].value))


def _options(
    tree: Tree, imports: Imports, call: cst.Call, called: cst.BaseExpression
) -> Iterator[tuple[cst.Module, str]]:
    """The direct call, with what the function does converted in each way that there is."""
    title = f"Call `{_named(tree, called)}` directly, without `{tree.module.code_for_node(call.func)}`"
    function = _definition(tree, called)
    for choice in (0, 1):
        builds: dict[cst.CSTNode, Build] = {}
        converter = Converter(tree, imports, choice)
        if function is not None:
            names = frozenset(parameters(function.params)) - {"self", "cls"}
            builds = meets(tree, converter, function.body, names)
        yield without_idle(tree, with_replaced(tree, {**builds, call: _direct})), title
        if not converter.has_choice:
            break


def _parts(call: cst.Call) -> tuple[cst.Arg, list[cst.BaseElement]] | None:
    """The function that is wrapped, and the inputs in their list."""
    found: dict[str, cst.Arg] = {}
    for index, arg in enumerate(call.args):
        if arg.star:
            return None
        found[arg.keyword.value if arg.keyword else ("func", "inp", "Tout")[min(index, 2)]] = arg
    inputs = found["inp"].value if "inp" in found else None
    if "func" not in found or not isinstance(inputs, cst.List | cst.Tuple):
        return None
    if "Tout" in found and isinstance(found["Tout"].value, cst.List | cst.Tuple):
        return None  # gives back a list
    if any(isinstance(element, cst.StarredElement) for element in inputs.elements):
        return None
    return found["func"], list(inputs.elements)


def _collects(tree: Tree, called: cst.BaseExpression) -> bool:
    """Whether a function collects data instead of reckoning: it draws at random, or changes what outlives the call."""
    function = _definition(tree, called)
    if function is None:
        return False
    effects = Flow(tree.module).effects(function.body)
    own = {path for path in effects.binds if "." not in path} | {*parameters(function.params)} - SELVES
    return "random" in effects.world or any(root(path) not in own for path in effects.writes)


def _direct(new: cst.BaseExpression) -> cst.BaseExpression:
    assert isinstance(new, cst.Call)
    parts = _parts(new)
    assert parts is not None
    function, inputs = parts[0].value, parts[1]
    if not isinstance(function, cst.Name | cst.Attribute | cst.Call):
        function = function.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    args = [cst.Arg(element.value, comma=element.comma) for element in inputs if isinstance(element, cst.Element)]
    return cst.Call(function, args)


def _definition(tree: Tree, function: cst.BaseExpression) -> cst.FunctionDef | cst.Lambda | None:
    """The function of the file that an expression names, where there is one of that name alone."""
    if isinstance(function, cst.Lambda):
        return function
    name = (dotted(function) or "").rpartition(".")[2]
    found = [node for node in tree.places if isinstance(node, cst.FunctionDef) and node.name.value == name]
    return found[0] if len(found) == 1 else None


def _named(tree: Tree, function: cst.BaseExpression) -> str:
    return "the function" if isinstance(function, cst.Lambda) else tree.module.code_for_node(function)
