"""GF114: the gradient is asked of variables that the loss does not depend on.

Three ways to get there. A list that was taken too early (`variables = model.trainable_variables` before a model that
builds itself was ever called) is empty, or holds the variables of a model that was made anew since: "not enough
values to unpack", or all None. The variables of another model, such as the target network in place of the one that is
trained, have nothing to do with the loss. And `model.variables` holds moving statistics and counters, which never
get a gradient.

Bad:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(online(x) - y))
grads = tape.gradient(loss, target.trainable_variables)
```

Good:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(online(x) - y))
grads = tape.gradient(loss, online.trainable_variables)
```

Ask for `model.trainable_variables` where you need them, not long before.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Gradients with respect to a model";
https://github.com/tensorflow/tensorflow/issues/29073 is one who met the empty list.

Keep the code where the variables are right and the loss is wrong: it must use the model's output.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import Asked, asked, asks, assignments, is_answer, recorded_by, scope_of, within
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import with_replaced, without_part
from gradfix_codemods.naming import dotted, parameters, root
from gradfix_codemods.offers import offers
from gradfix_codemods.trees import Tree

_LISTS = ("trainable_variables", "trainable_weights", "variables", "weights")
_FORWARD = ("call", "predict", "predict_on_batch", "forward", "apply")
_OF_MODELS = (*_LISTS, "build", "compile", "fit", "get_weights", "layers", "save_weights", "set_weights", "summary")


class WrongVariables(Codemod):
    """Asks for the variables of the model that made the loss; the module explains the mistake."""

    name = "wrong-variables"
    code = "GF114"
    answers = frozenset({"never-used", "no-sources"})
    rewrites_step = True
    mistake = "the gradient is asked of variables that the target does not depend on"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts that ask for the list as it is now, then for another model's, then for those that train."""
        tree = Tree.parse(text)
        if tree is None:
            return
        for what in asked(tree, cut):
            if what.sources is not None:
                yield from offers(tree.module, _options(tree, what, what.sources.value))


def _options(tree: Tree, what: Asked, sources: cst.BaseExpression) -> Iterator[tuple[cst.Module, str]]:
    path = dotted(sources)
    for made in reversed(assignments(tree, path)) if path else ():
        lists = [node for node in _within(made.value) if is_list(node)]
        if lists and _visible(tree, made, what.call):
            fresh = tree.module.code_for_node(made.value)
            module = _without_unused(asking_for(tree, what, sources, made.value), path or "")
            yield module, f"Ask for `{fresh}` as it is then, not `{path}`"
    for node in _within(sources):
        if not is_list(node):
            continue
        assert isinstance(node, cst.Attribute)
        for model in _models(tree, what, node.value):
            if _feeds(tree, what, node.value, model):  # the forward pass of the right model is not in the block
                continue
            new = node.with_changes(value=model, lpar=[], rpar=[])
            yield asking_for(tree, what, node, new), f"Ask for `{tree.module.code_for_node(new)}`"
        if node.attr.value in ("variables", "weights"):
            new = node.with_changes(attr=cst.Name(f"trainable_{node.attr.value}"))
            yield asking_for(tree, what, node, new), f"Ask for `{tree.module.code_for_node(new)}` alone"


def asking_for(tree: Tree, what: Asked, old: cst.BaseExpression, new: cst.BaseExpression) -> cst.Module:
    """The module that has `new` for `old` in the call, and where the optimizer is handed the same list."""
    code = tree.module.code_for_node(old)
    homes: list[cst.CSTNode] = [what.call, *_updates(tree, what)]
    places = [
        node
        for node in tree.places
        if isinstance(node, type(old)) and tree.module.code_for_node(node) == code and _is_in(tree, node, homes)
    ]
    return with_replaced(tree, {place: lambda _: new for place in places})


def _updates(tree: Tree, what: Asked) -> list[cst.CSTNode]:
    """The calls, in the function that asks, that hand the gradients to an optimizer, or pair them with variables."""
    home = scope_of(tree, what.call)
    found: list[cst.CSTNode] = []
    for node in tree.places:
        if not isinstance(node, cst.Call) or scope_of(tree, node) is not home:
            continue
        pairs = dotted(node.func) == "zip" and any(is_answer(tree, what.call, a.value) for a in node.args)
        method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
        if pairs or (method in ("apply", "apply_gradients") and not _hands_on_others(tree, what.call, node)):
            found.append(node)
    return found


def _hands_on_others(tree: Tree, call: cst.Call, update: cst.Call) -> bool:
    """Whether an update gets the answers of other calls of a tape, and not that of this one."""
    handed = [node for node in _within(update) if isinstance(node, cst.BaseExpression)]
    others = [node for node in tree.places if asks(node) and node is not call]
    return not any(is_answer(tree, call, value) for value in handed) and any(
        is_answer(tree, other, value) for other in others if isinstance(other, cst.Call) for value in handed
    )


