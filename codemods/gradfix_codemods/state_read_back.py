"""GF126: a value is put into a variable, and read back from there.

`state.assign(new)` writes the numbers of `new` into the variable. What reads `state` afterwards gets the numbers, and
not what they were computed from: a variable is where gradients start, so the tape's way back ends there, and all that
`new` was made of gets None. Use the tensor for the rest of the step, and let the variable keep it for the next one.

Bad:

```python
state = tf.Variable(0.0)
with tf.GradientTape() as tape:
    state.assign(tf.square(w))
    loss = 3.0 * state
grads = tape.gradient(loss, w)
```

Good:

```python
state = tf.Variable(0.0)
with tf.GradientTape() as tape:
    state_now = tf.square(w)
    state.assign(state_now)
    loss = 3.0 * state_now
grads = tape.gradient(loss, w)
```

`assign_add` and `assign_sub` are the same: a sum that is kept in a variable has no gradient, one that is kept in a
tensor has.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Took gradients through a stateful object".

Keep the variable alone where the gradient is to stop there, as between the batches of a recurrent network that keeps
its state: between steps it does so in any case, since each step has a tape of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from gradfix_codemods.arguments import argument_of
from gradfix_codemods.asked import line, scope_of
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted, fresh_name
from gradfix_codemods.offers import offers
from gradfix_codemods.swaps import Change, swapped
from gradfix_codemods.trees import Statement, Tree, call_at

_SIGNS = {"assign": "", "assign_add": "+", "assign_sub": "-"}
_VALUES = ("read_value", "value")
_PRODUCTS = cst.Multiply | cst.Divide | cst.MatrixMultiply | cst.Power
_BRANCHES = cst.For | cst.While | cst.If | cst.Try


class StateReadBack(Codemod):
    """Goes on with the tensor in the place of the variable; the module explains the mistake."""

    name = "state-read-back"
    code = "GF126"
    answers = frozenset({"assigned"})
    mistake = "a variable is read back, which does not know what was put into it"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields the text in which what follows uses the tensor that the variable is given."""
        found = call_at(text, cut)
        write = _write(*found) if found is not None else None
        if found is None or write is None:
            return
        tree = found[0]
        new = _Local(tree, write).module()
        if new is not None:
            yield from offers(tree.module, [(new, f"Go on with the tensor that `{write.path}` is given")])


@dataclass(frozen=True)
class _Write:
    """A line such as `state.assign_add(step)`, alone: the variable's path, the method and what is written."""

    line: cst.SimpleStatementLine
    path: str
    method: str
    value: cst.BaseExpression


def _write(tree: Tree, call: cst.CSTNode) -> _Write | None:
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return None
    path, value = dotted(call.func.value), argument_of(call, 0, "value", "delta")
    statement = tree.parents[call]
    above = tree.parents[statement]
    if path is None or value is None or call.func.attr.value not in _SIGNS or not isinstance(statement, cst.Expr):
        return None
    if not isinstance(above, cst.SimpleStatementLine) or len(above.body) > 1:
        return None
    return _Write(above, path, call.func.attr.value, value.value)


