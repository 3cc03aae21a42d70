"""GF103: a `stop_gradient` that also stops gradients you want.

`tf.stop_gradient(x)` has the value of `x`, but tells the tape that nothing led to it. It is right where a
target is to be held constant. Left behind from an experiment (a frozen encoder, a linear probe), or put around one
value too many, it cuts the way from the loss to every variable before it: their gradients are None.

Bad:

```python
with tf.GradientTape() as tape:
    features = tf.stop_gradient(encoder(x))  # From when the encoder was frozen.
    loss = tf.reduce_mean(tf.square(y - head(features)))
grads = tape.gradient(loss, encoder.trainable_variables + head.trainable_variables)
```

Good:

```python
with tf.GradientTape() as tape:
    features = encoder(x)  # From when the encoder was frozen.
    loss = tf.reduce_mean(tf.square(y - head(features)))
grads = tape.gradient(loss, encoder.trainable_variables + head.trainable_variables)
```

See "Advanced automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/advanced_autodiff), the section "Stop gradient flow".

Keep the code where the stop is meant, and ask for the gradients of fewer variables: a target network, the
straight-through trick (`x + tf.stop_gradient(rounded - x)`), one branch of a siamese pair, first-order
meta-learning. Where all gradients that were asked for are there, nothing is to be done.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import unwrapped, with_one_replaced, without_element, without_part
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted
from gradfix_codemods.offers import offers
from gradfix_codemods.straight_through_operands import is_straight_through
from gradfix_codemods.trees import Tree

_LIBRARIES = ("tensorflow", "keras", "tf_keras")


class StrayStopGradient(Codemod):
    """Takes a `stop_gradient` out; the module explains the mistake."""

    name = "stray-stop-gradient"
    code = "GF103"
    answers = frozenset({"stopped", "not-differentiable", "never-used"})
    mistake = "`stop_gradient` holds a value constant that the gradients need"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields the text without the `stop_gradient` at the cut, or without the layer that holds it.

        Where the run showed no place, a layer of the file may be it: Keras calls it out of the trace's sight.
        """
        tree = Tree.parse(text)
        if tree is None:
            return
        stops, call = _Stops(tree), tree.expression(cut)
        if cut.kind == "never-used":
            found = stops.without_layers()
        else:
            found = stops.without(call) if isinstance(call, cst.Call) else iter(())
        yield from offers(tree.module, found)