def _without_unused(module: cst.Module, path: str) -> cst.Module:
    """The module without the line that gives a name to a list, where nothing reads that name any more."""
    tree = Tree.parse(module.code)
    if tree is None:
        return module
    read = [
        node
        for node in tree.places
        if isinstance(node, cst.Name | cst.Attribute)
        and node.deep_equals(cst.parse_expression(path))
        and not isinstance(tree.parents[node], cst.AssignTarget)
    ]
    made = assignments(tree, path)
    return module if read or len(made) != 1 else without_part(tree.module, tree, made[0])


def _is_in(tree: Tree, node: cst.CSTNode, homes: list[cst.CSTNode]) -> bool:
    return not isinstance(tree.parents[node], cst.Attribute) and any(a in homes for a in tree.ancestors(node))


def is_list(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value in _LISTS and dotted(node.value) is not None


def _visible(tree: Tree, made: cst.Assign, call: cst.Call) -> bool:
    """Whether what a list was made of has the same names where the gradient is asked for."""
    there, here = scope_of(tree, made), scope_of(tree, call)
    if there is here or there is tree.module:
        return True
    own = set(parameters(there.params)) if isinstance(there, cst.FunctionDef) else set()
    own |= {
        root(p)
        for n in tree.places
        if isinstance(n, cst.AssignTarget) and scope_of(tree, n) is there and (p := dotted(n.target)) and "." not in p
    }
    return all(root(dotted(node) or "") not in own - {"self"} for node in _within(made.value) if is_list(node))


def _models(tree: Tree, what: Asked, asked_for: cst.BaseExpression) -> list[cst.BaseExpression]:
    """What the block calls as one calls a model, unless the model that is asked for is among it."""
    called: dict[str, cst.BaseExpression] = {}
    for block in recorded_by(tree, what)[:1]:
        for node in _within(block.body):
            if isinstance(node, cst.Call):
                func = node.func
                if isinstance(func, cst.Attribute) and func.attr.value in _FORWARD:
                    called.setdefault(dotted(func.value) or "", func.value)
                called.setdefault(dotted(func) or "", func)
        if dotted(asked_for) in called:
            return []
        return [
            value
            for path, value in called.items()
            if path
            and _is_model(tree, path)
            and not any(_with_each_step(tree, m, block) for m in assignments(tree, path))
        ]
    return []


def _feeds(tree: Tree, what: Asked, asked_for: cst.BaseExpression, model: cst.BaseExpression) -> bool:
    """Whether what the model that is asked for gave, outside of the block, goes into the other one in it."""
    given = {
        dotted(target.target)
        for node in within(tree, scope_of(tree, what.call))
        if isinstance(node, cst.Assign) and any(_calls(part, asked_for) for part in _within(node.value))
        for target in node.targets
    }
    return any(
        _calls(node, model) and any(dotted(part) in given - {None} for a in node.args for part in _within(a.value))
        for block in recorded_by(tree, what)[:1]
        for node in _within(block.body)
        if isinstance(node, cst.Call)
    )


def _calls(node: cst.CSTNode, model: cst.BaseExpression) -> bool:
    """Whether a node calls a model."""
    if not isinstance(node, cst.Call):
        return False
    func = node.func
    if isinstance(func, cst.Attribute) and func.attr.value in _FORWARD and dotted(func.value) == dotted(model):
        return True
    return dotted(func) == dotted(model)


def _with_each_step(tree: Tree, made: cst.Assign, block: cst.With) -> bool:
    """Whether a model is made in the block, or in the innermost loop around it: it is gone with the step."""
    loop = next((n for n in tree.ancestors(block) if isinstance(n, cst.For | cst.While)), block)
    return any(n is block or n is loop for n in tree.ancestors(made))


def _is_model(tree: Tree, path: str) -> bool:
    """Whether what is called may be a model: the file makes it by a call, is given it, or asks for its weights."""
    for node in tree.places:
        if isinstance(node, cst.Attribute) and node.attr.value in _OF_MODELS and dotted(node.value) == path:
            return True
        if isinstance(node, cst.Param) and node.name.value == path:
            return True
        if isinstance(node, cst.Assign) and isinstance(node.value, cst.Call | cst.GeneratorExp | cst.ListComp):
            places = [t.target.elements if isinstance(t.target, cst.Tuple) else [t.target] for t in node.targets]
            if path in [dotted(p.value if isinstance(p, cst.Element) else p) for each in places for p in each]:
                return True
    return False


def _within(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _within(child)
