"""GF101: the target is computed outside of the tape.

You called `apply_gradients` and TensorFlow said "No gradients provided for any variable". A `tf.GradientTape`
only knows the operations that ran while its `with` block was open; where the block ends it stops recording. Where a
step between the variables and the target (the loss, most of the time) runs before the block or after it, the tape has
no path from one to the other, and gives None for every gradient.

Bad:

```python
with tf.GradientTape() as tape:
    prediction = model(x, training=True)
loss = loss_fn(y, prediction)
grads = tape.gradient(loss, model.trainable_variables)
```

Good:

```python
with tf.GradientTape() as tape:
    prediction = model(x, training=True)
    loss = loss_fn(y, prediction)
grads = tape.gradient(loss, model.trainable_variables)
```

An expression in the call itself, as in `tape.gradient(-loss, ...)`, runs after the block too. Everything that
leads from the variables to the target belongs into the block; asking for the gradients, applying them and
logging do not.

See "Introduction to gradients and automatic differentiation" in the TensorFlow guide
(https://www.tensorflow.org/guide/autodiff), the section on getting a gradient of None.

Keep the code as it is where the missing gradient is meant: a step that is left outside to hold its result
constant (`tf.stop_gradient` says so more clearly), or a target whose None is replaced by zeros on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from gradfix_codemods.arguments import argument_of
from gradfix_codemods.asked import Asked, source_paths
from gradfix_codemods.base import Codemod, Cut, Rewrite
from gradfix_codemods.blocks import moved_into_block
from gradfix_codemods.effects import Effects
from gradfix_codemods.flow import Flow, moving_down, moving_up, needed
from gradfix_codemods.naming import base_path, dotted, fresh_name, touching
from gradfix_codemods.tapes import TapeUse, asking_calls, made_tape, tape_uses
from gradfix_codemods.trees import Body, Statement, Tree, sound, statements

_MOST_CANDIDATES = 8
_FIXED = cst.Import | cst.ImportFrom | cst.Global | cst.Nonlocal | cst.Return | cst.Raise | cst.Break | cst.Continue


class LossOutsideTape(Codemod):
    """Moves the steps that compute the target into the block of the tape; the module explains the mistake."""

    name = "loss-outside-tape"
    code = "GF101"
    answers = frozenset({"outside-tape", "wrong-tape", "recording-stopped"})
    rewrites_step = True
    mistake = "the target is computed where the tape does not record"

    def rewrites(self, text: str, cut: Cut) -> Iterator[Rewrite]:
        """Yields texts in which the target is computed inside the tape's block, the smallest change first."""
        tree = Tree.parse(text)
        if tree is None:
            return
        flow = Flow(tree.module)
        uses = list(tape_uses(tree, flow, cut))
        options = [(use, plan) for use in uses for plan in _Planner(tree, flow, use).plans()]
        options += [] if uses else _where_it_is_made(tree, flow, cut)
        if cut.kind == "outside-tape" and cut.line:
            options.sort(key=lambda option: not _moves_line(tree, option[0], option[1], cut.line))
        seen = {text}
        for use, plan in options:
            rewrite = _carried_out(tree.module, use, plan)
            if rewrite.text not in seen and sound(rewrite.text):
                seen.add(rewrite.text)
                yield rewrite


@dataclass(frozen=True)
class _Plan:
    """Which siblings of the tape's block move into it, and whether the call's target gets a name there."""

    moved: frozenset[int]
    named: bool = False
    returned: bool = False


