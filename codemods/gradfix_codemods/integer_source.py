"""GF116: the source is made of integers.

`tf.Variable(2)` has the dtype int32, and integers have no derivative: the gradient is None, and TensorFlow only logs
"The dtype of the target tensor must be floating". A cast later on does not help, since the way back to the
variable leads through it. Make the variable, the weight or the watched image of floats.

Bad:

```python
w = tf.Variable(2)
with tf.GradientTape() as tape:
    loss = tf.square(tf.cast(w, tf.float32) - 1.0)
grads = tape.gradient(loss, w)
```

Good:

```python
w = tf.Variable(2.0)
with tf.GradientTape() as tape:
    loss = tf.square(tf.cast(w, tf.float32) - 1.0)
grads = tape.gradient(loss, w)
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Took gradients through an integer or string".

Keep the code where the variable counts something (steps, epochs): then it is not to be among the sources.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.arguments import argument_of, keyword, named, with_argument
from gradfix_codemods.asked import asked, assignments, line, put_before, recorded_by, scope_of, source_paths
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.dtypes import as_float, is_integer, is_literal, with_points
from gradfix_codemods.edits import with_one_replaced
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted, parameters
from gradfix_codemods.offers import offers
from gradfix_codemods.trees import Tree

_VARIABLES = ("Variable", "add_weight", "add_variable")
_MOST_MAKERS = 6


class IntegerSource(Codemod):
    """Makes the source of floats; the module explains the mistake."""

    name = "integer-source"
    code = "GF116"
    answers = frozenset({"not-differentiable", "wrong-dtype"})
    mistake = "the source is made of integers"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts in which what is at the cut, or what its names stand for, is made of floats."""
        tree = Tree.parse(text)
        if tree is not None:
            yield from offers(tree.module, _Floats(tree).options(cut))


class _Floats:
    def __init__(self, tree: Tree) -> None:
        self.tree, self.imports = tree, Imports(tree)

    def options(self, cut: Cut) -> Iterator[tuple[cst.Module, str]]:
        """Yields new modules, and titles."""
        here = self.tree.expression(cut)
        sources = [(what, path) for what in asked(self.tree, cut) for path in source_paths(self.tree, what)]
        step = any(here is what.call for what, _ in sources)
        paths = _read(here) if here is not None and not step else []
        made = [here] if here is not None and _called(here) and not step else []
        for path in dict.fromkeys([*paths, *(path for _, path in sources)]):
            made += [m.value for m in assignments(self.tree, path) if _called(m.value)]
        for value in made[:_MOST_MAKERS]:
            assert isinstance(value, cst.Call)
            yield from self.made_of_floats(value, value is here and cut.kind == "not-differentiable")
        if cut.kind == "wrong-dtype":
            for what, path in sources:
                for block in recorded_by(self.tree, what)[:1]:
                    yield from self.cast_before(block, path)

    def made_of_floats(self, call: cst.Call, mentioned: bool) -> Iterator[tuple[cst.Module, str]]:
        """Takes a call that makes a value; yields modules in which it makes floats."""
        name, code = _called(call), self.tree.module.code_for_node
        dtype, value = self.dtype(call), argument_of(call, 0, "initial_value", "initializer", "value", "object")
        if dtype is not None:
            yield from self.with_dtype(dtype.value)
            return
        if name in ("add_weight", "add_variable") or mentioned:
            return
        if value is not None and is_literal(value.value):
            new = with_points(value.value)
            if new is value.value:
                return
            yield with_one_replaced(self.tree, value.value, new), f"Make `{code(call)}` of floats"
        if name in _VARIABLES:
            number = cst.parse_expression(self.float32(call))
            added = with_argument(call, keyword("dtype", number), 1 if value is call.args[0] else None)
            yield with_one_replaced(self.tree, call, added), f"Make `{code(call)}` of floats"
            if value is not None:
                yield self.cast(value.value), f"Cast `{code(value.value)}` to floats"
        else:
            yield self.cast(call), f"Cast `{code(call)}` to floats"

    def dtype(self, call: cst.Call) -> cst.Arg | None:
        """The argument that says the dtype."""
        if _called(call) in ("cast", "constant", "zeros", "ones", "convert_to_tensor", "saturate_cast"):
            return argument_of(call, 1, "dtype")
        if _called(call) == "astype":
            return argument_of(call, 0, "dtype")
        return named(call, "dtype")

    def with_dtype(self, value: cst.BaseExpression, depth: int = 0) -> Iterator[tuple[cst.Module, str]]:
        """Takes the dtype that was asked for; yields modules in which it is float32, where it is written."""
        if is_integer(value):
            new = as_float(value)
            if new is not None:
                code = self.tree.module.code_for_node
                yield with_one_replaced(self.tree, value, new), f"Put `{code(new)}` in the place of `{code(value)}`"
            return
        path = dotted(value)
        if path is None or depth > 3:
            return
        for made in assignments(self.tree, path):
            yield from self.with_dtype(made.value, depth + 1)
        function = scope_of(self.tree, value)
        if isinstance(function, cst.FunctionDef) and path in parameters(function.params):
            for argument in self.given(function, path):
                yield from self.with_dtype(argument, depth + 1)

    def given(self, function: cst.FunctionDef, name: str) -> Iterator[cst.BaseExpression]:
        """What a parameter may stand for: what is given by its keyword anywhere, then its default."""
        for node in self.tree.places:
            if not isinstance(node, cst.Arg) or node.keyword is None or node.keyword.value != name:
                continue
            if is_integer(node.value):
                yield node.value
        for parameter in (*function.params.params, *function.params.kwonly_params):
            if parameter.name.value == name and parameter.default is not None:
                yield parameter.default

    def cast_before(self, block: cst.With, path: str) -> Iterator[tuple[cst.Module, str]]:
        """A line before the block that casts a source."""
        if "." in path or assignments(self.tree, path):
            return
        cast, float32 = (self.imports.reach(f"tensorflow.{n}", block) for n in ("cast", "float32"))
        new = line(self.tree.module, f"{path} = {cast}({path}, {float32})")
        module = put_before(self.tree, block, new)
        if module is not None:
            yield module, f"Cast `{path}` to floats before the block"

    def cast(self, value: cst.BaseExpression) -> cst.Module:
        """The module with a value cast to floats."""
        cast, float32 = (self.imports.reach(f"tensorflow.{n}", value) for n in ("cast", "float32"))
        arguments = [cst.Arg(value), cst.Arg(cst.parse_expression(float32))]
        return with_one_replaced(self.tree, value, cst.Call(cst.parse_expression(cast), arguments))

    def float32(self, call: cst.Call) -> str:
        """How to write the dtype beside a call: as text where the call is one of Keras."""
        if self.imports.origin(call.func).startswith(("keras.", "tf_keras.")):
            return '"float32"'
        return self.imports.reach("tensorflow.float32", call)


def _called(node: cst.CSTNode) -> str:
    """The last name of what is called, "" where an expression is no call."""
    if not isinstance(node, cst.Call):
        return ""
    return node.func.attr.value if isinstance(node.func, cst.Attribute) else dotted(node.func) or ""


def _read(node: cst.CSTNode) -> list[str]:
    """The paths that an expression reads for their values, not for their dtype alone."""
    paths = [path for part in _within(node) if (path := dotted(part))]
    asked_for = {path.removesuffix(".dtype") for path in paths if path.endswith(".dtype")}
    return [path for path in paths if path not in asked_for]


def _within(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _within(child)
