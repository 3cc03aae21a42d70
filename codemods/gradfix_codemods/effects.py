"""What a piece of code reads and changes, as far as its text shows it.

Names and attributes are dotted paths (`self.loss`). A path touches the paths that it begins and those that
begin it: who changes `model.trainable` changes `model` as well, but not `model.name`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import libcst as cst

from gradfix_codemods.naming import base_path, dotted, parameters, root, touching

SELVES = frozenset({"self", "cls"})
# Methods that change what they are called on even where their result is used.
# fmt: off
_CHANGERS = frozenset({
    "add", "append", "appendleft", "apply_gradients", "assign", "assign_add", "assign_sub", "clear",
    "discard", "extend", "get_next", "insert", "minimize", "pop", "popleft", "read", "remove", "reset",
    "reset_state", "reset_states", "reverse", "set_weights", "setdefault", "shuffle", "sort", "step",
    "update", "update_state", "write",
})
# fmt: on
# Calls that change their arguments.
_ARGUMENT_CHANGERS = frozenset({"apply_gradients", "heappop", "heappush", "minimize", "next", "setattr", "shuffle"})
_PRINTERS = frozenset({"display", "pprint", "print"})


@dataclass(frozen=True)
class Effects:
    """What a piece of code does.

    `reads` are the paths it looks at, `binds` those it gives a new value, `changes` those whose object it
    alters, `world` the streams it draws from or writes to ("random", "output"); `jumps` says whether it can
    leave the statements around it (return, raise, break, continue, yield).
    """

    reads: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    world: frozenset[str] = frozenset()
    jumps: bool = False

    @property
    def writes(self) -> frozenset[str]:
        """The paths whose value is another one afterwards."""
        return self.binds | self.changes

    def __or__(self, other: Effects) -> Effects:
        return Effects(
            self.reads | other.reads,
            self.binds | other.binds,
            self.changes | other.changes,
            self.world | other.world,
            self.jumps or other.jumps,
        )

    def feeds(self, other: Effects) -> bool:
        """Takes the effects of later code; returns whether that reads something that this one writes."""
        return touching(self.writes, other.reads)

    def conflicts(self, other: Effects) -> bool:
        """Takes the effects of other code; returns whether the two may not change places."""
        return (
            self.jumps
            or other.jumps
            or not self.world.isdisjoint(other.world)
            or self.feeds(other)
            or other.feeds(self)
            or touching(self.writes, other.writes)
        )


class Collector(cst.CSTVisitor):
    """Gathers the effects of the node it visits; bodies of functions defined in it do not run there."""

    def __init__(self, modules: frozenset[str]) -> None:
        super().__init__()
        self.modules = modules
        self.reads: set[str] = set()
        self.binds: set[str] = set()
        self.changes: set[str] = set()
        self.world: set[str] = set()
        self.declared: set[str] = set()
        self.jumps = False
        self._loops = 0
        self._discarded: cst.CSTNode | None = None

    def effects(self, hidden: frozenset[str] = frozenset()) -> Effects:
        """Returns what was gathered, without the paths that start at one of the `hidden` names."""

        def outer(paths: set[str]) -> frozenset[str]:
            return frozenset(path for path in paths if root(path) not in hidden)

        return Effects(outer(self.reads), outer(self.binds), outer(self.changes), frozenset(self.world), self.jumps)

    def bind(self, target: cst.CSTNode) -> None:
        """Takes the target of an assignment, and notes what it writes and reads."""
        path = dotted(target)
        if path is not None:
            self.binds.add(path)
        elif isinstance(target, cst.Tuple | cst.List):
            for element in target.elements:
                self.bind(element.value)
        elif isinstance(target, cst.Attribute | cst.Subscript):
            self._change(target.value)
            target.visit(self)

    def _change(self, receiver: cst.CSTNode) -> None:
        path = base_path(receiver)
        if path is not None:
            self.changes.add(path)

    def _inner(self, parts: Iterable[cst.CSTNode], names: Iterable[str] = ()) -> None:
        """Visits parts that have a scope of their own, in which `names` are bound from the start."""
        inner = Collector(self.modules)
        for part in parts:
            part.visit(inner)
        effects = inner.effects(frozenset(names) | {path for path in inner.binds if "." not in path})
        self.reads |= effects.reads
        self.changes |= effects.changes | effects.binds
        self.world |= effects.world

    # Bindings.

    def visit_Assign(self, node: cst.Assign) -> bool:
        for target in node.targets:
            self.bind(target.target)
        node.value.visit(self)
        return False

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self.bind(node.target)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> bool:
        if node.value is not None:
            self.bind(node.target)
            node.value.visit(self)
        node.annotation.visit(self)
        return False

    def visit_NamedExpr(self, node: cst.NamedExpr) -> bool:
        self.bind(node.target)
        node.value.visit(self)
        return False

    def visit_AsName(self, node: cst.AsName) -> bool:
        self.bind(node.name)
        return False

    def visit_Del(self, node: cst.Del) -> None:
        self.bind(node.target)

    def visit_ImportAlias(self, node: cst.ImportAlias) -> bool:
        self.binds.add(node.evaluated_alias or root(node.evaluated_name))
        return False

    def visit_NameItem(self, node: cst.NameItem) -> None:
        self.declared.add(node.name.value)
        self.binds.add(node.name.value)

    def visit_MatchAs(self, node: cst.MatchAs) -> None:
        if node.name is not None:
            self.binds.add(node.name.value)

    def visit_MatchStar(self, node: cst.MatchStar) -> None:
        if node.name is not None:
            self.binds.add(node.name.value)

    # Reads and calls.

    def visit_Name(self, node: cst.Name) -> None:
        self.reads.add(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        path = dotted(node)
        if path is not None:
            self.reads.add(path)
        else:
            node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        node.value.visit(self)
        return False

    def visit_Expr(self, node: cst.Expr) -> None:
        value = node.value
        self._discarded = value.expression if isinstance(value, cst.Await) else value

    def visit_Call(self, node: cst.Call) -> bool:
        func, discarded = node.func, node is self._discarded
        name = func.attr.value if isinstance(func, cst.Attribute) else dotted(func)
        path = base_path(func)
        if path is not None and root(path) in self.modules:
            if "random" in path.split("."):
                self.world.add("random")
            elif discarded:
                self.world.add("output")
        elif isinstance(func, cst.Attribute) and dotted(func.value) not in SELVES:
            # A method may look at all of its object, not only at the attribute that holds the method.
            receiver = base_path(func.value)
            self.reads |= {receiver} if receiver else set()
            if discarded or name in _CHANGERS:
                self._change(func.value)
        elif name in _PRINTERS:
            self.world.add("output")
        elif discarded:
            # Called for what it leaves behind, in the callee if anywhere: `train_loss(loss)` fills a metric.
            self._change(func)
        func.visit(self)
        for argument in node.args:
            argument.visit(self)
        if name in _ARGUMENT_CHANGERS:
            for argument in node.args:
                inside = Collector(self.modules)
                argument.visit(inside)
                self.changes |= {path for path in inside.reads if root(path) not in self.modules | {"zip", "list"}}
        return False

    # Scopes of their own.

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        self.binds.add(node.name.value)
        for part in (*node.decorators, node.params):
            part.visit(self)
        return False

    def visit_Param(self, node: cst.Param) -> bool:
        for part in (node.default, node.annotation):
            if part is not None:
                part.visit(self)
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        self.binds.add(node.name.value)
        for part in (*node.decorators, *node.bases, *node.keywords):
            part.visit(self)
        self._inner([node.body])
        return False

    def visit_Lambda(self, node: cst.Lambda) -> bool:
        node.params.visit(self)
        self._inner([node.body], parameters(node.params))
        return False

    def _comprehension(self, node: cst.BaseComp) -> bool:
        self._inner(node.children)
        return False

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def visit_CompFor(self, node: cst.CompFor) -> bool:
        self.bind(node.target)
        for part in (node.iter, *node.ifs, node.inner_for_in):
            if part is not None:
                part.visit(self)
        return False

    # Ways out.

    def visit_For(self, node: cst.For) -> bool:
        self.bind(node.target)
        self._loops += 1
        for part in (node.iter, node.body, node.orelse):
            if part is not None:
                part.visit(self)
        self._loops -= 1
        return False

    def visit_While(self, node: cst.While) -> None:
        self._loops += 1

    def leave_While(self, original_node: cst.While) -> None:
        self._loops -= 1

    def visit_Break(self, node: cst.Break) -> None:
        self.jumps = self.jumps or not self._loops

    def visit_Continue(self, node: cst.Continue) -> None:
        self.jumps = self.jumps or not self._loops

    def visit_Return(self, node: cst.Return) -> None:
        self.jumps = True

    def visit_Raise(self, node: cst.Raise) -> None:
        self.jumps = True

    def visit_Yield(self, node: cst.Yield) -> None:
        self.jumps = True