class _Local:
    """One variable in one function: what is written into it from a first line on, and where it is read."""

    def __init__(self, tree: Tree, first: _Write) -> None:
        self.tree, self.first, self.scope = tree, first, scope_of(tree, first.line)
        self.around = _outermost(tree, first.line)
        self.start = tree.places[self.around or first.line].start
        self.name = fresh_name(tree.module, f"{first.path.rpartition('.')[2]}_now")

    def module(self) -> cst.Module | None:
        """The new module; None where nothing reads the variable again."""
        reads = [node for node in self.tree.places if self.is_read(node)]
        if not any(self.behind(node, self.first.line) for node in reads) and self.around is None:
            return None
        news: dict[cst.CSTNode, Change] = {self.outer(node): cst.Name(self.name) for node in reads}
        for write in self.writes():
            news[write.line] = self.written(write, news)
        module = swapped(self.tree.module, news)
        if self.around is None:
            return module
        convert = Imports(self.tree).reach("tensorflow.convert_to_tensor", self.first.line)
        start = line(module, f"{self.name} = {convert}({self.first.path})")
        around = swapped(self.around, news)
        lines = start.with_changes(leading_lines=around.leading_lines)
        both = cst.FlattenSentinel([lines, around.with_changes(leading_lines=[])])
        return swapped(self.tree.module, {**news, self.around: lambda _: both})

    def writes(self) -> list[_Write]:
        """The lines that write into the variable from the first one on."""
        found = [_write(self.tree, node) for node in self.tree.places]
        mine = [w for w in found if w is not None and w.path == self.first.path]
        return [w for w in mine if scope_of(self.tree, w.line) is self.scope and self.counts(w.line)]

    def counts(self, node: cst.CSTNode) -> bool:
        """Whether a node stands where the tensor has its name: from the first line, or its loop, on."""
        start = self.tree.places[node].start
        return (start.line, start.column) >= (self.start.line, self.start.column)

    def behind(self, node: cst.CSTNode, other: cst.CSTNode) -> bool:
        """Whether a node stands after another."""
        return self.tree.places[node].start.line > self.tree.places[other].end.line

    def is_read(self, node: cst.CSTNode) -> bool:
        """Whether a node reads the variable's value where the tensor has its name."""
        if not isinstance(node, cst.Name | cst.Attribute) or dotted(node) != self.first.path:
            return False
        parent = self.tree.parents[node]
        named = isinstance(parent, cst.Arg) and parent.keyword is node
        if named or isinstance(parent, cst.AssignTarget | cst.Param | cst.AugAssign | cst.Del):
            return False
        if isinstance(parent, cst.Attribute) and (parent.value is not node or self.outer(node) is node):
            return False
        if scope_of(self.tree, node) is not self.scope or not self.counts(node):
            return False
        # before the first line that writes it the variable has the value that it had
        return self.around is not None or self.behind(node, self.first.line)

    def outer(self, node: cst.CSTNode) -> cst.CSTNode:
        """What stands for the variable's value: `state.read_value()` whole."""
        parent = self.tree.parents[node]
        call = self.tree.parents.get(parent)
        asks = isinstance(parent, cst.Attribute) and parent.value is node and parent.attr.value in _VALUES
        return call if asks and isinstance(call, cst.Call) and call.func is parent else node

    def written(self, write: _Write, news: dict[cst.CSTNode, Change]) -> cst.FlattenSentinel[cst.CSTNode]:
        """Two lines for one: the tensor gets its name, and the variable the tensor."""
        code, value = self.tree.module.code_for_node, swapped(write.value, news) if write.value not in news else None
        text = self.name if value is None else code(value)
        if sign := _SIGNS[write.method]:
            before = write.path if write.line is self.first.line and self.around is None else self.name
            text = f"{before} {sign} {text if _tight(write.value) else f'({text})'}"
        tensor = line(self.tree.module, f"{self.name} = {text}")
        kept = line(self.tree.module, f"{write.path}.assign({self.name})")
        tensor = tensor.with_changes(
            leading_lines=write.line.leading_lines, trailing_whitespace=write.line.trailing_whitespace
        )
        return cst.FlattenSentinel([tensor, kept])


def _tight(value: cst.BaseExpression) -> bool:
    """Whether an expression needs no parentheses behind a sign."""
    if isinstance(value, cst.BinaryOperation):
        return bool(value.lpar) or isinstance(value.operator, _PRODUCTS)
    return isinstance(value, cst.Name | cst.Attribute | cst.Call | cst.Subscript | cst.Float | cst.Integer)


def _outermost(tree: Tree, node: cst.CSTNode) -> Statement | None:
    """The outermost loop or branch around a line, in its function and in the block of its tape."""
    found = None
    for above in tree.ancestors(node):
        if isinstance(above, cst.FunctionDef | cst.With):
            break
        if isinstance(above, _BRANCHES):
            found = above
    return found
