"""GF121: a tensor is made of variables once, and kept.

A matrix put together of weights in `build` or `__init__`, a softmax of a variable at module level: it is computed before
any tape is open, and what the step uses is a frozen copy. The variables behind it get None, and would never change
the result if they moved. Compute it where it is used, every time.

Bad:

```python
class Scale(tf.Module):
    def __init__(self):
        self.w = tf.Variable(2.0)
        self.factor = tf.exp(self.w)

    def __call__(self, x):
        return x * self.factor


scale = Scale()
with tf.GradientTape() as tape:
    loss = scale(3.0)
grads = tape.gradient(loss, scale.w)
```

Good:

```python
class Scale(tf.Module):
    def __init__(self):
        self.w = tf.Variable(2.0)

    def __call__(self, x):
        factor = tf.exp(self.w)
        return x * factor


scale = Scale()
with tf.GradientTape() as tape:
    loss = scale(3.0)
grads = tape.gradient(loss, scale.w)
```

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), and "Making new layers and models via subclassing"
(https://www.tensorflow.org/guide/keras/making_new_layers_and_models_via_subclassing): `build` makes the weights, `call`
computes.

Keep the code where the tensor is to stay what it was at the start, and do not ask for those variables.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from gradfix_codemods.asked import line, scope_of
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import without_part
from gradfix_codemods.naming import dotted, parameters
from gradfix_codemods.offers import offers
from gradfix_codemods.swaps import swapped
from gradfix_codemods.trees import Body, Tree, statements


class ForwardCachedInBuild(Codemod):
    """Computes a kept tensor where it is used; the module explains the mistake."""

    name = "forward-cached-in-build"
    code = "GF121"
    answers = frozenset({"outside-tape"})
    mistake = "a tensor is made of variables once, before the tape, and kept"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields the text in which the functions that use the kept tensor compute it."""
        tree = Tree.parse(text)
        here = tree.expression(cut) if tree else None
        if tree is None or here is None:
            return
        kept = next((node for node in tree.ancestors(here) if isinstance(node, cst.Assign)), None)
        if kept is not None and len(kept.targets) == 1:
            yield from offers(tree.module, _options(tree, kept))


def _options(tree: Tree, kept: cst.Assign) -> Iterator[tuple[cst.Module, str]]:
    target, home = kept.targets[0].target, scope_of(tree, kept)
    if isinstance(target, cst.Attribute) and isinstance(home, cst.FunctionDef):
        new = _of_object(tree, kept, target, home)
    elif isinstance(target, cst.Name) and home is tree.module:
        new = _of_module(tree, kept, target)
    else:
        return
    if new is not None:
        yield new, f"Compute `{tree.module.code_for_node(target)}` where it is used"


def _of_object(tree: Tree, kept: cst.Assign, target: cst.Attribute, home: cst.FunctionDef) -> cst.Module | None:
    """The module without `self.x = ...` in one method, and with `x = ...` in the others."""
    names = parameters(home.params)
    me = names[0] if names else ""
    path, name = dotted(target), target.attr.value
    owner = next((node for node in tree.ancestors(home) if isinstance(node, cst.ClassDef)), None)
    if path != f"{me}.{name}" or owner is None:
        return None
    uses = [n for n in _reads(tree, tree.module) if isinstance(n, cst.Attribute) and n.attr.value == name]
    users = _users(tree, uses, home)
    if users is None or any(dotted(use) != path or owner not in tree.ancestors(use) for use in uses):
        return None
    attributes = _locals(tree, kept.value, home) - {me}
    taken = {n.attr.value for n in tree.places if isinstance(n, cst.Attribute) and dotted(n.value) == me}
    if attributes & (set(names) | taken) or any(_bound_in(tree, user, name) for user in users):
        return None
    news: dict[cst.CSTNode, cst.CSTNode] = {}
    for node in tree.places:
        if isinstance(node, cst.Name) and node.value in attributes and _stands_alone(tree, node):
            if scope_of(tree, node) is home and not _in_comprehension_of(tree, node):
                news[node] = cst.Attribute(value=cst.Name(me), attr=cst.Name(node.value))
    return _moved(tree, kept, name, users, uses, news)


def _of_module(tree: Tree, kept: cst.Assign, target: cst.Name) -> cst.Module | None:
    """The module without `x = ...` at its own level, and with it in the functions that use it."""
    name = target.value
    uses = [n for n in _reads(tree, tree.module) if isinstance(n, cst.Name) and n.value == name]
    users = _users(tree, uses, tree.module)
    if users is None or any(_bound_in(tree, user, name) for user in users):
        return None
    return _moved(tree, kept, name, users, uses, {})


def _users(tree: Tree, uses: list[cst.BaseExpression], home: cst.CSTNode) -> list[cst.FunctionDef] | None:
    """The functions that read the kept tensor; None where something else does."""
    users: list[cst.FunctionDef] = []
    for use in uses:
        user = scope_of(tree, use)
        if user is home or not isinstance(user, cst.FunctionDef) or not isinstance(user.body, cst.IndentedBlock):
            return None
        if user not in users:
            users.append(user)
    return users or None


def _moved(
    tree: Tree,
    kept: cst.Assign,
    name: str,
    users: list[cst.FunctionDef],
    uses: list[cst.BaseExpression],
    news: dict[cst.CSTNode, cst.CSTNode],
) -> cst.Module | None:
    value = swapped(cst.Module([line(tree.module, f"{name} = 0").with_changes(body=[cst.Expr(kept.value)])]), news)
    code = value.code.strip()
    module = swapped(tree.module, {**news, **{use: cst.Name(name) for use in uses if isinstance(use, cst.Attribute)}})
    del module
    first: dict[cst.CSTNode, cst.CSTNode] = {}
    for user in users:
        body = user.body
        assert isinstance(body, Body)
        lines = statements(body)
        at = next(i for i, statement in enumerate(lines) if any(statement in tree.ancestors(use) for use in uses))
        first[lines[at]] = line(tree.module, f"{name} = {code}")
    changed = _Carrying(first, {**news, **{u: cst.Name(name) for u in uses if isinstance(u, cst.Attribute)}}, kept)
    return changed.carried_out(tree)
