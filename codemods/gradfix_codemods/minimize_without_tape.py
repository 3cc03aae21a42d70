"""GF127: `minimize` is handed a loss that no tape has recorded, or an optimizer that has no `minimize`.

"`tape` is required when a `Tensor` loss is passed": a tensor is a number that knows nothing of the variables, so
Keras 2 wants the tape that recorded how it was computed, or a function that computes it under a tape of Keras' own.
The optimizers of TensorFlow 1 say "`loss` passed to Optimizer.compute_gradients should be a function". And since
Keras 3 there is no `minimize` at all ("'SGD' object has no attribute 'minimize'"): ask a tape, and apply what it gives.

Bad:

```python
loss = tf.reduce_mean(tf.square(model(x) - y))
optimizer.minimize(loss, model.trainable_variables)
```

Good:

```python
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(tf.square(model(x) - y))
grads = tape.gradient(loss, model.trainable_variables)
optimizer.apply_gradients(zip(grads, model.trainable_variables))
```

With Keras 2, `optimizer.minimize(loss, model.trainable_variables, tape=tape)` does the last two lines in one, and
`optimizer.minimize(lambda: ..., variables)` needs no tape of yours.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), "Gradient tapes"; https://github.com/tensorflow/tensorflow/issues/51622
is one of many who met it.

Keep `minimize` where the loss is a function, on Keras 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from gradfix_codemods.arguments import argument_of, keyword, named, with_argument
from gradfix_codemods.asked import line, scope_of
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.blocks import indented
from gradfix_codemods.edits import with_one_replaced
from gradfix_codemods.flow import Flow, needed
from gradfix_codemods.imports import Imports
from gradfix_codemods.naming import dotted, fresh_name
from gradfix_codemods.offers import offers
from gradfix_codemods.trees import Body, Statement, Tree, statements

_MISSING = "no-minimize"
_MOST_SPANS = 6
_FIXED = cst.FunctionDef | cst.ClassDef
_IMPORTS = cst.Import | cst.ImportFrom | cst.Global | cst.Nonlocal | cst.Return


class MinimizeWithoutTape(Codemod):
    """Records the loss with a tape, and hands it on; the module explains the mistake."""

    name = "minimize-without-tape"
    code = "GF127"
    answers = frozenset({"no-tape", _MISSING})
    mistake = "`minimize` takes no tensor without its tape, and Keras 3 has no `minimize`"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts that hand over a tape that is there, then a function, then a tape around the steps."""
        tree = Tree.parse(text)
        for use in _uses(tree, cut) if tree is not None else ():
            yield from offers(use.tree.module, _Mender(use, cut.kind != _MISSING).options())


@dataclass(frozen=True)
class _Use:
    """A line `optimizer.minimize(loss, variables)`: its parts, and the body and index of the line."""

    tree: Tree
    call: cst.Call
    owner: str
    loss: cst.Arg
    variables: str
    body: Body
    index: int

    @property
    def alone(self) -> bool:
        """Whether the line is the call, and nothing else."""
        here = statements(self.body)[self.index]
        return isinstance(here, cst.SimpleStatementLine) and isinstance(self.tree.parents[self.call], cst.Expr)


def _uses(tree: Tree, cut: Cut) -> Iterator[_Use]:
    code = tree.module.code_for_node
    for call in [node for node in tree.places if isinstance(node, cst.Call) and tree.covers(node, cut.line)]:
        if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "minimize":
            continue
        loss, variables, here = argument_of(call, 0, "loss"), argument_of(call, 1, "var_list"), tree.statement(call)
        body = tree.parents.get(here) if here is not None else None
        if loss is None or variables is None or named(call, "tape") is not None or not isinstance(body, Body):
            continue
        assert here is not None
        if isinstance(here, cst.SimpleStatementLine) and len(here.body) == 1:
            index = next(i for i, statement in enumerate(statements(body)) if statement is here)
            yield _Use(tree, call, code(call.func.value), loss, code(variables.value), body, index)


