"""GF121: a tensor is made of variables once, and kept.

A matrix put together of weights in `build` or `__init__`, a softmax of a variable at module level: it is computed
before any tape is open, and what the step uses is a frozen copy. The variables behind it get None, and would never
change the result if they moved. Compute it where it is used, every time.

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

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

import libcst as cst

from gradfix_codemods.asked import assignments, line, scope_of
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.effects import Collector
from gradfix_codemods.naming import dotted, fresh_name, parameters, root
from gradfix_codemods.offers import offers
from gradfix_codemods.swaps import Change, New, swapped
from gradfix_codemods.trees import Body, Statement, Tree, statements


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
    elif isinstance(target, cst.Name):
        new = _of_scope(tree, kept, target, home)
    else:
        return
    if new is not None:
        yield new, f"Compute `{tree.module.code_for_node(target)}` where it is used"


def _of_object(tree: Tree, kept: cst.Assign, target: cst.Attribute, home: cst.FunctionDef) -> cst.Module | None:
    """The module without `self.x = ...` in one method, and with `x = ...` in the others."""
    handed = parameters(home.params)
    me, name, path = handed[0] if handed else "", target.attr.value, dotted(target)
    owner = next((node for node in tree.ancestors(home) if isinstance(node, cst.ClassDef)), None)
    uses = [n for n in _reads(tree) if isinstance(n, cst.Attribute) and n.attr.value == name]
    if path != f"{me}.{name}" or owner is None:
        return None
    if any(dotted(use) != path or owner not in tree.ancestors(use) for use in uses):
        return None
    taken = {n.attr.value for n in tree.places if isinstance(n, cst.Attribute) and dotted(n.value) == me}
    needed = _names(tree, kept.value) & _bound(tree, home)
    given = {word: _kept_as(tree, home, me, word) for word in needed & set(handed) - {me}}
    if needed & taken - {word for word, attribute in given.items() if attribute}:
        return None
    # What the tensor is made of has to be kept in its place.
    news: dict[cst.CSTNode, Change] = {
        n: cst.Attribute(value=cst.Name(me), attr=cst.Name(n.value))
        for n in tree.places
        if isinstance(n, cst.Name) and n.value in needed - {me} and scope_of(tree, n) is home and _is_variable(tree, n)
        if n.value not in given
    }
    for node in [n for n in tree.places if isinstance(n, cst.Name) and n.value in given and _is_variable(tree, n)]:
        if kept.value in (node, *tree.ancestors(node)):
            news[node] = cst.Attribute(value=cst.Name(me), attr=cst.Name(given[node.value] or node.value))
    lines = [line(tree.module, f"{me}.{word} = {word}") for word, attribute in given.items() if not attribute]
    return _moved(tree, kept, name, uses, news, lines)


def _kept_as(tree: Tree, home: cst.FunctionDef, me: str, word: str) -> str:
    """The attribute under which a method keeps what it is given; "" for none."""
    for made in [n for n in tree.places if isinstance(n, cst.Assign) and scope_of(tree, n) is home]:
        path = dotted(made.targets[0].target) or ""
        if dotted(made.value) == word and path.startswith(f"{me}.") and path.count(".") == 1:
            return path.partition(".")[2]
    return ""


def _of_scope(tree: Tree, kept: cst.Assign, target: cst.Name, home: cst.CSTNode) -> cst.Module | None:
    """The module without `x = ...` at its own level, and with it in the functions and blocks of tapes that use it."""
    name = target.value
    uses = [n for n in _reads(tree) if isinstance(n, cst.Name) and n.value == name]
    if home is not tree.module:
        uses = [n for n in uses if home in tree.ancestors(n)]
    return _moved(tree, kept, name, uses, {})


def _moved(
    tree: Tree,
    kept: cst.Assign,
    name: str,
    uses: Sequence[cst.Name | cst.Attribute],
    news: dict[cst.CSTNode, Change],
    instead: Sequence[cst.SimpleStatementLine] = (),
) -> cst.Module | None:
    """The module in which each function that reads the tensor makes it first; None where that cannot be.

    Where the function has a block of a tape, it is made in there. `instead` are lines to keep in its old place.
    """
    home, path, here = scope_of(tree, kept), dotted(kept.targets[0].target) or "", tree.parents[kept]
    others = [made for made in assignments(tree, path) if made is not kept and dotted(made.value) != "None"]
    mine = {use: _block(tree, use, scope_of(tree, use)) for use in uses}  # what stays where it is made is no use
    moving = [use for use, place in mine.items() if place is not _body(home)]
    users = list(dict.fromkeys(scope_of(tree, use) for use in moving))
    if others or not users or not isinstance(here, cst.SimpleStatementLine) or len(here.body) > 1:
        return None
    if len(moving) < len(uses) and any(_beside(tree, here, place) for place in mine.values()):
        return None  # moving the line into the block is enough: nothing has to be computed twice
    local = name
    if any(
        (name in _bound(tree, user) and user is not home) or (path != name and _mentions(tree, user, name))
        for user in users
    ):
        local = fresh_name(tree.module, f"{name}_now")
    value, told = swapped(kept.value, news), set[cst.CSTNode]()
    for user in users:
        own = _bound(tree, user) if user is not home else set()
        if isinstance(user, cst.Lambda) or _names(tree, kept.value) - {root(path)} & own:
            return None
        here_used = [use for use in moving if scope_of(tree, use) is user]
        for place in dict.fromkeys(mine[use] for use in here_used):
            if not isinstance(place, Body):
                return None
            within = [use for use in here_used if mine[use] is place]
            first = next(s for s in statements(place) if any(s in tree.ancestors(use) for use in within))
            made = cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(cst.Name(local))], value)])
            if here not in told:
                told.add(here)
                comments = [empty for empty in here.leading_lines if empty.comment is not None]
                made = made.with_changes(leading_lines=comments, trailing_whitespace=here.trailing_whitespace)
            news[first] = _with_line_above(made)
        news.update({use: cst.Name(local) for use in here_used})
    if len(moving) == len(uses):
        around = tree.parents[here]
        alone = isinstance(around, cst.IndentedBlock) and len(around.body) == 1
        news[here] = here.with_changes(body=[cst.Pass()]) if alone else cst.RemovalSentinel.REMOVE
        if instead:
            news[here] = cst.FlattenSentinel(instead)
    elif instead:
        news[here] = cst.FlattenSentinel([here, *instead])
    return swapped(tree.module, news)


def _beside(tree: Tree, line: cst.CSTNode, block: cst.CSTNode) -> bool:
    """Whether a block is that of a `with` in the same list of statements as a line."""
    around = tree.parents.get(block)
    return isinstance(around, cst.With) and tree.parents[around] is tree.parents[line]


def _body(scope: cst.CSTNode) -> cst.CSTNode:
    return scope.body if isinstance(scope, cst.FunctionDef) else scope


def _block(tree: Tree, use: cst.CSTNode, scope: cst.CSTNode) -> cst.CSTNode:
    """The block of a tape that a use stands in, within its function; else the function's body."""
    for above in tree.ancestors(use):
        if above is scope:
            break
        if isinstance(above, cst.With) and isinstance(above.body, cst.IndentedBlock) and use is not above:
            makers = [item.item.func for item in above.items if isinstance(item.item, cst.Call)]
            if any((dotted(maker) or "").endswith("Tape") for maker in makers):
                return above.body
    return _body(scope)


