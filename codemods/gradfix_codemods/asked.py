"""What a call asks of which tape: its arguments, the blocks that the tape records, and statements put into them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from gradfix_codemods.arguments import argument_of
from gradfix_codemods.base import Cut
from gradfix_codemods.effects import Collector
from gradfix_codemods.naming import dotted, touching
from gradfix_codemods.tapes import METHODS, asking_calls
from gradfix_codemods.trees import Body, Statement, Tree


@dataclass(frozen=True)
class Asked:
    """A call such as `tape.gradient(target, sources)`: the tape's name, and the two arguments where it has them."""

    tape: str
    call: cst.Call
    target: cst.Arg | None
    sources: cst.Arg | None


def asked(tree: Tree, cut: Cut) -> Iterator[Asked]:
    """Takes a file and a cut; yields what the cut's step may ask."""
    for call in asking_calls(tree, cut):
        assert isinstance(call.func, cst.Attribute)
        tape = dotted(call.func.value)
        if tape is not None and not any(argument.star for argument in call.args):
            named = ("source",) if call.func.attr.value == "batch_jacobian" else ("sources",)
            yield Asked(tape, call, argument_of(call, 0, "target"), argument_of(call, 1, *named))


def scope_of(tree: Tree, node: cst.CSTNode) -> cst.CSTNode:
    """Takes a node; returns the function it stands in, or the module."""
    return next((n for n in tree.ancestors(node) if isinstance(n, cst.FunctionDef | cst.Lambda)), tree.module)


def is_answer(tree: Tree, call: cst.Call, value: cst.BaseExpression) -> bool:
    """Whether a value is what a call gave: the call itself, or the name that its answer had last."""
    made = tree.parents[call]
    name = dotted(made.targets[0].target) if isinstance(made, cst.Assign) else None
    if value is call or name is None or dotted(value) != name:
        return value is call
    here = _position(tree, value)
    given = [each for each in assignments(tree, name, scope_of(tree, call)) if asks(each.value)]
    return next((each for each in reversed(given) if _position(tree, each) < here), given[-1]) is made


def asks(value: cst.CSTNode) -> bool:
    """Whether a value is what a tape is asked for."""
    return isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute) and value.func.attr.value in METHODS


def _position(tree: Tree, node: cst.CSTNode) -> tuple[int, int]:
    start = tree.places[node].start
    return start.line, start.column


