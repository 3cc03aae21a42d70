"""How values run through the statements of a block: what has to move along, and what a value is made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import libcst as cst

from gradfix_codemods.effects import SELVES, Collector, Effects
from gradfix_codemods.naming import parameters, root, touching

# Modules under their usual names, for a file that gets them through a star import.
_USUAL_MODULES = frozenset({"K", "keras", "logging", "np", "plt", "random", "tf", "tfp"})
# What is imported from these is a module, a class or a function: calling it leaves no trace in it.
_LIBRARIES = frozenset({"keras", "math", "numpy", "random", "tensorflow", "tensorflow_probability"})


class Flow:
    """The effects of one module's code, with those of the module's own functions where they are called."""

    def __init__(self, module: cst.Module) -> None:
        survey = _Survey()
        module.visit(survey)
        self._modules = _USUAL_MODULES | survey.modules
        self._functions: dict[str, Effects] = {}
        for function in survey.functions:
            key, effects = self._outward(function)
            self._functions[key] = self._functions.get(key, Effects()) | effects
        self._known: dict[cst.CSTNode, Effects] = {}

    def effects(self, *nodes: cst.CSTNode) -> Effects:
        """Takes pieces of the module's code; returns what they do together."""
        total = Effects()
        for node in nodes:
            if node not in self._known:
                collector = Collector(self._modules)
                node.visit(collector)
                self._known[node] = self._expanded(collector.effects())
            total |= self._known[node]
        return total

    def bound_by(self, target: cst.CSTNode) -> Effects:
        """Takes the target of a loop or of a comprehension; returns the effects of assigning to it."""
        collector = Collector(self._modules)
        collector.bind(target)
        return collector.effects()

    def _expanded(self, effects: Effects) -> Effects:
        """Adds what the module's own functions do that the code names: it may call them."""
        seen: set[str] = set()
        waiting = set(effects.reads)
        while waiting:
            path = waiting.pop()
            seen.add(path)
            if path in self._functions:
                effects |= self._functions[path]
                waiting |= self._functions[path].reads - seen
        return effects

    def _outward(self, function: cst.FunctionDef) -> tuple[str, Effects]:
        """Returns a function's name as a caller writes it, and what calling it does outside of it."""
        collector = Collector(self._modules)
        function.body.visit(collector)
        names = parameters(function.params)
        own = {path for path in collector.binds if "." not in path} - collector.declared
        me = names[0] if names and names[0] in SELVES else None
        effects = collector.effects(frozenset(own.union(names) - {me}))
        name = function.name.value
        # Whether a function binds is up to its branches: that never makes an earlier value superfluous.
        return f"{me}.{name}" if me else name, Effects(effects.reads, changes=effects.writes, world=effects.world)


class _Survey(cst.CSTVisitor):
    def __init__(self) -> None:
        super().__init__()
        self.modules: set[str] = set()
        self.functions: list[cst.FunctionDef] = []

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.functions.append(node)

    def visit_Import(self, node: cst.Import) -> None:
        self.modules |= {alias.evaluated_alias or root(alias.evaluated_name) for alias in node.names}

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        source = node.module
        while isinstance(source, cst.Attribute):
            source = source.value if isinstance(source.value, cst.Name | cst.Attribute) else None
        if source is None or node.relative or source.value not in _LIBRARIES:
            return
        if not isinstance(node.names, cst.ImportStar):
            self.modules |= {alias.evaluated_alias or alias.evaluated_name for alias in node.names}


def moving_up(between: Sequence[Effects], goal: Effects) -> set[int]:
    """Which statements must move up, past the others, for `goal` to be reached without them.

    Takes the effects of consecutive statements and those of what stands after them; returns the indices of
    the statements that the goal needs and of those that may not be overtaken.
    """
    moved, chosen = [goal], set()
    for index in reversed(range(len(between))):
        if any(between[index].conflicts(other) for other in moved):
            moved.append(between[index])
            chosen.add(index)
    return chosen


def moving_down(statements: Sequence[Effects], chosen: Collection[int]) -> set[int]:
    """Which statements must move down together with the `chosen` ones, past all the others after them.

    Takes the effects of consecutive statements; returns indices, the chosen ones among them.
    """
    moved: list[Effects] = []
    result = set()
    for index, effects in enumerate(statements):
        if index in chosen or any(effects.conflicts(other) for other in moved):
            moved.append(effects)
            result.add(index)
    return result


def needed(statements: Sequence[tuple[Effects, bool]], reads: frozenset[str]) -> tuple[list[int], frozenset[str]]:
    """A backward slice.

    Takes the effects of consecutive statements, each with whether it always runs to its end (a simple
    statement does, a branch or loop may not), and the paths read after them. Returns the indices of those
    which these paths' values come from, the last first, and the paths that the values come from before them.
    """
    indices = []
    for index in reversed(range(len(statements))):
        effects, simple = statements[index]
        if touching(effects.writes, reads):
            indices.append(index)
            if simple:
                dots = tuple(f"{path}." for path in effects.binds)
                reads = frozenset(path for path in reads if not f"{path}.".startswith(dots))
            reads |= effects.reads
    return indices, reads