class _Mender:
    """`has_minimize` says whether the optimizer has the method."""

    def __init__(self, use: _Use, has_minimize: bool) -> None:
        self.use, self.tree, self.has_minimize = use, use.tree, has_minimize
        self.module, self.siblings = use.tree.module, statements(use.body)
        self.loss = use.loss.value
        self.maker = Imports(use.tree).reach("tensorflow.GradientTape", use.call)

    def options(self) -> Iterator[tuple[cst.Module, str]]:
        """Yields new modules, and titles."""
        for tape in self.tapes():
            yield from self.handed(tape)
        if self.is_function():
            if not self.has_minimize:
                yield from self.computed(f"{self.code(self.loss)}()")
        elif dotted(self.loss) is None:
            if self.has_minimize:
                function = cst.parse_expression(f"lambda: {self.code(self.loss)}")
                yield with_one_replaced(self.tree, self.loss, function), "Hand `minimize` a function, not its value"
            else:
                yield from self.computed(self.code(self.loss))
        else:
            yield from self.recorded()

    def tapes(self) -> list[str]:
        """The tapes that record in the same function before the line, the nearest first."""
        home, end = scope_of(self.tree, self.use.call), self.tree.places[self.use.call].start.line
        found = []
        for node in self.tree.places:
            if not isinstance(node, cst.With) or scope_of(self.tree, node) is not home:
                continue
            for item in node.items:
                maker = dotted(item.item.func) if isinstance(item.item, cst.Call) else None
                name = dotted(item.asname.name) if item.asname is not None else None
                if name and maker and maker.endswith("Tape") and self.tree.places[node].start.line < end:
                    found.append(name)
        return list(dict.fromkeys(reversed(found)))

    def handed(self, tape: str) -> Iterator[tuple[cst.Module, str]]:
        """The line that uses a tape which is there."""
        loss = self.code(self.loss)
        if self.has_minimize:
            call = with_argument(self.use.call, keyword("tape", cst.parse_expression(tape)))
            yield with_one_replaced(self.tree, self.use.call, call), f"Hand `minimize` the tape that recorded `{loss}`"
        elif self.use.alone and dotted(self.loss) is not None:
            lines = self.applying(tape, loss, self.siblings[self.use.index])
            yield self.replaced(self.use.index, self.use.index, lines), f"Apply the gradients that `{tape}` gives"

    def computed(self, value: str) -> Iterator[tuple[cst.Module, str]]:
        """A block that computes the loss, and what applies its gradients."""
        if not self.use.alone:
            return
        here = self.siblings[self.use.index]
        tape, loss = fresh_name(self.module, "tape"), fresh_name(self.module, "loss", "loss_now")
        made = line(self.module, f"{loss} = {value}")
        block = self.block(tape, [made]).with_changes(leading_lines=here.leading_lines)
        lines = [block, *self.applying(tape, loss, here.with_changes(leading_lines=[]))]
        yield (
            self.replaced(self.use.index, self.use.index, lines),
            "Compute the loss under a tape, and apply its gradients",
        )

    def recorded(self) -> Iterator[tuple[cst.Module, str]]:
        """A block around the last steps that lead to the loss, ever more of them."""
        last, tape, loss = self.use.index, fresh_name(self.module, "tape"), self.code(self.loss)
        here = self.siblings[last]
        if not self.use.alone and not self.has_minimize:
            return
        for first, end in self.spans():
            block = self.block(tape, self.siblings[first : end + 1])
            lines = [block, *self.siblings[end + 1 : last]]
            if self.has_minimize:
                call = with_argument(self.use.call, keyword("tape", cst.Name(tape)))
                step = here.deep_replace(self.use.call, call)
                assert isinstance(step, Statement)
                lines.append(step)
            else:
                lines += self.applying(tape, loss, here)
            yield self.replaced(first, last, lines), f"Record `{loss}` with a tape"

    def spans(self) -> Iterator[tuple[int, int]]:
        """From which to which sibling of the line the loss is computed: the last step alone, then more."""
        flow = Flow(self.module)
        effects = [flow.effects(s) for s in self.siblings[: self.use.index]]
        marked = [(e, isinstance(s, cst.SimpleStatementLine)) for e, s in zip(effects, self.siblings, strict=False)]
        steps, _ = needed(marked, frozenset({self.code(self.loss)}))
        for first in steps[:_MOST_SPANS]:
            if any(_stays(statement) for statement in self.siblings[first : steps[0] + 1]):
                return
            yield first, steps[0]

    # ------------------------------------------------------------ pieces

    def is_function(self) -> bool:
        """Whether the loss is something to call: a lambda, or the name of a function of the file."""
        if isinstance(self.loss, cst.Lambda):
            return True
        name = dotted(self.loss)
        return any(
            (isinstance(node, cst.FunctionDef) and node.name.value == name)
            or (
                isinstance(node, cst.Assign)
                and isinstance(node.value, cst.Lambda)
                and dotted(node.targets[0].target) == name
            )
            for node in self.tree.places
        )

    def block(self, tape: str, inner: Sequence[Statement]) -> cst.With:
        """`with tf.GradientTape() as tape:` around statements."""
        item = cst.WithItem(cst.parse_expression(f"{self.maker}()"), cst.AsName(cst.Name(tape)))
        return cst.With([item], cst.IndentedBlock(indented(inner)), leading_lines=_blank(inner[0]))

    def applying(self, tape: str, loss: str, here: Statement) -> list[Statement]:
        """The lines that ask the tape and hand the optimizer what it gives, in the place of `minimize`."""
        assert isinstance(here, cst.SimpleStatementLine)
        grads, variables = fresh_name(self.module, "grads", "loss_grads"), self.use.variables
        asks = line(self.module, f"{grads} = {tape}.gradient({loss}, {variables})")
        applies = line(self.module, f"{self.use.owner}.apply_gradients(zip({grads}, {variables}))")
        return [
            asks.with_changes(leading_lines=here.leading_lines),
            applies.with_changes(trailing_whitespace=here.trailing_whitespace),
        ]

    def replaced(self, first: int, last: int, lines: Sequence[Statement]) -> cst.Module:
        """The module with other lines in the place of some siblings."""
        body = [*self.siblings[:first], *lines, *self.siblings[last + 1 :]]
        if isinstance(self.use.body, cst.Module):
            return self.use.body.with_changes(body=body)
        return self.module.with_deep_changes(self.use.body, body=body)

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node; a lambda in parentheses, as what is called."""
        text = self.module.code_for_node(node)
        return f"({text})" if isinstance(node, cst.Lambda) and not node.lpar else text


def _stays(statement: Statement) -> bool:
    """Whether a statement does not belong into a block: a definition, an import."""
    if isinstance(statement, cst.SimpleStatementLine):
        return any(isinstance(item, _IMPORTS) for item in statement.body)
    return isinstance(statement, _FIXED)


def _blank(statement: Statement) -> Sequence[cst.EmptyLine]:
    lines = statement.leading_lines
    count = next((i for i, each in enumerate(lines) if each.comment is not None), len(lines))
    return lines[:count]
