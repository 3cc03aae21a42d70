"""GF125: each step makes a new variable, layer or model.

A line that makes something stands where it runs again with each step: `w = tf.Variable(0.5)` in the function that
computes the loss, `Dense(4)(x)` in `call`, `net = build()` in the block. What trains is new each time, and gone when
the step ends. The gradient that is asked for is that of another variable, which is called the same or made the same
way: it is None, and nothing learns. Make variables once, in `__init__` or before the loop, and use them in the step.

Bad:

```python
w = tf.Variable(0.5)


def loss_of(x, y):
    w = tf.Variable(0.5)
    return tf.reduce_mean(tf.square(w * x - y))


with tf.GradientTape() as tape:
    loss = loss_of(x, y)
grads = tape.gradient(loss, w)
```

Good:

```python
w = tf.Variable(0.5)


def loss_of(x, y):
    return tf.reduce_mean(tf.square(w * x - y))


with tf.GradientTape() as tape:
    loss = loss_of(x, y)
grads = tape.gradient(loss, w)
```

In a `tf.function`, TensorFlow says so: "tf.function only supports singleton tf.Variables created on the first call".

See "Introduction to modules, layers, and models" in the TensorFlow guide (https://www.tensorflow.org/guide/intro_to_modules):
a module makes its variables when it is made, or when it is called for the first time.

Keep the code where each step is to start anew, as in a search that compares starts, and ask for the variables that
were made in that step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from gradfix_codemods.asked import asked, assignments, scope_of, source_paths
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.edits import always, with_replaced, without_part
from gradfix_codemods.effects import Collector
from gradfix_codemods.naming import dotted, parameters, root
from gradfix_codemods.offers import offers
from gradfix_codemods.rebound import makes_variable
from gradfix_codemods.swaps import Change, swapped
from gradfix_codemods.trees import Tree

_LISTS = (".trainable_variables", ".trainable_weights", ".variables", ".weights")
_MAKING = ("__init__", "build")


class VariableMadeInStep(Codemod):
    """Uses what was made before in the place of something new; the module explains the mistake."""

    name = "variable-made-in-step"
    code = "GF125"
    answers = frozenset({"never-used"})
    mistake = "each step makes a new variable"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts that use the sources where new ones are made, or what a class made and never used.

        Last come those in which a method makes once what it makes at each call.
        """
        tree = Tree.parse(text)
        if tree is None:
            return
        paths = [path for what in asked(tree, cut) for path in source_paths(tree, what)]
        owners = [_without_list(path) for path in paths]
        holders = [owner.rpartition(".")[0] for owner in owners]  # `model` of `model.w`
        every = dict.fromkeys([*owners, *(h for h in holders if h not in ("", "self"))])
        yield from offers(tree.module, _options(tree, list(every)))


def _options(tree: Tree, owners: Sequence[str]) -> Iterator[tuple[cst.Module, str]]:
    for owner in owners:
        for made in _made_anew(tree, owner):
            yield without_part(tree.module, tree, made), f"Use the one `{owner}`, and make no new one at each step"
    for owner in owners:
        for outer in assignments(tree, owner)[:1]:
            others = [n for n in _alike(tree, outer.value) if _runs_again(tree, n)]
            if others:
                module = with_replaced(tree, dict.fromkeys(others, always(cst.parse_expression(owner))))
                yield module, f"Use `{owner}` in the place of a new `{_code(tree, outer.value)}`"
    for node in tree.places:
        if isinstance(node, cst.ClassDef):
            yield from _unused_made(tree, node)
    for node in tree.places:
        if isinstance(node, cst.ClassDef):
            yield from _made_at_each_call(tree, node)


def _made_anew(tree: Tree, owner: str) -> Iterator[cst.Assign]:
    """The lines that give the name of a source to a new variable, or to what was made as the source was."""
    made = assignments(tree, owner)
    outer = [m for m in made if scope_of(tree, m) is tree.module and not _runs_again(tree, m)]
    for index, other in enumerate(made):
        before = [m for m in made[:index] if scope_of(tree, m) is scope_of(tree, other)]
        first = next(iter([*before, *outer]), other)
        if first is other or not _runs_again(tree, other):
            continue
        if makes_variable(other.value) or _maker(other.value) == _maker(first.value) != "":
            yield other