def _with_line_above(made: cst.SimpleStatementLine) -> Callable[[cst.CSTNode], New]:
    def both(statement: cst.CSTNode) -> New:
        assert isinstance(statement, Statement)
        blanks = list(takewhile(lambda empty: empty.comment is None, statement.leading_lines))
        above = made.with_changes(leading_lines=[*blanks, *made.leading_lines])
        return cst.FlattenSentinel(
            [above, statement.with_changes(leading_lines=statement.leading_lines[len(blanks) :])]
        )

    return both


def _reads(tree: Tree) -> list[cst.Name | cst.Attribute]:
    """The names and attributes that are read."""
    found: list[cst.Name | cst.Attribute] = []
    for node in tree.places:
        if not isinstance(node, cst.Name | cst.Attribute) or not _is_variable(tree, node):
            continue
        if not isinstance(tree.parents[node], cst.AssignTarget | cst.Del):
            found.append(node)
    return found


def _is_variable(tree: Tree, node: cst.Name | cst.Attribute) -> bool:
    """Whether a name is one of a variable: not that of an attribute, a keyword or a parameter."""
    parent = tree.parents[node]
    if isinstance(parent, cst.Attribute):
        return parent.value is node
    if isinstance(parent, cst.Arg):
        return parent.keyword is not node
    return not isinstance(parent, cst.Param | cst.FunctionDef | cst.ClassDef | cst.ImportAlias | cst.NameItem)


def _names(tree: Tree, value: cst.CSTNode) -> set[str]:
    """The names that an expression reads, without those that it binds itself."""
    collector = Collector(frozenset())
    value.visit(collector)
    return {root(path) for path in collector.effects().reads}


def _bound(tree: Tree, function: cst.CSTNode) -> set[str]:
    """The names that a function binds, its parameters among them."""
    if not isinstance(function, cst.FunctionDef):
        return set()
    collector = Collector(frozenset())
    function.body.visit(collector)
    return {*parameters(function.params), *(path for path in collector.binds if "." not in path)}


def _mentions(tree: Tree, function: cst.CSTNode, name: str) -> bool:
    return any(
        isinstance(n, cst.Name) and n.value == name and _is_variable(tree, n) and function in tree.ancestors(n)
        for n in tree.places
    )
