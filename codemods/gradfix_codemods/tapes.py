"""Finds the call that asks a tape for gradients, and the `with` block that the tape recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

import libcst as cst

from gradfix_codemods.base import Cut
from gradfix_codemods.effects import Effects
from gradfix_codemods.flow import Flow
from gradfix_codemods.naming import dotted, touching
from gradfix_codemods.trees import Body, Statement, Tree, statements

METHODS = frozenset({"batch_jacobian", "gradient", "jacobian"})


@dataclass(frozen=True)
class TapeUse:
    """A call `tape.gradient(target, ...)` and the block of its tape.

    `body` is the body that the tape's `with` stands in, `block` the index of the `with` in it, and `step`
    that of the statement which holds the call; the two are equal where the call stands inside the block.
    `inner` is what runs in the statement at `step` before the call.
    """

    tape: str
    call: cst.Call
    target: cst.BaseExpression
    body: Body
    block: int
    step: int
    inner: Effects

    @property
    def siblings(self) -> list[Statement]:
        """The statements of `body`."""
        return statements(self.body)

    @property
    def recorded(self) -> cst.With:
        """The tape's `with` statement."""
        block = self.siblings[self.block]
        assert isinstance(block, cst.With)
        return block

    @property
    def inside(self) -> bool:
        """Whether the call stands in the block of its own tape."""
        return self.block == self.step


def tape_uses(tree: Tree, flow: Flow, cut: Cut) -> Iterator[TapeUse]:
    """Takes a file and a cut; yields the uses of a tape that the cut's step may mean."""
    for call in asking_calls(tree, cut):
        use = _use(tree, flow, call)
        if use is not None:
            yield use


def asking_calls(tree: Tree, cut: Cut) -> list[cst.Call]:
    """Takes a file and a cut; returns the calls that ask a tape for gradients and that the cut's step may mean."""
    calls = [node for node in tree.places if isinstance(node, cst.Call) and _asks(node)]
    starts = [(call, tree.places[call].start) for call in calls]
    here = [call for call, start in starts if start.line == cut.step_line]
    if cut.step_column:
        exact = [call for call, start in starts if (start.line, start.column + 1) == (cut.step_line, cut.step_column)]
        here = exact or here
    return (
        here
        or [call for call in calls if tree.covers(call, cut.step_line)]
        or [call for call in calls if tree.covers(_line_of(tree, call), cut.step_line)]
    )


def _asks(call: cst.Call) -> bool:
    func = call.func
    return isinstance(func, cst.Attribute) and func.attr.value in METHODS and dotted(func.value) is not None


def _line_of(tree: Tree, call: cst.Call) -> cst.CSTNode:
    return next((node for node in tree.ancestors(call) if isinstance(node, cst.SimpleStatementLine)), call)


def _use(tree: Tree, flow: Flow, call: cst.Call) -> TapeUse | None:
    """Walks up from a call to the nearest `with` before it, or around it, that binds its tape."""
    target = _target(call)
    tape = dotted(call.func.value) if isinstance(call.func, cst.Attribute) else None
    if target is None or tape is None:
        return None
    below: cst.CSTNode = call
    inner = Effects()
    for node in tree.ancestors(call):
        if isinstance(node, cst.FunctionDef | cst.Lambda | cst.ClassDef):
            return None
        if isinstance(node, Body):
            siblings = statements(node)
            step = next(index for index, sibling in enumerate(siblings) if sibling is below)
            for index in reversed(range(step)):
                if _makes(siblings[index], tape):
                    return TapeUse(tape, call, target, node, index, step, inner)
                if touching(flow.effects(siblings[index]).binds, [tape]):
                    return None
            inner |= flow.effects(*siblings[:step])
        elif _makes(node, tape) and isinstance(node, cst.With) and below is node.body:
            body = tree.parents[node]
            if not isinstance(body, Body):
                return None
            at = next(index for index, sibling in enumerate(statements(body)) if sibling is node)
            return TapeUse(tape, call, target, body, at, at, inner)
        else:
            inner |= _before(flow, node, below)
        below = node
    return None


def _before(flow: Flow, node: cst.CSTNode, below: cst.CSTNode) -> Effects:
    """What runs in `node`, which is no body, before its child `below` that leads to the call."""
    if isinstance(node, cst.SimpleStatementLine | cst.SimpleStatementSuite):
        earlier = takewhile(lambda item: item is not below, node.body)
        return flow.effects(*earlier)
    if isinstance(node, cst.For | cst.While) and below is node.body:
        # All of the body: it may have run before.
        head = flow.effects(node.test) if isinstance(node, cst.While) else flow.bound_by(node.target)
        return head | flow.effects(node.body)
    if isinstance(node, cst.With):
        return flow.effects(*node.items) if below is node.body else Effects()
    if isinstance(node, cst.If):
        return flow.effects(node.test) if below is not node.test else Effects()
    if isinstance(node, cst.BaseComp):
        loop: cst.CompFor | None = node.for_in
        effects = Effects()
        while loop is not None:
            effects |= flow.effects(loop.iter) | flow.bound_by(loop.target)
            loop = loop.inner_for_in
        return effects
    if isinstance(node, cst.MatchCase):
        return flow.effects(node.pattern)
    if isinstance(node, cst.ExceptHandler):
        return flow.effects(node.name) if node.name is not None else Effects()
    if isinstance(node, cst.Try) and below is not node.body:
        return flow.effects(node.body)
    return Effects()


def made_tape(node: cst.CSTNode) -> str:
    """The name that a statement's own block gives to a new tape; "" where it is no such block."""
    for item in node.items if isinstance(node, cst.With) else ():
        name = dotted(item.item.func) if isinstance(item.item, cst.Call) else None
        if item.asname is not None and (name or "").endswith("GradientTape"):
            return dotted(item.asname.name) or ""
    return ""


def _makes(node: cst.CSTNode, tape: str) -> bool:
    return isinstance(node, cst.With) and any(
        item.asname is not None and dotted(item.asname.name) == tape for item in node.items
    )


def _target(call: cst.Call) -> cst.BaseExpression | None:
    for position, argument in enumerate(call.args):
        if argument.star:
            return None
        if argument.keyword.value == "target" if argument.keyword else position == 0:
            return argument.value
    return None