def within(tree: Tree, scope: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Takes a function or a module; yields the nodes that stand in it, and in no function of its own, in order."""
    return (node for node in tree.places if node is not scope and scope_of(tree, node) is scope)


def recorded_by(tree: Tree, what: Asked) -> list[cst.With]:
    """Takes what is asked; returns the blocks that its tape records, the one that the call means first."""
    here = tree.places[what.call].start
    blocks = [node for node in tree.places if isinstance(node, cst.With) and item_of(node, what.tape) is not None]
    own = [block for block in blocks if scope_of(tree, block) is scope_of(tree, what.call)] or blocks

    def distance(block: cst.With) -> tuple[bool, int]:
        start = tree.places[block].start
        later = (start.line, start.column) > (here.line, here.column)
        return later, abs(here.line - start.line)

    return sorted(own, key=distance)


def block_at(tree: Tree, first: int) -> cst.With | None:
    """Takes a line; returns the `with` that starts there."""
    blocks = (node for node in tree.places if isinstance(node, cst.With))
    return next((block for block in blocks if tree.places[block].start.line == first), None)


def idle_tapes(tree: Tree, what: Asked) -> list[str]:
    """Takes what is asked; returns the tapes that record in the same function and are asked nothing, nearest first."""
    home = scope_of(tree, what.call)
    used = {dotted(n.value) for n in within(tree, home) if isinstance(n, cst.Attribute) and n.attr.value in METHODS}
    items = [item for n in within(tree, home) if isinstance(n, cst.With) for item in n.items if item.asname is not None]
    tapes = [
        dotted(item.asname.name)
        for item in items
        if item.asname is not None and isinstance(item.item, cst.Call) and _is_maker(item.item)
    ]
    return [tape for tape in reversed(dict.fromkeys(tapes)) if tape is not None and tape not in used]


def _is_maker(call: cst.Call) -> bool:
    return (dotted(call.func) or "").rpartition(".")[2].endswith("Tape")


def item_of(block: cst.With, tape: str) -> cst.WithItem | None:
    """Takes a `with` and a tape's name; returns the item that makes or enters that tape."""
    for item in block.items:
        if dotted(item.asname.name if item.asname else item.item) == tape:
            return item
    return None


def maker_of(tree: Tree, block: cst.With, tape: str) -> cst.Call | None:
    """Takes a `with` and the name of its tape; returns the call that made the tape, in the `with` or before it."""
    item = item_of(block, tape)
    if item is not None and isinstance(item.item, cst.Call):
        return item.item
    made = [node.value for node in assignments(tree, tape, scope_of(tree, block))]
    return next((call for call in reversed(made) if isinstance(call, cst.Call)), None)


def assignments(tree: Tree, path: str, scope: cst.CSTNode | None = None) -> list[cst.Assign]:
    """Takes a dotted path, and maybe a scope; returns the plain assignments `path = ...` there, in order."""
    return [
        node
        for node in tree.places
        if isinstance(node, cst.Assign)
        and len(node.targets) == 1
        and dotted(node.targets[0].target) == path
        and (scope is None or scope_of(tree, node) is scope)
    ]


def source_paths(tree: Tree, what: Asked) -> list[str]:
    """Takes what is asked; returns the names among its sources, also those in a list that has a name of its own."""
    return _paths(tree, what, what.sources.value) if what.sources is not None else []


def _paths(tree: Tree, what: Asked, value: cst.BaseExpression) -> list[str]:
    path = dotted(value)
    if path is not None:
        made = _collection(tree, what, path)
        return [path] if made is None else _paths(tree, what, made)
    if isinstance(value, cst.Tuple | cst.List | cst.Dict):
        return [p for element in value.elements for p in _paths(tree, what, element.value)]
    if isinstance(value, cst.BinaryOperation):
        return [*_paths(tree, what, value.left), *_paths(tree, what, value.right)]
    return []


def _collection(tree: Tree, what: Asked, path: str) -> cst.BaseExpression | None:
    """The list, tuple, dict or sum of lists that a name stands for; None where it stands for something else."""
    made = assignments(tree, path, scope_of(tree, what.call))
    value = made[0].value if len(made) == 1 else None
    if isinstance(value, cst.BinaryOperation):
        return value if any(isinstance(part, cst.List) for part in (value.left, value.right)) else None
    return value if isinstance(value, cst.List | cst.Tuple | cst.Dict) else None


def line(module: cst.Module, code: str) -> cst.SimpleStatementLine:
    """Takes a simple statement's text; returns the statement."""
    made = cst.parse_statement(code, module.config_for_parsing)
    assert isinstance(made, cst.SimpleStatementLine)
    return made


def opened(tree: Tree, block: cst.With, codes: Sequence[str], after: Sequence[str] = ()) -> cst.Module:
    """Puts statements into a block: at its start, or behind the last one that binds a path of `after`.

    A statement of the block that is alone on its line and says the same moves there.
    """
    body = block.body
    new = [line(tree.module, code) for code in codes]
    if isinstance(body, cst.SimpleStatementSuite):
        binds = [i for i, part in enumerate(body.body) if _binds(part, after)]
        index = binds[-1] + 1 if binds else 0
        parts = [*body.body]
        space = cst.Semicolon(whitespace_after=cst.SimpleWhitespace(" "))
        if index and index == len(parts):
            parts[-1] = parts[-1].with_changes(semicolon=space)
        added = [part.with_changes(semicolon=space) for each in new for part in each.body]
        if index == len(body.body):
            added[-1] = added[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
        return tree.module.with_deep_changes(body, body=[*parts[:index], *added, *parts[index:]])
    assert isinstance(body, cst.IndentedBlock)
    while (index := max((i for i, s in enumerate(body.body) if _binds(s, after)), default=-1)) >= 0:
        inner = getattr(body.body[index], "body", None)
        if not isinstance(inner, cst.IndentedBlock) or isinstance(body.body[index], cst.FunctionDef | cst.ClassDef):
            break
        if not any(_binds(statement, after) for statement in inner.body):
            break
        body = inner
    before, later = list(body.body[: index + 1]), list(body.body[index + 1 :])
    moved = [_same(tree.module, [*before, *later], code) for code in codes]
    put = [old or made for old, made in zip(moved, new, strict=True)]
    kept = [[s for s in part if not any(s is m for m in moved)] for part in (before, later)]
    return tree.module.with_deep_changes(body, body=[*kept[0], *put, *kept[1]])


def put_before(tree: Tree, statement: Statement, new: cst.SimpleStatementLine) -> cst.Module | None:
    """Takes a statement and a new one; returns the module with the new one before it, None in a one-line body."""
    body = tree.parents[statement]
    if not isinstance(body, Body):
        return None
    items = list(body.body)
    items.insert(items.index(statement), new)
    if isinstance(body, cst.Module):
        return body.with_changes(body=items)
    return tree.module.with_deep_changes(body, body=items)


def _same(module: cst.Module, lines: Sequence[cst.BaseStatement], code: str) -> cst.SimpleStatementLine | None:
    """The line among some that says this and nothing else."""
    for each in lines:
        if not isinstance(each, cst.SimpleStatementLine):
            continue
        if len(each.body) == 1 and module.code_for_node(each.body[0]) == code:
            return each
    return None


def _binds(node: cst.CSTNode, paths: Sequence[str]) -> bool:
    if not paths:
        return False
    collector = Collector(frozenset())
    node.visit(collector)
    return touching(collector.binds, paths)