def _alike(tree: Tree, value: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The other expressions of the file that make something the same way."""
    if not isinstance(value, cst.Call):
        return []
    calls = [node for node in tree.places if isinstance(node, cst.Call) and node is not value]
    return [node for node in calls if "".join(_code(tree, node).split()) == "".join(_code(tree, value).split())]


def _runs_again(tree: Tree, node: cst.CSTNode) -> bool:
    """Whether a node stands in a function, a loop or a block, and not where an object is made."""
    for above in tree.ancestors(node):
        if isinstance(above, cst.FunctionDef):
            return above.name.value not in _MAKING
        if isinstance(above, cst.For | cst.While | cst.With):
            return True
    return False


def _unused_made(tree: Tree, owner: cst.ClassDef) -> Iterator[tuple[cst.Module, str]]:
    """What `__init__` made and no method uses, in the place of what the methods make the same way."""
    methods = [n for n in owner.body.body if isinstance(n, cst.FunctionDef)]
    used = {
        path
        for node in tree.places
        if isinstance(node, cst.Attribute)
        and (path := dotted(node)) is not None
        and not isinstance(tree.parents[node], cst.AssignTarget)
        and _runs_again(tree, node)
    }
    found: dict[cst.CSTNode, cst.BaseExpression] = {}
    for method in methods:
        if method.name.value not in _MAKING:
            continue
        for made in _assigned(tree, method):
            path = dotted(made.targets[0].target) or ""
            alike = [n for n in _alike(tree, made.value) if owner in tree.ancestors(n) and _runs_again(tree, n)]
            free = [n for n in alike if n not in found]
            if path.startswith("self.") and path not in used and free:
                found[free[0]] = cst.parse_expression(path)
    if found:
        names = ", ".join(f"`{_code(tree, new)}`" for new in found.values())
        yield with_replaced(tree, {old: always(new) for old, new in found.items()}), f"Use {names} at each call"


def _made_at_each_call(tree: Tree, owner: cst.ClassDef) -> Iterator[tuple[cst.Module, str]]:
    """`self.w = tf.Variable(...)` in a method that runs again, made in `__init__` or at the first call."""
    methods = {n.name.value: n for n in owner.body.body if isinstance(n, cst.FunctionDef)}
    for name, method in methods.items():
        for made in _assigned(tree, method) if name not in _MAKING else ():
            path, statement = dotted(made.targets[0].target) or "", tree.parents[made]
            if not path.startswith("self.") or not isinstance(statement, cst.SimpleStatementLine):
                continue
            if len(statement.body) > 1 or not _makes(made.value) or statement not in method.body.body:
                continue
            body = methods["__init__"].body if "__init__" in methods else None
            if isinstance(body, cst.IndentedBlock) and not _reads(made.value) & _bound(method) - {"self"}:
                news: dict[cst.CSTNode, Change] = {
                    statement: cst.RemovalSentinel.REMOVE,
                    body: body.with_changes(body=[*body.body, _bare(statement)]),
                }
                yield swapped(tree.module, news), f"Make `{path}` in `__init__`, not at each call"
            test = cst.parse_expression(f'not hasattr(self, "{path.removeprefix("self.")}")')
            guard = cst.If(test, cst.IndentedBlock([_bare(statement)]), leading_lines=statement.leading_lines)
            yield swapped(tree.module, {statement: guard}), f"Make `{path}` at the first call alone"


def _assigned(tree: Tree, method: cst.FunctionDef) -> list[cst.Assign]:
    return [n for n in tree.places if isinstance(n, cst.Assign) and len(n.targets) == 1 and scope_of(tree, n) is method]


def _makes(value: cst.BaseExpression) -> bool:
    """Whether an expression makes a variable, or an object of a class."""
    return makes_variable(value) or _maker(value).rpartition(".")[2][:1].isupper()


def _maker(value: cst.BaseExpression) -> str:
    return dotted(value.func) or "" if isinstance(value, cst.Call) else ""


def _reads(value: cst.BaseExpression) -> set[str]:
    collector = Collector(frozenset())
    value.visit(collector)
    return {root(path) for path in collector.effects().reads}


def _bound(method: cst.FunctionDef) -> set[str]:
    collector = Collector(frozenset())
    method.body.visit(collector)
    return {*parameters(method.params), *(path for path in collector.binds if "." not in path)}


def _bare(line: cst.SimpleStatementLine) -> cst.SimpleStatementLine:
    return line.with_changes(leading_lines=[])


def _without_list(path: str) -> str:
    return next((path.removesuffix(each) for each in _LISTS if path.endswith(each)), path)


def _code(tree: Tree, node: cst.CSTNode) -> str:
    return tree.module.code_for_node(node)