class _Stops:
    """Finds what stops a gradient in one file, and takes it out."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.imports = tree, Imports(tree)

    def without_layers(self) -> Iterator[tuple[cst.Module, str]]:
        """Yields the module without one layer that stops gradients, for each, and a title."""
        for node in self.tree.places:
            if isinstance(node, cst.Call) and self._is_layer(node):
                yield from self._without_layer(node)

    def without(self, node: cst.Call) -> Iterator[tuple[cst.Module, str]]:
        """Takes the call at the cut; yields the module with the stop taken out, and a title."""
        code = self.tree.module.code_for_node
        argument = self._stopped(node)
        if argument is not None and is_straight_through(self.tree, node):
            return
        if argument is not None:
            layer = next((n for n in self.tree.ancestors(node) if self._is_layer(n)), None)
            title = f"Take `{code(node.func)}` out"
            if isinstance(layer, cst.Call):
                yield from self._without_layer(layer)
            yield self._put(node, unwrapped(node, argument), argument), title
        elif self._is_layer(node):  # an element of a list, or the model it is added to
            yield from self._without_layer(node)
        elif isinstance(node.func, cst.Call) and self._is_layer(node.func) and len(node.args) == 1:
            yield from self._without_layer(node.func)
        elif len(node.args) == 1 and not node.args[0].star and self._made_as(node.func):
            # `stop = Lambda(...)`, then `stop(x)`
            yield self._put(node, unwrapped(node, node.args[0]), node.args[0]), f"Take `{code(node.func)}` out"
        elif self._maps(node):
            yield self._put(node, unwrapped(node, node.args[1]), node.args[1]), f"Take `{code(node.func)}` out"

    def _stopped(self, call: cst.Call) -> cst.Arg | None:
        """The one argument of a call of `stop_gradient`; None where it is another call."""
        # TensorFlow calls it `input`, Keras `variable` or `variables`; the name of an operation may stand beside it.
        if not self._is_stop(call.func):
            return None
        values = [a for a in call.args if a.keyword is None or a.keyword.value != "name"]
        (value,) = values if len(values) == 1 else (None,)
        if value is None or value.star or (value.keyword and not value.keyword.value.startswith(("input", "variable"))):
            return None
        return value

    def _maps(self, call: cst.Call) -> bool:
        """Whether a call stops the gradients of a whole structure."""
        mapped = self.imports.origin(call.func).endswith("nest.map_structure") and len(call.args) == 2
        return mapped and self._is_stop(call.args[0].value) and not call.args[1].star

    def _is_stop(self, function: cst.CSTNode) -> bool:
        first, _, rest = self.imports.origin(function).partition(".")
        return first in _LIBRARIES and rest.rpartition(".")[2] == "stop_gradient"

    def _is_layer(self, node: cst.CSTNode) -> bool:
        """Whether a node makes a `Lambda` layer that does nothing but stop gradients."""
        if not isinstance(node, cst.Call) or not self._of_keras(node.func, "Lambda") or not node.args:
            return False
        function = node.args[0].value
        if isinstance(function, cst.Lambda) and isinstance(function.body, cst.Call):
            argument = self._stopped(function.body)
            names = [param.name.value for param in function.params.params]
            return argument is not None and names[:1] == [dotted(argument.value) or ""]
        return self._is_stop(function)

    def _of_keras(self, function: cst.CSTNode, name: str) -> bool:
        first, _, rest = self.imports.origin(function).partition(".")
        return first in _LIBRARIES and rest.rpartition(".")[2] == name

    def _without_layer(self, layer: cst.Call) -> Iterator[tuple[cst.Module, str]]:
        title = f"Take the layer `{self.tree.module.code_for_node(layer.func)}` out that stops the gradient"
        parent = self.tree.parents[layer]
        if isinstance(parent, cst.Call) and parent.func is layer and len(parent.args) == 1:
            yield self._put(parent, unwrapped(parent, parent.args[0]), parent.args[0]), title
        elif isinstance(parent, cst.Element):
            chain = self.tree.parents[parent]
            if isinstance(chain, cst.List) and len(chain.elements) > 1:
                yield without_element(self.tree.module, chain, parent), title
        elif isinstance(parent, cst.Arg):
            call = self.tree.parents[parent]
            added = (
                isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.func.attr.value == "add"
            )
            line = self.tree.parents[call]
            if added and isinstance(line, cst.Expr):
                yield without_part(self.tree.module, self.tree, line), title

    def _made_as(self, name: cst.BaseExpression) -> cst.Call | None:
        """The layer that a name was given to, where it is made once in the file and stops gradients."""
        path = dotted(name)
        if path is None:
            return None
        made = [
            node.value
            for node in self.tree.places
            if isinstance(node, cst.Assign) and any(dotted(target.target) == path for target in node.targets)
        ]
        (layer,) = made if len(made) == 1 else (None,)
        return layer if isinstance(layer, cst.Call) and self._is_layer(layer) else None

    def _put(self, call: cst.Call, value: cst.BaseExpression, argument: cst.Arg) -> cst.Module:
        """The module with a value in the place of a call; a line that would say `x = x` goes."""
        part = self.tree.parents[call]
        if isinstance(part, cst.Assign) and len(part.targets) == 1:
            name = dotted(part.targets[0].target)
            if name is not None and name == dotted(argument.value):
                return without_part(self.tree.module, self.tree, part)
        return with_one_replaced(self.tree, call, value)
