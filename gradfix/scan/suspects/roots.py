"""Where following a file begins: at its first line, and in each function with a step that this did not reach."""

from __future__ import annotations

import ast

from gradfix.scan.steps import Step
from gradfix.scan.suspects.kinds import Kind
from gradfix.scan.suspects.requests import Machine
from gradfix.scan.suspects.state import TooMuch
from gradfix.scan.suspects.values import Class, Constant, Function, Instance, Opaque, Scope, Value


def follow(tree: ast.Module, steps: tuple[Step, ...], adds_losses: bool) -> list[tuple[ast.AST, Kind]]:
    """What is wrong with the questions of a file; nothing where it takes too long to follow."""
    following = start(steps, adds_losses)
    try:
        return finish(following, tree.body, steps)
    except (TooMuch, RecursionError):
        return []
    finally:
        following[0].forget()


def start(steps: tuple[Step, ...], adds_losses: bool) -> tuple[Machine, Scope]:
    """What follows a file, and what its names hold, before the first line."""
    handled = {line for step in steps if step.handles_none for line in range(step.line, step.end_line + 1)}
    asked = frozenset(name for step in steps for name in step.source_names if name.isidentifier())
    machine = Machine(asked, handled, adds_losses)
    return machine, machine.scope_in(None, __name__=Constant("__main__"))


def finish(
    following: tuple[Machine, Scope], body: list[ast.stmt], steps: tuple[Step, ...]
) -> list[tuple[ast.AST, Kind]]:
    """What is wrong once the rest of a module was followed, and its steps. Raises TooMuch and RecursionError."""
    machine, scope = following
    machine.execute(body, scope)
    for step in steps:
        _function(machine, step.qualname, scope)
    return list(machine.found)


def _function(machine: Machine, qualname: str, module: Scope) -> None:
    """Calls a function with arguments that nothing is known of, if it was not called yet."""
    parts = qualname.split(".<locals>")[0].split(".") if qualname else []
    found: Value | None = module.find(parts[0]) if parts else None
    bound: Value | None = None
    for part in parts[1:]:
        if isinstance(found, Class):
            bound = _object(machine, found)
            found = found.find(part)
    if not isinstance(found, Function) or found.node in machine.visited or isinstance(found.node, ast.Lambda):
        return
    names = [d.id for d in found.node.decorator_list if isinstance(d, ast.Name)]
    bound = None if "staticmethod" in names else bound
    count = len(found.node.args.args) - (bound is not None)
    machine.call(Function(found.node, found.scope, bound), [Opaque() for _ in range(count)], {}, found.node)


def _object(machine: Machine, cls: Class) -> Instance:
    """An object of a class: the one that the file makes, else one made of unknown arguments."""
    if cls.node in machine.instances:
        return machine.instances[cls.node]
    start = cls.find("__init__")
    args = start.node.args if isinstance(start, Function) else None
    made = machine.call(cls, [Opaque() for _ in (args.args[1:] if args else ())], {}, cls.node)
    return made if isinstance(made, Instance) else Instance(cls)