class _Planner:
    """Works out, for one use of a tape, what could move into its block."""

    def __init__(self, tree: Tree, flow: Flow, use: TapeUse) -> None:
        self.tree, self.flow, self.use = tree, flow, use
        self.siblings = use.siblings
        self.effects = [flow.effects(statement) for statement in self.siblings]
        self.goal = flow.effects(use.target)
        # What the target needs may be made beside the call, in the statement that holds both.
        late = touching(use.inner.writes, self.goal.reads)
        built = not _plain(use.target) and not use.inside
        self.named = built and not late and not _bound_to_its_place(use.target)
        self.whole = not use.inside and (late or (built and not self.named))

    def plans(self) -> list[_Plan]:
        """Returns what to try, in order: the end of the block, its start, both, the whole step."""
        first, last = self.use.block + 1, self.use.step
        if any(_leaves(statement) for statement in self.siblings[first:last]):
            return []
        after = self._after(self.goal, last)
        end = [_Plan(after, self.named)] if after or self.named else []
        if after:
            end.append(_Plan(frozenset(range(first, max(after) + 1)), self.named))
        whole = [_Plan(self._after(self.effects[last], last) | {last})] if self.whole else []
        before = self._before(after)
        # While some of the target's own operations stay outside, nothing at the start of the block helps.
        outside = self.named or self.whole or any(_computes(self.siblings[index]) for index in after)
        start = [] if outside else [_Plan(moved) for moved in before]
        both = [_Plan(moved | plan.moved, plan.named) for plan in (end or whole)[:1] for moved in before]
        return [*end, *start, *both, *whole]

    def needed_before(self, step: int) -> frozenset[int]:
        """The siblings between the block and one of them that move into the block with it."""
        return self._after(self.effects[step], step)

    def _after(self, goal: Effects, last: int) -> frozenset[int]:
        first = self.use.block + 1
        return frozenset(first + index for index in moving_up(self.effects[first:last], goal))

    def _before(self, after: frozenset[int]) -> list[frozenset[int]]:
        """Returns groups of statements before the block that could run in it, from the last step upwards."""
        block = self.use.recorded
        reads = self.goal.reads | (self.use.inner.reads if self.whole else frozenset())
        lines = statements(block.body) if isinstance(block.body, cst.IndentedBlock) else [block.body]
        later = [self.siblings[index] for index in sorted(after)]
        recorded = [(self.flow.effects(line), _simple(line)) for line in [*lines, *later]]
        _, reads = needed(recorded, reads)
        earlier = self.effects[: self.use.block]
        marked = [(effects, _simple(self.siblings[index])) for index, effects in enumerate(earlier)]
        steps = [index for index in needed(marked, reads)[0] if _computes(self.siblings[index])]
        header, owners = self.flow.effects(*block.items), _owners(self.tree, self.use.call)
        found: list[frozenset[int]] = []
        for count in range(1, len(steps) + 1):
            group = frozenset(moving_down(earlier, steps[:count]))
            if any(_fixed(self.siblings[index]) or earlier[index].conflicts(header) for index in group):
                break
            if any(touching(earlier[index].binds, owners) for index in group):  # it makes the variables themselves
                break
            if group not in found:
                found.append(group)
        return found[:_MOST_CANDIDATES]


def _where_it_is_made(tree: Tree, flow: Flow, cut: Cut) -> list[tuple[TapeUse, _Plan]]:
    """What to move into the block above the cut, where the tape is kept there and asked in another function."""
    here, calls = tree.expression(cut), asking_calls(tree, cut)
    below: cst.CSTNode | None = here
    for body in tree.ancestors(here) if here is not None and calls else ():
        if isinstance(body, Body):
            siblings = statements(body)
            step = next(index for index, sibling in enumerate(siblings) if sibling is below)
            for block in reversed(range(step)):
                if (tape := made_tape(siblings[block])) and isinstance(here, cst.BaseExpression):
                    use = TapeUse(tape, calls[0], here, body, block, step, Effects())
                    between = _Planner(tree, flow, use)
                    leaving = any(_leaves(sibling) for sibling in siblings[block + 1 : step])
                    moved = between.needed_before(step) | {step}
                    return [] if leaving else [(use, _Plan(moved, returned=True))]
        elif isinstance(body, cst.FunctionDef | cst.Lambda):
            break
        below = body
    return []


def _owners(tree: Tree, call: cst.Call) -> set[str]:
    """What holds the sources of a call: `model` where it asks for `model.trainable_variables`."""
    paths = source_paths(tree, Asked("", call, None, argument_of(call, 1, "sources", "source")))
    return {path.rpartition(".")[0] for path in paths if "." in path}


def _carried_out(module: cst.Module, use: TapeUse, plan: _Plan) -> Rewrite:
    added: Statement | None = None
    step: Statement | None = None
    what = f"`{module.code_for_node(use.target)}`" if _plain(use.target) else "the target"
    title = f"Compute {what} inside the block of `{use.tape}`"
    if plan.named:
        name = _target_name(module, use.target)
        added = _assignment(module, name, use.target)
        replaced = use.siblings[use.step].deep_replace(use.target, cst.Name(name))
        assert isinstance(replaced, Statement)
        step = replaced
        title += f", as `{name}`"
    elif plan.returned:
        title = f"Compute what leads to the target inside the block of `{use.tape}`"
    elif use.step in plan.moved:
        title = f"Move the step that asks for the gradient of {what} into the block of `{use.tape}`"
    elif min(plan.moved) < use.block:
        title = f"Move the steps that lead to {what} into the block of `{use.tape}`"
    new = moved_into_block(module, use, plan.moved, added, step)
    return Rewrite(new.code, title)


def _moves_line(tree: Tree, use: TapeUse, plan: _Plan, line: int) -> bool:
    moved: list[cst.CSTNode] = [use.siblings[index] for index in plan.moved]
    return any(tree.covers(node, line) for node in [*moved, *([use.target] if plan.named else [])])


def _target_name(module: cst.Module, target: cst.BaseExpression) -> str:
    if isinstance(target, cst.UnaryOperation) and isinstance(target.operator, cst.Minus):
        path = dotted(target.expression)
        if path is not None:
            return fresh_name(module, f"negated_{path.rpartition('.')[2]}")
    return fresh_name(module, "loss", "target_loss")


def _assignment(module: cst.Module, name: str, value: cst.BaseExpression) -> Statement:
    try:
        cst.parse_statement(f"{name} = {module.code_for_node(value)}", module.config_for_parsing)
    except cst.ParserSyntaxError:
        # It runs over several lines, which only the parentheses of the call allowed.
        value = value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    assign = cst.Assign(targets=[cst.AssignTarget(cst.Name(name))], value=value)
    return cst.SimpleStatementLine([assign])


def _plain(target: cst.BaseExpression) -> bool:
    """Whether reading the target runs no operation: a name, an attribute, a literal of these."""
    if isinstance(target, cst.Tuple | cst.List):
        return all(isinstance(element, cst.Element) and _plain(element.value) for element in target.elements)
    if isinstance(target, cst.Dict):
        return all(isinstance(entry, cst.DictElement) and _plain(entry.value) for entry in target.elements)
    if isinstance(target, cst.Subscript) and len(target.slice) == 1:
        index = target.slice[0].slice
        return isinstance(index, cst.Index) and isinstance(index.value, cst.SimpleString) and _plain(target.value)
    return dotted(target) is not None


def _bound_to_its_place(target: cst.BaseExpression) -> bool:
    finder = _Finder(cst.NamedExpr, cst.Await, cst.Yield)
    target.visit(finder)
    return finder.found


def _computes(statement: Statement) -> bool:
    """Whether running a statement may run an operation of TensorFlow."""
    if isinstance(statement, cst.FunctionDef | cst.ClassDef) or _fixed(statement):
        return False
    finder = _Finder(cst.Call, cst.AugAssign, cst.BinaryOperation, cst.UnaryOperation, cst.Subscript)
    statement.visit(finder)
    return finder.found


def _simple(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine)


def _fixed(statement: Statement) -> bool:
    if isinstance(statement, cst.SimpleStatementLine):
        return any(isinstance(item, _FIXED) for item in statement.body)
    return isinstance(statement, cst.FunctionDef | cst.ClassDef)


def _leaves(statement: Statement) -> bool:
    ways_out = cst.Return | cst.Raise | cst.Break | cst.Continue
    return isinstance(statement, cst.SimpleStatementLine) and any(isinstance(item, ways_out) for item in statement.body)


class _Finder(cst.CSTVisitor):
    """Notes whether a node of some kind is in what it visits; arithmetic on mere numbers does not count."""

    def __init__(self, *kinds: type[cst.CSTNode]) -> None:
        super().__init__()
        self.kinds = kinds
        self.found = False

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.UnaryOperation | cst.BinaryOperation) and not _mentions_name(node):
            return False
        self.found = self.found or isinstance(node, self.kinds)
        return not self.found and not isinstance(node, cst.Annotation)


def _mentions_name(node: cst.CSTNode) -> bool:
    return base_path(node) is not None or any(_mentions_name(child) for child in node.children)
